"""The set-based statements by which a page of a slot's notices is made, however many readers the slot has.

What a slot may have to say is a short list of lines: a target (a collection or an event) at so many days
ahead. Each line is a bit, so that what one reader asked for is a sum of bits, and readers with the same
sum, language and reason share an edition. Sixty-two bits fit into a number; further lines go on in the next.
The sums of a page are noted in a temporary table: they are read twice, for the editions and for the notices.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Integer,
    MetaData,
    Select,
    SmallInteger,
    String,
    Subquery,
    Table,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    null,
    select,
    values,
)
from sqlalchemy.schema import CreateTable, DropTable

from service.domain.lines import Line
from service.domain.notice import Kind, State
from service.domain.subscription import LATE_HOURS, LEAD_DAYS_MOST
from service.store.audience import Audience
from service.store.dialect import Instant, Tx, insert_or_renew
from service.store.editions import SUPERSEDED, Kept
from service.store.holding import STOPPED
from service.store.ids import new_ids
from service.store.tables import notices, subscribers, subscriptions

_BITS = 62
_NEVER = cast(null(), Instant)
_HABITS = (subscribers.c.language, subscribers.c.variant, subscribers.c.late_hours)
Mask = tuple[int, ...]  # which lines, in words of 62 bits


@dataclass(frozen=True, slots=True)
class Batch:
    """The notices to be made for an audience: kind, times, and the edition of each language and mask."""

    kind: Kind
    due_at: datetime
    expires_at: datetime
    now: datetime
    editions: Mapping[tuple[str, Mask], Kept]


async def leads_in_use(tx: Tx) -> list[int]:
    """Give the days ahead that somebody asked for."""
    leads = _table("leads", (column("days", SmallInteger),), [(days,) for days in range(LEAD_DAYS_MOST + 1)])
    anybody = select(subscriptions.c.id).where(subscriptions.c.lead_days == leads.c.days)
    return sorted((await tx.execute(select(leads.c.days).where(anybody.exists()))).scalars())


async def asked_for(tx: Tx, candidates: Sequence[Line]) -> list[Line]:
    """Give those of the lines that anybody asked for, in order."""
    if not candidates:
        return []
    lines = lines_table(candidates)
    anybody = select(subscriptions.c.id).where(
        subscriptions.c.target == lines.c.target, subscriptions.c.lead_days == lines.c.lead_days, running()
    )
    found = await tx.execute(select(lines.c.target, lines.c.lead_days).where(anybody.exists()))
    return sorted((target, lead) for target, lead in found)


async def targets_asked_for(tx: Tx) -> frozenset[str]:
    """Give every target that anybody asked for."""
    return frozenset((await tx.execute(select(subscriptions.c.target).where(running()).distinct())).scalars())


async def anybody(tx: Tx, audience: Audience, lines: Sequence[Line]) -> bool:
    """Say whether anybody in the audience asked for one of the lines."""
    return bool(lines) and (await tx.execute(_sums(audience, lines).limit(1))).first() is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """What each reader of an audience asked for, noted for the time of a transaction."""

    tx: Tx
    audience: Audience
    sums: Table

    async def masks(self) -> list[tuple[str, Mask]]:
        """Give each language with each set of lines that somebody asked for."""
        distinct = select(self.sums.c.language, *self._words()).distinct()
        return [(language, tuple(words)) for language, *words in (await self.tx.execute(distinct)).all()]

    async def make(self, batch: Batch) -> int:
        """Insert the notices, ready where their edition is rendered; gives how many were new.

        Whoever has one of this kind on this day keeps it, unless it was taken back before it started on its way.
        """
        if not batch.editions:
            return 0
        words = self._words()
        columns = (column("language", String), *(column(word.name, BigInteger) for word in words))
        columns = (*columns, column("edition_id", String), column("state", String), column("reason", String))
        rows = [(language, *mask, kept.id, *_begins(kept)) for (language, mask), kept in batch.editions.items()]
        chosen = _table("chosen", columns, rows)
        same = [chosen.c[one.name] == one for one in (self.sums.c.language, *words)]
        row = _new_notice(batch, self.audience.day) | {
            "subscriber_id": self.sums.c.subscriber_id,
            "variant": self.sums.c.variant,
            "expires_at": case(*_limits(self.sums.c.late_hours, batch), else_=literal(batch.expires_at, Instant)),
            "edition_id": chosen.c.edition_id,
            "state": chosen.c.state,
            "reason": chosen.c.reason,
            "finished_at": case((chosen.c.state == State.HELD, literal(batch.now, Instant)), else_=_NEVER),
        }
        made = select(*row.values()).select_from(self.sums).join(chosen, and_(*same)).where(literal(1) == 1)
        taken_back = and_(notices.c.state == State.DROPPED, notices.c.reason == SUPERSEDED)
        key = ("subscriber_id", "kind", "day")
        statement = insert_or_renew(self.tx, notices, (list(row), made), key, taken_back)
        return int((await self.tx.execute(statement)).rowcount)

    def _words(self) -> list[Column[Any]]:
        return [one for one in self.sums.c if one.name.startswith("word")]


@asynccontextmanager
async def asked(tx: Tx, audience: Audience, lines: Sequence[Line]) -> AsyncIterator[Asked]:
    """Note what each reader of an audience asked for, of these lines."""
    words = [Column(f"word{number}", BigInteger) for number in range(_word_count(lines))]
    sums = Table(
        "asked",
        MetaData(),
        *(Column("subscriber_id", String), Column("language", String)),
        *(Column("variant", SmallInteger), Column("late_hours", SmallInteger)),
        *words,
        prefixes=["TEMPORARY"],
    )
    await tx.execute(CreateTable(sums))
    await tx.execute(sums.insert().from_select(list(sums.c.keys()), _sums(audience, lines)))
    yield Asked(tx, audience, sums)
    await tx.execute(DropTable(sums))


def lines_of(mask: Mask, lines: Sequence[Line]) -> list[Line]:
    """Give the lines of a mask."""
    return [line for place, line in enumerate(lines) if mask[place // _BITS] >> (place % _BITS) & 1]


def _sums(audience: Audience, lines: Sequence[Line]) -> Select[Any]:
    """Sum up for each reader in the audience which of the lines they asked for."""
    wanted = lines_table(lines)
    # Said twice, so that PostgreSQL need not read the subscriptions of all the others.
    readers = and_(audience.readers, audience.page.holds(subscriptions.c.subscriber_id))
    sums = [
        cast(func.sum(case((wanted.c.word == number, wanted.c.bit), else_=0)), BigInteger)
        for number in range(_word_count(lines))
    ]
    return (
        select(subscribers.c.id, *_HABITS, *sums)
        .join_from(subscribers, subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .join(wanted, _is(wanted))
        .where(readers, running())
        .group_by(subscribers.c.id)  # which settles the habits
    )


def _new_notice(batch: Batch, day: date) -> dict[str, Any]:
    """Give the columns of a new notice that are the same for all."""
    return {
        "id": new_ids(),
        "kind": literal(batch.kind.value),
        "day": literal(day, Date),
        "lane": literal(1, SmallInteger),
        "due_at": literal(batch.due_at, Instant),
        "generation": literal(0, BigInteger),
        "attempts": literal(0, Integer),
        "doubts": literal(0, Integer),
        "crashes": literal(0, SmallInteger),
        "code": literal(0, SmallInteger),
        "words": literal(""),
        "created_at": literal(batch.now, Instant),
        "dated_at": _NEVER,
    }


def _limits(late_hours: Any, batch: Batch) -> list[tuple[Any, Any]]:
    """Give until when a letter is of use to readers, as each wants it; the most frequent first."""
    moments = {hours: min(batch.due_at + timedelta(hours=hours), batch.expires_at) for hours in LATE_HOURS if hours}
    usual = (late_hours == 0, literal(batch.expires_at, Instant))
    return [usual, *((late_hours == hours, literal(moment, Instant)) for hours, moment in moments.items())]


def _begins(kept: Kept) -> tuple[State, str]:
    """Give the state in which a notice of an edition begins, and the reason."""
    if kept.held:
        return State.HELD, STOPPED
    return (State.READY if kept.rendered else State.PLANNED), ""


def lines_table(lines: Sequence[Line]) -> Subquery:
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


def running() -> Any:
    """Say that a subscription is confirmed and has not ended."""
    return and_(subscriptions.c.confirmed_at.is_not(None), subscriptions.c.ended_at.is_(None))


def _word_count(lines: Sequence[Line]) -> int:
    return -(-len(lines) // _BITS)
