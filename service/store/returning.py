"""What of events is needed to reckon their days in any year, without their stories; and whether any has changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, select

from service.domain.documents import When, read_when
from service.domain.edtf import Day
from service.domain.event import Words
from service.domain.rule import Rule
from service.store.dialect import Tx
from service.store.tables import collections, events, horizon, rules

Stamp = tuple[object, ...]
_NAMES = ("first_day", "last_day", "calendar", "after_sunset", "precision", "observance")


@dataclass(frozen=True, slots=True)
class Dates:
    """The days of an event and its rules; `observance` marks a day that is kept rather than one that happened.

    `title` is empty where only days were asked for.
    """

    id: str
    when: When
    rules: tuple[Rule, ...]
    observance: bool
    title: Words = field(default_factory=dict)

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
    """Give what is another value after any event or collection was saved or withdrawn, or the index has grown."""
    counted = [select(func.count()).select_from(table).scalar_subquery() for table in (events, collections)]
    newest = [select(func.max(table.c.updated_at)).scalar_subquery() for table in (events, collections)]
    covered = select(horizon.c.last_day).scalar_subquery()
    return tuple((await tx.execute(select(*counted, *newest, covered))).one())


async def after(tx: Tx, id_: str, most: int) -> list[Dates]:
    """Give the days of so many events, in the order of their ids, behind one of them ("" for the first)."""
    parts = [events.c.document[name].as_string().label(name) for name in _NAMES]
    page = select(events.c.id, *parts).where(events.c.id > id_).order_by(events.c.id).limit(most)
    found = (await tx.execute(page)).all()
    written = await _rules_of(tx, [row.id for row in found])
    return list(_read(found, written))


async def named(tx: Tx, ids: Iterable[str]) -> dict[str, Dates]:
    """Give the titles and days of events by id; one that is not kept is left out."""
    found = (await tx.execute(select(events.c.id, events.c.document).where(events.c.id.in_(sorted(set(ids)))))).all()
    written = await _rules_of(tx, [row.id for row in found])
    told = {}
    for id_, document in found:
        own = {name: document[name] for name in _NAMES if name in document}
        told[id_] = _dates(id_, own, written.get(id_, []), document["title"])
    return told


async def _rules_of(tx: Tx, ids: Sequence[str]) -> dict[str, list[Any]]:
    own = select(rules.c.event_id, rules.c.document).where(rules.c.event_id.in_(ids))
    written: dict[str, list[Any]] = {}
    for event, document in (await tx.execute(own.order_by(rules.c.event_id, rules.c.position))).all():
        written.setdefault(event, []).append(document)
    return written


def _read(found: Sequence[Row[Any]], written: Mapping[str, list[Any]]) -> Iterator[Dates]:
    for row in found:
        document = {name: getattr(row, name) for name in _NAMES if getattr(row, name) is not None}
        yield _dates(row.id, document, written.get(row.id, []))


def _dates(id_: str, document: dict[str, Any], own_rules: list[Any], title: Words | None = None) -> Dates:
    observance = document.pop("observance", False)
    when, read = read_when(document, own_rules)
    return Dates(id_, when, read, observance in _TRUE, title or {})


_TRUE = frozenset({True, "true", "1"})  # as PostgreSQL and SQLite write it
