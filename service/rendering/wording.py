"""Occasions in words: how long ago, which day of the span, how far ahead, and why a day was moved."""

from datetime import date
from typing import Protocol

from service.domain.calendars.calendar import Moved
from service.domain.occasion import Occasion
from service.domain.policies import Anchor
from service.domain.reckoning import Dated
from service.domain.rule import DayCount, MonthCount, Nenki, Rule, Yearly
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.reasons import moved_words, provisional_words
from service.rendering.reckoned import by_calendar

LATE = message("This letter comes later than it should: it could not be sent at its hour.")

_DAYS_A_YEAR = 365.25
_NENKI = {
    1: message("isshuki"),
    3: message("sankaiki"),
    7: message("shichikaiki"),
    13: message("jūsankaiki"),
    17: message("jūnanakaiki"),
    23: message("nijūsankaiki"),
    27: message("nijūnanakaiki"),
    33: message("sanjūsankaiki"),
    50: message("gojikkaiki"),
}


class Recalled(Dated, Protocol):
    """As much of an event as is needed to say which return of it a day is."""

    @property
    def observance(self) -> bool: ...  # noqa: D102  (the protocol says what it is)


def occasion_words(event: Recalled, rule: Rule, occasion: Occasion, language: Language) -> str:
    """Say which return this is: "four years", "day 17 of 44", "the 40th day"; "" of a day that is only kept."""
    if event.observance:
        return ""
    match rule:
        case DayCount() | Nenki():
            return _counted(event, rule, occasion, language)
        case MonthCount():
            return by_calendar(language.months(occasion.number), rule.calendar, language)
        case Yearly(anchor=Anchor.EVERY_DAY) if occasion.days > 1:
            return language.text("day {day} of {days}", day=occasion.day, days=occasion.days)
        case Yearly(anchor=Anchor.LAST_DAY) if event.last is not None:
            return _since_it_ended(rule, occasion, language)
        case _:
            return by_calendar(language.years(occasion.number), _calendar(rule), language)


def today_words(event: Recalled, rule: Rule, occasion: Occasion, language: Language) -> str:
    """Say it on the day itself: "four years ago today", "four years since it ended", "kept today"."""
    if event.observance:
        return language.text("kept today")
    match rule:
        case DayCount() | Nenki():
            return language.text("today is {nth_day}", nth_day=_counted(event, rule, occasion, language))
        case MonthCount():
            ago = by_calendar(language.months_elapsed(occasion.number), rule.calendar, language)
            same_day = occasion.reason is None and rule.calendar == "gregorian"
            return language.text("{ago} today", ago=ago) if same_day else language.text("{ago}, kept today", ago=ago)
        case Yearly(anchor=Anchor.LAST_DAY) if event.last is not None:
            return _since_it_ended(rule, occasion, language)
        case _:
            return _years_ago_today(event, rule, occasion, language)


def ahead_words(event: Recalled, rule: Rule, occasion: Occasion, language: Language) -> str:
    """Say it of a day to come, behind the day: "four years since it began"; "" of a day that is only kept."""
    if event.observance or isinstance(rule, DayCount | Nenki):
        return occasion_words(event, rule, occasion, language)
    if isinstance(rule, MonthCount):
        since = language.text("{years} since that day", years=language.months(occasion.number))
        return by_calendar(since, rule.calendar, language)
    years = language.years(occasion.number)
    match rule:
        case Yearly(anchor=Anchor.EVERY_DAY) if occasion.days > 1:
            return _day_of_span(rule, occasion, language)
        case Yearly(anchor=Anchor.LAST_DAY) if event.last is not None:
            return _since_it_ended(rule, occasion, language)
        case _ if event.last is not None:
            since = language.text("{years} since it began", years=years)
        case _:
            since = language.text("{years} since that day", years=years)
    return by_calendar(since, _calendar(rule), language)


def lead_words(day: date, on: date, language: Language) -> str:
    """Say how far ahead a day is: "tomorrow, 28 September", "in 7 days, on 27 September"."""
    return language.text(
        "{n, plural, =1 {tomorrow, {date}} other {in # days, on {date}}}",
        n=(on - day).days,
        date=language.date(on, "day"),
    )


def reason_words(event: Recalled, rule: Rule, occasion: Occasion, language: Language) -> tuple[str, ...]:
    """Say in sentences why the day is what it is: moved, begun on the eve, reckoned beyond the tables."""
    said: list[str] = []
    if occasion.reason is not None:
        said.append(moved_words(occasion.reason, language))
    if occasion.begins_on is not None and occasion.begins_on < occasion.on:
        said.append(language.text("It begins at sunset on {date}.", date=language.date(occasion.begins_on, "weekday")))
    if event.first.about and not event.observance and isinstance(rule, Yearly | DayCount | MonthCount | Nenki):
        said.append(language.text("The day itself is known only approximately."))
    if occasion.provisional:
        said.append(provisional_words(rule, language))
    return tuple(said)


def _calendar(rule: Rule) -> str:
    """Give the calendar whose years a rule counts; the rules that are not of a calendar count civil years."""
    return rule.calendar if isinstance(rule, Yearly) else "gregorian"


def _since_it_ended(rule: Rule, occasion: Occasion, language: Language) -> str:
    since = language.text("{years} since it ended", years=language.years(occasion.number))
    return by_calendar(since, _calendar(rule), language)


def _years_ago_today(event: Recalled, rule: Rule, occasion: Occasion, language: Language) -> str:
    if isinstance(rule, Yearly) and rule.anchor is Anchor.EVERY_DAY and occasion.days > 1:
        return _day_of_span(rule, occasion, language)
    ago = by_calendar(language.elapsed(occasion.number), _calendar(rule), language)
    if occasion.reason == Moved.MONTH_KNOWN:
        return language.text("{ago} this month", ago=ago)
    same_day = isinstance(rule, Yearly) and rule.calendar == event.calendar == "gregorian"
    if occasion.reason is None and same_day and not event.first.about:
        return language.text("{ago} today", ago=ago)
    return language.text("{ago}, kept today", ago=ago)


def _day_of_span(rule: Rule, occasion: Occasion, language: Language) -> str:
    ago = by_calendar(language.elapsed(occasion.number), _calendar(rule), language)
    return language.text("day {day} of {days}, {ago}", day=occasion.day, days=occasion.days, ago=ago)


def _counted(event: Recalled, rule: DayCount | Nenki, occasion: Occasion, language: Language) -> str:
    """Say the n-th day, or the year of mourning, which Japan counts with the death as the first."""
    if isinstance(rule, DayCount) or _is_day(event, rule, occasion):
        return language.text("the {n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} day", n=occasion.number)
    name = _NENKI.get(occasion.number)
    return language.text(
        "{named, select, yes {the {n,spellout,%spellout-ordinal}-year memorial, {name}} "
        "other {the {n,spellout,%spellout-ordinal}-year memorial}} ({years,spellout,%spellout-ordinal} anniversary)",
        named="yes" if name else "no",
        n=occasion.number,
        name=language.text(name) if name else "",
        years=max(occasion.number - 1, 1),
    )


def _is_day(event: Recalled, rule: Nenki, occasion: Occasion) -> bool:
    """Say whether the number is that of a day; one that is a year's too is told by the time that has passed."""
    if occasion.number not in rule.days or occasion.number not in rule.numbers:
        return occasion.number in rule.days
    passed = occasion.on.toordinal() - event.first.first_possible(event.calendar)
    return passed < _DAYS_A_YEAR * max(occasion.number - 1, 1) / 2
