"""Occasions over the API: the days on which events return, as far as they are reckoned ahead."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

from pydantic import Field

from service.domain.event import Tone
from service.domain.scope import Scope
from service.store import event_pages, occasions
from service.store.event_pages import Wanted
from service.store.occasions import Listed
from service.web.api import cursors
from service.web.api.operations import Answer, Call, Operation
from service.web.api.problems import Problem, Wrong
from service.web.api.shapes import Asked, Day, Page, Paged, Shape

_DAYS: Final = 400


@dataclass(frozen=True, slots=True)
class OccasionTold(Shape):
    """One return of an event by one of its rules on one civil day.

    `number` counts as the rule does; `day` of `days` is the place in the event's span. `begins_on` is the evening
    before, where days begin at sunset. `reason` says why the day was moved, `provisional` that an authority may yet
    decide otherwise.
    """

    event: str
    collection: str
    rule: str
    tone: Tone
    on: Day
    number: int
    day: int
    days: int
    begins_on: Day | None
    reason: str | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class OccasionsAsked(Paged):
    """Which occasions are wanted: by default those from today on, as far as they are reckoned."""

    first: Annotated[Day | None, Field(description="The first day, today's (UTC) if it is left out.")] = None
    last: Annotated[Day | None, Field(description=f"The last day, {_DAYS} days later if it is left out.")] = None
    collection: Annotated[Asked | None, Field(description="Only those of this collection.")] = None
    event: Annotated[Asked | None, Field(description="Only those of this event.")] = None


async def listed(call: Call[OccasionsAsked, None]) -> Answer:
    """Give occasions in the order of their days; raise Problem for days in the wrong order."""
    asked = call.query
    first = asked.first or call.now.date()
    last = asked.last or _days_later(first)
    if last < first:
        wrong = Wrong(f"this is before the first day (allowed: {first} or later)", parameter="last")
        raise Problem("meaning", errors=[wrong])
    after = cursors.read(asked.cursor, date, str, str, int)
    wanted = Wanted(first, last, asked.collection, asked.event)
    rows = await event_pages.occasion_page(call.tx, wanted, after, asked.limit + 1)
    return Answer(cursors.page(rows, asked.limit, _told, _key))


@dataclass(frozen=True, slots=True)
class Horizon(Shape):
    """The days for which occasions are reckoned, both included; null before the first reckoning."""

    first: Day | None
    last: Day | None


async def horizon(call: Call[None, None]) -> Answer:
    """Give the days for which occasions are reckoned."""
    covered = await occasions.horizon_of(call.tx)
    return Answer(Horizon(*covered) if covered else Horizon(None, None))


def _days_later(first: date) -> date:
    return first + timedelta(days=min(_DAYS, (date.max - first).days))


def _key(one: Listed) -> tuple[str | int, ...]:
    return (one.occasion.on.isoformat(), one.event, one.rule, one.occasion.number)


def _told(one: Listed) -> OccasionTold:
    own = one.occasion
    of_event = (one.event, one.collection, one.rule, one.tone)
    return OccasionTold(*of_event, own.on, own.number, own.day, own.days, own.begins_on, own.reason, own.provisional)


OPERATIONS: Final = (
    Operation(
        *("GET", "/occasions", listed, Scope.READ_EVENTS, "List occasions", Page[OccasionTold]),
        query=OccasionsAsked,
    ),
    Operation("GET", "/horizon", horizon, Scope.READ_EVENTS, "Tell for which days occasions are reckoned", Horizon),
)
