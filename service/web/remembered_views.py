"""What the pages of private dates show: what can be chosen, what comes of it, and a date in words."""

from typing import Any

from service.actions.remembering import Recorded
from service.domain.calendars import CALENDARS
from service.domain.errors import InvalidError
from service.domain.private_event import PrivateEvent
from service.domain.ways import WAYS
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.reckoned import calendar_words, month_words, original_words
from service.rendering.rules_in_words import rule_words
from service.web.choices import LEAD_TEXT, Choice
from service.web.choosing import leads_words
from service.web.forms import LEADS
from service.web.given import Site
from service.web.remembered_form import CALENDAR_NAMES, NUMBERED, Typed, dated, month_text, others_of, today_in
from service.web.seen import next_of

_NEXT = 10
WAY_TEXTS = {
    "yearly": message("Every year on this day, by the calendar of the date"),
    "yahrzeit": message("Yahrzeit: every year on its day of the Hebrew calendar"),
    "other": message("Every year by another calendar"),
    "day-7": message("The 7th day, counted with the day itself"),
    "day-9": message("The 9th day"),
    "day-40": message("The 40th day (karasunk)"),
    "day-100": message("The 100th day"),
    "month": message("A month after (the month's mind)"),
    "nenki": message("The Japanese days and years of mourning (nenki): the weeks to the 49th, the 100th, the years"),
}
_MISSING = {
    "clip": message("On the last day of that month"),
    "next": message("On the day after"),
    "skip": message("Not at all"),
}


def form_choices(typed: Typed, event: PrivateEvent | None, language: Language) -> dict[str, Any]:
    """Give what can be chosen in a form, in words."""
    told = event.told_in("", language.code) if event else None
    return {
        "calendars": [_calendar(name, name == typed.calendar, language) for name in CALENDAR_NAMES],
        "others": [_calendar(name, name == typed.other, language) for name in CALENDAR_NAMES if name != typed.calendar],
        "ways": [Choice(way, language.text(WAY_TEXTS[way]), "", way in typed.ways) for way in WAYS],
        "rules": [
            Choice(rule.id, rule_words(told, rule, language), "", rule.id in typed.others) for rule in others_of(event)
        ]
        if told
        else [],
        "missing": [Choice(one, language.text(words), "", one == typed.missing_day) for one, words in _MISSING.items()],
        "leads": [Choice(str(n), language.text(LEAD_TEXT, n=n), "", str(n) in typed.lead_days) for n in LEADS],
    }


def looked(site: Site, language: Language, typed: Typed, before: PrivateEvent | None) -> dict[str, Any]:
    """Give what comes of a form: its coming days, how it returns, and the months of the calendar."""
    event = dated(typed, before)
    told = event.told_in("", language.code) if event else None
    calendar = typed.calendar if typed.calendar in CALENDAR_NAMES else "gregorian"
    today = site.clock().date()
    year = int(typed.year) if typed.year.isdecimal() and len(typed.year) < 5 else today_in(calendar, today)
    return {
        "coming": next_of(told, language, today, _NEXT) if told else [],
        "is_dated": told is not None,
        "returns": [rule_words(told, rule, language) for rule in told.rules] if told else [],
        "months": _months(calendar, year, typed.month, language),
    }


def _months(calendar: str, year: int, typed: str, language: Language) -> list[Choice]:
    try:
        months = list(CALENDARS[calendar].months_of(year))
    except (InvalidError, ValueError, IndexError):
        months = list(range(1, 13))
    if calendar in NUMBERED:  # every leap month can be chosen, whichever year was typed
        months = [month for one in range(1, 13) for month in (one, -one)]
    named = [Choice("", language.text("Month"), "", not typed)]
    for month in months:
        words = language.sentence(month_words(calendar, (year, month, 1), language))
        named.append(Choice(month_text(month), words, "", month_text(month) == typed))
    return named


def _calendar(name: str, chosen: bool, language: Language) -> Choice:  # noqa: FBT001  (a choice is ticked or not)
    return Choice(name, language.sentence(calendar_words(name, language)), "", chosen)


def line(one: Recorded, language: Language) -> dict[str, Any]:
    """Give what a list says of a private date."""
    event = one.own.event.told_in(one.own.id, language.code)
    calendar = event.calendar != "gregorian"
    told = original_words(event.calendar, event.first, None, language, after_sunset=event.after_sunset)
    return {
        "id": one.own.id,
        "name": one.own.event.name,
        "words": one.own.event.words,
        "picture": one.own.event.picture,
        "when": told if calendar else language.edtf(event.first),
        "returns": [rule_words(event, rule, language) for rule in event.rules],
        "leads": leads_words(one.leads, language),
        "is_owner": one.is_owner,
    }


def next_days(one: Recorded, language: Language, site: Site, most: int) -> list[Any]:
    """Give the next days of a private date, in words."""
    return next_of(one.own.event.told_in(one.own.id, language.code), language, site.clock().date(), most)
