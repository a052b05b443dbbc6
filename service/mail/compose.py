"""Letters: a skeleton (`skeletons.py`) with each reader's own values put in.

A letter is one join of the skeleton's parts with the values between them (`performance.md`, design move 1), and
depends on nothing but the claim, the skeleton, the house and its keys: composed again, it is the same bytes.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

from service.domain.errors import InvalidError
from service.domain.letter import Letter, Mark
from service.domain.letter_box import For, LetterBox
from service.domain.notice import Claim, Kind
from service.mail import quoted
from service.mail.dkim import HOLE, Signer, Signing
from service.mail.headers import address_header, check_address, list_header, list_id_header
from service.mail.skeletons import Skeleton
from service.mail.tokens import Purpose, Tokens, stamp

CONFIRM_WITHIN = timedelta(days=7)
DOWNLOAD_WITHIN = timedelta(hours=1)  # `faults.md`, case 107
_ASKING = {  # what the link of a letter does that asks for something, and for how long, if it is no confirmation
    Kind.ADDRESS: (Purpose.ADDRESS, CONFIRM_WITHIN),
    Kind.MOVED: (Purpose.ADDRESS, CONFIRM_WITHIN),
    Kind.DATA: (Purpose.DOWNLOAD, DOWNLOAD_WITHIN),
    Kind.INVITATION: (Purpose.INVITATION, CONFIRM_WITHIN),
    Kind.CHANNEL: (Purpose.WAY, CONFIRM_WITHIN),
}

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PUBLIC_URL = re.compile(r"(?=.{1,400}\Z)https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?")
# What Exchange heeds (MS-OXCMAIL, section 2.2.3.2.14): no receipt, no note of absence, no answer by a rule; an answer
# that nobody wrote confirms nothing. Not `All`, which would keep it from reporting that there is no such mailbox, too.
_SILENCE = b"X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n"
_NOT_CAMPAIGN = re.compile(r"[^A-Za-z0-9_-]")
_FORMS_KEPT = 64


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


@dataclass(frozen=True, slots=True)
class _Form:
    """What is the same in all letters of an edition of one kind: everything but the readers' values.

    `parts` are one letter's, empty where its own go: the signatures, then the head, in which every second one is
    a value, then from `body` the skeleton's. `places` say where a mark's value goes in them, in text and HTML.
    """

    parts: tuple[bytes, ...]
    body: int
    places: tuple[tuple[Mark, tuple[int, ...], tuple[int, ...]], ...]
    can_be_left: bool
    signing: Signing | None


class Composer:
    """Composes letters for one house, signed by its keys if it has any.

    Nothing in it changes but what it keeps of the last editions, so any number of threads may compose at once.
    """

    def __init__(
        self, house: House, tokens: Tokens, signers: Sequence[Signer] = (), letter_box: LetterBox | None = None
    ) -> None:
        """Take who sends, and where mail comes to; without a letter box, nothing that comes back is heard of."""
        self._house = house
        self._tokens = tokens
        self._signers = tuple(signers)
        self._letter_box = letter_box
        self._around = {to: letter_box.address(to, "|").split("|") for to in For} if letter_box else {}
        self._url = house.public_url.rstrip("/")
        self._list = self._list_headers()
        self._form_of = lru_cache(_FORMS_KEPT)(self._form)

    @property
    def signs(self) -> bool:
        """Whether letters are signed, which is worth a thread."""
        return bool(self._signers)

    def compose(self, claim: Claim, skeleton: Skeleton) -> Letter:
        """Give the letter of a claim; raise InvalidError if its address cannot stand in a header."""
        form = self._form_of(skeleton, claim.kind, claim.edition)
        address = check_address(claim.address).encode()
        date, seconds = _date(claim.dated_at)
        values = [address, date, self._tokens.message_id_local(claim.id).encode()]
        links = {mark: self.value(mark, claim) for mark in skeleton.marks}
        if self._is_answered(claim.kind):
            values.append(self._ours(For.CONFIRM, Purpose.CONFIRM_BY_MAIL, claim.id).encode())
        if form.can_be_left:
            values.append((links.get(Mark.LEAVE_URL) or self.value(Mark.LEAVE_URL, claim)).encode())
            if self._letter_box:
                values.append(self._ours(For.LEAVE, Purpose.LEAVE_BY_MAIL, claim.subscriber).encode())
        parts = list(form.parts)
        parts[2 : form.body - 1 : 2] = values
        for mark, in_text, in_html in form.places:
            link = links[mark]
            written = quoted.value(link)
            for index in in_text:
                parts[index] = written
            if in_html and mark is Mark.ADDRESS:  # no link holds what HTML escapes
                written = quoted.value(html.escape(link))
            for index in in_html:
                parts[index] = written
        if form.signing is not None:
            parts[0] = form.signing.headers(tuple(values), seconds, b"".join(parts[form.body :]))
        sender = self._ours(For.RETURN, Purpose.RETURN, claim.id) or self._house.sender_address
        return Letter(claim.id, sender, claim.address, b"".join(parts), proven=True)

    def _form(self, skeleton: Skeleton, kind: Kind, edition: str) -> _Form:
        """Make ready what is the same in all letters of an edition."""
        headers = self._headers(skeleton, kind, edition)
        pieces = b"".join((*headers, b"\r\n")).split(HOLE)
        head = [b"", *(part for piece in pieces for part in (piece, b""))][:-1]
        places = tuple(
            (
                mark,
                _indexes(skeleton, mark, len(head), in_html=False),
                _indexes(skeleton, mark, len(head), in_html=True),
            )
            for mark in sorted(skeleton.marks)
        )
        signing = Signing(self._signers, headers) if self._signers else None
        return _Form((*head, *skeleton.parts), len(head), places, kind.can_be_left, signing)

    def _headers(self, skeleton: Skeleton, kind: Kind, edition: str) -> list[bytes]:
        """Give the headers in their order, holes in them where each letter's own values go."""
        house, is_answered = self._house, self._is_answered(kind)
        reply_to = [address_header("Reply-To", "", house.reply_to)] if house.reply_to and not is_answered else []
        return [
            address_header("From", house.sender_name, house.sender_address),
            *reply_to,
            b"To: %b\r\n" % HOLE,
            skeleton.subject,
            b"Date: %b\r\n" % HOLE,
            b"Message-ID: <%b@%b>\r\n" % (HOLE, house.domain.encode()),
            *([b"Reply-To: %b\r\n" % HOLE] if is_answered else ()),
            b"MIME-Version: 1.0\r\n",
            b"Auto-Submitted: auto-%b\r\n" % (b"replied" if kind.answers else b"generated"),
            _SILENCE,
            _feedback_id(edition, kind),
            *(self._list if kind.is_of_the_list else ()),
            *(self._one_click() if kind.can_be_left else ()),
            *skeleton.structure,
        ]

    def _is_answered(self, kind: Kind) -> bool:
        """Whether answering such a letter does what it asks for."""
        return kind is Kind.CONFIRMATION and self._letter_box is not None

    def _ours(self, to: For, purpose: Purpose, id_: str) -> str:
        """Give an address of ours with a token in it; "" without a letter box."""
        before, after = self._around.get(to, ("", ""))
        return f"{before}{self._tokens.postal(purpose, id_)}{after}" if before else ""

    @property
    def asking_url(self) -> str:
        """The page that sends readers their link by e-mail: for what others can read too."""
        return f"{self._url}/manage"

    def value(self, mark: Mark, claim: Claim) -> str:
        """Give what stands for a mark in this reader's letter; to editors, general links, which act for nobody."""
        return claim.address if mark is Mark.ADDRESS else f"{self._url}/{self._path(mark, claim)}"

    def _path(self, mark: Mark, claim: Claim) -> str:
        subscriber, sign = claim.subscriber, self._tokens.sign
        if claim.kind.is_to_editors:
            return "subscribe" if mark is Mark.CONFIRM_URL else "manage"
        if mark is Mark.MANAGE_URL:
            return f"manage/{sign(Purpose.MANAGE, subscriber, _stamp(claim.dated_at))}"
        if mark is Mark.LEAVE_URL:
            return f"leave/{sign(Purpose.LEAVE, subscriber, claim.id)}"
        purpose, within = _ASKING.get(claim.kind, (Purpose.CONFIRM, CONFIRM_WITHIN))
        return f"{purpose}/{sign(purpose, subscriber, stamp(claim.dated_at + within))}"

    def _list_headers(self) -> list[bytes]:
        """Give what only letters to the list have: to it nobody writes (RFC 2369, section 3.4).

        `Precedence: bulk` is no standard, but RFC 3834 (section 2) names it as what keeps older responders
        from answering.
        """
        house = self._house
        lines = [list_id_header(house.sender_name, f"remembrance.{house.domain}")]
        if house.help_url:
            lines.append(list_header("List-Help", house.help_url))
        if house.reply_to:
            lines.append(list_header("List-Owner", f"mailto:{quote(house.reply_to, safe='@+')}"))
        return [*lines, b"List-Post: NO\r\n", b"Precedence: bulk\r\n"]

    def _one_click(self) -> list[bytes]:
        """Give the one-click unsubscription (RFC 8058, section 3.1), and the way to leave by mail beside it."""
        by_mail = b",\r\n <mailto:%b?subject=unsubscribe>" % HOLE if self._letter_box else b""
        one_click = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        return [b"List-Unsubscribe: <%b>%b\r\n" % (HOLE, by_mail), one_click]


