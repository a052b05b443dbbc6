"""What follows from mail that came back: exactly once, only what is proven, and nothing that cannot be undone.

Of a bounce, the signed address that it came to is the proof; nothing else is, as anybody can write one. Of a complaint
it may be what the letter had in it, which nobody but its reader has seen. A provider's own, signed report vouches for
all that it says.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.actions.alerts import tell_editors
from service.actions.by_mail import Written, obey
from service.actions.subscribing import Desk
from service.actions.suppressing import strike_off
from service.domain.alert import Alert, Fact, Matter
from service.domain.consent import Act
from service.domain.heard import COUNTED, ENOUGH, Did, Heard, What, judged, points_of, score
from service.domain.letter_box import Addressed, For
from service.domain.retry import Effect
from service.domain.webhook import bounced
from service.mail.tokens import Purpose
from service.observability import log
from service.store import consents, heard, inbox, webhook_messages
from service.store.dialect import Tx
from service.store.heard import Of
from service.store.inbox import Mail

_SPEAKS_FOR = timedelta(days=30)  # after which no mail server still tries: what comes then was found, or made
COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done about a mail, why, how much it counts, and whose it is, as far as that is known."""

    did: Did
    reason: str = ""
    points: float = 0
    subscriber: str | None = None


async def hear(tx: Tx, desk: Desk, mail: Mail, told: list[Heard], now: datetime, *, is_vouched: bool = False) -> bool:
    """Do what follows from a mail and from each thing that it tells; False if somebody has read it already."""
    if not await inbox.read(tx, mail.id, now):
        return False
    addressed = desk.letter_box.read(mail.recipient) if desk.letter_box else None
    for number, one in enumerate(told):
        of = await _proven(tx, desk, addressed, one, is_vouched=is_vouched)
        once = f"{of.notice} {one.what} {one.status}" if of else f"{mail.id} {number}"
        if of:
            await inbox.belongs(tx, mail.id, of.subscriber)
        entry = await heard.note(tx, mail.id, one, of, once, now)
        if not entry:
            continue
        done = await _follow(tx, desk, mail, addressed, one, of, now)
        await heard.done(tx, entry, done.did, done.reason, done.points, done.subscriber)
        if of and one.what in {What.BOUNCED, What.COMPLAINT}:
            await _tell_webhooks(tx, of, done, now)
        if done.subscriber:
            await inbox.belongs(tx, mail.id, done.subscriber)
        log.info("heard", mail=mail.id, what=one.what.value, by=one.by.value, status=one.status, did=done.did.value)
    return True


async def _proven(tx: Tx, desk: Desk, addressed: Addressed | None, told: Heard, *, is_vouched: bool) -> Of | None:
    """Give the letter that a mail is proven to speak of."""
    notice = None
    if addressed and addressed.to is For.RETURN:
        notice = desk.tokens.read_postal(Purpose.RETURN, addressed.more)
    if notice is None and (is_vouched or told.what is What.COMPLAINT):
        link = desk.tokens.read(Purpose.LEAVE, told.leave)
        notice = desk.tokens.notice_of(told.message_id) or (link[1] if link and len(link) == 2 else None)
    return await heard.letter(tx, notice) if notice else None


async def _follow(
    tx: Tx, desk: Desk, mail: Mail, addressed: Addressed | None, told: Heard, of: Of | None, now: datetime
) -> Done:
    match told.what:
        case What.BOUNCED | What.COMPLAINT if of is None:
            return Done(Did.UNPROVEN)
        case What.BOUNCED | What.COMPLAINT if of is not None:
            return await _of_letter(tx, desk, told, of, now)
        case What.PERSON if addressed is not None:
            return await _ordered(tx, desk, mail, addressed, told, now)
        case What.LISTED | What.AUTOMATIC if addressed is not None and addressed.to is For.LEAVE:
            return await _ordered(tx, desk, mail, addressed, told, now)  # mail programs leave by themselves
    return Done(Did.NOTHING)


async def _ordered(tx: Tx, desk: Desk, mail: Mail, addressed: Addressed, told: Heard, now: datetime) -> Done:
    written = Written(told.author or mail.sender, addressed, told.subject, told.languages, told.opening)
    did, subscriber = await obey(tx, desk, written, now)
    return Done(did, subscriber=subscriber)


async def _of_letter(tx: Tx, desk: Desk, told: Heard, of: Of, now: datetime) -> Done:
    if of.kind.is_to_editors:  # it says nothing of a reader, and the next one will be seen to come back as well
        return Done(Did.NOTHING, "to an editor")
    if not of.address:
        return Done(Did.NOTHING, "erased")
    if of.dated_at is None or now - of.dated_at > _SPEAKS_FOR:
        return Done(Did.NOT_VALID, "too old")
    if told.what is What.COMPLAINT:
        return await _suppressed(tx, desk, of, COMPLAINT, now)
    moved_at = await consents.last(tx, of.subscriber, Act.MOVED)
    if moved_at is not None and moved_at > of.dated_at:
        return Done(Did.MOVED)
    return await _bounced(tx, desk, told, of, now)


async def _bounced(tx: Tx, desk: Desk, told: Heard, of: Of, now: datetime) -> Done:
    verdict = judged(told)
    if verdict.effect is Effect.SUPPRESS:
        return await _suppressed(tx, desk, of, verdict.reason, now)
    if verdict.effect in {Effect.CLOSE_LANE, Effect.BLAME_RELAY}:
        await _tell(tx, told, of, now)
        return Done(Did.TOLD, verdict.reason)
    points = points_of(verdict)
    if not points:
        return Done(Did.NOTHING, verdict.reason)
    counted = [*await heard.points(tx, of.subscriber, now - COUNTED), (now, points)]
    if score(counted, now) < ENOUGH:
        return Done(Did.COUNTED, verdict.reason, points)
    return await _suppressed(tx, desk, of, verdict.reason, now, points)


async def _tell_webhooks(tx: Tx, of: Of, done: Done, now: datetime) -> None:
    """Tell that a reader's letter came back; of others whom a letter went to, nobody is told."""
    if of.kind.can_be_left and done.did in {Did.SUPPRESSED, Did.COUNTED, Did.TOLD}:
        is_suppressed = done.did is Did.SUPPRESSED
        told = bounced(of.subscriber, of.address, of.notice, done.reason, is_suppressed=is_suppressed)
        await webhook_messages.tell(tx, [told], now)


async def _suppressed(tx: Tx, desk: Desk, of: Of, reason: str, now: datetime, points: float = 0) -> Done:
    await strike_off(tx, desk, of.subscriber, of.address, reason, now)
    log.warning("address_suppressed", subscriber=of.subscriber, notice=of.notice, reason=reason)
    return Done(Did.SUPPRESSED, reason, points)


async def _tell(tx: Tx, told: Heard, of: Of, now: datetime) -> None:
    """Tell the editors that a mail service refuses us: once a day for each."""
    domain = of.address.rpartition("@")[2].lower()
    words = f"{domain}: {told.words or told.status}"
    await tell_editors(tx, Alert(Matter.POLICY, (Fact({"en": words}, now.date()),), about=domain), now)
