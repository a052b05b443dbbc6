"""What follows from a letter's end beyond its notice: who is suppressed, what is stopped. Questions are for a group."""

from datetime import datetime

from sqlalchemy import and_, func, select, update

from service.domain.notice import State
from service.domain.subscription import Status
from service.store import addressees
from service.store.dialect import GroupTx, insert_or_ignore
from service.store.prepared import fixed
from service.store.tables import editions, notices, subscribers, suppressions

_WORDS_MOST = 1000


def refusals(tx: GroupTx, subscriber: str, since: datetime) -> int:
    """Count the letters to a subscriber that were refused without a reason since a moment."""
    own = and_(notices.c.subscriber_id == subscriber, notices.c.state == State.FAILED, notices.c.reason == "refused")
    counted = select(func.count()).where(own, notices.c.finished_at >= since)
    return int(tx.execute(counted).scalar_one())


def suppress(tx: GroupTx, subscriber: str, address: str, address_hash: str, reason: str, now: datetime) -> None:
    """Write to an address no more, whoever asks."""
    row = {"address_hash": address_hash, "reason": reason, "created_at": now}
    tx.execute(insert_or_ignore(tx, suppressions).values(row))
    tx.execute(update(subscribers).where(subscribers.c.id == subscriber).values(status=Status.SUPPRESSED))
    addressees.bar(tx, address)


def stop(tx: GroupTx, edition: str, reason: str, now: datetime) -> bool:
    """Let no further letter of an edition leave; what waits is held. False if it was stopped before."""
    running = update(editions).where(editions.c.id == edition, editions.c.stopped_at.is_(None))
    if not tx.execute(running.values(stopped_at=now, stopped_reason=reason[:_WORDS_MOST])).rowcount:
        return False
    for state in (State.PLANNED, State.READY):  # what is claimed finds the stop at its intent
        waiting = and_(notices.c.edition_id == edition, notices.c.state == fixed(state))
        tx.execute(update(notices).where(waiting).values(state=State.HELD, reason="stopped", finished_at=now))
    return True
