"""Addresses that must not be written to: one is added at the wish of its owner, or let go when it was added wrongly.

What is lifted makes nobody a reader again: they may be asked to confirm, no more.
"""

from datetime import datetime
from typing import Final

from service.actions.subscribing import Desk
from service.domain.addresses import check_address
from service.domain.editor import Editor
from service.domain.errors import InvalidError, NotFoundError
from service.domain.subscription import Status, Subscriber
from service.domain.webhook import left
from service.store import addressees, audit, consequences, notices, subscribers, webhook_messages
from service.store.dialect import Tx

LONGEST_REASON: Final = 32
ERASED: Final = "erased"


async def suppress(tx: Tx, desk: Desk, by: Editor | str, address: str, reason: str, now: datetime) -> str:
    """Write to an address no more, whoever asks; gives its keyed hash. Raise InvalidError for what is no address."""
    checked = check_address(address)
    if not 1 <= len(reason) <= LONGEST_REASON or not reason.isprintable() or reason == ERASED:
        raise InvalidError(f"a reason in one line, of 1 to {LONGEST_REASON} characters, other than {ERASED}", "reason")
    hashed = desk.tokens.address_hash(checked)
    known = await subscribers.by_address(tx, checked)
    if known is None:
        await subscribers.suppress(tx, hashed, reason, now)
        await tx.run_sync(addressees.bar, checked)
    else:
        await bar(tx, desk, known, reason, "editor", now)
    await audit.note(tx, by, "suppressed", f"address {hashed}", now, {"reason": reason})
    return hashed


async def bar(tx: Tx, desk: Desk, known: Subscriber, reason: str, source: str, now: datetime) -> None:
    """Write to somebody who is known no more, at a wish that came by `source`; webhooks are told that they left."""
    await strike_off(tx, desk, known.id, known.address, reason, now)
    if known.status in {Status.ACTIVE, Status.PENDING}:
        await webhook_messages.tell(tx, [left(known.id, known.address, "suppressed", source)], now)


async def strike_off(tx: Tx, desk: Desk, subscriber: str, address: str, reason: str, now: datetime) -> None:
    """Write to a subscriber's address no more, and let nothing leave that is on its way to it."""
    await notices.take_out_of_hand(tx, subscriber)
    hashed = desk.tokens.address_hash(address)
    await tx.run_sync(consequences.suppress, subscriber, address, hashed, reason, now)


async def lift(tx: Tx, desk: Desk, by: Editor | str, address: str, why: str, now: datetime) -> None:
    """Let an address be asked again whether it wants letters.

    Raise NotFoundError if it is not suppressed, InvalidError for that of somebody who had themselves erased: only they
    can come back, by subscribing.
    """
    hashed = desk.tokens.address_hash(check_address(address))
    found, known = await subscribers.suppression(tx, hashed), await subscribers.by_address(tx, address)
    is_barred = known is not None and known.status is Status.SUPPRESSED
    if found is None and not is_barred:
        raise NotFoundError("This address is not suppressed.")
    if found is not None and found[0] == ERASED:
        raise InvalidError("its owner had everything erased: only they can come back, by subscribing", "address")
    await subscribers.lift(tx, hashed)
    if known is not None and is_barred:
        await subscribers.set_status(tx, known.id, Status.LEFT, now)
    reason = found[0] if found else ""
    await audit.note(tx, by, "lifted the suppression of", f"address {hashed}", now, {"reason": reason, "why": why})