def _feedback_id(edition: str, kind: Kind) -> bytes:
    """Give Gmail's Feedback-ID: the edition, the kind and who sends; nothing of the reader."""
    campaign = _NOT_CAMPAIGN.sub("-", edition)[:64] or "none"
    return f"Feedback-ID: {campaign}:{kind}:remembrancer\r\n".encode()


def _indexes(skeleton: Skeleton, mark: Mark, start: int, *, in_html: bool) -> tuple[int, ...]:
    """Give where a mark's value goes among a letter's parts, of which the skeleton's begin at `start`."""
    return tuple(start + slot.index for slot in skeleton.slots if slot.mark is mark and slot.in_html is in_html)


def _date(instant: datetime) -> tuple[bytes, int]:
    """Write an instant as RFC 5322 (section 3.3) has it, in UTC, and give its seconds since 1970."""
    if instant.tzinfo is None:
        raise InvalidError("a letter's date must name its zone", "dated_at")
    return _date_in_utc(instant.astimezone(UTC))


_stamp = lru_cache(256)(stamp)  # as below


@lru_cache(256)  # the letters of one claimed batch have one date
def _date_in_utc(utc: datetime) -> tuple[bytes, int]:
    """Write a date, its names in English whatever the locale. Only UTC comes here: there equal is the same."""
    written = (
        f"{_DAYS[utc.weekday()]}, {utc.day:02} {_MONTHS[utc.month - 1]} {utc.year:04}"
        f" {utc.hour:02}:{utc.minute:02}:{utc.second:02} +0000"
    )
    return written.encode(), int(utc.replace(microsecond=0).timestamp())
