"""The form of a private date: what was typed, read and checked. What is wrong is said at its field; nothing is lost.

A date is typed as day, month and year of a calendar, since nobody knows the numbers of months in the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from service.actions.remembering import Recorded, Told
from service.domain.calendars import CALENDARS
from service.domain.calendars.calendar import MissingDay
from service.domain.documents import DocumentError, read_private, write_private
from service.domain.edtf import check_day, parse_day
from service.domain.errors import InvalidError
from service.domain.event import Tone
from service.domain.picture import cleaned
from service.domain.plain_text import odd_characters
from service.domain.private_event import ALTERNATIVE_LONGEST, NAME_LONGEST, WORDS_LONGEST, PrivateEvent
from service.domain.rule import Rule
from service.domain.ways import OTHER, WAYS, YEARLY, Chosen, chosen_of, rules_of
from service.rendering.messages import message
from service.store.private_events import Image
from service.web.forms import LEADS, text, texts

_LARGEST_NUMBER = 5  # digits
NUMBERED = frozenset({"chinese", "korean", "vietnamese"})  # calendars with leap months, written as "4L"
CALENDAR_NAMES = tuple(name for name in CALENDARS if not name.endswith("-kacst"))
# In the order of the form, as they are listed on top of it.
ERRORS = {
    "name": message("Please write whom or what you remember, in at most 120 characters."),
    "day": message("There is no such day in this calendar. Please look at the day, the month and the year."),
    "ways": message("Please choose at least one way in which the day comes back."),
    "missing_day": message("Please choose one of these."),
    "words": message("These words are too long, or hold characters that cannot be written. Up to 2,000 are kept."),
    "lead_days": message("Please choose on the day itself, some days ahead, or both."),
    "picture": message("This is not a JPEG or PNG picture of at most 4 megabytes."),
    "alternative": message("Please say in a few words what the picture shows, for those who cannot see it."),
    "number": message("There is no room for another one. Please remove one that you need no more."),
    "pictures": message("There may be 20 pictures. Please take one away first."),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was typed; `others` are rules of no way that are kept, by their ids."""

    name: str = ""
    words: str = ""
    calendar: str = "gregorian"
    day: str = ""
    month: str = ""
    year: str = ""
    after_sunset: bool = False
    joy: bool = False
    ways: frozenset[str] = frozenset({YEARLY})
    other: str = "hebrew"
    missing_day: str = MissingDay.CLIP
    lead_days: frozenset[str] = frozenset({"0"})
    alternative: str = ""
    keeps_picture: bool = True
    others: frozenset[str] = frozenset()


@dataclass(slots=True)
class Checked:
    """What a form says, and what is wrong with it by field; usable if nothing is."""

    told: Told | None = None
    errors: dict[str, str] = field(default_factory=dict)


def typed_in(form: FormData) -> Typed:
    """Read a form as it was typed."""
    return Typed(
        name=text(form, "name"),
        words=text(form, "words").replace("\r\n", "\n"),
        calendar=text(form, "calendar"),
        day=text(form, "day"),
        month=text(form, "month"),
        year=text(form, "year"),
        after_sunset=bool(text(form, "after_sunset")),
        joy=bool(text(form, "joy")),
        ways=frozenset(texts(form, "ways")),
        other=text(form, "other"),
        missing_day=text(form, "missing_day"),
        lead_days=frozenset(texts(form, "lead_days")),
        alternative=text(form, "alternative"),
        keeps_picture=not text(form, "drop_picture"),
        others=frozenset(texts(form, "others")),
    )


def typed_of(recorded: Recorded) -> Typed:
    """Give the form of what is recorded."""
    event = recorded.own.event
    chosen, others = chosen_of(event)
    day = parse_day(event.first_day)
    return Typed(
        name=event.name,
        words=event.words,
        calendar=event.calendar,
        day=str(day.day or ""),
        month=month_text(day.month or 0),
        year=str(day.year),
        after_sunset=event.after_sunset,
        joy=event.tone is Tone.FESTIVE,
        ways=chosen.ways,
        other=chosen.other if OTHER in chosen.ways else "hebrew",
        missing_day=chosen.missing_day,
        lead_days=frozenset(map(str, recorded.leads)),
        alternative=event.picture or "",
        others=frozenset(rule.id for rule in others),
    )


def month_text(month: int) -> str:
    """Write a month as the form has it: a leap month, which is negative, with an L."""
    return f"{-month}L" if month < 0 else str(month or "")


def others_of(event: PrivateEvent | None) -> tuple[Rule, ...]:
    """Give the rules of an event that the form has no way for."""
    return chosen_of(event)[1] if event else ()


