"""The set-based statements by which a page of a slot's notices is made, however many readers the slot has.

What a slot may have to say is a short list of lines: a target (a collection or an event) at so many days
ahead. Each line is a bit, so that what one reader asked for is a sum of bits, and readers with the same
sum, language and reason share an edition. Sixty-two bits fit into a number; further lines go on in the next.
The sums of a page are noted in a temporary table: they are read twice, for the editions and for the notices.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
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
    select,
    values,
)
from sqlalchemy.schema import CreateTable, DropTable

from service.domain.lines import Line
from service.domain.notice import Kind, State
from service.domain.subscription import LATE_HOURS
from service.store import channels
from service.store.audience import Audience
from service.store.dialect import Instant, Tx, insert_or_renew
from service.store.editions import SUPERSEDED, Kept
from service.store.notice_rows import NEVER, begins, new_notice
from service.store.tables import notices, subscribers, subscriptions

_BITS = 62
_OWNERS_AT_ONCE = 500
_HABITS = (subscribers.c.language, subscribers.c.variant, subscribers.c.late_hours)
Mask = tuple[int, ...]  # which lines, in words of 62 bits
Group = tuple[str, str, Mask]  # a language, whose own letter it is ("": everybody's who asked for the same), lines


@dataclass(frozen=True, slots=True)
class Batch:
    """The notices to be made for an audience: kind, times, and the edition of each group."""

    kind: Kind
    due_at: datetime
    expires_at: datetime
    now: datetime
    editions: Mapping[Group, Kept]


async def leads_in_use(tx: Tx) -> list[int]:
    """Give the days ahead that somebody asked for, in order."""
    return list((await tx.execute(_leads_in_use())).scalars())


@cache
def _leads_in_use() -> Select[Any]:
    """Find them in steps through their index, from each to the next: it never looks at who asked for the same."""
    later = subscriptions.alias("later")
    leads = select(func.min(subscriptions.c.lead_days).label("days")).cte("leads", recursive=True)
    following = select(func.min(later.c.lead_days)).where(later.c.lead_days > leads.c.days)
    leads = leads.union_all(select(following.scalar_subquery()).where(leads.c.days.is_not(None)))
    return select(leads.c.days).where(leads.c.days.is_not(None)).order_by(leads.c.days)


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

    async def groups(self) -> list[Group]:
        """Give each language with each set of lines that somebody asked for, apart for each who has a letter alone."""
        distinct = select(self.sums.c.language, self._own(), *self._words()).distinct()
        return [(language, own, tuple(words)) for language, own, *words in (await self.tx.execute(distinct)).all()]

    async def make(self, batch: Batch) -> int:
        """Insert the notices, ready where their edition is rendered; gives how many were new.

        Whoever has one of this kind on this day keeps it, unless it was taken back before it started on its way.
        """
        if not batch.editions:
            return 0
        words = self._words()
        columns = (column("language", String), column("own", String), *(column(one.name, BigInteger) for one in words))
        columns = (*columns, column("edition_id", String), column("state", String), column("reason", String))
        chosen_by = batch.editions.items()
        rows = [(language, own, *mask, kept.id, *begins(kept)) for (language, own, mask), kept in chosen_by]
        chosen = _table("chosen", columns, rows)
        same = [chosen.c[one.name] == one for one in (self.sums.c.language, *words)]
        same += [chosen.c.own == self.sums.c.own] if "own" in self.sums.c else []
        row = new_notice(batch.kind, self.audience.day, batch.due_at, batch.now) | {
            "subscriber_id": self.sums.c.subscriber_id,
            "variant": self.sums.c.variant,
            "expires_at": case(*_limits(self.sums.c.late_hours, batch), else_=literal(batch.expires_at, Instant)),
            "edition_id": chosen.c.edition_id,
            "state": chosen.c.state,
            "reason": chosen.c.reason,
            "finished_at": case((chosen.c.state == State.HELD, literal(batch.now, Instant)), else_=NEVER),
        }
        made = select(*row.values()).select_from(self.sums).join(chosen, and_(*same)).where(literal(1) == 1)
        taken_back = and_(notices.c.state == State.DROPPED, notices.c.reason == SUPERSEDED)
        key = ("subscriber_id", "kind", "day")
        statement = insert_or_renew(self.tx, notices, (list(row), made), key, taken_back)
        count = int((await self.tx.execute(statement)).rowcount)
        if count:
            await channels.divert(self.tx, self.audience, batch.kind)
        return count

    def _own(self) -> Any:
        return self.sums.c.own if "own" in self.sums.c else literal("")

    def _words(self) -> list[Column[Any]]:
        return [one for one in self.sums.c if one.name.startswith("word")]


@asynccontextmanager
async def asked(
    tx: Tx, audience: Audience, lines: Sequence[Line], owners: Collection[str] = ()
) -> AsyncIterator[Asked]:
    """Note what each reader of an audience asked for, of these lines.

    `owners` are those of them who have something of their own to be told beside: each is a group alone.
    """
    words = [Column(f"word{number}", BigInteger) for number in range(_word_count(lines))]
    sums = Table(
        "asked",
        MetaData(),
        *(Column("subscriber_id", String), Column("language", String)),
        *(Column("variant", SmallInteger), Column("late_hours", SmallInteger)),
        *words,
        *([Column("own", String, nullable=False, server_default="")] if owners else []),
        prefixes=["TEMPORARY"],
    )
    await tx.execute(CreateTable(sums))
    if lines:
        given = [one.name for one in sums.c if one.name != "own"]
        await tx.execute(sums.insert().from_select(given, _sums(audience, lines)))
    if owners:
        await _set_apart(tx, sums, sorted(owners))
    yield Asked(tx, audience, sums)
    await tx.execute(DropTable(sums))


async def _set_apart(tx: Tx, sums: Table, owners: Sequence[str]) -> None:
    """Make a group of each of them alone, whether or not they asked for a line."""
    words = [one for one in sums.c if one.name.startswith("word")]
    given = ["subscriber_id", "language", "variant", "late_hours", *(one.name for one in words), "own"]
    for start in range(0, len(owners), _OWNERS_AT_ONCE):
        page = owners[start : start + _OWNERS_AT_ONCE]
        await tx.execute(sums.update().where(sums.c.subscriber_id.in_(page)).values(own=sums.c.subscriber_id))
        nothing = [literal(0, BigInteger) for _ in words]
        others = select(subscribers.c.id, *_HABITS, *nothing, subscribers.c.id.label("own")).where(
            subscribers.c.id.in_(page), subscribers.c.id.not_in(select(sums.c.subscriber_id))
        )
        await tx.execute(sums.insert().from_select(given, others))


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


def _limits(late_hours: Any, batch: Batch) -> list[tuple[Any, Any]]:
    """Give until when a letter is of use to readers, as each wants it; the most frequent first."""
    moments = {hours: min(batch.due_at + timedelta(hours=hours), batch.expires_at) for hours in LATE_HOURS if hours}
    usual = (late_hours == 0, literal(batch.expires_at, Instant))
    return [usual, *((late_hours == hours, literal(moment, Instant)) for hours, moment in moments.items())]


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
