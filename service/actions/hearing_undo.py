"""Undoing what followed from mail that came back: a reader who was struck off stands where they stood before."""

from datetime import datetime
from typing import Final

from service.actions.posting import check_reason
from service.actions.subscribing import Desk, joined
from service.domain.editor import Editor
from service.domain.errors import InvalidError, NotFoundError
from service.domain.heard import What
from service.domain.subscription import Status
from service.store import audit, heard, heard_seen, inbox, subscribers, subscriptions, webhook_messages
from service.store.dialect import Tx
from service.store.heard import Entry

NO_REASON: Final = "please say why: it is kept for good"


async def undo(
    tx: Tx, desk: Desk, by: Editor, id_: str, why: str, now: datetime, *, is_sure: bool = False
) -> Status | None:
    """Write again to the reader whom an entry struck off; gives how they stand now. Keeps the reason in the audit.

    Raises NotFoundError if it struck off nobody, or was undone; InvalidError without a reason, for one who complained
    without `is_sure`, and if the address is suppressed for another cause as well: that one is not this entry's to undo.
    """
    seen = await heard_seen.by_id(tx, id_)
    if seen is None or not seen.can_be_undone or seen.entry.subscriber is None:
        raise NotFoundError("There is nothing to undo here.")
    reason = check_reason(why)
    if not reason:
        raise InvalidError(NO_REASON, "why")
    causes = await heard_seen.causes(tx, seen.entry.subscriber)
    if has_complained(causes) and not is_sure:
        raise InvalidError("please say that you are sure: this reader has complained", "sure")
    hashed = desk.tokens.address_hash(seen.address)
    barred = await subscribers.suppression(tx, hashed)
    if barred is not None and barred[0] not in {cause.reason for cause in causes}:
        raise InvalidError(f"this address is struck off for another cause as well: {barred[0]}", "cause")
    await subscribers.lift(tx, hashed)
    status = await subscribers.take_back(tx, seen.entry.subscriber)
    await heard.undo(tx, seen.entry.subscriber, now)
    back = await subscribers.by_id(tx, seen.entry.subscriber)
    if status is Status.ACTIVE and back is not None:
        targets = [wish.target for wish in await subscriptions.wishes_of(tx, back.id)]
        await webhook_messages.tell(tx, [joined(back, targets, "editor")], now)
    told = {"reason": ", ".join(sorted({cause.reason for cause in causes})), "why": reason, "heard": id_}
    await audit.note(tx, by, "lifted the suppression of", f"subscriber {seen.entry.subscriber}", now, told)
    return status


def has_complained(causes: list[Entry]) -> bool:
    """Say whether a complaint is among what struck a reader off."""
    return any(cause.what is What.COMPLAINT for cause in causes)


async def read_again(tx: Tx, by: Editor, mail: str, now: datetime) -> None:
    """Have a mail read that was set aside; raise NotFoundError if it is not kept any more."""
    if await inbox.by_id(tx, mail) is None:
        raise NotFoundError("This mail is not kept any more.")
    await inbox.again(tx, mail)
    await audit.note(tx, by, "had a mail read again", f"mail {mail}", now)
