"""What is heard in mail that comes back: reports, complaints, answers that nobody wrote, and what is made to harm."""

import io
import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.heard import By, What, judged
from service.mail.arrived import LARGEST
from service.mail.reports import read
from tests.unit.mail.corpus import LETTER, SHAPES, Shape

HEAD = b"From: a@example.org\r\nTo: b@example.org\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
DIGEST = HEAD + b"Content-Type: multipart/digest; boundary=x\r\n\r\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (at, at) for at in range(2000))
BOMBS = {
    "50,000 encoded-words": HEAD + b"Subject: " + b"\r\n ".join([b"=?utf-8?q?x?="] * 50_000) + b"\r\n\r\nx",
    "fragments of RFC 2231": HEAD
    + b"Content-Type: text/plain;\r\n "
    + b";\r\n ".join(b"a*%d*=utf-8''x" % at for at in range(50_000)),
    "100,000 parts": MIXED + b"--x\r\n\r\nx\r\n" * 100_000,
    "100,000 parts with a type": MIXED + b"--x\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 100_000,
    "a digest of 100,000": DIGEST + b"--x\r\n\r\nSubject: a\r\n\r\n" * 100_000,
    "multipart 2000 deep": HEAD + NESTED,
    "message/rfc822 3000 deep": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 3000,
    "message/rfc822 as deep as it is read": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 58,
    "200,000 headers": HEAD + b"X-A: b\r\n" * 200_000 + b"\r\nx",
    "200,000 headers of a part": HEAD + b"Content-Type: message/rfc822\r\n\r\n" + b"X-A: b\r\n" * 200_000,
    "a line of 5 MB": HEAD + b"\r\n" + b"a" * (LARGEST - 1000),
    "a header of 5 MB": HEAD + b"X: " + b"a" * (LARGEST - 1000),
    "more than is taken": HEAD + b"\r\n" + b"a" * LARGEST,
    "200,000 recipients": HEAD + b"Content-Type: message/delivery-status\r\n\r\n" + b"Status: 5.1.1\r\n\r\n" * 200_000,
    "nested comments": b"From: MAILER-DAEMON " + b"(" * 200_000 + b"@example.org\r\n\r\n550",
    "words of failure": b"From: MAILER-DAEMON@x.example\r\n\r\n" + b"failed: <x@y.example>:\r\n" * 150_000,
    "blanks": b"From: MAILER-DAEMON\r\n\r\n" + b" " * 2_000_000 + b"\n" + b"<a " * 500_000,
}


def test_the_corpus_has_at_least_sixty_shapes_and_no_two_of_a_name() -> None:
    names = [shape.name for shape in SHAPES]
    assert len(set(names)) == len(names) >= 60


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_each_shape_is_heard_for_what_it_is(shape: Shape) -> None:
    heard = read(shape.raw, shape.sender)
    assert (heard.what, heard.status) == (shape.what, shape.status)
    if heard.what is What.BOUNCED:
        verdict = judged(heard)
        assert (verdict.reason, verdict.effect) == (shape.reason, shape.effect)
    assert heard.message_id == (LETTER if shape.quotes else "")


@pytest.mark.parametrize(
    "shape", [one for one in SHAPES if one.what in {What.DELAYED, What.PASSED_ON}], ids=lambda one: one.name
)
def test_case_121_what_is_delayed_delivered_relayed_or_expanded_is_no_bounce(shape: Shape) -> None:
    assert read(shape.raw).what is not What.BOUNCED


@pytest.mark.parametrize("name", ["mailbox full for good", "mailbox full, given up", "given up after days"])
def test_case_121_what_says_nothing_of_the_address_suppresses_nobody_at_once(name: str) -> None:
    (shape,) = [one for one in SHAPES if one.name == name]
    assert judged(read(shape.raw)).effect != "suppress"


