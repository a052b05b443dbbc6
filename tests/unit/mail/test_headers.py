"""Headers: whatever the text holds, one header or a refusal; read back, it is the text (`faults.md`, 70 to 77)."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.errors import InvalidError
from service.mail.headers import address_header, check_address, header, list_header, list_id_header

SMUGGLED = "=?utf-8?q?A=0D=0ABcc=3A_v=40e.com?="
LONG = "https://remember.example.org/leave/" + "x" * 300


def in_a_message(lines: bytes) -> bytes:
    return lines + b"X-Next: 1\r\n\r\nbody\r\n"


def assert_one_header(lines: bytes, name: str) -> None:
    assert lines.endswith(b"\r\n")
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", lines)
    first, *more = lines[:-2].split(b"\r\n")
    assert first.startswith(f"{name}:".encode())
    assert all(line.startswith(b" ") and line.strip() for line in more)
    for reader in (policy.compat32, policy.default):
        assert message_from_bytes(in_a_message(lines), policy=reader).keys() == [name, "X-Next"]


def read_back(lines: bytes, name: str) -> str:
    value = message_from_bytes(in_a_message(lines), policy=policy.compat32)[name]
    return str(make_header(decode_header(value.replace("\r\n", ""))))


@given(st.text())
@example(SMUGGLED)
@example(f"Re: {SMUGGLED} again")
@example("=?")
@example("")
@example(" ")
@example("a  b")
@example(" both ends ")
@example("x" * 5000)
@example("word " * 500 + "end")
@example("։" * 500)
@example("👩‍👩‍👧‍👦" * 40)
@example("é" * 400)
@example("Bcc: a@b")
@example("?=")
@example("_=20?")
@example("a" + "漢" * 50)
@example("Այսօր՝ 4 " * 20)
def test_any_text_is_one_header_that_reads_back_or_is_refused(text):
    try:
        lines = header("Subject", text)
    except InvalidError:
        assert re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", text)
        return
    assert_one_header(lines, "Subject")
    assert read_back(lines, "Subject") == text
    assert all(len(line) <= 76 for line in lines.split(b"\r\n"))
    assert lines.isascii()
    words = re.findall(rb"=\?\S*", lines)
    assert not any(word.endswith(b"=?=") for word in words[:-1]), "GMime reads no further than to there"
    for word in words:
        assert len(word) <= 75
        assert re.fullmatch(rb"=\?utf-8\?(b\?[A-Za-z0-9+/]*=*|q\?[A-Za-z0-9!*+/=_-]*)\?=", word)
        assert decode_header(word.decode())[0][0].decode("utf-8")  # type: ignore[union-attr]  no divided character


@pytest.mark.parametrize("name", ["Subject", "Comments", "List-Id", "X-Any"])
def test_an_encoded_word_that_somebody_typed_is_sent_as_they_typed_it(name):
    """CPython 3.11.7's own writer makes a Bcc header of it."""
    lines = header(name, SMUGGLED)
    assert_one_header(lines, name)
    assert read_back(lines, name) == SMUGGLED
    assert b"Bcc" not in lines


@pytest.mark.parametrize("subject", [SMUGGLED, f"=?utf-8?q?=0D=0A?= {SMUGGLED}", "=?utf-8?b?DQpCY2M6IHZAZS5jb20=?="])
def test_case_072_a_subject_that_came_in_is_answered_as_it_was_written(subject):
    """Nothing comes in yet; what an answer would say is written by this function, and no other."""
    answered = f"Re: {subject}"
    lines = header("Subject", answered)
    assert_one_header(lines, "Subject")
    assert read_back(lines, "Subject") == answered


@pytest.mark.parametrize("character", ["\r", "\n", "\0", "\t", "\x7f", "\x85", "\u2028", "\u2029", "\ud800", "\x1b"])
@pytest.mark.parametrize("place", ["{}", "a{}b", "a{}", "{}b", "é{}é"])
def test_controls_are_refused_wherever_they_stand(character, place):
    text = place.format(character)
    with pytest.raises(InvalidError, match=rf"U\+{ord(character):04X}"):
        header("Subject", text)
    with pytest.raises(InvalidError):
        address_header("From", text, "a@example.org")
    with pytest.raises(InvalidError):
        address_header("To", "", f"{text}@example.org")
    with pytest.raises(InvalidError):
        list_header("List-Help", f"https://example.org/{text}")


@pytest.mark.parametrize("name", ["", "Sub ject", "Subject:", "Sübject", "A\r\nB", "x" * 41, "-a"])
def test_a_wrong_name_is_refused(name):
    with pytest.raises(InvalidError):
        header(name, "text")


def test_plain_text_stays_readable():
    assert header("Subject", "Today: the 4th year") == b"Subject: Today: the 4th year\r\n"


