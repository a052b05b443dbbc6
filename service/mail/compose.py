"""Letters: the words of an edition, encoded once, and each reader's own values put in.

An edition becomes a skeleton: its subject and body as bytes, divided where a reader's values go. A letter is
one join of the skeleton's parts with the values between them (`performance.md`, design move 1), and depends
on nothing but the claim, the skeleton and the house: composed again, it is the same bytes.
"""

import hashlib
import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from service.domain.errors import InvalidError
from service.domain.letter import Letter, Mark, Words
from service.domain.notice import Claim
from service.mail import quoted
from service.mail.headers import address_header, check_address, header, list_header, list_id_header
from service.mail.tokens import Purpose, Tokens, stamp

CONFIRM_WITHIN = timedelta(days=7)

_MARKS = re.compile("|".join(Mark))
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?")
_NOT_CAMPAIGN = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place among a skeleton's parts where a reader's value goes, and whether it stands in HTML."""

    index: int
    mark: Mark
    in_html: bool


@dataclass(frozen=True, slots=True)
class Skeleton:
    """An edition's words as bytes: two headers, and the body's parts with empty ones for the slots."""

    subject: bytes
    content_type: bytes
    parts: tuple[bytes, ...]
    slots: tuple[Slot, ...]
    marks: frozenset[Mark]


@dataclass(frozen=True, slots=True)
class House:
    """Who sends: the name and address in From, where answers go ("" for the same), and where the pages are.

    `help_url` is named in List-Help if there is one.
    """

    sender_name: str
    sender_address: str
    reply_to: str
    public_url: str
    help_url: str = ""

    def __post_init__(self) -> None:
        for field, address in (("sender_address", self.sender_address), ("reply_to", self.reply_to)):
            if (address or field == "sender_address") and not check_address(address, field).isascii():
                raise InvalidError(f"{address!r} must be an address in ASCII", field)
        if not _PUBLIC_URL.fullmatch(self.public_url):
            raise InvalidError(f"{self.public_url!r} is not an address of pages (https://host/path)", "public_url")

    @property
    def domain(self) -> str:
        """The domain that letters come from."""
        return self.sender_address.rpartition("@")[2]


def skeleton(words: Words) -> Skeleton:
    """Encode an edition once: multipart/alternative, the text first (RFC 2046, section 5.1.4), 7 bit.

    The boundary is made from the words, and holds `=_`, which quoted-printable never does. Raise InvalidError
    for a subject that holds a mark or a control character.
    """
    if _MARKS.search(words.subject):
        raise InvalidError("a subject is the same for all readers: no value of a reader can stand in it", "subject")
    subject = header("Subject", words.subject)
    content = f"{words.subject}\0{words.text}\0{words.html}".encode("utf-8", "surrogatepass")
    boundary = f"=_{hashlib.sha256(content).hexdigest()[:32]}"
    parts: list[bytes] = []
    slots: list[Slot] = []
    for kind, text in (("plain", words.text), ("html", words.html)):
        parts.append(_part_head(boundary, kind))
        _append(text, parts, slots, in_html=kind == "html")
        parts.append(b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    content_type = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
    return Skeleton(subject, content_type.encode(), *_merged(parts, slots), frozenset(slot.mark for slot in slots))


class Composer:
    """Composes letters for one house. Nothing in it changes."""

    def __init__(self, house: House, tokens: Tokens) -> None:
        self._house = house
        self._tokens = tokens
        self._url = house.public_url.rstrip("/")
        self._from = address_header("From", house.sender_name, house.sender_address)
        if house.reply_to:
            self._from += address_header("Reply-To", "", house.reply_to)
        self._always = b"MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"
        self._list = self._list_headers()

    @property
    def signs(self) -> bool:
        """Whether letters are signed, which is worth a thread."""
        return False

    def compose(self, claim: Claim, skeleton: Skeleton) -> Letter:
        """Give the letter of a claim; raise InvalidError if its address cannot stand in a header."""
        parts = list(skeleton.parts)
        needed = skeleton.marks | {Mark.LEAVE_URL} if claim.kind.remembers else skeleton.marks
        links = {mark: self._value(mark, claim) for mark in needed}
        for slot in skeleton.slots:
            link = links[slot.mark]
            parts[slot.index] = quoted.value(html.escape(link) if slot.in_html else link)
        local = self._tokens.message_id_local(claim.id)
        head = (
            self._from,
            address_header("To", "", claim.address),
            skeleton.subject,
            f"Date: {_date(claim.dated_at)}\r\nMessage-ID: <{local}@{self._house.domain}>\r\n".encode(),
            self._always,
            self._feedback_id(claim),
            self._unsubscription(links[Mark.LEAVE_URL]) if claim.kind.remembers else b"",
            skeleton.content_type,
            b"\r\n",
        )
        return Letter(claim.id, self._house.sender_address, claim.address, b"".join((*head, *parts)))

    def _value(self, mark: Mark, claim: Claim) -> str:
        """Give what stands for a mark in this reader's letter."""
        match mark:
            case Mark.ADDRESS:
                return claim.address
            case Mark.MANAGE_URL:
                return f"{self._url}/manage/{self._tokens.sign(Purpose.MANAGE, claim.subscriber)}"
            case Mark.LEAVE_URL:
                return f"{self._url}/leave/{self._tokens.sign(Purpose.LEAVE, claim.subscriber, claim.id)}"
            case Mark.CONFIRM_URL:
                expiry = stamp(claim.dated_at + CONFIRM_WITHIN)
                return f"{self._url}/confirm/{self._tokens.sign(Purpose.CONFIRM, claim.subscriber, expiry)}"

    def _list_headers(self) -> bytes:
        """Give what is the same in all letters to the list.

        `Precedence: bulk` is no standard, but RFC 3834 (section 2) names it as what keeps older responders
        from answering.
        """
        house = self._house
        lines = [list_id_header(house.sender_name, f"remembrance.{house.domain}")]
        if house.help_url:
            lines.append(list_header("List-Help", house.help_url))
        if house.reply_to:
            lines.append(list_header("List-Owner", f"mailto:{quote(house.reply_to, safe='@+')}"))
        return b"".join((*lines, b"Precedence: bulk\r\n"))

    def _unsubscription(self, leave_url: str) -> bytes:
        """Give the list's headers with one-click unsubscription (RFC 8058, section 3.1)."""
        unsubscribe = list_header("List-Unsubscribe", leave_url)
        return self._list + unsubscribe + b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"

    def _feedback_id(self, claim: Claim) -> bytes:
        """Give Gmail's Feedback-ID: the edition, the kind and who sends; nothing of the reader."""
        edition = _NOT_CAMPAIGN.sub("-", claim.edition)[:64] or "none"
        return f"Feedback-ID: {edition}:{claim.kind}:remembrancer\r\n".encode()


