"""What is due, as editors look at it: readers of a day that is not planned yet, editions of one that is, and a month.

Each number is counted from rows when it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from service.domain.approval import Fate
from service.domain.lines import Line
from service.domain.notice import Kind, Result, State
from service.domain.subscription import Rhythm, Status
from service.store import audience, planning
from service.store.approvals import Pair, told_pairs
from service.store.dialect import Tx, id_at
from service.store.editions import IS_PUBLIC
from service.store.tables import attempts, editions, notices, subscribers, subscriptions

DAYS_DRAWN = 30
_MADE_BEFORE = timedelta(days=2)  # a local day begins that long before the same day of UTC ends
_REMEMBERS = [kind.value for kind in Kind if kind.remembers]


@dataclass(frozen=True, slots=True)
class EditionOn:
    """An edition of a day, of what it tells, and how many of its notices are in each state."""

    id: str
    kind: Kind
    language: str
    day: date
    told: tuple[Pair, ...]
    subject: str | None
    rendered: bool | None  # None: not tried yet
    findings: tuple[str, ...]
    stopped_at: datetime | None
    stopped_reason: str
    counts: dict[State, int]

    @property
    def letters(self) -> int:
        """How many notices there are."""
        return sum(self.counts.values())

    @property
    def held(self) -> int:
        """How many are held."""
        return self.counts.get(State.HELD, 0)

    @property
    def waits_for_editor(self) -> bool:
        """Whether it is held by a verdict, or for want of one."""
        return self.stopped_at is not None and self.stopped_reason in {fate.value for fate in Fate}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What became of the letters of a day: left, were put off at least once by the receiver, were refused."""

    day: date
    sent: int = 0
    deferred: int = 0
    refused: int = 0


async def readers(tx: Tx, rhythm: Rhythm, day: date, lines: Sequence[Line]) -> dict[str, int]:
    """Count by language the readers of a rhythm who will be told on a local day, the most first."""
    if not lines:
        return {}
    wanted = planning.lines_table(lines)
    asked = and_(
        subscriptions.c.target == wanted.c.target, subscriptions.c.lead_days == wanted.c.lead_days, planning.running()
    )
    awake = or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= day)
    own = and_(subscribers.c.status == Status.ACTIVE, audience.keeps(rhythm), awake)
    counted = (
        select(subscribers.c.language, func.count(subscribers.c.id.distinct()).label("readers"))
        .join_from(subscribers, subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .join(wanted, asked)
        .where(own)
        .group_by(subscribers.c.language)
    )
    found = [(row.language, row.readers) for row in (await tx.execute(counted)).all()]
    return dict(sorted(found, key=lambda one: (-one[1], one[0])))


async def editions_on(tx: Tx, day: date) -> list[EditionOn]:
    """Give the editions of a local day that tell of occasions, with what became of their notices."""
    own = and_(editions.c.day == day, editions.c.kind.in_(_REMEMBERS), IS_PUBLIC)
    wanted = select(editions).where(own).order_by(editions.c.id)
    rows = (await tx.execute(wanted)).all()
    counts = await _counts(tx, [row.id for row in rows], day) if rows else {}
    return [_read(row, counts.get(row.id, {})) for row in rows]


async def edition(tx: Tx, id_: str) -> EditionOn | None:
    """Give one edition with what became of its notices."""
    row = (await tx.execute(select(editions).where(editions.c.id == id_, IS_PUBLIC))).first()
    if row is None or row.kind not in _REMEMBERS:
        return None
    return _read(row, (await _counts(tx, [id_], row.day)).get(id_, {}))


async def held_editions(tx: Tx, now: datetime) -> list[EditionOn]:
    """Give the editions that are stopped and may still have letters of use, with their counts."""
    alive = and_(editions.c.stopped_at.is_not(None), editions.c.day >= now.date() - _MADE_BEFORE, IS_PUBLIC)
    wanted = select(editions).where(alive, editions.c.kind.in_(_REMEMBERS)).order_by(editions.c.day, editions.c.id)
    rows = (await tx.execute(wanted)).all()
    found = [
        _read(row, (await _counts(tx, [one.id for one in rows if one.day == row.day], row.day)).get(row.id, {}))
        for row in rows
    ]
    return [one for one in found if one.held]


async def troubled_of(tx: Tx, edition_id: str, day: date, most: int) -> list[tuple[str, State, str, int, str]]:
    """Give notices of an edition that failed, are in quarantine or in doubt: id, state, reason, code, words."""
    ended = notices.c.state.in_([State.FAILED, State.QUARANTINE])
    doubtful = and_(notices.c.doubts > 0, notices.c.state != State.ACCEPTED)
    own = and_(_of_day(day), notices.c.edition_id == edition_id, or_(ended, doubtful))
    wanted = select(notices.c.id, notices.c.state, notices.c.reason, notices.c.code, notices.c.words).where(own)
    found = await tx.execute(wanted.order_by(notices.c.id.desc()).limit(most))
    return [(row.id, State(row.state), row.reason, row.code, row.words) for row in found.all()]


async def drawn(tx: Tx, today: date, days: int = DAYS_DRAWN) -> list[Drawn]:
    """Give what became of the letters of the last days, today's included, the oldest first."""
    first = today - timedelta(days=days - 1)
    recent = and_(_since(first), notices.c.day.between(first, today), notices.c.kind.in_(_REMEMBERS))
    counted = select(notices.c.day, notices.c.state, func.count()).where(
        recent, notices.c.state.in_([State.ACCEPTED, State.FAILED])
    )
    ended = {
        (day, state): count
        for day, state, count in (await tx.execute(counted.group_by(notices.c.day, notices.c.state))).all()
    }
    put_off = (
        select(notices.c.day, func.count(attempts.c.notice_id.distinct()))
        .join_from(attempts, notices, notices.c.id == attempts.c.notice_id)
        .where(attempts.c.notice_id >= _least(first), attempts.c.result == Result.DEFERRED, recent)
        .group_by(notices.c.day)
    )
    deferred: dict[date, int] = dict((await tx.execute(put_off)).all())
    return [
        Drawn(day, ended.get((day, State.ACCEPTED), 0), deferred.get(day, 0), ended.get((day, State.FAILED), 0))
        for day in (first + timedelta(days=step) for step in range(days))
    ]


async def _counts(tx: Tx, ids: Sequence[str], day: date) -> dict[str, dict[State, int]]:
    counted = (
        select(notices.c.edition_id, notices.c.state, func.count())
        .where(_of_day(day), notices.c.edition_id.in_(ids))
        .group_by(notices.c.edition_id, notices.c.state)
    )
    found: dict[str, dict[State, int]] = {}
    for id_, state, count in (await tx.execute(counted)).all():
        found.setdefault(id_, {})[State(state)] = count
    return found


def _of_day(day: date) -> Any:
    """Say that a notice is of a day; ids are in the order of time, so the key finds those made since."""
    return and_(_since(day), notices.c.day == day)


def _since(day: date) -> Any:
    return notices.c.id >= _least(day)


def _least(day: date) -> str:
    return id_at(datetime.combine(day, time(), UTC) - _MADE_BEFORE)


def _read(row: Row[Any], counts: dict[State, int]) -> EditionOn:
    return EditionOn(
        id=row.id,
        kind=Kind(row.kind),
        language=row.language,
        day=row.day,
        told=told_pairs(row.dues),
        subject=row.subject,
        rendered=None if row.rendered_at is None else row.subject is not None,
        findings=tuple(row.findings or ()),
        stopped_at=row.stopped_at,
        stopped_reason=row.stopped_reason or "",
        counts=counts,
    )