@given(st.text())
@example('Anna "the editor", Ltd. <script>')
@example("a\\b\\")
@example("\u202eevil")
@example(SMUGGLED)
@example("x" * 300)
@example('"' * 100)
@example("(comment)")
@example("Anna, Bea <b@example.org>, c")
@example(" ")
@example("Յիշատակարան " * 30)
def test_any_name_is_one_address_or_is_refused(display):
    try:
        lines = address_header("From", display, "us@example.org")
    except InvalidError:
        assert re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", display)
        return
    assert_one_header(lines, "From")
    assert all(len(line) <= 76 for line in lines.split(b"\r\n"))
    value = message_from_bytes(in_a_message(lines), policy=policy.compat32)["From"].replace("\r\n", "")
    ((phrase, address),) = getaddresses([value])
    assert address == "us@example.org"
    if display:
        assert str(make_header(decode_header(phrase))) == display or (display.isspace() and "=?" not in value)
    modern = message_from_bytes(in_a_message(lines), policy=policy.default)["From"]
    assert [one.addr_spec for one in modern.addresses] == ["us@example.org"]


def test_a_name_is_bare_quoted_or_encoded_as_it_needs():
    assert address_header("From", "Anna B", "a@x.org") == b"From: Anna B <a@x.org>\r\n"
    assert address_header("From", 'Anna "B."', "a@x.org") == b'From: "Anna \\"B.\\"" <a@x.org>\r\n'
    assert address_header("From", "Ани", "a@x.org") == b"From: =?utf-8?b?0JDQvdC4?= <a@x.org>\r\n"
    assert address_header("To", "", "a@x.org") == b"To: a@x.org\r\n"


def test_an_address_beyond_ascii_is_written_as_it_is_and_a_domain_in_a_labels():
    assert address_header("To", "", "jörg@xn--bcher-kva.de") == "To: jörg@xn--bcher-kva.de\r\n".encode()
    with pytest.raises(InvalidError):
        address_header("To", "", "jorg@bücher.de")


_ATOM = r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\x00-\x7f])+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
PLAINLY = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})*)")


@given(
    st.one_of(
        st.text("aZ0.-@é=?+ \x00\u2028", max_size=30),
        st.builds("{}@{}".format, st.text("aé.", max_size=70), st.text("a-.0", max_size=260)),
        st.from_regex(PLAINLY, fullmatch=True),
    )
)
@example("é" * 32 + "@b")
@example("é" * 33 + "@b")
@example("a@" + "b" * 63)
@example("a@" + "b" * 64)
@example("a@" + ".".join(["b" * 63] * 3 + ["b" * 61]))
@example("a@" + ".".join(["b" * 63] * 3 + ["b" * 62]))
@example("a@b\n")
def test_an_address_is_checked_as_by_the_plain_rule(address):
    match = PLAINLY.fullmatch(address)
    fits = match and len(match[1].encode()) <= 64 and len(match[2]) <= 253
    if fits and address.isprintable() and "=?" not in address:
        assert check_address(address) == address
    else:
        with pytest.raises(InvalidError):
            check_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "@b",
        "a@",
        "a@b@c",
        "a b@c",
        '"a b"@c',
        "a(c)@b",
        "<a@b>",
        "a@[127.0.0.1]",
        "a@x.com, b@y.com",
        "a@x.com,b@y.com",
        "@r:a@b",
        ".a@b",
        "a.@b",
        "a..b@c",
        "a@-b",
        "a@b-",
        "a@b..c",
        "a@b.",
        "a@b ",
        " a@b",
        "a\u202e@b",
        "a\u00a0b@c",
        "é" * 33 + "@b",
        f"{SMUGGLED}@b",
        "a@" + ".".join(["x" * 60] * 5),
    ],
)
def test_an_address_that_is_not_plainly_one_is_refused(address):
    with pytest.raises(InvalidError) as caught:
        check_address(address)
    assert caught.value.field == "address"


def test_links_for_machines_stay_whole_on_one_line():
    """`policy.SMTP` makes encoded-words of them, and mail programs then show no button."""
    assert list_header("List-Unsubscribe", LONG) == f"List-Unsubscribe: <{LONG}>\r\n".encode()
    two = list_header("List-Unsubscribe", LONG, "mailto:leave@example.org?subject=x")
    assert two == f"List-Unsubscribe: <{LONG}>,\r\n <mailto:leave@example.org?subject=x>\r\n".encode()


@pytest.mark.parametrize(
    "uri", ["", "no-scheme", "https://a b", "https://a>b", "https://ö", "https://a,\r\n b", "https://" + "x" * 990]
)
def test_what_is_no_link_is_refused(uri):
    with pytest.raises(InvalidError):
        list_header("List-Help", uri)


def test_the_lists_name_is_quoted_or_left_out_and_never_encoded():
    assert list_id_header('Anna\'s "house"', "r.example.org") == b'List-Id: "Anna\'s \\"house\\"" <r.example.org>\r\n'
    assert list_id_header("Հուշ", "r.example.org") == b"List-Id: <r.example.org>\r\n"
    assert list_id_header(SMUGGLED, "r.example.org") == b"List-Id: <r.example.org>\r\n"
    long = list_id_header("n" * 100, "r.example.org")
    assert_one_header(long, "List-Id")
    assert len(list_id_header("n " * 2000, "r.example.org")) < 100
    with pytest.raises(InvalidError):
        list_id_header("name", "not a domain")
