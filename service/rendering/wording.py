"""Occasions in words: how long ago, which day of the span, how far ahead, and why a day was moved."""

from datetime import date

from service.domain.event import Event
from service.domain.occasion import Moved, Occasion
from service.domain.rule import Anchor, DayCount, MonthCount, Rule, Weekday, Yearly
from service.rendering.locales import Language
from service.rendering.messages import message

_REASONS = {
    Moved.CLIPPED: message(
        "The month lacks the day on which this would fall; it is kept on the last day of the month."
    ),
    Moved.NEXT: message("The month lacks the day on which this would fall; it is kept on the day after."),
    Moved.SPILLED: message(
        "The month lacks the day on which this would fall; the days beyond its end were counted on into the next."
    ),
    Moved.MONTH_KNOWN: message("Only the month is known; its first day stands for it."),
}


def occasion_words(event: Event, rule: Rule, occasion: Occasion, language: Language) -> str:
    """Say which return this is: "four years", "day 17 of 44", "the 40th day"; "" of a day that is only kept."""
    if event.observance:
        return ""
    match rule:
        case DayCount():
            return _nth_day(occasion, language)
        case MonthCount():
            return language.months(occasion.number)
        case Yearly(anchor=Anchor.EVERY_DAY) if occasion.days > 1:
            return language.text("day {day} of {days}", day=occasion.day, days=occasion.days)
        case Yearly(anchor=Anchor.LAST_DAY) if event.last is not None:
            return language.text("{years} since it ended", years=language.years(occasion.number))
        case _:
            return language.years(occasion.number)


def today_words(event: Event, rule: Rule, occasion: Occasion, language: Language) -> str:
    """Say it on the day itself: "four years ago today", "four years since it ended", "kept today"."""
    if event.observance:
        return language.text("kept today")
    match rule:
        case DayCount():
            return language.text("today is {nth_day}", nth_day=_nth_day(occasion, language))
        case MonthCount() if occasion.reason is None:
            return language.text("{ago} today", ago=language.months_elapsed(occasion.number))
        case MonthCount():
            return language.text("{ago}, kept today", ago=language.months_elapsed(occasion.number))
        case Yearly(anchor=Anchor.LAST_DAY) if event.last is not None:
            return language.text("{years} since it ended", years=language.years(occasion.number))
        case _:
            return _years_ago_today(event, rule, occasion, language)


def ahead_words(event: Event, rule: Rule, occasion: Occasion, language: Language) -> str:
    """Say it of a day to come, behind the day: "four years since it began"; "" of a day that is only kept."""
    if event.observance or isinstance(rule, DayCount):
        return occasion_words(event, rule, occasion, language)
    if isinstance(rule, MonthCount):
        return language.text("{years} since that day", years=language.months(occasion.number))
    years = language.years(occasion.number)
    match rule:
        case Yearly(anchor=Anchor.EVERY_DAY) if occasion.days > 1:
            return _day_of_span(occasion, language, language.elapsed(occasion.number))
        case Yearly(anchor=Anchor.LAST_DAY) if event.last is not None:
            return language.text("{years} since it ended", years=years)
        case _ if event.last is not None:
            return language.text("{years} since it began", years=years)
        case _:
            return language.text("{years} since that day", years=years)


def lead_words(day: date, on: date, language: Language) -> str:
    """Say how far ahead a day is: "tomorrow, 28 September", "in 7 days, on 27 September"."""
    return language.text(
        "{n, plural, =1 {tomorrow, {date}} other {in # days, on {date}}}",
        n=(on - day).days,
        date=language.date(on, "day"),
    )


def reason_words(event: Event, rule: Rule, occasion: Occasion, language: Language) -> tuple[str, ...]:
    """Say in sentences why the day is what it is: moved, begun on the eve, reckoned beyond the tables."""
    said: list[str] = []
    if occasion.reason is not None:
        said.append(language.text(_REASONS[occasion.reason]))
    if occasion.begins_on is not None and occasion.begins_on < occasion.on:
        said.append(language.text("It begins at sunset on {date}.", date=language.date(occasion.begins_on, "weekday")))
    if event.first.about and not event.observance and not isinstance(rule, Weekday):
        said.append(language.text("The day itself is known only approximately."))
    if occasion.provisional:
        said.append(language.text("This date lies beyond the published tables of its calendar and may still change."))
    return tuple(said)


def _years_ago_today(event: Event, rule: Rule, occasion: Occasion, language: Language) -> str:
    ago = language.elapsed(occasion.number)
    if isinstance(rule, Yearly) and rule.anchor is Anchor.EVERY_DAY and occasion.days > 1:
        return _day_of_span(occasion, language, ago)
    if occasion.reason is Moved.MONTH_KNOWN:
        return language.text("{ago} this month", ago=ago)
    same_day = isinstance(rule, Yearly) and rule.calendar == event.calendar == "gregorian"
    if occasion.reason is None and same_day and not event.first.about:
        return language.text("{ago} today", ago=ago)
    return language.text("{ago}, kept today", ago=ago)


def _day_of_span(occasion: Occasion, language: Language, ago: str) -> str:
    return language.text("day {day} of {days}, {ago}", day=occasion.day, days=occasion.days, ago=ago)


def _nth_day(occasion: Occasion, language: Language) -> str:
    return language.text("the {n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} day", n=occasion.number)
