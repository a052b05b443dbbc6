"""Approvals: what editors said of what is told of an event on a day, and the editions that wait for it.

Whoever plans takes the section `beside` others, whoever changes a verdict takes it `alone`: so a page that is being
planned has seen the verdict, or the verdict sees its editions. What is held by a verdict is held by the machinery
of `holding`: a stopped edition, and its notices.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, update

from service.domain.approval import HOLDING, Fate, Leave, Verdict, record_version, version_of, worst
from service.domain.editor import Editor
from service.domain.notice import State
from service.store import errata, holding, occasions, revisions
from service.store.dialect import Tx, beside_others, insert_or_update, one_at_a_time
from service.store.editing_tables import approvals
from service.store.occasions import Listed
from service.store.tables import editions, notices
from service.store.templates import version_in_use

Pair = tuple[str, date]  # an event, and the day of which is told
EXPIRED = "expired while held"
_SECTION = "approvals"
_DAYS_BACK = timedelta(days=3)  # a letter is of use on its day, which somewhere lasts until the day after tomorrow


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict as it is kept."""

    event: str
    on: date
    version: str
    verdict: Verdict
    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """An edition that is held by a verdict or for want of one, and of what it tells."""

    id: str
    day: date
    templates: str
    told: tuple[Pair, ...]
    reason: str


async def beside(tx: Tx) -> None:
    """Plan while others plan, but while nobody changes a verdict."""
    await beside_others(tx, _SECTION)


async def alone(tx: Tx) -> None:
    """Change a verdict while nobody plans; before anything else of a transaction."""
    await one_at_a_time(tx, _SECTION)


async def judge(tx: Tx, pair: Pair, verdict: Verdict, version: str, by: tuple[Editor, str], now: datetime) -> None:
    """Keep what an editor said of what is told of an event on a day, and why."""
    editor, why = by
    row = {
        "event_id": pair[0],
        "on_day": pair[1],
        "version": version,
        "verdict": verdict,
        "editor_id": editor.id,
        "who": editor.who,
        "why": why,
        "at": now,
    }
    await tx.execute(insert_or_update(tx, approvals, row, ("event_id", "on_day")))


async def forget(tx: Tx, pair: Pair) -> bool:
    """Take a verdict back, as if nothing had been said; False if nothing was."""
    own = and_(approvals.c.event_id == pair[0], approvals.c.on_day == pair[1])
    return bool((await tx.execute(delete(approvals).where(own))).rowcount)


async def between(tx: Tx, first: date, last: date) -> dict[Pair, Judged]:
    """Give the verdicts on days from the first to the last, both included."""
    wanted = select(approvals).where(approvals.c.on_day.between(first, last))
    return {
        (row.event_id, row.on_day): Judged(
            row.event_id, row.on_day, row.version, Verdict(row.verdict), row.who, row.why, row.at
        )
        for row in (await tx.execute(wanted)).all()
    }


async def as_told(tx: Tx, listed: Iterable[Listed]) -> list[Listed]:
    """Give occasions as they are told: without the cancelled ones, each with the version that its corrections make."""
    return await _versions(tx, [one for one in listed if one.leave.verdict is not Verdict.CANCELLED])


async def _versions(tx: Tx, listed: Sequence[Listed]) -> list[Listed]:
    corrected = await errata.not_withdrawn(tx, [one.event for one in listed])
    return [_corrected(one, corrected.get(one.event, ())) for one in listed]


def _corrected(one: Listed, found: Iterable[errata.Erratum]) -> Listed:
    standing = [erratum.id for erratum in found if erratum.stands_on(one.occasion.on)]
    return replace(one, version=record_version(one.version, standing))


async def versions_on(tx: Tx, days: Iterable[date]) -> dict[Pair, tuple[str, Leave]]:
    """Give the version of what is told of each event on some days, and what is known of its leave."""
    listed = await occasions.within(tx, [(day, day) for day in sorted(set(days))])
    return {(one.event, one.occasion.on): (one.version, one.leave) for one in await _versions(tx, listed)}


def fate_of(told: Iterable[Pair], known: dict[Pair, tuple[str, Leave]], templates: str) -> Fate:
    """Say what becomes of a letter that tells of these; what is not known any more holds nothing."""
    found = [known[pair] for pair in told if pair in known]
    return worst(leave.fate(version_of(version, templates)) for version, leave in found)