def _part_head(boundary: str, kind: str) -> bytes:
    return (
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()


def _append(text: str, parts: list[bytes], slots: list[Slot], *, in_html: bool) -> None:
    """Append a text's pieces to the parts, an empty part for each mark, and say where the marks stood."""
    end, marks = 0, list(_MARKS.finditer(text))
    for number, mark in enumerate(marks):
        parts.append(quoted.piece(text[end : mark.start()], slot_before=number > 0, slot_after=True))
        slots.append(Slot(len(parts), Mark(mark[0]), in_html))
        parts.append(b"")
        end = mark.end()
    parts.append(quoted.piece(text[end:], slot_before=bool(marks), slot_after=False))


def _merged(parts: list[bytes], slots: list[Slot]) -> tuple[tuple[bytes, ...], tuple[Slot, ...]]:
    """Join neighbouring parts between slots, so that a letter joins as few as there can be."""
    merged, moved, start = [], [], 0
    for slot in slots:
        merged.append(b"".join(parts[start : slot.index]))
        moved.append(Slot(len(merged), slot.mark, slot.in_html))
        merged.append(b"")
        start = slot.index + 1
    merged.append(b"".join(parts[start:]))
    return tuple(merged), tuple(moved)


def _date(instant: datetime) -> str:
    """Write an instant as RFC 5322 (section 3.3) has it, in UTC, its names in English whatever the locale."""
    if instant.tzinfo is None:
        raise InvalidError("a letter's date must name its zone", "dated_at")
    utc = instant.astimezone(UTC)
    return (
        f"{_DAYS[utc.weekday()]}, {utc.day:02} {_MONTHS[utc.month - 1]} {utc.year:04}"
        f" {utc.hour:02}:{utc.minute:02}:{utc.second:02} +0000"
    )
