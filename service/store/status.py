"""What there is to see of the post: each question counts rows, by an index, whatever the number of notices.

The conditions on a notice's state stand in the statements as they stand in the partial indexes of `tables.py`:
SQLite uses such an index only if the statement says the same. What was accepted or dropped is found by its id,
as ids are in the order of time.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select, text, true

from service.domain.channel import LANE
from service.domain.notice import Kind, State
from service.domain.standing import (
    Attempt,
    EditionSeen,
    Group,
    History,
    Lane,
    Line,
    SlotSeen,
    Standing,
    Verdict,
    Worker,
    without_addresses,
)
from service.store import heard_seen, installation, sent, standstill, webhooks
from service.store.channel_tables import channels
from service.store.dialect import Store, Tx, id_at, lease_now
from service.store.installation import Installation
from service.store.tables import attempts, editions, lanes, notices, slot_runs, subscribers, workers

LATELY = timedelta(days=2)
_LISTED = 10
_GROUPED = 1000  # of the notices that are put off, the nearest are looked at one by one
_LANES = (0, 1, 2)
_NEW = Installation("", 0, None, "", None, "")

_TO_READERS = notices.c.kind.not_in([kind for kind in Kind if kind.is_to_editors])  # others are listed, not counted
_READY = text("notices.state = 'ready'")
_PUT_OFF = text("notices.state = 'ready' AND notices.reason <> ''")
_PLANNED = text("notices.state = 'planned'")
_IN_HAND = text("notices.state IN ('claimed', 'sending')")
_ENDED_BADLY = "notices.state IN ('failed', 'held', 'quarantine')"  # as in the index: SQLite does not conclude
_BADLY = (State.FAILED, State.HELD, State.QUARANTINE)
_TROUBLED = {state: text(f"notices.state = '{state}' AND {_ENDED_BADLY}") for state in _BADLY}


async def look(store: Store, now: datetime, boot_seconds: float) -> Standing:
    """Give everything that there is to see, in one view of the data; `boot_seconds` as `lease_now` wants them."""
    async with store.read() as tx:
        seen = await standing(tx, now, lease_now(tx, boot_seconds))
        aside = await _channels_aside(tx)
    no_room = await standstill.no_room(store, is_asked=seen.verdict is Verdict.NO_TICK)
    return replace(seen, no_room=no_room, channels_aside=aside)


async def standing(tx: Tx, now: datetime, leases_at: Any) -> Standing:
    """Give everything at once; whoever's lease ended before `leases_at` is dead."""
    since = now - LATELY
    post = await installation.state(tx) or _NEW
    due, ahead, oldest_at = await _ready(tx, now)
    waiting = await _planned(tx)
    nearest = await _nearest(tx)
    accepted, dropped = await _lately(tx, since)
    trouble, trouble_at = await standstill.relay_trouble(tx, nearest)
    running, missed = await _slots(tx, since)
    return Standing(
        now=now,
        paused_at=post.paused_at,
        paused_reason=post.paused_reason,
        ticked_at=post.ticked_at,
        due=due,
        ahead=ahead,
        planned=sum(waiting.values()),
        oldest_at=oldest_at,
        put_off=await _count(tx, _PUT_OFF),
        put_off_groups=_grouped(nearest),
        nearest=tuple(nearest[:_LISTED]),
        relay_trouble=trouble,
        relay_trouble_at=trouble_at,
        unapproved=await standstill.unapproved(tx, now),
        held=await _groups(tx, State.HELD),
        quarantined=await _count(tx, _TROUBLED[State.QUARANTINE]),
        accepted=accepted,
        dropped=dropped,
        failed=await _groups(tx, State.FAILED, since),
        lately_from=since,
        troubled=await _troubled(tx, since),
        workers=await _workers(tx, leases_at),
        editions=await _editions(tx, waiting, since),
        slots_running=running,
        slots_missed=missed[:_LISTED],
        missed=len(missed),
        lanes=await _lanes(tx, now),
        warming=await sent.warming(tx, post.warm_up, now),
        heard=await heard_seen.lately(tx, now),
        webhooks=await webhooks.standing(tx),
    )


