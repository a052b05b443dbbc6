"""Letters: the words arrive as they were rendered, with each reader's values; the bytes are the same each time."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from html import escape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.errors import InvalidError
from service.domain.letter import Mark, Words
from service.domain.notice import Claim, Kind
from service.mail import quoted
from service.mail.compose import Composer, House
from service.mail.skeletons import skeleton
from service.mail.tokens import Purpose, Tokens, read_stamp, stamp

AT = datetime(2026, 4, 24, 5, 0, 7, tzinfo=UTC)
HOUSE = House("Յիշատակարան", "remember@example.org", "editors@example.org", "https://remember.example.org/")
CLAIM = Claim(
    "0190f3c2-n", 1, Kind.NOTICE, "0190f3c2-e", "0190f3c2-s", "anna+list@example.org", AT, AT + timedelta(days=1), 0, 0
)
WORDS = Words(
    "Այսօր՝ 4 years", f"<a href='{Mark.LEAVE_URL}'>leave</a> <b>ը</b>", f"For {Mark.ADDRESS}\n{Mark.LEAVE_URL}"
)
tokens = Tokens((b"a secret of the house",))
composer = Composer(HOUSE, tokens)

# Surrogates are half characters; a carriage return is not kept apart from a line end.
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\r")
pieces = st.one_of(
    st.text(characters),
    st.sampled_from(Mark),
    st.sampled_from([".", "\n", "\n.", " ", "=", "From me", "x" * 75, "é" * 30]),
)
texts = st.lists(pieces, max_size=12).map("".join)
AWKWARD_TEXTS = [
    f"{Mark.ADDRESS}",
    f"{Mark.ADDRESS}{Mark.LEAVE_URL}",
    f"{Mark.ADDRESS}\n{Mark.LEAVE_URL}\n",
    f"a {Mark.ADDRESS} b",
    f".{Mark.ADDRESS}.\n.{Mark.ADDRESS}\n",
    "." * 300,
    ".\n..\n...\n.",
    "From " * 100,
    "x" * 75 + "." + "y" * 75,
    "x" * 72 + f" {Mark.ADDRESS}",
    "trailing \n blanks\t\n ",
    "doubled  and   tripled    blanks \t \t\n  \n\t\n",
    "\n\n\n",
    "  ." * 60,
    " " * 300,
    "\t" * 300,
    f"  {Mark.ADDRESS}  {Mark.ADDRESS}\t",
    *(
        "x" * length + blank + end
        for length in range(70, 78)
        for blank in (" ", "\t", "  ")
        for end in ("\n", "", "\ny")
    ),
    "",
]


def composed(words: Words = WORDS, claim: Claim = CLAIM, by: Composer = composer) -> bytes:
    return by.compose(claim, skeleton(words)).content


def parsed(content: bytes) -> Message:
    return message_from_bytes(content, policy=policy.compat32)


def bodies(content: bytes) -> dict[str, str]:
    return {
        part.get_content_type(): part.get_payload(decode=True).decode().replace("\r\n", "\n")  # type: ignore[union-attr]
        for part in parsed(content).walk()
        if not part.is_multipart()
    }


def values(claim: Claim) -> dict[Mark, str]:
    leave = tokens.sign(Purpose.LEAVE, claim.subscriber, claim.id)
    manage = tokens.sign(Purpose.MANAGE, claim.subscriber, stamp(claim.dated_at))
    confirm = composed(Words("s", "", f"{Mark.CONFIRM_URL}"), claim)
    return {
        Mark.ADDRESS: claim.address,
        Mark.MANAGE_URL: f"https://remember.example.org/manage/{manage}",
        Mark.LEAVE_URL: f"https://remember.example.org/leave/{leave}",
        Mark.CONFIRM_URL: bodies(confirm)["text/plain"],
    }


def filled(text: str, claim: Claim, *, in_html: bool) -> str:
    for mark, value in values(claim).items():
        text = text.replace(mark, escape(value) if in_html else value)
    return text


def relaxed(body: bytes) -> bytes:
    """Canonicalise a body, word for word as RFC 6376, section 3.4.4, says."""
    lines = [re.sub(rb"[ \t]+", b" ", line.rstrip(b" \t")) for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def assert_can_go_on_the_wire(content: bytes) -> None:
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", content)
    assert content.endswith(b"\r\n")
    head, _, body = content.partition(b"\r\n\r\n")
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))
    assert all(len(line) <= 76 for line in body.split(b"\r\n"))
    assert not re.search(rb"(?m)^\.", content)
    assert not re.search(rb"(?m)^From ", body)
    assert not re.search(rb"(?m)[ \t]\r$", body)
    assert body.isascii()
    assert relaxed(body) == body


class TestWords:
    @given(texts, texts)
    @example("", "")
    def test_a_letter_reads_back_as_it_was_rendered_with_the_values_in_place_of_the_marks(self, text, html):
        content = composed(Words("subject", html, text))
        assert_can_go_on_the_wire(content)
        found = bodies(content)
        assert found["text/plain"] == filled(text, CLAIM, in_html=False)
        assert found["text/html"] == filled(html, CLAIM, in_html=True)
        assert list(found) == ["text/plain", "text/html"]

    @pytest.mark.parametrize("text", AWKWARD_TEXTS)
    def test_awkward_texts_read_back(self, text):
        content = composed(Words("subject", text, text))
        assert_can_go_on_the_wire(content)
        assert bodies(content) == {
            "text/plain": filled(text, CLAIM, in_html=False),
            "text/html": filled(text, CLAIM, in_html=True),
        }

    @given(texts, st.text(characters, min_size=1))
    @example(f"x{Mark.ADDRESS}\ny", "value ")
    @example(f"{Mark.ADDRESS}", ".")
    @example(f"{Mark.ADDRESS}y", "x" * 73)
    @example(f"{Mark.ADDRESS}y", ".".join("x" * 74 for _ in range(4)))
    @example(f"{Mark.ADDRESS}From me", "From ")
    @example(f"  {Mark.ADDRESS}  ", "  \t  ")
    def test_any_value_fits_into_any_slot(self, text, value):
        """The values of today are addresses and links; the slots do not rely on it."""
        bones = skeleton(Words("subject", "", text))
        parts = list(bones.parts)
        for slot in bones.slots:
            parts[slot.index] = quoted.value(value)
        content = b"".join(bones.structure) + b"\r\n" + b"".join(parts)
        assert_can_go_on_the_wire(content)
        assert bodies(content)["text/plain"] == re.sub("|".join(Mark), lambda _: value, text)

    @given(st.text())
    @example("=?utf-8?q?A=0D=0ABcc=3A_v=40e.com?=")
    @example("a\r\nBcc: v@e.com\r\n\r\nbody")
    def test_a_subject_adds_no_header_whatever_it_holds(self, subject):
        try:
            content = composed(replace(WORDS, subject=subject))
        except InvalidError:
            return
        assert parsed(content).keys() == parsed(composed()).keys()
        assert str(make_header(decode_header(parsed(content)["Subject"].replace("\r\n", "")))) == subject

    @pytest.mark.parametrize("mark", Mark)
    def test_a_value_of_the_reader_cannot_stand_in_the_subject(self, mark):
        with pytest.raises(InvalidError) as caught:
            skeleton(replace(WORDS, subject=f"For {mark}"))
        assert caught.value.field == "subject"

    def test_half_a_character_is_refused(self):
        with pytest.raises(InvalidError):
            skeleton(replace(WORDS, text="\ud83d"))

    def test_values_are_escaped_in_html_and_plain_in_text(self):
        claim = replace(CLAIM, address="o'hara&co@example.org")
        found = bodies(composed(Words("s", f"<p>{Mark.ADDRESS}</p>", f"{Mark.ADDRESS}"), claim))
        assert found == {"text/plain": "o'hara&co@example.org", "text/html": "<p>o&#x27;hara&amp;co@example.org</p>"}

    def test_the_newer_parser_of_the_library_reads_the_same(self):
        letter = message_from_bytes(composed(), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        assert letter["Subject"] == WORDS.subject
        assert letter.get_body(["plain"]).get_content().replace("\r\n", "\n").removesuffix("\n") == filled(
            WORDS.text, CLAIM, in_html=False
        )  # type: ignore[union-attr]
        assert letter.get_body(["html"]).get_content().replace("\r\n", "\n").removesuffix("\n") == filled(
            WORDS.html, CLAIM, in_html=True
        )  # type: ignore[union-attr]
        assert not any(part.defects for part in letter.walk())


class TestSameBytes:
    @given(texts)
    def test_the_same_claim_and_words_are_the_same_bytes(self, text):
        words = replace(WORDS, text=text)
        later = replace(CLAIM, generation=7, attempts=3, doubts=1)
        again = Composer(
            House(*(getattr(HOUSE, name) for name in HOUSE.__slots__)), Tokens((b"a secret of the house",))
        )
        assert composed(words) == composed(words, later) == composed(words, by=again)

    def test_two_notices_differ_in_their_message_ids(self):
        ids = {parsed(composed(claim=replace(CLAIM, id=f"n{number}")))["Message-ID"] for number in range(100)}
        assert len(ids) == 100

    def test_what_is_kept_of_an_edition_serves_that_edition_and_kind_alone(self):
        bones, others = skeleton(WORDS), skeleton(replace(WORDS, subject="other"))
        mixed = [
            (replace(CLAIM, kind=kind, edition=edition), which)
            for which in (bones, others)
            for kind in Kind
            for edition in ("e1", "e2")
        ]
        alone = [Composer(HOUSE, tokens).compose(*each) for each in mixed]
        assert [composer.compose(*each) for each in mixed * 3] == alone * 3

    def test_a_repeated_hour_of_a_zone_has_its_two_dates(self):
        hours = [datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=fold) for fold in (0, 1)]
        dates = [parsed(composed(claim=replace(CLAIM, dated_at=hour)))["Date"] for hour in hours]
        assert dates == ["Sun, 25 Oct 2026 00:30:00 +0000", "Sun, 25 Oct 2026 01:30:00 +0000"]

    def test_a_skeleton_is_not_changed_by_composing(self):
        bones = skeleton(WORDS)
        first = composer.compose(CLAIM, bones)
        composer.compose(replace(CLAIM, address="other@example.org"), bones)
        assert composer.compose(CLAIM, bones) == first

    def test_the_boundary_is_in_no_text(self):
        content = composed()
        boundary = parsed(content).get_boundary()
        assert boundary
        assert boundary.startswith("=_")
        assert composed(Words("s", boundary, f"--{boundary}--\n")).count(b"--=3D_") == 1


class TestHeaders:
    def test_the_envelope_is_the_houses_and_the_readers(self):
        letter = composer.compose(CLAIM, skeleton(WORDS))
        assert (letter.notice, letter.sender, letter.recipient) == (CLAIM.id, HOUSE.sender_address, CLAIM.address)

    def test_a_letter_that_remembers_has_these_headers_once_each(self):
        message = parsed(composed())
        assert message.keys() == [
            *("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted"),
            *("X-Auto-Response-Suppress", "Feedback-ID", "List-Id", "List-Owner", "List-Post", "Precedence"),
            *("List-Unsubscribe", "List-Unsubscribe-Post", "Content-Type"),
        ]
        assert message["To"] == CLAIM.address
        assert message["Reply-To"] == "editors@example.org"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["List-Id"] == "<remembrance.example.org>"
        assert message["List-Owner"] == "<mailto:editors@example.org>"
        assert message["List-Post"] == "NO"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(r"<0190f3c2-n\.[a-z2-7]{16}@example\.org>", message["Message-ID"])

    def test_the_date_is_of_the_first_claim_in_utc_whatever_its_zone(self):
        assert parsed(composed())["Date"] == "Fri, 24 Apr 2026 05:00:07 +0000"
        elsewhere = replace(CLAIM, dated_at=AT.astimezone(timezone(timedelta(hours=4))))
        assert composed(claim=elsewhere) == composed()
        with pytest.raises(InvalidError):
            composed(claim=replace(CLAIM, dated_at=AT.replace(tzinfo=None)))

    def test_one_click_leads_to_the_reader_and_the_notice(self):
        match = re.search(rb"\r\nList-Unsubscribe: <https://remember\.example\.org/leave/([^>\s]*)>\r\n", composed())
        assert match
        assert tokens.read(Purpose.LEAVE, match[1].decode()) == (CLAIM.subscriber, CLAIM.id)

    @pytest.mark.parametrize("kind", Kind)
    def test_a_letter_that_remembers_or_welcomes_can_be_left_by_one_click(self, kind):
        names = parsed(composed(claim=replace(CLAIM, kind=kind))).keys()
        can_be_left = kind.remembers or kind is Kind.WELCOME
        assert ("List-Unsubscribe" in names) == can_be_left
        assert ("List-Unsubscribe-Post" in names) == can_be_left
        assert ("List-Id" in names) == (can_be_left or kind in {Kind.TEST, Kind.HELP})
        assert ("Precedence" in names) == ("List-Id" in names)
        assert "Auto-Submitted" in names

    @pytest.mark.parametrize("kind", Kind)
    def test_a_letter_says_whether_it_answers_and_asks_that_nothing_answers_it_by_itself(self, kind):
        """RFC 3834, section 5. Reports that a mailbox does not exist are wanted: `All` would suppress them, too."""
        message = parsed(composed(claim=replace(CLAIM, kind=kind)))
        answers = kind in {Kind.CONFIRMATION, Kind.LINK, Kind.LEAVING, Kind.HELP}
        assert message["Auto-Submitted"] == ("auto-replied" if answers else "auto-generated")
        assert message["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"

    def test_a_confirmation_is_good_for_seven_days(self):
        link = values(replace(CLAIM, kind=Kind.CONFIRMATION))[Mark.CONFIRM_URL]
        assert link.startswith("https://remember.example.org/confirm/")
        read = tokens.read(Purpose.CONFIRM, link.rpartition("/")[2])
        assert read
        assert (read[0], read_stamp(read[1])) == (CLAIM.subscriber, AT + timedelta(days=7))

    def test_feedback_and_message_ids_tell_nothing_of_the_reader(self):
        message = parsed(composed())
        assert message["Feedback-ID"] == "0190f3c2-e:notice:remembrancer"
        told = message["Feedback-ID"] + message["Message-ID"]
        assert not any(personal in told for personal in (CLAIM.subscriber, CLAIM.address, "anna"))

    @given(st.text())
    @example("e\r\nBcc: v@e.com")
    def test_an_edition_adds_no_header_whatever_its_name(self, edition):
        content = composed(claim=replace(CLAIM, edition=edition))
        assert parsed(content).keys() == parsed(composed()).keys()

    @given(st.text())
    @example("a@x.com\r\nBcc: v@e.com")
    @example("a@x.com, v@e.com")
    def test_an_address_adds_no_header_whatever_it_holds(self, address):
        try:
            content = composed(claim=replace(CLAIM, address=address))
        except InvalidError:
            return
        assert parsed(content).keys() == parsed(composed()).keys()

    def test_an_address_beyond_ascii_is_written_as_it_is(self):
        content = composed(claim=replace(CLAIM, address="անի@xn--y9a3aq"))
        assert "\r\nTo: անի@xn--y9a3aq\r\n".encode() in content
        assert content.partition(b"\r\n\r\n")[2].isascii()
        assert bodies(content)["text/plain"].startswith("For անի@xn--y9a3aq\n")


class TestHouse:
    @given(st.text())
    @example("Anna\r\nBcc: v@e.com")
    def test_a_senders_name_adds_no_header_whatever_it_holds(self, name):
        try:
            by = Composer(replace(HOUSE, sender_name=name), tokens)
        except InvalidError:
            return
        assert parsed(composed(by=by)).keys() == parsed(composed()).keys()

    def test_what_is_not_set_is_left_out(self):
        names = parsed(composed(by=Composer(replace(HOUSE, reply_to=""), tokens))).keys()
        assert "Reply-To" not in names
        assert "List-Owner" not in names
        helping = parsed(composed(by=Composer(replace(HOUSE, help_url="https://example.org/help"), tokens)))
        assert helping["List-Help"] == "<https://example.org/help>"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("sender_address", ""),
            ("sender_address", "anna"),
            ("sender_address", "յուշ@example.org"),
            ("reply_to", "a@b\r\nBcc: c@d"),
            ("public_url", ""),
            ("public_url", "remember.example.org"),
            ("public_url", "javascript:alert(1)"),
            ("public_url", "https://example.org/?a=b"),
            ("public_url", "https://example.org/\r\n"),
            ("public_url", "https://example.org/" + "x" * 400),
        ],
    )
    def test_a_house_that_cannot_send_is_refused_at_once(self, field, value):
        with pytest.raises(InvalidError) as caught:
            replace(HOUSE, **{field: value})
        assert caught.value.field == field
