"""Channels of readers: chosen, dropped, set aside; and the notices that go by them, which are of a lane of their own.

A notice is of lane 2 from its planning on if its reader has a channel then. Nothing that goes by e-mail asks here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, literal, null, or_, select, update

from service.domain.channel import LANE, SET_ASIDE_AFTER, Channel, Chosen, Way
from service.domain.notice import Claim, Kind, State
from service.store import handing
from service.store.channel_tables import channels
from service.store.dialect import GroupTx, Instant, Tx, insert_or_update
from service.store.prepared import fixed
from service.store.statements import BY_CHANNEL
from service.store.tables import notices

if TYPE_CHECKING:
    from service.store.audience import Audience  # with all calendars: a process that only sends knows none

_BY_MAIL = 1
_REMEMBERS = [kind.value for kind in Kind if kind.remembers]
_WAITS = notices.c.state.in_([State.PLANNED, State.READY])


async def chosen(tx: Tx, subscriber: str) -> Chosen | None:
    """Give what somebody has chosen; None for e-mail."""
    row = (await tx.execute(select(channels).where(channels.c.reader_id == subscriber))).first()
    return _read(row) if row else None


async def chosen_by(tx: Tx, readers: Sequence[str]) -> dict[str, Chosen]:
    """Give what each of these readers has chosen; who has e-mail, or has it again, is left out."""
    own = and_(channels.c.reader_id.in_(readers), channels.c.set_aside_at.is_(None))
    found = await tx.execute(select(channels).where(own))
    return {row.reader_id: _read(row) for row in found.all()}


async def choose(tx: Tx, subscriber: str, way: Way, now: datetime) -> None:
    """Have somebody's notices go a way from now on, those that wait among them unless they have been on one before."""
    row = {"reader_id": subscriber, "name": way.channel.value, "target": way.to, "since": now, "failures": 0}
    await tx.execute(insert_or_update(tx, channels, row | {"set_aside_at": None}, ("reader_id",)))
    waits = and_(notices.c.subscriber_id == subscriber, _WAITS, notices.c.kind.in_(_REMEMBERS))
    untried = and_(notices.c.attempts == 0, notices.c.doubts == 0)
    await tx.execute(update(notices).where(waits, untried).values(lane=LANE))


async def drop(tx: Tx, subscriber: str) -> None:
    """Have somebody's notices go by e-mail again. What is in doubt elsewhere goes no second way."""
    await tx.execute(delete(channels).where(channels.c.reader_id == subscriber))
    waits = and_(notices.c.subscriber_id == subscriber, _WAITS, notices.c.lane == LANE, notices.c.doubts == 0)
    await tx.execute(update(notices).where(waits).values(lane=_BY_MAIL))


async def divert(tx: Tx, audience: "Audience", kind: Kind) -> None:
    """Have the notices that were just made for an audience go by its readers' channels; before the commit."""
    page = audience.page
    readers = select(channels.c.reader_id).where(channels.c.set_aside_at.is_(None), page.holds(channels.c.reader_id))
    made = and_(notices.c.kind == kind, notices.c.day == audience.day, notices.c.subscriber_id.in_(readers))
    untried = and_(notices.c.attempts == 0, notices.c.doubts == 0, notices.c.lane == _BY_MAIL)
    await tx.execute(update(notices).where(made, untried).values(lane=LANE))


def claim(tx: GroupTx, owner: str, now: datetime, most: int, known: Collection[str], *, suspect: bool) -> list[Claim]:
    """Take notices that go by a channel, as `handing.claim` does; the `address` of each is its way.

    What has no way any more goes by e-mail; what is in doubt on a way that is gone goes no second one, and is held.
    """
    how = handing.claim_suspect if suspect else handing.claim
    going = []
    for one in how(tx, owner, now, most, BY_CHANNEL):
        if one.address and one.address.partition(":")[0] in known:
            going.append(one)
        else:
            _without_way(tx, one, now)
    return going


def hold_in_doubt(tx: GroupTx, now: datetime) -> None:
    """Hold what is in doubt on a channel, where there are none any more: by e-mail it might be a second copy."""
    rest = and_(notices.c.lane == LANE, notices.c.doubts > 0, notices.c.state == State.READY, notices.c.due_at <= now)
    held = {"state": State.HELD, "reason": "in doubt on a channel", "finished_at": now, "owner": None}
    tx.execute(update(notices).where(rest).values(held))


def took(tx: GroupTx, subscriber: str) -> None:
    """Take note that a channel took a notice."""
    failed = and_(channels.c.reader_id == subscriber, channels.c.failures > 0)
    tx.execute(update(channels).where(failed).values(failures=0))


def give_up(tx: GroupTx, held: Claim, now: datetime, *, counts: bool) -> bool:
    """Have a notice go by e-mail at once that its channel does not take; True if the channel is set aside by that.

    That `counts` says that it speaks of the reader: where a channel is down, nobody shall have to choose anew.

    For who has just recorded the attempt. What has come too late for another goes by e-mail while it is of use.
    """
    again = or_(notices.c.state == State.READY, and_(notices.c.state == State.DROPPED, notices.c.reason == "expired"))
    own = and_(notices.c.id == held.id, notices.c.generation == held.generation, again, notices.c.expires_at > now)
    by_mail = {"lane": _BY_MAIL, "state": State.READY, "reason": "", "due_at": now, "finished_at": None}
    if not tx.execute(update(notices).where(own).values(by_mail)).rowcount or not counts:
        return False
    theirs = channels.c.reader_id == held.subscriber
    is_last = channels.c.failures >= SET_ASIDE_AFTER - 1
    counted = {
        "failures": channels.c.failures + 1,
        "set_aside_at": case((is_last, literal(now, Instant)), else_=channels.c.set_aside_at),
    }
    tx.execute(update(channels).where(theirs).values(counted))
    aside = select(channels.c.reader_id).where(theirs, channels.c.set_aside_at.is_not(None))
    return tx.execute(aside).first() is not None


def _without_way(tx: GroupTx, held: Claim, now: datetime) -> None:
    in_doubt = notices.c.doubts > 0
    rest = {
        "state": case((in_doubt, State.HELD), else_=State.READY),
        "reason": case((in_doubt, "in doubt"), else_=notices.c.reason),
        "finished_at": case((in_doubt, literal(now, Instant)), else_=null()),
        "lane": case((in_doubt, LANE), else_=_BY_MAIL),
        "owner": None,
    }
    own = and_(notices.c.id == held.id, notices.c.generation == held.generation)
    tx.execute(update(notices).where(own, notices.c.state == fixed(State.CLAIMED)).values(rest))


def _read(row: Any) -> Chosen:
    return Chosen(Way(Channel(row.name), row.target), row.since, row.set_aside_at)
