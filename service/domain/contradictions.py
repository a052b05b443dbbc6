"""What in a record contradicts itself: days that there are not, facts without their source, figures without a heir."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from service.domain.edtf import check_day, parse_day
from service.domain.errors import InvalidError
from service.domain.policies import Anchor
from service.domain.rule import Yearly

if TYPE_CHECKING:
    from service.domain.event import Event

_LONGEST_SPAN_DAYS = 3660


class MisplacedError(ValueError):
    """Something in a record is wrong; `place` is where, from the record down."""

    def __init__(self, message: str, *place: str | int) -> None:
        super().__init__(message)
        self.place = place


def problems(event: "Event") -> Iterable[MisplacedError]:
    """Name what in a record contradicts itself, in sentences, each with its place; the first one is raised."""
    yield from _wrong_days(event)
    yield from _wrong_dates(event)
    yield from _uncited(event)
    yield from _superseded(event)
    ids = [rule.id for rule in event.rules]
    for place, id_ in enumerate(ids):
        if id_ in ids[:place]:
            yield MisplacedError(f"two rules are called {id_!r}; give each an `id` of its own", "rules", place)
    yield from _endless(event)


def _endless(event: "Event") -> Iterable[MisplacedError]:
    """Find rules that would fill every year with days of a span of decades."""
    if event.last is None:
        return
    days = event.last.last_possible(event.calendar) - event.first.first_possible(event.calendar) + 1
    for place, rule in enumerate(event.rules):
        if isinstance(rule, Yearly) and rule.anchor is Anchor.EVERY_DAY and days > _LONGEST_SPAN_DAYS:
            message = f"each day is kept of spans of up to {_LONGEST_SPAN_DAYS} days only, not of {days}"
            yield MisplacedError(message, "rules", place, "anchor")


def _wrong_days(event: "Event") -> Iterable[MisplacedError]:
    for key in ("first_day", "last_day"):
        text = getattr(event, key)
        try:
            check_day(parse_day(text or event.first_day), event.calendar)
        except ValueError as error:
            wrong_calendar = isinstance(error, InvalidError)
            message = str(error) if wrong_calendar else f"{text}: {error}"
            yield MisplacedError(message, "calendar" if wrong_calendar else key)
    first, last = event.first, event.last
    if last is not None and last.last_possible(event.calendar) < first.first_possible(event.calendar):
        yield MisplacedError(f"last_day {event.last_day} is before first_day {event.first_day}", "last_day")


def _wrong_dates(event: "Event") -> Iterable[MisplacedError]:
    """Find Gregorian days that there are not, such as a month 13, in what stands beside the event's own days."""
    dated = {"sources": ("date",), "figures": ("as_of",), "timeline": ("on", "until"), "unresolved": ("as_of",)}
    for name, keys in dated.items():
        for place, part in enumerate(getattr(event, name)):
            for key in keys:
                text = getattr(part, key)
                try:
                    check_day(parse_day(text or "2000"), "gregorian")
                except ValueError as error:
                    yield MisplacedError(f"{text}: {error}", name, place, key)


def _uncited(event: "Event") -> Iterable[MisplacedError]:
    sources = [source.id for source in event.sources]
    if not sources and not event.is_private:
        yield MisplacedError("an event needs at least one source", "sources")
    for place, id_ in enumerate(sources):
        if id_ in sources[:place]:
            yield MisplacedError(f"source id {id_!r} stands twice", "sources", place, "id")
    for name in ("figures", "timeline", "unresolved"):
        for place, part in enumerate(getattr(event, name)):
            if part.source not in sources:
                yield MisplacedError(f"source {part.source!r} is not among the event's sources", name, place, "source")


def _superseded(event: "Event") -> Iterable[MisplacedError]:
    figures = {figure.id for figure in event.figures}
    for place, figure in enumerate(event.figures):
        if figure.superseded_by is not None and figure.superseded_by not in figures - {figure.id}:
            message = f"figure {figure.id!r} is superseded by {figure.superseded_by!r}, no other figure of the event"
            yield MisplacedError(message, "figures", place, "superseded_by")
