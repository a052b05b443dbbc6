"""Bringing people in, whom a file or a program names; and barring those whom another system does not write to.

Nobody's status is raised by it: whoever left, complained or was erased is refused and counted. A row that names when
it was confirmed counts as confirmed; without that, the person is asked by a letter. Who left elsewhere is barred here,
unless they agreed here since, by themselves: the later of somebody's own acts holds, and nobody's word for them does.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from service.actions import managing
from service.actions.answers import edition_for, single
from service.actions.subscriber_rows import Barred, Entry, LeftOut, Row
from service.actions.subscribing import Desk
from service.actions.suppressing import bar
from service.domain.addresses import address_key
from service.domain.consent import AGREEING, Act, Came
from service.domain.notice import Kind
from service.domain.subscription import Habit, Status
from service.domain.webhook import arrived
from service.store import addressees, audit, consents, notices, subscribers, subscriptions, webhook_messages
from service.store.dialect import Tx

IMPORT: Final = "import"
_NAMED_MOST = 50
_GONE = frozenset({Status.LEFT, Status.SUPPRESSED})


class Fate(StrEnum):
    """What becomes of somebody whom a file names."""

    CONFIRMED = "confirmed"
    ASKED = "asked to confirm"
    KNOWN = "known already"
    REFUSED = "refused"  # has left here, or must not be written to
    SUPPRESSED = "suppressed"
    LEFT_OUT = "left out"


@dataclass(slots=True)
class Tally:
    """What became of all: new ones by status, known ones left as they are, those refused, barred and left out."""

    confirmed: int = 0
    asked: int = 0
    known: int = 0
    refused: int = 0
    suppressed: int = 0
    left_out: int = 0
    refused_addresses: list[str] = field(default_factory=list)

    def add(self, entries: Sequence[Entry], fates: Sequence[Fate]) -> None:
        """Count what became of some."""
        counted = Counter(fates)
        self.confirmed += counted[Fate.CONFIRMED]
        self.asked += counted[Fate.ASKED]
        self.known += counted[Fate.KNOWN]
        self.refused += counted[Fate.REFUSED]
        self.suppressed += counted[Fate.SUPPRESSED]
        self.left_out += counted[Fate.LEFT_OUT]
        refused = (one.address for one, fate in zip(entries, fates, strict=True) if fate is Fate.REFUSED)
        self.refused_addresses = [*self.refused_addresses, *refused][:_NAMED_MOST]


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What becomes of each, and what is kept of their addresses: keyed hashes, ids and statuses, by key."""

    fates: list[Fate]
    hashes: Mapping[str, str]
    before: Mapping[str, tuple[str, Status]]


async def foreseen(tx: Tx, desk: Desk, entries: Sequence[Entry], earlier: dict[str, Fate]) -> list[Fate]:
    """Give what would become of each; `earlier` has what was foreseen of others of the same file, and is added to."""
    return (await _weighed(tx, desk, entries, earlier)).fates


async def bring(
    tx: Tx, desk: Desk, entries: Sequence[Entry], tally: Tally, now: datetime, source: str = IMPORT
) -> None:
    """Bring people in, or bar them, and add to the tally what became of them."""
    weighed = await _weighed(tx, desk, entries, {})
    tally.add(entries, weighed.fates)
    fates = list(zip(entries, weighed.fates, strict=True))
    barred = [one for one, fate in fates if isinstance(one, Barred) and fate is Fate.SUPPRESSED]
    if barred:
        await _bar(tx, desk, barred, weighed, Came(source), now)
    welcome = [one for one, fate in fates if isinstance(one, Row) and fate is not Fate.REFUSED]
    new = {_key(one): one for one, fate in fates if isinstance(one, Row) and fate in {Fate.CONFIRMED, Fate.ASKED}}
    ids = await subscribers.add_many(
        tx, [subscribers.arrival_row(_arrival(row, source, now), now) for row in new.values()]
    )
    ids |= {key: id_ for key, (id_, _) in weighed.before.items()}
    await _add_wishes(tx, welcome, ids, now)
    acts = [(ids[_key(row)], _evidence(row)) for row in welcome]
    await consents.note_many(tx, Act.BROUGHT, Came(source), now, acts)
    await _ask(tx, [(ids[key], row.habit) for key, row in new.items() if row.is_asked], now)
    told = [
        arrived(
            ids[key],
            row.address,
            row.habit.language,
            [wish.target for wish in row.wishes],
            source,
            row.counts_from(now),
        )
        for key, row in new.items()
    ]
    await webhook_messages.tell(tx, told, now)