def dated(typed: Typed, before: PrivateEvent | None) -> PrivateEvent | None:
    """Give the event as far as its days can be reckoned, whatever else is missing; None if they cannot."""
    try:
        event = read_private(_document(replace(typed, name=typed.name[:NAME_LONGEST] or "…", words=""), before))
        check_day(parse_day(event.first_day), event.calendar)
    except ValueError:
        return None
    return event


def image_of(upload: bytes | None) -> Image | InvalidError | None:
    """Clean a picture that was sent, which takes a while; give what is wrong with one that is none."""
    try:
        return None if upload is None else Image(*cleaned(upload))
    except InvalidError as error:
        return error


def check(typed: Typed, before: PrivateEvent | None, sent: Image | InvalidError | None) -> Checked:
    """Check a form; `before` is what is recorded, if it is a change, `sent` what came of the picture (`image_of`)."""
    errors: dict[str, str] = {}
    leads = _leads(typed.lead_days, errors)
    if not typed.name or len(typed.name) > NAME_LONGEST or any(odd_characters({"name": typed.name})):
        errors["name"] = ERRORS["name"]
    if len(typed.words) > WORDS_LONGEST or any(odd_characters({"words": typed.words}, lines=True)):
        errors["words"] = ERRORS["words"]
    if dated(replace(typed, ways=frozenset({"day-7"})), None) is None:
        errors["day"] = ERRORS["day"]
    if not (typed.ways & set(WAYS)) and not _kept(typed, before):
        errors["ways"] = ERRORS["ways"]
    if typed.missing_day not in {one.value for one in MissingDay}:
        errors["missing_day"] = ERRORS["missing_day"]
    image = _image(sent, errors)
    has_picture = sent is not None or bool(before and before.picture is not None and typed.keeps_picture)
    if has_picture and not 0 < len(typed.alternative) <= ALTERNATIVE_LONGEST:
        errors["alternative"] = ERRORS["alternative"]
    in_order = {name: errors[name] for name in ERRORS if name in errors}
    if in_order:
        return Checked(errors=in_order)
    document = _document(typed, before)
    if has_picture:
        document["picture"] = " ".join(typed.alternative.split())
    try:
        return Checked(Told(read_private(document), leads, image))
    except DocumentError:
        return Checked(errors={"ways": ERRORS["ways"]})


def _document(typed: Typed, before: PrivateEvent | None) -> dict[str, Any]:
    tone = Tone.FESTIVE if typed.joy else Tone.SOLEMN
    ways = typed.ways & set(WAYS)
    other = typed.other if typed.other in CALENDAR_NAMES else "hebrew"
    missing = typed.missing_day if typed.missing_day in {one.value for one in MissingDay} else MissingDay.CLIP
    chosen = Chosen(ways, typed.calendar, other, missing, tone)
    document: dict[str, Any] = {
        "name": typed.name,
        "first_day": _day_text(typed),
        "calendar": typed.calendar,
        "after_sunset": typed.after_sunset,
        "tone": tone.value,
        "rules": [*rules_of(chosen), *_kept(typed, before)],
    }
    if typed.words:
        document["words"] = typed.words
    return document


def _day_text(typed: Typed) -> str:
    """Write the day as documents have it; "" if it is none."""
    month = typed.month.removesuffix("L")
    year, sign = typed.year.removeprefix("-"), "-" if typed.year.startswith("-") else ""
    numbers = (year, month, typed.day)
    if not all(one.isascii() and one.isdecimal() and len(one) <= _LARGEST_NUMBER for one in numbers):
        return ""
    leap = "L" if typed.month.endswith("L") else ""
    return f"{sign}{int(year):04}-{int(month):02}{leap}-{int(typed.day):02}"


def _kept(typed: Typed, before: PrivateEvent | None) -> list[dict[str, Any]]:
    kept = {rule.id for rule in others_of(before)} & typed.others
    documents: Sequence[Mapping[str, Any]] = write_private(before)["rules"] if before else ()
    rules = before.rules if before else ()
    return [{**document, "id": rule.id} for rule, document in zip(rules, documents, strict=True) if rule.id in kept]


def _image(sent: Image | InvalidError | None, errors: dict[str, str]) -> Image | None:
    if isinstance(sent, InvalidError):
        errors["picture"] = ERRORS["picture"]
        return None
    return sent


def _leads(typed: frozenset[str], errors: dict[str, str]) -> tuple[int, ...]:
    leads = tuple(sorted(int(one) for one in typed if one.isdecimal() and len(one) < 3 and int(one) in _ALLOWED))
    if not leads:
        errors["lead_days"] = ERRORS["lead_days"]
    return leads


_ALLOWED = frozenset(LEADS)


def today_in(calendar: str, today: date) -> int:
    """Give the year of a calendar that a civil day lies in, as a hint."""
    reckoned = CALENDARS.get(calendar, CALENDARS["gregorian"])
    return reckoned.date_of(today.toordinal())[0]