def test_case_123_a_complaint_whose_recipient_was_cut_out_names_the_letter() -> None:
    (shape,) = [one for one in SHAPES if one.name == "abuse, redacted"]
    heard = read(shape.raw, shape.sender)
    assert (heard.what, heard.by, heard.message_id) == (What.COMPLAINT, By.FEEDBACK, LETTER)


@pytest.mark.parametrize(
    "shape", [one for one in SHAPES if one.what is What.AUTOMATIC], ids=lambda one: f"{one.name}, {one.sender or '<>'}"
)
def test_case_124_what_nobody_wrote_is_no_person_and_no_bounce(shape: Shape) -> None:
    assert read(shape.raw, shape.sender).what is What.AUTOMATIC


@pytest.mark.parametrize("raw", BOMBS.values(), ids=BOMBS)
def test_case_127_what_is_made_to_exhaust_a_parser_costs_less_than_a_second(raw: bytes) -> None:
    """What it costs is the least of three: others who use the machine can only make it cost more."""
    costs = list[float]()
    while len(costs) < 3 and min(costs, default=1) >= 1:
        begun = time.process_time()
        read(raw)
        costs.append(time.process_time() - begun)
    assert min(costs) < 1


def test_case_128_a_hostile_address_writes_nothing_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger("flufl.bounce").addHandler(handler)
    try:
        for _ in range(20):
            read(BOMBS["nested comments"])
            read(b"From: MAILER-DAEMON@x.example\r\nContent-Type: message/delivery-status\r\n\r\n\x00:\xff")
    finally:
        logging.getLogger("flufl.bounce").removeHandler(handler)
    assert written.getvalue() == ""


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Type: text/plain; charset=x-nothing\r\n\r\n\xff\xfe",
        HEAD + b"Content-Type: text/plain; charset*=utf-8''%FF\r\n\r\nx",
        HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nthis is no base64!\x00",
        HEAD + b"Subject: \x00\xff=?utf-8?b?broken?=\r\n\r\n\x00",
        bytes(range(256)) * 100,
        b"",
    ],
)
def test_case_132_odd_octets_are_read_as_well_as_can_be(raw: bytes) -> None:
    assert read(raw, "ani@example.org").what is What.PERSON


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", HEAD, MIXED, HEAD + b"Content-Type: message/delivery-status\r\n\r\n"]),
)
def test_case_132_whatever_the_octets_are_something_is_heard(octets: bytes, before: bytes) -> None:
    heard = read(before + octets)
    assert isinstance(heard.what, What)
    assert len(heard.words) <= 500
    assert "\0" not in heard.words


@pytest.mark.parametrize(
    ("field", "author"),
    [
        ("Ani <ani@example.org>", "ani@example.org"),
        ('"ani@example.org" <ani@example.org>', "ani@example.org"),
        ("ani@example.org, other@example.org", ""),
        ("Readers: ani@example.org, other@example.org;", ""),
        ("undisclosed-recipients:;", ""),
        ('"ani"@example.org', ""),
        ("ani@@example.org", ""),
        (f"{'x' * 70}@example.org", ""),  # the end of it would be somebody else's
    ],
)
def test_who_wrote_is_a_whole_address_and_one_alone(field: str, author: str) -> None:
    assert read(f"From: {field}\r\nSubject: help\r\n\r\n".encode(), "envelope@example.org").author == author


@pytest.mark.parametrize(
    "mark",
    [
        "X-Autogenerated: Reply",
        "X-AutoReply-From: ani@example.org",
        "X-Mail-Autoreply: yes",
        "X-FC-MachineGenerated: true",
        "X-Auto-Responder: yes",
        "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent",
        "X-Precedence: auto_reply",
        "Preference: auto_reply",
    ],
)
def test_case_124_what_marks_itself_as_a_machines_in_its_own_way_is_no_person(mark: str) -> None:
    raw = f"From: ani@example.org\r\nSubject: Re: help\r\n{mark}\r\n\r\nAway.\r\n".encode()
    assert read(raw, "ani@example.org").what is What.AUTOMATIC