async def _weighed(tx: Tx, desk: Desk, entries: Sequence[Entry], earlier: dict[str, Fate]) -> _Weighed:
    hashes = {_key(one): desk.tokens.address_hash(one.address) for one in entries}
    suppressed = await subscribers.suppressed(tx, list(hashes.values()))
    before = await subscribers.standing(tx, list(hashes))
    barred = [one for one in entries if isinstance(one, Barred)]
    known = [before[key][0] for key in set(map(_key, barred)) if key in before]
    agreed = await consents.last_of(tx, known, AGREEING)
    done = {key for key in map(_key, barred) if earlier.get(key) is Fate.SUPPRESSED}
    for gone in barred:
        key = _key(gone)
        id_, status = before.get(key, ("", None))
        comes_after = gone.since is not None and id_ in agreed and agreed[id_] > gone.since
        is_known = status in _GONE or (status is None and hashes[key] in suppressed) or comes_after
        if key not in done:
            earlier[key] = Fate.KNOWN if is_known else Fate.SUPPRESSED
    fates: list[Fate] = []
    for one in entries:
        key = _key(one)
        match one:
            case LeftOut():
                fate = Fate.LEFT_OUT
            case Barred():
                fate = Fate.KNOWN if key in done else earlier[key]
                done.add(key)
            case Row():
                is_gone = before.get(key, ("", None))[1] in _GONE or hashes[key] in suppressed
                fate = _of_row(one, key, earlier, is_gone=is_gone, is_kept=key in before)
        fates.append(fate)
    return _Weighed(fates, hashes, before)


def _key(entry: Entry) -> str:
    return address_key(entry.address)


def _of_row(row: Row, key: str, earlier: dict[str, Fate], *, is_gone: bool, is_kept: bool) -> Fate:
    """Give what becomes of a row; of two with one address, the first counts."""
    if is_gone or earlier.get(key) is Fate.SUPPRESSED:
        return Fate.REFUSED
    if is_kept or key in earlier:
        return Fate.KNOWN
    earlier[key] = Fate.ASKED if row.is_asked else Fate.CONFIRMED
    return earlier[key]


async def _bar(tx: Tx, desk: Desk, barred: Sequence[Barred], weighed: _Weighed, came: Came, now: datetime) -> None:
    """Write to these no more; whoever left elsewhere has left here, and may come back by themselves."""
    for one in barred:
        hashed = weighed.hashes[_key(one)]
        known = await subscribers.by_address(tx, one.address)
        if known is not None and not one.left:
            await bar(tx, desk, known, one.reason, came.source, now)
            continue
        if known is not None:
            await managing.leave(tx, known, now, came)
        await subscribers.suppress(tx, hashed, one.reason, now)
        await tx.run_sync(addressees.bar, one.address)
    reasons = dict(Counter(one.reason for one in barred))
    await audit.note(tx, came.source, "suppressed", f"{len(barred)} addresses", now, {"reasons": reasons})


def _evidence(row: Row) -> dict[str, Any]:
    """Give what is kept of how somebody came: when they agreed, what the file says of it, and to what."""
    agreed = {"agreed_at": row.confirmed_at.isoformat()} if row.confirmed_at else {}
    return {**agreed, "targets": sorted({wish.target for wish in row.wishes}), **row.evidence}


def _arrival(row: Row, source: str, now: datetime) -> subscribers.Arrival:
    status = Status.PENDING if row.is_asked else Status.ACTIVE
    return subscribers.Arrival(row.address, row.habit, status, source, row.counts_from(now))


async def _add_wishes(tx: Tx, rows: Sequence[Row], ids: Mapping[str, str], now: datetime) -> None:
    await subscriptions.add_many(
        tx,
        [
            subscriptions.wish_row(ids[_key(row)], wish, row.counts_from(now), now)
            for row in rows
            for wish in row.wishes
        ],
    )


async def _ask(tx: Tx, waiting: Sequence[tuple[str, Habit]], now: datetime) -> None:
    """Have a confirmation letter written to each of them."""
    languages = {habit.language for _, habit in waiting}
    made = {language: await edition_for(tx, Kind.CONFIRMATION, language, now) for language in languages}
    asked = [single(id_, Kind.CONFIRMATION, made[own.language], now, own.variant) for id_, own in waiting]
    await notices.add_singles(tx, asked)
