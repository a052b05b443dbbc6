"""What a rule says, in sentences: "Every year on 27 September.", and what is said of the years that differ."""

from collections.abc import Iterator
from datetime import date

from service.domain.calendars import calendar_named
from service.domain.calendars.calendar import BeyondTableError, Custom, Date
from service.domain.edtf import Day
from service.domain.event import Event
from service.domain.policies import Anchor, Count, Counting, Near, WeekdayName
from service.domain.reckoning import date_in
from service.domain.rule import (
    DayCount,
    Easter,
    FeastDay,
    MonthCount,
    Nenki,
    Rule,
    SolarTerm,
    Weekday,
    WeekdayNear,
    Yearly,
)
from service.domain.solar_terms import TERMS
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.named_days import AFTER_EASTER, BEFORE_EASTER, FEASTS, MERIDIANS, ON_EASTER
from service.rendering.named_days import TERMS as TERM_NAMES
from service.rendering.reckoned import by_calendar, calendar_words, day_words, in_calendar, month_words
from service.rendering.rule_remarks import milestones, moved, of_months, of_years

_MONDAY = date(2024, 1, 1)
_FIRST_TERM = 285  # degrees; the others follow every 15
_NEAR = {
    Near.NEAREST: message("Every year on the {weekday} nearest {date}."),
    Near.BEFORE: message("Every year on the {weekday} before {date}."),
    Near.AFTER: message("Every year on the {weekday} after {date}."),
    Near.ON_OR_BEFORE: message("Every year on {date} if it is a {weekday}, otherwise on the {weekday} before."),
    Near.ON_OR_AFTER: message("Every year on {date} if it is a {weekday}, otherwise on the {weekday} after."),
}


def rule_words(event: Event, rule: Rule, language: Language) -> str:
    """Say when an event returns by a rule, in sentences."""
    if event.first.month is None:
        return language.text("Only the year is known, so no day is kept.")
    try:
        sentences = [*_returns(event, rule, language), *milestones(event, rule, language), *moved(rule, language)]
    except BeyondTableError:
        return language.text("The tables of its calendar do not reach this event, so no day is kept.")
    return " ".join(sentences)


def _returns(event: Event, rule: Rule, language: Language) -> Iterator[str]:
    match rule:
        case Yearly():
            yield from _yearly(event, rule, language)
        case MonthCount():
            yield _month_count(rule, language)
            yield from of_months(event, rule, language)
        case Weekday():
            yield from _weekday(rule, language)
        case DayCount():
            yield _day_count(rule, language)
        case Nenki():
            yield from _nenki(rule, language)
        case _:
            yield _on_a_named_day(rule, language)
    if event.first.day is None and isinstance(rule, Yearly | DayCount | MonthCount | Nenki):
        yield language.text("Only the month is known; its first day stands for it.")


def _yearly(event: Event, rule: Yearly, language: Language) -> Iterator[str]:
    first = _date_of(event, event.first, rule)
    last = _date_of(event, event.last, rule) if event.last and event.last.month else None
    if last is not None and last != first and rule.anchor is Anchor.EVERY_DAY:
        yield _each_day(rule.calendar_name, first, last, language)
        days = [first, last]
    elif last is not None and event.last and rule.anchor is Anchor.LAST_DAY:
        yield _each_year(event, event.last, rule, language)
        days = [last]
    else:
        yield _each_year(event, event.first, rule, language)
        days = [first]
    yield from of_years(event, rule, days, language)


def _each_year(event: Event, known: Day, rule: Yearly, language: Language) -> str:
    """Say the day, or only the month where no more is known."""
    calendar, day = rule.calendar_name, _date_of(event, known, rule)
    if known.day is None and event.calendar == calendar:
        month = month_words(calendar, day, language)
        return language.text("Every year in {month}.", month=in_calendar(month, calendar, language))
    said = in_calendar(day_words(calendar, day, language), calendar, language)
    if event.last is not None and rule.anchor is Anchor.LAST_DAY:
        return language.text("Every year on the last day, {date}.", date=said)
    if calendar == "hebrew" and rule.custom is Custom.YAHRZEIT:
        return language.text("Every year on {date}, as a yahrzeit.", date=said)
    return language.text("Every year on {date}.", date=said)


