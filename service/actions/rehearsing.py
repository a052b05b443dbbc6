"""Rehearsals: what a reader, or somebody who asks for a collection, will be sent in the coming months."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from service.domain.approval import Approval, Leave, Verdict
from service.domain.errors import InvalidError, NotFoundError
from service.domain.lines import Line
from service.domain.notice import InDoubt
from service.domain.occasion import returns
from service.domain.rehearsal import Reader, Rehearsed, rehearse, span
from service.domain.slot import Slot
from service.domain.subscription import Rhythm, Status, Subscriber, Wish
from service.domain.targets import id_in, target_of
from service.store import approvals, events, pauses, private_events, subscribers, subscriptions
from service.store.dialect import Tx
from service.store.events import Kept
from service.store.occasions import Listed

MONTHS = 36
MONTHS_MOST = 120


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Letters to come, with the events that they tell of and the days between which they were looked for.

    `status` is where the subscriber stands: whoever is not active is sent none of them.
    """

    reader: Reader
    first: date
    last: date
    letters: tuple[Rehearsed[Listed], ...]
    events: Mapping[str, Kept]
    status: Status = Status.ACTIVE


async def of_subscriber(tx: Tx, address: str, months: int, now: datetime) -> Rehearsal:
    """Rehearse the letters of a subscriber by address; raise NotFoundError or InvalidError."""
    found = await subscribers.by_address(tx, address)
    if found is None:
        raise NotFoundError(f"There is no subscriber {address!r}.")
    return await of_reader(tx, found, months, now)


async def of_reader(
    tx: Tx,
    subscriber: Subscriber,
    months: int,
    now: datetime,
    *,
    private: bool = False,
    wishes: Sequence[Wish] | None = None,
) -> Rehearsal:
    """Rehearse the letters of a subscriber, as if they had other `wishes` if these are given; raise InvalidError.

    With what is `private` it is for their eyes alone.
    """
    if wishes is None:
        wishes = await subscriptions.wishes_of(tx, subscriber.id)
    lines = frozenset((wish.target, wish.lead_days) for wish in wishes)
    reader = Reader(subscriber.habit.slot, subscriber.habit.rhythm, lines, subscriber.paused_until)
    own = await _own_of(tx, subscriber) if private else {}
    lines |= {(f"event:{id_}", lead) for id_, (_, leads) in own.items() for lead in leads}
    kept = {id_: one for id_, (one, _) in own.items()}
    return await _rehearsed(tx, replace(reader, lines=lines), months, now, subscriber.status, kept)


async def of_collection(tx: Tx, collection: str, slot: Slot, rhythm: Rhythm, months: int, now: datetime) -> Rehearsal:
    """Rehearse the letters of somebody who asked for a collection, on the day itself; raise NotFoundError."""
    target = f"collection:{collection}"
    if target not in await events.targets(tx):
        raise NotFoundError(f"There is no collection {collection!r}.")
    return await _rehearsed(tx, Reader(slot, rhythm, frozenset({(target, 0)})), months, now)


async def _rehearsed(
    tx: Tx,
    reader: Reader,
    months: int,
    now: datetime,
    status: Status = Status.ACTIVE,
    own: Mapping[str, Kept] = MappingProxyType({}),
) -> Rehearsal:
    if not 1 <= months <= MONTHS_MOST:
        raise InvalidError(f"{months} months cannot be rehearsed (allowed: 1 to {MONTHS_MOST})", "months")
    first = reader.slot.day_at(now)
    last = _months_later(first, months)
    kept = {**await _events_of(tx, reader.lines), **own}
    listed = await _listed(tx, kept.values(), *span(reader.lines, first, last))
    return Rehearsal(reader, first, last, rehearse(reader, listed, first, last), kept, status)


async def _own_of(tx: Tx, subscriber: Subscriber) -> dict[str, tuple[Kept, tuple[int, ...]]]:
    """Give what somebody has private, under the names that lines have, with their days ahead."""
    leads = await subscriptions.leads_private(tx, subscriber.id)
    found = await private_events.named(tx, [id_ for target in leads if (id_ := id_in(target))])
    return {
        target_of(id_): (
            Kept(one.event.told_in(id_, subscriber.habit.language), "", one.version, one.updated_at),
            leads[target_of(id_)],
        )
        for id_, one in found.items()
        if one.removed_at is None
    }


async def _events_of(tx: Tx, lines: Iterable[Line]) -> dict[str, Kept]:
    found: dict[str, Kept] = {}
    for target in sorted({target for target, _ in lines}):
        kind, _, id_ = target.partition(":")
        own = (
            await events.events_in(tx, id_) if kind == "collection" else (await events.events_named(tx, [id_])).values()
        )
        found.update({kept.event.id: kept for kept in own})
    return found


async def _listed(tx: Tx, kept: Iterable[Kept], first: date, last: date) -> list[Listed]:
    """Give what falls in a span, without what was cancelled, and with what is known of its leave."""
    judged = await approvals.between(tx, first, last)
    paused = {one.target for one in await pauses.standing(tx)}
    asked = {shelf.id: shelf.approval for shelf in await events.shelves(tx)}
    found: list[Listed] = []
    for one in kept:
        is_paused = not paused.isdisjoint({f"event:{one.event.id}", f"collection:{one.collection}"})
        for rule, occasion in returns(one.event, first, last):
            verdict = judged.get((one.event.id, occasion.on))
            if verdict is not None and verdict.verdict is Verdict.CANCELLED:
                continue
            leave = Leave(
                asked.get(one.collection, Approval.NONE),
                verdict.verdict if verdict else None,
                verdict.version if verdict else "",
                is_paused,
            )
            told = (one.event.id, one.version, one.collection, one.event.tone, rule, occasion)
            found.append(Listed(*told, InDoubt.RESEND, leave))
    return found


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
