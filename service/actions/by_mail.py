"""What people ask for by mail. From is no proof: only a token in the address acts at once, all else is answered.

An answer goes to the address that wrote, one of a kind in a day at most and a few in a month, and to none that must not
be written to. Nothing of what was written stands in it: neither its subject nor a name. Whoever asks for what only a
reader can have, and is none by this address, is sent help: a mailbox may be read by another name.
"""

from dataclasses import dataclass
from datetime import datetime

from service.actions.admitting import admit_mail
from service.actions.answers import answer, is_barred
from service.actions.consent import answering
from service.actions.helping import help_by_mail
from service.actions.parting import leave_by_mail
from service.actions.subscribing import Asked, Desk, ask, ask_again, confirm_for, send_link
from service.domain.addresses import check_address
from service.domain.consent import Came
from service.domain.errors import InvalidError, TooManyRequestsError
from service.domain.heard import Did
from service.domain.letter_box import Addressed, For
from service.domain.notice import Kind
from service.domain.orders import Offered, Order, Wants, is_answer, is_leaving, order, says_no
from service.domain.subscription import Habit, Status, Subscriber, read_target
from service.mail.compose import CONFIRM_WITHIN
from service.mail.tokens import Purpose
from service.rendering.places import likely_zone
from service.store import events, notices, subscribers
from service.store.dialect import Tx

BY_MAIL = Came("mail")

What = tuple[Did, str | None]


@dataclass(frozen=True, slots=True)
class Written:
    """A mail that a person wrote to us: who, to which address of ours, its subject (decoded), what its program reads.

    `sender` is who wrote, as far as the mail says so, and to whom an answer goes. `languages` is the mail's
    Content-Language, or its Accept-Language; "" if it says neither. `opening` are the first lines of what they wrote.
    """

    sender: str
    addressed: Addressed
    subject: str = ""
    languages: str = ""
    opening: str = ""


@dataclass(frozen=True, slots=True)
class _Request:
    """What is answered: whose address, what is known of it, what they want, and in which language they are told."""

    address: str
    known: Subscriber | None
    order: Order
    language: str
    languages: str

    @property
    def subscriber(self) -> str | None:
        return self.known.id if self.known else None


async def obey(tx: Tx, desk: Desk, written: Written, now: datetime) -> What:
    """Do what a mail asks for; gives what was done, and whose subscriber's id it concerns, None if that is not known.

    Of what an automatic program wrote only LEAVE may come here: it answers nobody but the reader whose token it is.
    """
    to, token = written.addressed.to, written.addressed.more
    if to is For.LEAVE:
        return await _leave(tx, desk, token, now)
    if to is For.CONFIRM:
        return await _confirm(tx, desk, written, now)
    wanted = order(written.addressed, written.subject, await _offered(tx), written.sender)
    address = _to_be_answered(desk, written)
    if not address:
        return Did.NOTHING, None
    known = await subscribers.by_address(tx, address)
    request = _Request(address, known, wanted, _language(desk, known, wanted, written), written.languages)
    if wanted.wants is Wants.NOTHING or (known is not None and known.status is Status.SUPPRESSED):
        return Did.NOTHING, request.subscriber
    return await _answered(tx, desk, request, now)


async def _answered(tx: Tx, desk: Desk, request: _Request, now: datetime) -> What:
    """Answer a request that proves nothing."""
    known, wants = request.known, request.order.wants
    if wants is Wants.SUBSCRIBE:
        return await _subscribe(tx, desk, request, now)
    is_here = known is not None and known.status in {Status.ACTIVE, Status.PENDING}
    if known is None or not is_here or wants is Wants.HELP:
        is_reader = known is not None and known.status is Status.ACTIVE
        did = await help_by_mail(tx, desk, request.address, request.language, now, is_reader=is_reader)
        return did, request.subscriber
    if wants is Wants.UNSUBSCRIBE:
        goes = bool(await answer(tx, known, Kind.LEAVING, now))
    else:
        goes = await send_link(tx, desk, request.address, BY_MAIL, now)
    return Did.ANSWERED if goes else Did.UNANSWERED, known.id