async def history(tx: Tx, notice: str) -> History | None:
    """Give one notice with everything that became of it; its words with the addresses in them."""
    told_of = select(notices, subscribers.c.address, channels.c.name.label("channel")).join_from(notices, subscribers)
    goes_by = and_(channels.c.reader_id == notices.c.subscriber_id, notices.c.lane == LANE)
    wanted = told_of.outerjoin(channels, goes_by).where(notices.c.id == notice)
    row = (await tx.execute(wanted)).first()
    if row is None:
        return None
    edition = (await tx.execute(select(editions).where(editions.c.id == row.edition_id))).one()
    told = select(attempts).where(attempts.c.notice_id == notice).order_by(attempts.c.at, attempts.c.generation)
    return History(
        line=_line(row, whole=True),
        address=row.address,
        subscriber=row.subscriber_id,
        lane=row.lane,
        generation=row.generation,
        owner=row.owner,
        doubts=row.doubts,
        crashes=row.crashes,
        expires_at=row.expires_at,
        dated_at=row.dated_at,
        edition=_edition(edition, 0),
        subject=None if edition.subscriber_id else edition.subject,  # what is a reader's own is for their eyes
        attempts=tuple(
            Attempt(one.generation, one.result, one.code, one.words, one.owner, one.at)
            for one in (await tx.execute(told)).all()
        ),
        channel=row.channel or "",
    )


async def unfinished(tx: Tx, now: datetime) -> int:
    """Count what is still to be sent now: planned, due, or in somebody's hands."""
    due, _, _ = await _ready(tx, now)
    return due + await _count(tx, _PLANNED) + await _count(tx, _IN_HAND)


async def _channels_aside(tx: Tx) -> int:
    aside = select(func.count()).where(channels.c.set_aside_at.is_not(None))
    return int((await tx.execute(aside)).scalar_one())


async def _count(tx: Tx, which: Any) -> int:
    return int((await tx.execute(select(func.count()).select_from(notices).where(which))).scalar_one())


async def _ready(tx: Tx, now: datetime) -> tuple[int, int, datetime | None]:
    """Count what is due and what is ready for later, and tell the oldest due; lane by lane, as the index is."""
    due, oldest = 0, list[datetime]()
    for lane in _LANES:
        own = and_(_READY, notices.c.lane == lane, notices.c.due_at <= now)
        count, first = (await tx.execute(select(func.count(), func.min(notices.c.due_at)).where(own))).one()
        due += count
        oldest += [first] if first else []
    return due, await _count(tx, _READY) - due, min(oldest, default=None)


async def _planned(tx: Tx) -> dict[str, int]:
    """Count, by edition, the notices that wait for one."""
    counted = select(notices.c.edition_id, func.count()).where(_PLANNED).group_by(notices.c.edition_id)
    return dict((await tx.execute(counted)).all())


def _lines(which: Any) -> Select[Any]:
    return select(notices, subscribers.c.address).join_from(notices, subscribers).where(which)


async def _nearest(tx: Tx) -> list[Line]:
    """Give the notices that are put off, those first that will be tried next."""
    wanted = _lines(_PUT_OFF).order_by(notices.c.due_at).limit(_GROUPED)
    return [_line(row) for row in (await tx.execute(wanted)).all()]


def _grouped(nearest: Sequence[Line]) -> tuple[Group, ...]:
    """Gather by reason and receiving domain, the largest group first."""
    counted = Counter((line.reason, line.domain) for line in nearest)
    first = {(line.reason, line.domain): line for line in reversed(nearest)}
    return tuple(
        Group(reason, count, domain, first[reason, domain].due_at, first[reason, domain].words)
        for (reason, domain), count in counted.most_common()
    )


async def _groups(tx: Tx, state: State, since: datetime | None = None) -> tuple[Group, ...]:
    ended = notices.c.finished_at >= since if since else true()
    counted = select(notices.c.reason, func.count()).where(_TROUBLED[state], ended, _TO_READERS)
    found = [Group(*row) for row in (await tx.execute(counted.group_by(notices.c.reason))).all()]
    return tuple(sorted(found, key=lambda group: (-group.count, group.reason)))


async def _lately(tx: Tx, since: datetime) -> tuple[int, tuple[Group, ...]]:
    """Count what was accepted of the notices made since a moment, in one pass without sorting, and what was dropped."""
    lately, state = notices.c.id >= id_at(since), notices.c.state
    ended = select(func.count().filter(state == State.ACCEPTED), func.count().filter(state == State.DROPPED))
    accepted, dropped = (await tx.execute(ended.where(lately, _TO_READERS))).one()
    if not dropped:
        return accepted, ()
    counted = select(notices.c.reason, func.count()).where(lately, state == State.DROPPED, _TO_READERS)
    by_count = counted.group_by(notices.c.reason).order_by(func.count().desc(), notices.c.reason)
    return accepted, tuple(Group(reason, count) for reason, count in (await tx.execute(by_count)).all())


