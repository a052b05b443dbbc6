"""The form in which somebody says what to remember and how to be written to: read, checked, shown again.

What was typed is kept as it was, so that a page with an error loses nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TypeVar

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from service.domain.addresses import check_address
from service.domain.errors import InvalidError
from service.domain.letter import Variant, variant_of
from service.domain.slot import check_hour, check_zone
from service.domain.subscription import (
    Cadence,
    Habit,
    Rhythm,
    Subscriber,
    Wish,
    check_late_hours,
    check_lead_days,
    check_rhythm,
    read_target,
)
from service.rendering.messages import message
from service.rendering.places import likely_zone
from service.web.given import Site

LEADS = (0, 1, 3, 7, 14, 30)

_MOST_FIELDS = 1000
_MOST_CHOSEN = 500  # topics at all their days ahead: nobody keeps more, and each is a row
_OWN = "own:"  # before a topic, in the name of the field with its own days ahead
_LONGEST_FIELD_BYTES = 2000
# In the order of the form, as they are listed on top of it.
_ERRORS = {
    "address": message("This is not an e-mail address. It looks like name@example.org."),
    "targets": message("Please choose at least one collection or event."),
    "cadence": message("Please choose how often to be written to."),
    "many": message("This is more than one reader can choose. Please choose a whole collection instead."),
    "own": message("These are not days ahead. They look like 0, 7: on the day itself, and seven days before."),
    "weekday": message("Please choose a day of the week."),
    "monthday": message("Please choose a day of the month, from 1 to 31."),
    "lead_days": message("Please choose on the day itself, some days ahead, or both."),
    "zone": message("This is not a time zone. Please choose the city whose clock you keep."),
    "hour": message("This is not a time of day. It looks like 09:00."),
    "language": message("Please choose one of the languages of this service."),
    "late_hours": message("Please choose until when a late letter may still come."),
    "paused_until": message("This is not a coming day. It looks like 2030-01-31."),
}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was typed.

    `own` are the days ahead of single topics, where they differ from `lead_days`; `find` is what is looked for among
    the events.
    """

    address: str = ""
    targets: frozenset[str] = frozenset()
    language: str = "en"
    zone: str = "UTC"
    hour: str = "09:00"
    lead_days: frozenset[str] = frozenset({"0"})
    cadence: str = Cadence.DAILY
    weekday: str = "1"
    monthday: str = "1"
    plain_text: bool = False
    calendar_file: bool = False
    late_hours: str = "0"
    own: Mapping[str, str] = field(default_factory=dict)
    find: str = ""


@dataclass(slots=True)
class Checked:
    """What a form says, and what is wrong with it by field; usable if nothing is."""

    address: str = ""
    habit: Habit = field(default_factory=Habit)
    wishes: tuple[Wish, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)


async def form_of(
    request: Request, *, longest: int = _LONGEST_FIELD_BYTES, files: int = 0, fields: int = _MOST_FIELDS
) -> FormData:
    """Read the fields of a body, whichever of the two ways it is written; refuse too many, too long, and files.

    A page that expects long fields or files says so: `longest` in bytes, `files` and `fields` how many.
    """
    try:
        form = await request.form(max_files=files, max_fields=fields, max_part_size=longest)
    except HTTPException as error:
        raise HTTPException(413 if "maximum" in error.detail.lower() else error.status_code) from None
    if any("\0" in value for value in form.values() if isinstance(value, str)):
        raise HTTPException(400)
    return form


