"""Lanes: receiving domains that are written to slowly, or not at all for a while. Questions are for a group."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from service.store.dialect import GroupTx, insert_or_update
from service.store.prepared import Prepared
from service.store.tables import lanes

RELAY = ""


_KNOWN = Prepared(
    lambda: (
        select(lanes.c.domain, lanes.c.seconds, lanes.c.next_at, lanes.c.closed_until, lanes.c.reason, lanes.c.failures)
        .order_by(lanes.c.domain)
        .with_for_update()
    )
)


@dataclass(frozen=True, slots=True)
class Lane:
    """How a domain is written to: `seconds` between two letters (0: as fast as may be), closed until a moment."""

    domain: str
    seconds: float = 0
    next_at: datetime | None = None
    closed_until: datetime | None = None
    reason: str = ""
    failures: int = 0


def known(tx: GroupTx) -> dict[str, Lane]:
    """Give every lane that is not simply open, by its domain; locked, so that two workers share its pace."""
    return {domain: Lane(domain, *rest) for domain, *rest in _KNOWN.run(tx)}


def keep(tx: GroupTx, lane: Lane, now: datetime) -> None:
    """Keep what a lane is from now on."""
    row = {
        "domain": lane.domain,
        "seconds": lane.seconds,
        "next_at": lane.next_at,
        "closed_until": lane.closed_until,
        "reason": lane.reason,
        "failures": lane.failures,
        "updated_at": now,
    }
    tx.execute(insert_or_update(tx, lanes, row, ("domain",)))


def tell_of_relay(tx: GroupTx, words: str, now: datetime) -> None:
    """Keep what is heard of a relay that cannot be used, since when it was first; "" if it can be.

    It stands as the lane of no domain, which no letter is in: a process that only looks can see it there.
    """
    first = tx.execute(select(lanes.c.updated_at).where(lanes.c.domain == RELAY)).scalar_one_or_none()
    if words:
        keep(tx, Lane(RELAY, reason=words), first or now)
    elif first:
        tx.execute(delete(lanes).where(lanes.c.domain == RELAY))


def set_paces(tx: GroupTx, paces: Mapping[str, float], now: datetime) -> None:
    """Keep the operator's paces, seconds between two letters to a domain; the others' are ended."""
    for domain, lane in known(tx).items():
        if lane.seconds and domain not in paces and lane.closed_until is None:
            tx.execute(delete(lanes).where(lanes.c.domain == domain))
    present = known(tx)
    for domain, seconds in paces.items():
        lane = present.get(domain, Lane(domain))
        if lane.seconds != seconds:
            keep(tx, Lane(domain, seconds, lane.next_at, lane.closed_until, lane.reason, lane.failures), now)