async def _leave(tx: Tx, desk: Desk, token: str, now: datetime) -> What:
    """End everything for whose token it is, from whatever address it comes."""
    id_ = desk.tokens.read_postal(Purpose.LEAVE_BY_MAIL, token)
    subscriber = await subscribers.by_id(tx, id_) if id_ else None
    if subscriber is None:
        return Did.NOT_VALID, None
    await leave_by_mail(tx, subscriber, now)
    return Did.LEFT, subscriber.id


async def _confirm(tx: Tx, desk: Desk, written: Written, now: datetime) -> What:
    """Confirm what was asked for, by an answer to the letter that asks.

    One that says "unsubscribe" is a no. One that begins with a "not" of whatever kind is no consent, nor is one whose
    subject is not that of an answer, as a program wrote it; these are left for people to read. If it comes too late,
    whoever still waits is asked once more; who has nothing but a wrong token, nothing.
    """
    notice = desk.tokens.read_postal(Purpose.CONFIRM_BY_MAIL, written.addressed.more)
    letter = await notices.confirmation(tx, notice) if notice else None
    subscriber = await subscribers.by_id(tx, letter[0]) if letter else None
    if letter is None or subscriber is None or subscriber.status not in {Status.PENDING, Status.ACTIVE}:
        return Did.NOT_VALID, None
    if is_leaving(written.subject) or is_leaving(written.opening):
        await leave_by_mail(tx, subscriber, now)
        return Did.LEFT, subscriber.id
    if says_no(written.opening) or not is_answer(written.subject, letter[2]):
        return Did.NOTHING, subscriber.id
    if letter[1] + CONFIRM_WITHIN < now:
        if subscriber.status is Status.PENDING:
            await ask_again(tx, desk, subscriber, BY_MAIL, now)
        return Did.NOT_VALID, subscriber.id
    wording = answering(desk.languages.of(subscriber.habit.language))
    await confirm_for(tx, desk, subscriber, now, Came("mail", wording=wording))
    return Did.CONFIRMED, subscriber.id


async def _subscribe(tx: Tx, desk: Desk, request: _Request, now: datetime) -> What:
    """Have the owner of the address asked whether they wish it, as the page does; but not who has been struck off."""
    if await is_barred(tx, desk.tokens, request.address):
        return Did.NOTHING, request.subscriber
    try:
        await admit_mail(tx, desk, now)
    except TooManyRequestsError:
        return Did.UNANSWERED, request.subscriber
    usual = Habit(request.language, likely_zone(request.language, request.languages))
    habit = request.known.habit if request.known else usual
    wishes = tuple(read_target(target, 0) for target in request.order.targets)
    await ask(tx, desk, Asked(request.address, habit, wishes, "", source=BY_MAIL.source), now)
    asked = await subscribers.by_address(tx, request.address)
    return Did.ASKED, asked.id if asked else None


def _to_be_answered(desk: Desk, written: Written) -> str:
    """Give the address that an answer may go to; "" if there is none: a bounce has none, and our own is ours."""
    box = desk.letter_box
    try:
        address = check_address(written.sender)
    except InvalidError:
        return ""
    return "" if box is None or box.read(address) or written.addressed.to is For.RETURN else address


def _language(desk: Desk, known: Subscriber | None, wanted: Order, written: Written) -> str:
    """Give the language of an answer: the reader's own, that of the order, or what the mail says."""
    if known is not None:
        return known.habit.language
    if wanted.language in desk.languages.codes:
        return wanted.language
    return desk.languages.negotiate(written.languages)


async def _offered(tx: Tx) -> Offered:
    """Give what can be subscribed to by mail: every collection."""
    return Offered.of({f"collection:{one.id}": one.title.values() for one in await events.shelves(tx)})
