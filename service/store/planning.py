"""The two set-based statements by which a slot's notices are made, however many readers it has.

What a slot may have to say is a short list of lines: a target (a collection or an event) at so many days
ahead. Each line is a bit, so that what one reader asked for is a sum of bits, and readers with the same
sum, language and reason share an edition. Sixty-two bits fit into a number; further lines go on in the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    SmallInteger,
    String,
    Subquery,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    null,
    or_,
    select,
    values,
)

from service.domain.notice import Kind, State
from service.domain.slot import Slot
from service.domain.subscription import Cadence, Status
from service.store.dialect import Instant, Tx, insert_or_ignore, new_ids
from service.store.tables import notices, subscribers, subscriptions

_BITS = 62
Line = tuple[str, int]  # a target and its days ahead
Mask = tuple[int, ...]  # which lines, in words of 62 bits


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is planned for: a slot's readers of one cadence on a local day; only those who moved, if so said."""

    slot: Slot
    day: date
    cadence: Cadence
    movers_only: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """The notices to be made for an audience: kind, times, and the edition of each language and mask."""

    kind: Kind
    due_at: datetime
    expires_at: datetime
    now: datetime
    editions: Mapping[tuple[str, Mask], str]


async def leads_in_use(tx: Tx) -> list[int]:
    """Give the days ahead that somebody asked for."""
    found = await tx.execute(select(subscriptions.c.lead_days).where(_running()).distinct())
    return sorted(found.scalars())


async def asked_for(tx: Tx, candidates: Sequence[Line]) -> list[Line]:
    """Give those of the lines that anybody asked for, in order."""
    if not candidates:
        return []
    lines = _lines(candidates)
    anybody = select(subscriptions.c.id).where(
        subscriptions.c.target == lines.c.target, subscriptions.c.lead_days == lines.c.lead_days, _running()
    )
    found = await tx.execute(select(lines.c.target, lines.c.lead_days).where(anybody.exists()))
    return sorted((target, lead) for target, lead in found)


async def masks(tx: Tx, audience: Audience, lines: Sequence[Line]) -> list[tuple[str, Mask]]:
    """Give each language with each set of lines that somebody in the audience asked for."""
    asked = _asked(audience, lines)
    distinct = select(asked.c.language, *_words(asked, lines)).distinct()
    return [(language, tuple(words)) for language, *words in (await tx.execute(distinct)).all()]


async def make(tx: Tx, audience: Audience, lines: Sequence[Line], batch: Batch) -> int:
    """Insert the notices; whoever has one of this kind on this day already keeps it. Gives how many were new."""
    if not batch.editions:
        return 0
    asked = _asked(audience, lines)
    words = [column(f"word{number}", BigInteger) for number in range(_word_count(lines))]
    columns = (column("language", String), *words, column("edition_id", String))
    chosen = _table("chosen", columns, [(language, *mask, id_) for (language, mask), id_ in batch.editions.items()])
    same = [chosen.c.language == asked.c.language]
    same += [chosen.c[word.name] == asked.c[word.name] for word in words]
    row = _new_notice(batch, audience.day) | {"subscriber_id": asked.c.subscriber_id, "edition_id": chosen.c.edition_id}
    rows = select(*row.values()).select_from(asked).join(chosen, and_(*same)).where(literal(1) == 1)
    return int((await tx.execute(insert_or_ignore(tx, notices).from_select(list(row), rows))).rowcount)


def lines_of(mask: Mask, lines: Sequence[Line]) -> list[Line]:
    """Give the lines of a mask."""
    return [line for place, line in enumerate(lines) if mask[place // _BITS] >> (place % _BITS) & 1]


def _asked(audience: Audience, lines: Sequence[Line]) -> Subquery:
    """Sum up for each reader in the audience which of the lines they asked for."""
    wanted = _lines(lines)
    slot = audience.slot
    readers = and_(
        subscribers.c.status == Status.ACTIVE,
        subscribers.c.zone == slot.zone,
        subscribers.c.hour == slot.hour,
        subscribers.c.cadence == audience.cadence,
        or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= audience.day),
    )
    if audience.movers_only:
        readers = and_(readers, subscribers.c.moved)
    sums = [
        cast(func.sum(case((wanted.c.word == number, wanted.c.bit), else_=0)), BigInteger).label(f"word{number}")
        for number in range(_word_count(lines))
    ]
    asked = (
        select(subscribers.c.id.label("subscriber_id"), subscribers.c.language, *sums)
        .join_from(subscribers, subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .join(wanted, _is(wanted))
        .where(readers, _running())
        .group_by(subscribers.c.id, subscribers.c.language)
    )
    return asked.subquery("asked")


def _new_notice(batch: Batch, day: date) -> dict[str, Any]:
    """Give the columns of a new notice that are the same for all."""
    return {
        "id": new_ids(),
        "kind": literal(batch.kind.value),
        "day": literal(day, Date),
        "lane": literal(1, SmallInteger),
        "state": literal(State.PLANNED.value),
        "reason": literal(""),
        "due_at": literal(batch.due_at, Instant),
        "expires_at": literal(batch.expires_at, Instant),
        "generation": literal(0, BigInteger),
        "attempts": literal(0, Integer),
        "doubts": literal(0, Integer),
        "code": literal(0, SmallInteger),
        "words": literal(""),
        "created_at": literal(batch.now, Instant),
        "finished_at": cast(null(), Instant),
    }


def _lines(lines: Sequence[Line]) -> Subquery:
    """Make a table of the lines, each with its bit."""
    rows = [(target, lead, place // _BITS, 1 << (place % _BITS)) for place, (target, lead) in enumerate(lines)]
    columns = (
        column("target", String),
        column("lead_days", SmallInteger),
        column("word", Integer),
        column("bit", BigInteger),
    )
    return _table("lines", columns, rows)


def _table(name: str, columns: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> Subquery:
    """Make a table of values within a statement.

    Not a common table expression of the statement itself: SQLite's driver counts the rows of an INSERT only
    if that is its first word.
    """
    rows_named = values(*columns, name=f"{name}_values").data(list(rows)).cte(f"{name}_values", nesting=True)
    return select(rows_named).subquery(name)


def _is(wanted: Subquery) -> Any:
    return and_(subscriptions.c.target == wanted.c.target, subscriptions.c.lead_days == wanted.c.lead_days)


def _running() -> Any:
    return and_(subscriptions.c.confirmed_at.is_not(None), subscriptions.c.ended_at.is_(None))


def _words(asked: Subquery, lines: Sequence[Line]) -> list[Any]:
    return [asked.c[f"word{number}"] for number in range(_word_count(lines))]


def _word_count(lines: Sequence[Line]) -> int:
    return -(-len(lines) // _BITS)
