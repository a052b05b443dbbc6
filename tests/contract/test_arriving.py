"""Every letter that ships arrives: others do not take it for spam, verify its signatures and read what was written."""

import asyncio
import re
from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import dkim as oracle
import pytest

from service.domain.letter import Variant
from service.domain.notice import Kind
from service.mail.dkim import KeyKind, Signer
from service.mail.keys import new_key, signer
from tests.peers import mime_tools, spamassassin
from tests.peers.gmime import GMime
from tests.peers.opendkim import OpenDkim
from tests.peers.perl import Perl
from tests.peers.reading import Reading
from tests.peers.spamassassin import Score
from tests.printers import HOUSE
from tests.shipped_letters import Shipped, is_told, shipped_letters
from tests.unit.rendering.letters import LANGUAGES

SPAM_BELOW = 1.0  # points; SpamAssassin calls spam what has five
SHAPES = {
    Variant.BOTH_PARTS: "multipart/alternative(text/plain text/html)",
    Variant.PLAIN | Variant.LATE: "text/plain",
    Variant.CALENDAR: "multipart/mixed(multipart/alternative(text/plain text/html) text/calendar)",
}


@pytest.fixture(scope="module")
def signers() -> tuple[Signer, ...]:
    """Two RSA keys, as during a rotation, and one of Ed25519."""
    kinds = {"2024a": KeyKind.RSA, "2024b": KeyKind.RSA, "2024e": KeyKind.ED25519}
    return tuple(signer(new_key(kind), selector, HOUSE.domain) for selector, kind in kinds.items())


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory, signers: tuple[Signer, ...]) -> list[Shipped]:
    """All of them, signed by all three."""
    return asyncio.run(shipped_letters(tmp_path_factory.mktemp("letters"), signers))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, letters: list[Shipped]) -> list[Path]:
    """The letters, in a file each."""
    folder = tmp_path_factory.mktemp("files")
    paths = [folder / f"{number}.eml" for number in range(len(letters))]
    for path, letter in zip(paths, letters, strict=True):
        path.write_bytes(letter.content)
    return paths


@pytest.fixture(scope="module")
def scores(letters: list[Shipped], a_perl: Perl, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Score]:
    """What SpamAssassin says of each."""
    contents = {letter.name: letter.content for letter in letters}
    return spamassassin.scores(a_perl, contents, tmp_path_factory.mktemp("spam"))


def test_every_kind_in_every_language_is_among_them(letters: list[Shipped]) -> None:
    made = {(letter.kind, letter.language) for letter in letters}
    assert made == {(kind, language) for kind in Kind for language in LANGUAGES.codes}
    assert {letter.variant for letter in letters} == set(SHAPES)


def test_no_letter_has_a_point_of_spam(scores: dict[str, Score]) -> None:
    assert {name: str(score) for name, score in scores.items() if score.points >= SPAM_BELOW} == {}


def test_no_letter_has_text_in_the_colour_of_its_ground(scores: dict[str, Score]) -> None:
    assert [name for name, score in scores.items() if "HTML_FONT_LOW_CONTRAST" in score.rules] == []


def test_two_verifiers_confirm_every_signature_of_every_letter(
    letters: list[Shipped], signers: tuple[Signer, ...], an_opendkim: OpenDkim, tmp_path: Path
) -> None:
    assert {"rsa-sha256", "ed25519-sha256"} <= an_opendkim.algorithms()
    all_hold = {one.selector: True for one in signers}
    for letter in letters:
        assert by_dkimpy(letter.content, signers) == all_hold, letter.name
        assert an_opendkim.verdicts(letter.content, signers, tmp_path) == all_hold, letter.name


