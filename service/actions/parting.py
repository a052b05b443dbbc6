"""The farewell. No mail goes to anybody who said no (`faults.md`, P4), with two exceptions, which are these.

Who leaves by mail gets one answer to that mail, as every mail program's user expects; and when an operator ends a
collection, those who had asked for nothing else are told that no more will come. Whoever leaves on a page, or by the
one click of their mail program, sees it there and gets no letter. Nothing else may use `Kind.FAREWELL`.
"""

from datetime import datetime

from service.actions.answers import Says, answer
from service.actions.managing import leave, leave_one
from service.domain.consent import Came
from service.domain.notice import Kind
from service.domain.subscription import Parting, Status, Subscriber
from service.store import subscribers, subscriptions
from service.store.dialect import Tx

_PAGE = 500


async def leave_by_mail(tx: Tx, subscriber: Subscriber, now: datetime) -> None:
    """End everything for somebody who wrote that they leave, and answer; to who had left already, nothing is sent."""
    targets = {wish.target for wish in await subscriptions.wishes_of(tx, subscriber.id)}
    was_written_to = subscriber.status is Status.ACTIVE
    await leave(tx, subscriber, now, Came("mail"))
    if was_written_to:
        await _say(tx, subscriber, Parting.BY_MAIL, targets, now)


async def end_collection(tx: Tx, collection: str, now: datetime) -> int:
    """End a collection for a page of its readers; gives for how many, 0 when there are no more.

    Those for whom it was the last thing have left then, and are told so.
    """
    target = f"collection:{collection}"
    readers = await subscriptions.readers_of(tx, target, _PAGE)
    for id_ in readers:
        reader = await subscribers.by_id(tx, id_)
        if reader is None:
            continue
        await leave_one(tx, reader, target, now, Came("command"))
        after = await subscribers.by_id(tx, id_)
        if reader.status is Status.ACTIVE and after is not None and after.status is Status.LEFT:
            await _say(tx, after, Parting.ENDED, {target}, now)
    return len(readers)


async def _say(tx: Tx, reader: Subscriber, why: Parting, targets: set[str], now: datetime) -> None:
    says = Says(because=tuple(sorted(targets)), facts={"parting": why.value})
    await answer(tx, reader, Kind.FAREWELL, now, says)