async def _troubled(tx: Tx, since: datetime) -> tuple[Line, ...]:
    """Give the newest notices that need somebody: held or in quarantine at any time, failed lately."""
    found: list[Line] = []
    for state, which in _TROUBLED.items():
        ended = notices.c.finished_at >= since if state is State.FAILED else true()
        wanted = _lines(which).where(ended).order_by(notices.c.finished_at.desc()).limit(_LISTED)
        found += [_line(row) for row in (await tx.execute(wanted)).all()]
    return tuple(found)


async def _workers(tx: Tx, leases_at: Any) -> tuple[Worker, ...]:
    """Give who sends, and who holds notices without being on record."""
    counted = select(notices.c.owner, notices.c.state, func.count()).where(_IN_HAND).group_by("owner", "state")
    hands: dict[str, Counter[str]] = {}
    for owner, state, count in (await tx.execute(counted)).all():
        hands.setdefault(owner or "", Counter())[state] += count
    living = (workers.c.lease_until >= leases_at).label("is_living")
    entered = select(workers.c.id, workers.c.host, workers.c.started_at, living).order_by(workers.c.started_at)
    known = {row.id: row for row in (await tx.execute(entered)).all()}
    return tuple(
        Worker(
            id=id_,
            host=known[id_].host if id_ in known else "",
            started_at=known[id_].started_at if id_ in known else None,
            alive=id_ in known and bool(known[id_].is_living),
            claimed=hands.get(id_, Counter())[State.CLAIMED],
            sending=hands.get(id_, Counter())[State.SENDING],
        )
        for id_ in (*known, *sorted(hands.keys() - known))
    )


async def _editions(tx: Tx, waiting: dict[str, int], since: datetime) -> tuple[EditionSeen, ...]:
    """Give the editions that hold letters up: not rendered, not to be rendered, or stopped."""
    wrong = or_(editions.c.subject.is_(None), editions.c.stopped_at.is_not(None))
    named = editions.c.id.in_(sorted(waiting)[:_GROUPED])
    wanted = select(editions).where(or_(editions.c.id >= id_at(since), named), wrong).order_by(editions.c.id)
    found = (await tx.execute(wanted.limit(_GROUPED))).all()
    return tuple(_edition(row, waiting.get(row.id, 0)) for row in found)


async def _slots(tx: Tx, since: datetime) -> tuple[tuple[SlotSeen, ...], tuple[SlotSeen, ...]]:
    """Give the slots that are being planned, and those that were found to be missed lately."""
    lately = and_(slot_runs.c.state == "missed", slot_runs.c.ran_at >= since)
    wanted = select(slot_runs).where(or_(slot_runs.c.state == "running", lately))
    rows = (await tx.execute(wanted.order_by(slot_runs.c.day.desc(), slot_runs.c.zone, slot_runs.c.hour))).all()
    seen = [(row.state, SlotSeen(row.zone, row.hour, row.day, row.notices, row.ran_at)) for row in rows]
    running, missed = (tuple(slot for state, slot in seen if state == which) for which in ("running", "missed"))
    return running, missed


async def _lanes(tx: Tx, now: datetime) -> tuple[Lane, ...]:
    """Give the domains that are closed or slow now, the closed ones first."""
    narrow = or_(lanes.c.closed_until > now, lanes.c.seconds > 0)
    wanted = select(lanes).where(narrow).order_by(lanes.c.closed_until.is_(None), lanes.c.domain)
    found = (await tx.execute(wanted.limit(_GROUPED))).all()
    return tuple(Lane(row.domain, row.seconds, row.closed_until, row.reason) for row in found)


def _line(row: Row[Any], *, whole: bool = False) -> Line:
    return Line(
        notice=row.id,
        kind=row.kind,
        day=row.day,
        domain=row.address.rpartition("@")[2],
        state=State(row.state),
        reason=row.reason,
        attempts=row.attempts,
        code=row.code,
        words=row.words if whole else without_addresses(row.words),
        created_at=row.created_at,
        due_at=row.due_at,
        finished_at=row.finished_at,
    )


def _edition(row: Row[Any], waiting: int) -> EditionSeen:
    return EditionSeen(
        id=row.id,
        kind=row.kind,
        language=row.language,
        day=row.day,
        waiting=waiting,
        created_at=row.created_at,
        rendered=None if row.rendered_at is None else row.subject is not None,
        findings=tuple(row.findings or ()),
        stopped_at=row.stopped_at,
        stopped_reason=row.stopped_reason or "",
    )