def _date_of(event: Event, day: Day, rule: Yearly) -> Date:
    return date_in(event, day, calendar_named(rule.calendar_name), rule.calendar_name, rule.reading)


def _each_day(calendar: str, first: Date, last: Date, language: Language) -> str:
    start, end = day_words(calendar, first, language), day_words(calendar, last, language)
    if calendar == "gregorian":
        return language.text("Each day from {first} to {last}, every year.", first=start, last=end)
    return language.text(
        "Each day from {first} to {last} of {calendar}, every year.",
        first=start,
        last=end,
        calendar=calendar_words(calendar, language),
    )


def _day_count(rule: DayCount, language: Language) -> str:
    if rule.count is Count.INCLUSIVE:
        return language.text(
            "The {n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} day, "
            "the day itself counted as the first.",
            n=rule.days,
        )
    return language.text(
        "The {n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} day after, the day itself not counted.",
        n=rule.days,
    )


def _month_count(rule: MonthCount, language: Language) -> str:
    after = language.text("{months} after", months=language.months(rule.months))
    return language.text("{sentence}.", sentence=language.sentence(by_calendar(after, rule.calendar, language)))


def _weekday(rule: Weekday, language: Language) -> Iterator[str]:
    yield language.text(
        "Every year on the {n, plural, =1 {first} =2 {second} =3 {third} =4 {fourth} =5 {fifth} =-1 {last} "
        "=-2 {second last} =-3 {third last} =-4 {fourth last} other {fifth last}} {weekday} of {month}.",
        n=rule.n,
        weekday=_weekday_name(rule.weekday, language),
        month=language.date(date(2000, rule.month, 1), "MMMM"),
    )
    if abs(rule.n) == 5:
        yield language.text("Nothing in a year in which that month has only four.")


def _on_a_named_day(rule: WeekdayNear | Easter | FeastDay | SolarTerm, language: Language) -> str:
    match rule:
        case WeekdayNear():
            near = language.date(date(2000, *rule.date_in(2000)), "day")
            return language.text(_NEAR[rule.mode], weekday=_weekday_name(rule.weekday, language), date=near)
        case Easter():
            return language.text("Every year {when}.", when=_about_easter(rule, language))
        case FeastDay():
            return language.text("Every year {when}.", when=language.text(FEASTS[rule.name]))
        case SolarTerm():
            return language.text(
                "Every year on {term}, the day on which the sun reaches {degrees} degrees of celestial longitude, "
                "{time}.",
                term=language.text(TERM_NAMES[rule.term]),
                degrees=str((_FIRST_TERM + 15 * TERMS.index(rule.term)) % 360),
                time=language.text(MERIDIANS[rule.meridian]),
            )


def _about_easter(rule: Easter, language: Language) -> str:
    if rule.offset == 0:
        return language.text(ON_EASTER[rule.tradition])
    words = AFTER_EASTER if rule.offset > 0 else BEFORE_EASTER
    return language.text(words[rule.tradition], n=abs(rule.offset))


def _nenki(rule: Nenki, language: Language) -> Iterator[str]:
    if rule.days:
        days = language.listed(map(str, sorted(rule.days)))
        yield language.text(
            "{n, plural, one {The Buddhist day of mourning {days}} other {The Buddhist days of mourning {days}}}, "
            "counted as in Japan with the day of the death as the first.",
            n=len(rule.days),
            days=days,
        )
        if rule.counting is Counting.KANSAI:
            yield language.text("Each is kept on its eve, as in Kansai.")
    if rule.numbers:
        yield language.text(
            "{n, plural, one {The Buddhist memorial of the year {years}} other {The Buddhist memorials of the years "
            "{years}}}, counted as in Japan: the first a year after the death, each later one with the death as the "
            "first.",
            n=len(rule.numbers),
            years=language.listed(map(str, sorted(rule.numbers))),
        )


def _weekday_name(weekday: WeekdayName, language: Language) -> str:
    return language.date(_MONDAY.replace(day=1 + weekday.number), "EEEE")
