"""What is said of a rule beyond when it returns: years that lack the day, milestones, days that are moved."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date

from service.domain.calendars import calendar_named, gregorian, hebrew
from service.domain.calendars.calendar import Adar, BeyondTableError, Custom, Date, LeapMonth, MissingDay
from service.domain.event import Event
from service.domain.feasts import FEASTS
from service.domain.policies import Anchor, MissingMonthDay, Observed, Reading
from service.domain.rule import DayCount, FeastDay, MonthCount, Nenki, Only, Rule, Yearly
from service.rendering.locales import Language
from service.rendering.messages import message

_YEARS_LOOKED_AT = 40
_EAST_ASIAN = frozenset({"chinese", "korean", "vietnamese"})
_MISSING = {
    MissingDay.CLIP: message("In a year that lacks the day, on the last day of that month."),
    MissingDay.NEXT: message("In a year that lacks the day, on the day after."),
    MissingDay.SKIP: message("In a year that lacks the day, not at all."),
}
_OBSERVED = {
    Observed.NEAREST_WEEKDAY: message(
        "If it falls on a Saturday, it is kept on the Friday before; if on a Sunday, on the Monday after."
    ),
    Observed.NEXT_MONDAY: message("If it falls on a Saturday or a Sunday, it is kept on the Monday after."),
    Observed.NEXT_WORKING_DAY: message("If it does not fall on a working day, it is kept on the next one."),
    Observed.PREVIOUS_FRIDAY: message("If it falls on a Saturday or a Sunday, it is kept on the Friday before."),
    Observed.PREVIOUS_WORKING_DAY: message("If it does not fall on a working day, it is kept on the last one before."),
    Observed.NEAREST_SUNDAY: message("Moved to the nearest Sunday."),
    Observed.SUNDAY_ON_OR_BEFORE: message("Moved to the Sunday before, unless it falls on a Sunday."),
    Observed.SUNDAY_ON_OR_AFTER: message("Moved to the Sunday after, unless it falls on a Sunday."),
}
_WORKING = frozenset({Observed.NEXT_WORKING_DAY, Observed.PREVIOUS_WORKING_DAY})
_ADARS = {
    Adar.ADAR1: message("In a year with two months of Adar, in the first."),
    Adar.ADAR2: message("In a year with two months of Adar, in the second."),
    Adar.BOTH: message("In a year with two months of Adar, in both."),
}


def of_years(event: Event, rule: Yearly, days: Sequence[Date], language: Language) -> Iterator[str]:
    """Say what becomes of the days in years that lack them or have their month twice, where that can be."""
    calendar = rule.calendar_name
    if calendar == "hebrew":
        yield from dict.fromkeys(said for day in days for said in _hebrew(rule, day, language))
    elif any(_may_be_missing(calendar, day) for day in days):
        yield language.text(_MISSING[rule.missing_day])
    if calendar in _EAST_ASIAN:
        yield from _leap_month(rule, days, language)
    if rule.reading is Reading.NOMINAL and event.calendar != calendar:
        yield language.text("Day and month are taken as they were written down, and not converted.")
    if calendar_named(calendar).SUNSET and rule.observed is Observed.NONE:
        yield language.text("It begins at sunset on the evening before.")


def of_months(event: Event, rule: MonthCount, language: Language) -> Iterator[str]:
    """Say what becomes of a day that the month which is counted to may lack."""
    if (event.first.day or 1) >= (29 if rule.calendar in {"gregorian", "julian"} else 30):
        if rule.missing_day is MissingMonthDay.CLIP:
            yield language.text("If that month lacks the day, on its last day.")
        else:
            yield language.text("If that month lacks the day, the days beyond its end are counted on into the next.")
    if calendar_named(rule.calendar).SUNSET and rule.observed is Observed.NONE:
        yield language.text("It begins at sunset on the evening before.")


def milestones(event: Event, rule: Rule, language: Language) -> Iterator[str]:
    """Say which occasions are kept, if not all, and until when."""
    in_years = not isinstance(rule, DayCount | MonthCount | Nenki)
    if rule.only is not None and rule.only.every != 1:
        yield _only_years(rule.only, language) if in_years else _only_numbers(rule.only, language)
    if rule.from_number > 1 and in_years and getattr(rule, "calendar", "gregorian") == "gregorian":
        yield language.text("From {year} on.", year=str(_civil_year(event, rule) + rule.from_number))
    elif rule.from_number > 1 and in_years:
        yield language.text(
            "From the {n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} year on.", n=rule.from_number
        )
    elif rule.from_number > 1:
        yield language.text("Only from number {n} on.", n=str(rule.from_number))
    if rule.until is not None:
        yield language.text("Until {date}.", date=language.date(date.fromisoformat(rule.until)))


def moved(rule: Rule, language: Language) -> Iterator[str]:
    """Say to which day it is moved, and whose holidays count."""
    if isinstance(rule, FeastDay) and FEASTS[rule.name].sunset and rule.observed is Observed.NONE:
        yield language.text("It begins at sunset on the evening before.")
    if rule.observed in _OBSERVED:
        yield language.text(_OBSERVED[rule.observed])
    if rule.observed not in _WORKING:
        return
    if isinstance(rule.holidays, str):
        yield language.text("Holidays are those of this country: {place}.", place=language.territory(rule.holidays))
    elif rule.holidays:
        yield language.text("Holidays are those of a list of its own.")
    else:
        yield language.text("No holidays count but weekends.")


def _civil_year(event: Event, rule: Rule) -> int:
    """Give the civil year from which a rule counts."""
    ended = isinstance(rule, Yearly) and rule.anchor is Anchor.LAST_DAY
    known = event.last if ended and event.last is not None else event.first
    return gregorian.date_of(known.first_possible(event.calendar))[0]


def _only_years(only: Only, language: Language) -> str:
    years = language.listed(map(str, only.numbers))
    if only.every is None:
        return language.text(
            "{last, plural, one {Only after {years} year.} other {Only after {years} years.}}",
            last=max(only.numbers),
            years=years,
        )
    if not only.numbers:
        return language.text(
            "Only every {n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} year.", n=only.every
        )
    return language.text(
        "Only every {n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} year, and "
        "{last, plural, one {after {years} year} other {after {years} years}}.",
        n=only.every,
        last=max(only.numbers),
        years=years,
    )


def _only_numbers(only: Only, language: Language) -> str:
    numbers = language.listed(map(str, only.numbers))
    if only.every is None:
        return language.text("Only what has one of these numbers: {numbers}.", numbers=numbers)
    if not only.numbers:
        return language.text("Only what has a number that can be divided by {n}.", n=str(only.every))
    return language.text(
        "Only what has a number that can be divided by {n}, or one of these: {numbers}.",
        n=str(only.every),
        numbers=numbers,
    )


def _hebrew(rule: Yearly, day: Date, language: Language) -> Iterator[str]:
    """Say how a day of the Hebrew calendar returns where the year lacks it, or has two months of Adar."""
    year, month, of_month = day
    yahrzeit, leap = rule.custom is Custom.YAHRZEIT, hebrew.is_leap(year)
    last = of_month == 30 and (month in {hebrew.CHESHVAN, hebrew.KISLEV} or (month == hebrew.ADAR and leap))
    if last and not yahrzeit:
        yield language.text(_MISSING[MissingDay.SKIP if rule.missing_day is MissingDay.SKIP else MissingDay.NEXT])
    elif last and month == hebrew.ADAR:
        yield language.text("In a year with one month of Adar, on 30 Shevat.")
    elif last and hebrew.days_in(year + 1, month) < 30:
        yield language.text("In a year that lacks the day, on the 29th, as in the first year after the death.")
    elif last:
        yield language.text(
            "In a year that lacks the day, on the first of the next month, since the first year after the death had it."
        )
    if month >= hebrew.ADAR and not leap:
        yield language.text(_ADARS[rule.adar or (Adar.ADAR1 if yahrzeit else Adar.ADAR2)])
    elif month >= hebrew.ADAR and not last:
        yield language.text("In a year with one month of Adar, in that.")


def _leap_month(rule: Yearly, days: Sequence[Date], language: Language) -> Iterator[str]:
    in_leap_month = any(month < 0 for _, month, _ in days)
    if rule.leap_month is LeapMonth.BOTH:
        yield language.text("In a year that has that month twice, in both.")
    elif in_leap_month and rule.leap_month is LeapMonth.PREFER_LEAP:
        yield language.text("In a year without that leap month, in the regular month of the same number.")
    elif in_leap_month:
        yield language.text("Always in the regular month of the same number.")


def _may_be_missing(calendar: str, day: Date) -> bool:
    """Say whether a year among the next ones lacks the day."""
    year, month, of_month = day
    reckoned = calendar_named(calendar)
    for later in range(year, year + _YEARS_LOOKED_AT):
        with suppress(BeyondTableError):
            if reckoned.days_in(later, abs(month)) < of_month:
                return True
    return False
