"""When an event returns: the pure function from an event and a rule to its occasions.

Each occasion is reckoned from the original date, never from the one before, so that no year's missing
day carries over. A window has both its ends in it; none or two occasions in a year are ordinary answers.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from service.domain.calendars.calendar import BeyondTableError, Moved
from service.domain.event import Event
from service.domain.observed import FARTHEST_DAYS, observe
from service.domain.policies import Observed
from service.domain.reckoning import KINDS, Dated, Found
from service.domain.rule import Rule

__all__ = ["Dated", "Moved", "Occasion", "occasions", "returns"]


_LAST_DAY = date.max.toordinal()
_SEARCHED_YEARS = (2, 10, 100)  # most rules fall every year, a 29 February every four or eight


@dataclass(frozen=True, slots=True)
class Occasion:
    """One return of an event by one rule.

    `on` is the civil (Gregorian) date. `number` counts as the rule does: years, or the rule's own days or
    months. `day` of `days` is the place in the event's span (1 of 1 without one). `begins_on` is the civil
    date of the eve where the day begins at sunset. `reason` says why the day was moved. `provisional`
    marks what lies beyond what a calendar's tables or authorities cover.
    """

    on: date
    number: int
    day: int = 1
    days: int = 1
    begins_on: date | None = None
    reason: str | None = None
    provisional: bool = False


def occasions(event: Dated, rule: Rule, first_day: date, last_day: date) -> tuple[Occasion, ...]:
    """Give the occasions of `event` by `rule` from `first_day` to `last_day`, both included, in order.

    An event of which only the year is known has none: no day is invented. Of one known to the month,
    the first day of the month stands for it, and the occasion says so. Raise BeyondTableError where the
    event itself lies beyond the tables of the rule's calendar.
    """
    if event.first.month is None:
        return ()
    low, high = first_day.toordinal(), last_day.toordinal()
    spread = 0 if rule.observed is Observed.NONE else FARTHEST_DAYS
    until = date.fromisoformat(rule.until).toordinal() if rule.until else high + spread
    found = [
        _occasion(event, rule, one)
        for one in KINDS[rule.kind](event, rule, max(low - spread, 1), min(high + spread, _LAST_DAY))
        if 1 <= one.day_number <= _LAST_DAY
        and one.number >= rule.from_number
        and one.day_number <= until
        and (rule.only is None or rule.only.keeps(one.number))
    ]
    return tuple(
        sorted((one for one in found if first_day <= one.on <= last_day), key=lambda one: (one.on, one.number))
    )


def _occasion(event: Dated, rule: Rule, found: Found) -> Occasion:
    """Put what a rule found on the day on which it is observed."""
    own = date.fromordinal(found.day_number)
    on = observe(own, rule.observed, rule.holidays)
    reason = found.reason or (Moved.MONTH_KNOWN if event.first.day is None else None)
    if on != own:
        reason = f"observed-{rule.observed}"
    eve = on - timedelta(days=1) if found.sunset and on == own else None
    return Occasion(on, found.number, found.day, found.days, eve, reason, found.provisional)


class Returning(Dated, Protocol):
    """What returns by rules of its own: an event, or as much of it as is needed to reckon its days."""

    @property
    def rules(self) -> tuple[Rule, ...]: ...


def returns(event: Returning, first_day: date, last_day: date) -> list[tuple[str, Occasion]]:
    """Give the occasions of an event by all its rules in a window, each with the id of its rule.

    A rule whose calendar does not reach the event gives none.
    """
    found: list[tuple[str, Occasion]] = []
    for rule in event.rules:
        try:
            found += [(rule.id, occasion) for occasion in occasions(event, rule, first_day, last_day)]
        except BeyondTableError:
            continue
    return found


def next_after(event: Event, rule: Rule, day: date) -> date | None:
    """Give the first civil date after a day on which a rule of an event falls; None if there is none in a lifetime."""
    start = day
    for years in _SEARCHED_YEARS:
        end = min(date.max, start + timedelta(days=366 * years)) if start.year + years < date.max.year else date.max
        try:
            found = occasions(event, rule, start + timedelta(days=1), end) if start < end else ()
        except BeyondTableError:
            return None
        if found:
            return found[0].on
        start = end
    return None
