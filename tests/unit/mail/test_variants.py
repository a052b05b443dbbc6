"""What a letter is made of: its text alone, both parts, a calendar file, a sentence if it is late."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given

from service.domain.letter import Variant, Words
from service.mail.skeletons import skeleton
from tests.unit.mail.test_compose import (
    AWKWARD_TEXTS,
    CLAIM,
    WORDS,
    assert_can_go_on_the_wire,
    bodies,
    composer,
    filled,
    texts,
)
from tests.unit.mail.test_dkim import both, verdicts

FILE = "BEGIN:VCALENDAR\r\nSUMMARY:Դարձ\\, a long line that is folded\r\n  here\r\nEND:VCALENDAR\r\n"
LATE = "This letter comes later than <it> should."
WHOLE = replace(WORDS, html="<body><b>ը</b></body>", calendar=FILE, late=LATE)
VARIANTS = [Variant(number) for number in range(8)]
P, C, L = Variant.PLAIN, Variant.CALENDAR, Variant.LATE


def composed(words: Words, variant: Variant) -> bytes:
    return composer.compose(CLAIM, skeleton(words, variant)).content


def made_of(content: bytes) -> list[str]:
    return [part.get_content_type() for part in message_from_bytes(content).walk()]


@pytest.mark.parametrize(
    ("variant", "types"),
    [
        (Variant.BOTH_PARTS, ["multipart/alternative", "text/plain", "text/html"]),
        (P, ["text/plain"]),
        (C, ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"]),
        (P | C, ["multipart/mixed", "text/plain", "text/calendar"]),
    ],
)
def test_a_letter_is_made_of_what_its_reader_wants(variant: Variant, types: list[str]) -> None:
    assert made_of(composed(WHOLE, variant)) == types
    assert made_of(composed(WHOLE, variant | L)) == types


def test_where_there_is_no_file_none_is_attached() -> None:
    assert composed(WORDS, C) == composed(WORDS, Variant.BOTH_PARTS)
    assert composed(WORDS, P | C) == composed(WORDS, P)


def test_the_file_arrives_as_it_was_made() -> None:
    letter = message_from_bytes(composed(WHOLE, C), policy=policy.default)
    assert isinstance(letter, EmailMessage)
    (file,) = letter.iter_attachments()
    assert file.get_payload(decode=True) == FILE.encode()
    assert (file.get_filename(), file["Content-Type"].params["method"]) == ("remembrance.ics", "PUBLISH")
    assert not any(part.defects for part in letter.walk())


@pytest.mark.parametrize("variant", [L, L | P, L | C])
def test_a_late_letter_says_so_at_its_end(variant: Variant) -> None:
    found = bodies(composed(WHOLE, variant))
    assert found["text/plain"].endswith(f"\n\n{LATE}\n")
    if not variant & P:
        assert found["text/html"].endswith("This letter comes later than &lt;it&gt; should.</p></body>")
    assert LATE not in bodies(composed(WHOLE, variant & ~L))["text/plain"]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("text", AWKWARD_TEXTS)
def test_awkward_texts_read_back_in_each(variant: Variant, text: str) -> None:
    content = composed(Words("subject", text, text, FILE), variant)
    assert_can_go_on_the_wire(content)
    found = bodies(content)["text/plain"]
    assert found.rstrip() == filled(text, CLAIM, in_html=False).rstrip()


@given(texts)
@example("")
def test_any_letter_of_each_signed_with_both_keys_verifies(text: str) -> None:
    for variant in VARIANTS:
        content = both.compose(CLAIM, skeleton(Words("subject", text, text, FILE, LATE), variant)).content
        assert verdicts(content) == [True, True]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_second_copy_is_the_same_bytes(variant: Variant) -> None:
    assert composed(WHOLE, variant) == composed(replace(WHOLE), variant)