def texts(form: FormData, name: str) -> list[str]:
    """Give every value of a repeated field."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def text(form: FormData, name: str) -> str:
    """Give the value of a field, "" if it is not there."""
    return next(iter(texts(form, name)), "").strip()


def exact(form: FormData, name: str) -> str:
    """Give the value of a field as it was typed, with what spaces there are around it; "" if it is not there."""
    return next(iter(texts(form, name)), "")


def guessed(code: str, targets: Iterable[str], accept_language: str = "") -> Typed:
    """Give an empty form, as filled in as it can be: by the language of the page, and what the browser says of its."""
    return Typed(targets=frozenset(targets), language=code, zone=likely_zone(code, accept_language))


def typed_in(form: FormData) -> Typed:
    """Give a form as it came."""
    return Typed(
        address=text(form, "address"),
        targets=frozenset(texts(form, "targets")),
        language=text(form, "language"),
        zone=text(form, "zone"),
        hour=text(form, "hour"),
        lead_days=frozenset(texts(form, "lead_days")),
        cadence=text(form, "cadence"),
        weekday=text(form, "weekday") or "1",
        monthday=text(form, "monthday") or "1",
        plain_text=bool(text(form, "plain_text")),
        calendar_file=bool(text(form, "calendar_file")),
        late_hours=text(form, "late_hours") or "0",
        own={name.removeprefix(_OWN): text(form, name) for name in form if name.startswith(_OWN) and text(form, name)},
        find=text(form, "find"),
    )


def kept_by(subscriber: Subscriber) -> Typed:
    """Give the form as a subscriber has it: how they are written to."""
    habit = subscriber.habit
    return Typed(
        address=subscriber.address,
        language=habit.language,
        zone=habit.zone,
        hour=habit.hour,
        cadence=habit.cadence,
        weekday=str(habit.rhythm.on) if habit.cadence is Cadence.WEEKLY else "1",
        monthday=str(habit.rhythm.on) if habit.cadence is Cadence.MONTHLY else "1",
        plain_text=Variant.PLAIN in habit.variant,
        calendar_file=Variant.CALENDAR in habit.variant,
        late_hours=str(habit.late_hours),
    )


def leads_by_target(wishes: Sequence[Wish]) -> dict[str, tuple[int, ...]]:
    """Give the days ahead of each target."""
    found: dict[str, set[int]] = {}
    for wish in wishes:
        found.setdefault(wish.target, set()).add(wish.lead_days)
    return {target: tuple(sorted(leads)) for target, leads in found.items()}


def check(
    typed: Typed, site: Site, *, with_address: bool = False, with_wishes: bool = False, with_habit: bool = True
) -> Checked:
    """Read a form; what is wrong stands in `errors` by field, each to be said in the reader's language.

    The whole form asks for an address, what to remember, and how to be written to; the pages of one's own for less.
    """
    errors: dict[str, str] = {}

    def tried(name: str, read: Callable[[], _T], otherwise: _T, *, asked: bool) -> _T:
        if not asked:
            return otherwise
        try:
            return read()
        except (InvalidError, ValueError):
            errors[name] = _ERRORS[name.partition(":")[0]]
            return otherwise

    usual, no_wishes = Habit(), tuple[Wish, ...]()
    no_leads: tuple[int, ...] = (0,)
    address = tried("address", lambda: check_address(typed.address), "", asked=with_address)
    leads = tried("lead_days", lambda: check_leads(typed), no_leads, asked=with_wishes)
    own = {
        target: tried(_OWN + target, partial(check_lead_days, days), no_leads, asked=with_wishes)
        for target, days in sorted(typed.own.items())
        if target in typed.targets
    }
    cadence = tried("cadence", lambda: Cadence(typed.cadence), usual.cadence, asked=with_habit)
    named, on = ("monthday", typed.monthday) if cadence is Cadence.MONTHLY else ("weekday", typed.weekday)
    habit = Habit(
        tried("language", lambda: _one_of(typed.language, site.languages.codes), usual.language, asked=with_habit),
        tried("zone", lambda: check_zone(typed.zone), usual.zone, asked=with_habit),
        tried("hour", lambda: check_hour(typed.hour), usual.hour, asked=with_habit),
        tried(named, lambda: check_rhythm(cadence, on), Rhythm(cadence), asked=with_habit),
        variant_of(plain=typed.plain_text, calendar=typed.calendar_file),
        tried("late_hours", lambda: check_late_hours(typed.late_hours), 0, asked=with_habit),
    )
    wishes = tried("targets", lambda: _wishes(typed.targets, own, leads), no_wishes, asked=with_wishes)
    if len(wishes) > _MOST_CHOSEN:
        errors["targets"] = _ERRORS["many"]
    in_order = sorted(errors, key=lambda name: list(_ERRORS).index(name.partition(":")[0]))
    return Checked(address, habit, wishes, {name: errors[name] for name in in_order})


def check_pause(written: str, today: date) -> date:
    """Read the first day with letters again; raise InvalidError if it is none, or has come."""
    try:
        until = date.fromisoformat(written)
    except ValueError:
        raise InvalidError("this is no day", "paused_until") from None
    if until <= today:
        raise InvalidError("the day has passed", "paused_until")
    return until


def wrong(*names: str) -> dict[str, str]:
    """Give what is said of fields that cannot be taken."""
    return {name: _ERRORS[name] for name in _ERRORS if name in names}


def check_leads(typed: Typed) -> tuple[int, ...]:
    """Read days ahead; raise InvalidError if none is chosen, or one is none."""
    if not typed.lead_days:
        raise InvalidError("no days ahead", "lead_days")
    return check_lead_days(" ".join(typed.lead_days))


def _wishes(targets: Iterable[str], own: Mapping[str, Sequence[int]], leads: Sequence[int]) -> tuple[Wish, ...]:
    found = tuple(read_target(target, lead) for target in sorted(targets) for lead in own.get(target, leads))
    if not found:
        raise InvalidError("nothing was chosen", "targets")
    return found


def _one_of(value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise InvalidError("not one of them")
    return value
