"""What of events is needed to reckon their days in any year, without their stories; and whether any has changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from service.domain.documents import When, read_when
from service.domain.edtf import Day
from service.domain.rule import Rule
from service.store.dialect import Tx
from service.store.tables import events, rules

Stamp = tuple[int, datetime | None]
_NAMES = ("first_day", "last_day", "calendar", "after_sunset", "precision", "observance")


@dataclass(frozen=True, slots=True)
class Dates:
    """The days of an event and its rules; `observance` marks a day that is kept rather than one that happened."""

    id: str
    when: When
    rules: tuple[Rule, ...]
    observance: bool

    @property
    def first(self) -> Day:
        """The first day, as exactly as it is known."""
        return self.when.first

    @property
    def last(self) -> Day | None:
        """The last day; None for one day."""
        return self.when.last

    @property
    def calendar(self) -> str:
        """The calendar of these days."""
        return self.when.calendar

    @property
    def after_sunset(self) -> bool:
        """Whether, where days begin in the evening, the next had begun."""
        return self.when.after_sunset


async def stamp(tx: Tx) -> Stamp:
    """Give what is another value after any event was saved or withdrawn."""
    count, newest = (await tx.execute(select(func.count(), func.max(events.c.updated_at)).select_from(events))).one()
    return count, newest


async def after(tx: Tx, id_: str, most: int) -> list[Dates]:
    """Give the days of so many events, in the order of their ids, behind one of them ("" for the first)."""
    parts = [events.c.document[name].as_string().label(name) for name in _NAMES]
    page = select(events.c.id, *parts).where(events.c.id > id_).order_by(events.c.id).limit(most)
    found = (await tx.execute(page)).all()
    own = select(rules.c.event_id, rules.c.document).where(rules.c.event_id.in_([row.id for row in found]))
    written: dict[str, list[Any]] = {}
    for event, document in (await tx.execute(own.order_by(rules.c.event_id, rules.c.position))).all():
        written.setdefault(event, []).append(document)
    return list(_read(found, written))


def _read(found: Sequence[Row[Any]], written: Mapping[str, list[Any]]) -> Iterator[Dates]:
    for row in found:
        document = {name: getattr(row, name) for name in _NAMES if getattr(row, name) is not None}
        observance = document.pop("observance", "") in _TRUE
        when, own = read_when(document, written.get(row.id, []))
        yield Dates(row.id, when, own, observance)


_TRUE = frozenset({"true", "1"})  # as PostgreSQL and SQLite write it