async def hold_back(tx: Tx, edition: str, fate: Fate, now: datetime) -> bool:
    """Hold an edition for a reason; False if it is stopped already. A word of an editor's holds those ahead too."""
    free = select(editions.c.id).where(editions.c.id == edition, editions.c.stopped_at.is_(None))
    is_free = (await tx.execute(free)).first() is not None
    if is_free or fate is Fate.HELD:
        await holding.stop(tx, edition, fate.value, now)
    return is_free


async def waiting(tx: Tx, now: datetime) -> list[Waiting]:
    """Give the editions that are held here and may still be of use, in their order."""
    ours = and_(editions.c.stopped_at.is_not(None), editions.c.stopped_reason.in_([fate.value for fate in HOLDING]))
    wanted = select(editions).where(ours, editions.c.day >= now.date() - _DAYS_BACK).order_by(editions.c.id)
    return [
        Waiting(row.id, row.day, row.template_version, told_pairs(row.dues), row.stopped_reason)
        for row in (await tx.execute(wanted)).all()
    ]


async def telling_of(tx: Tx, told_of: Callable[[Pair], bool], now: datetime) -> list[str]:
    """Give the ids of the editions that tell of any such and may still have letters to leave: running, or held here."""
    held = editions.c.stopped_reason.in_([fate.value for fate in HOLDING])
    alive = and_(or_(editions.c.stopped_at.is_(None), held), editions.c.day >= now.date() - _DAYS_BACK)
    found = (await tx.execute(select(editions.c.id, editions.c.dues).where(alive).order_by(editions.c.id))).all()
    return [id_ for id_, dues in found if any(map(told_of, told_pairs(dues)))]


async def changes(tx: Tx, now: datetime) -> dict[str, Fate]:
    """Give the held editions that are not to be held any more, or for another reason.

    Of one that may leave with the templates in use, but not with those that it was planned with, it is CANCELLED.
    """
    held = await waiting(tx, now)
    templates = await version_in_use(tx) if held else ""
    known = await versions_on(tx, [on for one in held for _, on in one.told]) if held else {}
    changed: dict[str, Fate] = {}
    for one in held:
        fate = fate_of(one.told, known, one.templates)
        if fate is Fate.AWAITING and not fate_of(one.told, known, templates).is_held:
            fate = Fate.CANCELLED
        if fate.value != one.reason:
            changed[one.id] = fate
    return changed


async def settle(tx: Tx, now: datetime) -> int:
    """Let go on what nothing holds any more; gives how many notices are on their way again.

    What was held with older templates and is approved with those in use is taken back and planned anew, as what an
    edited event makes of it.
    """
    count = 0
    for edition, fate in (await changes(tx, now)).items():
        if fate is Fate.CANCELLED:
            await revisions.take_back_later(tx, [edition], now)
        elif fate.is_held:
            await tx.execute(update(editions).where(editions.c.id == edition).values(stopped_reason=fate.value))
        else:
            count += await holding.release_edition(tx, edition, now)
    return count


async def any_expired(tx: Tx, now: datetime) -> bool:
    """Say whether there is anything for `expire` to end."""
    return (await tx.execute(select(notices.c.id).where(_expired(now)).limit(1))).first() is not None


async def expire(tx: Tx, now: datetime) -> dict[str, int]:
    """End what was held until it was of no more use; gives how many notices of which edition."""
    found = await tx.execute(select(notices.c.edition_id).where(_expired(now)).distinct())
    expired: dict[str, int] = {}
    for edition in found.scalars().all():
        ended = update(notices).where(_expired(now), notices.c.edition_id == edition)
        ended = ended.values(state=State.DROPPED, reason=EXPIRED, finished_at=now)
        expired[edition] = int((await tx.execute(ended)).rowcount)
    return expired


def _expired(now: datetime) -> Any:
    """Say that a notice is held with its edition, and too late: found by edition, through the index of what is held."""
    recent = select(editions.c.id).where(
        editions.c.stopped_at.is_not(None),
        editions.c.day.between(now.date() - timedelta(days=30), now.date() + timedelta(days=1)),
    )
    return and_(holding.IS_STOPPED, notices.c.edition_id.in_(recent), notices.c.expires_at <= now)


def told_pairs(dues: Any) -> tuple[Pair, ...]:
    """Read of what an edition tells: each event with its day, once."""
    return tuple(dict.fromkeys((event, date.fromisoformat(on)) for event, _, on, _ in dues))
