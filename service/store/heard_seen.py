"""What came back, as editors look at it: with the letter that it speaks of, and how much of it there was lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, Select, and_, func, select

from service.domain.heard import LATELY, Did, Lately, What
from service.domain.notice import Kind
from service.domain.subscription import Status
from service.store import heard as store
from service.store.dialect import Tx
from service.store.heard import Entry
from service.store.inbox import ASIDE, count
from service.store.inbox_tables import heard, inbox
from service.store.tables import notices, slot_runs, subscribers


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry, and the letter that it is proven to speak of; `mail_kept` while the mail itself is.

    `address` is the reader's of today, and `standing` how they stand today; both "" where no reader is known any more.
    """

    entry: Entry
    kind: Kind | None
    day: date | None
    edition: str
    address: str
    standing: str
    mail_kept: bool

    @property
    def can_be_undone(self) -> bool:
        """Whether its reader is struck off because of it, to this day."""
        is_done = self.entry.did is Did.SUPPRESSED and self.entry.undone_at is None
        return is_done and self.standing == Status.SUPPRESSED


@dataclass(frozen=True, slots=True)
class Aside:
    """A mail that could not be read."""

    id: str
    door: str
    arrived_at: datetime
    trouble: str


async def listed(tx: Tx, most: int, before: str = "", whats: Sequence[What] = ()) -> list[Seen]:
    """Give the newest entries, behind one of them ("" for the first), of some kinds or of all."""
    wanted = _seen().order_by(heard.c.id.desc()).limit(most)
    if before:
        wanted = wanted.where(heard.c.id < before)
    if whats:
        wanted = wanted.where(heard.c.what.in_(whats))
    return [_of(row) for row in (await tx.execute(wanted)).all()]


async def by_id(tx: Tx, id_: str) -> Seen | None:
    """Give one entry."""
    row = (await tx.execute(_seen().where(heard.c.id == id_))).first()
    return _of(row) if row else None


async def causes(tx: Tx, subscriber: str) -> list[Entry]:
    """Give the entries because of which a subscriber is struck off, and that were not undone."""
    own = and_(heard.c.subscriber_id == subscriber, heard.c.did == Did.SUPPRESSED, heard.c.undone_at.is_(None))
    return [store.entry_of(row) for row in (await tx.execute(select(heard).where(own).order_by(heard.c.id))).all()]


async def aside(tx: Tx, most: int) -> list[Aside]:
    """Give the newest mails that were set aside."""
    wanted = select(inbox.c.id, inbox.c.door, inbox.c.arrived_at, inbox.c.trouble).where(ASIDE)
    return [Aside(*row) for row in (await tx.execute(wanted.order_by(inbox.c.id.desc()).limit(most))).all()]


async def lately(tx: Tx, now: datetime) -> Lately:
    """Count what came back in the last thirty days, and the letters that were planned in them."""
    since = now - LATELY
    unread, put_aside = await count(tx)
    of_letters = and_(heard.c.at >= since, heard.c.notice_id.is_not(None))  # what proves none, anybody may have written
    counted = select(heard.c.what, func.count()).where(of_letters).group_by(heard.c.what)
    whats = {What(row[0]): int(row[1]) for row in (await tx.execute(counted)).all()}
    planned = select(func.coalesce(func.sum(slot_runs.c.notices), 0)).where(slot_runs.c.ran_at >= since)
    return Lately(
        unread=unread,
        aside=put_aside,
        bounces=whats.get(What.BOUNCED, 0),
        complaints=whats.get(What.COMPLAINT, 0),
        letters=int((await tx.execute(planned)).scalar_one()),
    )


def _seen() -> Select[tuple[object, ...]]:
    of_letter = [notices.c.kind, notices.c.day, notices.c.edition_id]
    of_reader = [subscribers.c.address, subscribers.c.status.label("standing")]
    wanted = select(heard, *of_letter, *of_reader, inbox.c.id.label("mail_id"))
    joined = heard.outerjoin(notices, notices.c.id == heard.c.notice_id)
    joined = joined.outerjoin(subscribers, subscribers.c.id == heard.c.subscriber_id)
    return wanted.select_from(joined.outerjoin(inbox, inbox.c.id == heard.c.inbox_id))


def _of(row: Row[tuple[object, ...]]) -> Seen:
    return Seen(
        entry=store.entry_of(row),
        kind=Kind(row.kind) if row.kind else None,
        day=row.day,
        edition=row.edition_id or "",
        address=row.address or "",
        standing=row.standing or "",
        mail_kept=row.mail_id is not None,
    )