@pytest.mark.parametrize(
    ("what", "written", "instead"),
    [
        ("a second From below", b"\r\nTo: ", b"\r\nFrom: Somebody <else@example.net>\r\nTo: "),
        ("a second From above", b"DKIM-Signature: ", b"From: Somebody <else@example.net>\r\nDKIM-Signature: "),
        ("a second Subject", b"\r\nTo: ", b"\r\nSubject: Win\r\nTo: "),
        ("another From", b"letters@remember", b"lettres@remember"),
        ("one click elsewhere", b"List-Unsubscribe: <https://r", b"List-Unsubscribe: <https://e"),
        ("no one click", b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Clicks"),
        ("one word more", b"\r\n\r\n--=_", b"\r\n\r\nMore\r\n--=_"),
        ("something behind its end", rb"--\r\n\Z", b"--\r\nMore\r\n"),
    ],
)
def test_what_was_changed_on_the_way_no_verifier_confirms(
    letters: list[Shipped],
    signers: tuple[Signer, ...],
    an_opendkim: OpenDkim,
    tmp_path: Path,
    what: str,
    written: bytes,
    instead: bytes,
) -> None:
    letter = next(one.content for one in letters if one.kind is Kind.NOTICE)
    changed = re.sub(written, instead, letter, count=1)
    assert changed != letter, what
    none_holds = {one.selector: False for one in signers}
    assert by_dkimpy(changed, signers) == none_holds
    assert an_opendkim.verdicts(changed, signers, tmp_path) == none_holds


def test_a_key_that_is_not_the_published_one_signs_for_nobody(
    letters: list[Shipped], signers: tuple[Signer, ...], an_opendkim: OpenDkim, tmp_path: Path
) -> None:
    """During a rotation: the old selector still holds when the new one's record is not what it should be."""
    old, new, other = signers
    wrong = (old, signer(new_key(KeyKind.RSA), new.selector, new.domain), other)
    expected = {old.selector: True, new.selector: False, other.selector: True}
    assert by_dkimpy(letters[0].content, wrong) == expected
    assert an_opendkim.verdicts(letters[0].content, wrong, tmp_path) == expected


def test_python_reads_every_letter_without_a_defect(letters: list[Shipped]) -> None:
    for letter in letters:
        assert_reads(by_python(letter.content), letter)


def test_perls_mime_tools_reads_every_letter_without_a_defect(
    letters: list[Shipped], files: list[Path], a_perl: Perl, tmp_path: Path
) -> None:
    for reading, letter in zip(mime_tools.read(a_perl, files, tmp_path), letters, strict=True):
        assert_reads(reading, letter)


def test_gmime_reads_every_letter_without_a_defect(letters: list[Shipped], files: list[Path], a_gmime: GMime) -> None:
    for reading, letter in zip(a_gmime.read(files), letters, strict=True):
        assert_reads(reading, letter)


def by_dkimpy(content: bytes, signers: Iterable[Signer]) -> dict[str, bool]:
    """Say of each selector that signed whether its signature holds, by dkimpy."""
    records = {f"{one.record_name}.".encode(): one.record.encode() for one in signers}
    head = content.partition(b"\r\n\r\n")[0]
    found = {}
    for number, selector in enumerate(re.findall(rb"\bs=(\w+);", head)):
        try:
            found[selector.decode()] = oracle.DKIM(content).verify(number, lambda name, **_: records[name])
        except oracle.DKIMException:
            found[selector.decode()] = False
    return found


def by_python(content: bytes) -> Reading:
    """Read a letter with Python's own parser, which notes defects in parts and in headers."""
    whole = message_from_bytes(content, policy=policy.default)
    parts = list(whole.walk())
    defects = [str(one) for part in parts for one in part.defects]
    defects += [str(one) for part in parts for value in part.values() for one in value.defects]
    leaves = [(part.get_content_type(), part.get_payload(decode=True)) for part in parts if not part.is_multipart()]
    return Reading(whole["Subject"], whole["From"], shape(whole), tuple(leaves), tuple(defects))


def shape(part: EmailMessage) -> str:
    """Write the tree of types."""
    if not part.is_multipart():
        return part.get_content_type()
    return f"{part.get_content_type()}({' '.join(map(shape, part.iter_parts()))})"


def assert_reads(reading: Reading, letter: Shipped) -> None:
    """What was read is what went in, and the parser objects to nothing."""
    assert reading.defects == (), letter.name
    assert reading.subject == letter.words.subject, letter.name
    assert reading.sender == f"{HOUSE.sender_name} <{HOUSE.sender_address}>", letter.name
    assert reading.shape == SHAPES[letter.variant], letter.name
    for (kind, body), (expected_kind, words) in zip(reading.leaves, letter.leaves, strict=True):
        assert kind == expected_kind, letter.name
        assert is_told(words, body), f"the {kind} of {letter.name}"
