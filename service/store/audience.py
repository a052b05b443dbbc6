"""Who is planned for: the readers of a slot, in pages, by the rhythm in which they are written to."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Alias, Integer, Table, and_, literal_column, or_, select

from service.domain.slot import Slot
from service.domain.subscription import Cadence, Rhythm, Status
from service.domain.window import rhythms_on
from service.store.dialect import Tx
from service.store.tables import subscribers


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a slot's readers by their ids: those behind `after`, up to `upto` or to the last; or movers alone."""

    slot: Slot
    after: str = ""
    upto: str | None = None
    movers_only: bool = False

    def holds(self, id_: Any) -> Any:
        """Say that an id lies in the page."""
        return id_ > self.after if self.upto is None else and_(id_ > self.after, id_ <= self.upto)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is planned for: the readers of one rhythm on a page, on a local day."""

    page: Page
    day: date
    rhythm: Rhythm

    @property
    def readers(self) -> Any:
        """Say that a subscriber is one of them, and awake."""
        page = self.page
        awake = or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= self.day)
        own = and_(in_slot(page.slot), page.holds(subscribers.c.id), keeps(self.rhythm), awake)
        return and_(own, has_moved(subscribers)) if page.movers_only else own


async def rhythms(tx: Tx, page: Page, day: date) -> list[Rhythm]:
    """Give the rhythms in which readers of a page may be told on a local day.

    Who has summaries is found by an index of their own, so that a slot of daily readers costs nothing for them.
    """
    daily, *summaries = rhythms_on(day)
    kept = [daily]
    for rhythm in summaries:
        readers = select(subscribers.c.id).where(in_slot(page.slot), page.holds(subscribers.c.id), keeps(rhythm))
        if (await tx.execute(readers.limit(1))).first() is not None:
            kept.append(rhythm)
    return kept


def has_moved(readers: Alias | Table) -> Any:
    """Say it as the partial index does: SQLite takes `moved = 1` for something else."""
    return literal_column(f"{readers.name}.moved", Integer)


def keeps(rhythm: Rhythm) -> Any:
    """Say that somebody is written to in a rhythm."""
    own = subscribers.c.cadence == rhythm.cadence
    return own if rhythm.cadence is Cadence.DAILY else and_(own, subscribers.c.summary_on == rhythm.on)


def in_slot(slot: Slot) -> Any:
    """Say that somebody is an active subscriber of a slot."""
    return and_(subscribers.c.status == Status.ACTIVE, subscribers.c.zone == slot.zone, subscribers.c.hour == slot.hour)
