"""Why a day is not the one on which it would fall: a sentence for each reason that the engine gives."""

from collections.abc import Mapping

from service.domain.calendars.calendar import Moved
from service.domain.calendars.hebrew import Kept
from service.domain.feasts.jewish import Postponed
from service.domain.policies import Observed
from service.domain.rule import MonthCount, Rule, SolarTerm, Yearly
from service.rendering.locales import Language
from service.rendering.messages import message

_EAST_ASIAN = frozenset({"chinese", "korean", "vietnamese"})

_OTHER = message("It is not kept on the day on which it would fall.")
_NO_WEEKEND = {
    Observed.NEAREST_WEEKDAY: message("Its own day falls on a weekend; it is kept on the nearest weekday."),
    Observed.NEXT_MONDAY: message("Its own day falls on a weekend; it is kept on the Monday after."),
    Observed.NEXT_WORKING_DAY: message("Its own day is not a working day; it is kept on the next one that is."),
    Observed.PREVIOUS_FRIDAY: message("Its own day falls on a weekend; it is kept on the Friday before."),
    Observed.PREVIOUS_WORKING_DAY: message("Its own day is not a working day; it is kept on the last one before it."),
    Observed.NEAREST_SUNDAY: message("Its own day is not a Sunday; it is kept on the nearest one."),
    Observed.SUNDAY_ON_OR_BEFORE: message("Its own day is not a Sunday; it is kept on the Sunday before."),
    Observed.SUNDAY_ON_OR_AFTER: message("Its own day is not a Sunday; it is kept on the Sunday after."),
}
REASONS: Mapping[str, str] = {
    Moved.CLIPPED: message(
        "The month lacks the day on which this would fall; it is kept on the last day of the month."
    ),
    Moved.NEXT: message("The month lacks the day on which this would fall; it is kept on the day after."),
    Moved.SPILLED: message(
        "The month lacks the day on which this would fall; the days beyond its end were counted on into the next."
    ),
    Moved.MONTH_KNOWN: message("Only the month is known; its first day stands for it."),
    Moved.LEAP_MONTH: message(
        "The year of the event and this one do not have the same leap month; it is kept in the month of that number."
    ),
    Kept.FIRST_SHORT: message(
        "The month has no 30th in this year; it is kept on the 29th, as in the first year after the death."
    ),
    Kept.FIRST_LONG: message(
        "The month has no 30th in this year; it is kept on the first of the next month, "
        "because the first year after the death had a 30th."
    ),
    Kept.SHEVAT: message("The year has no 30 Adar; it is kept on 30 Shevat."),
    Kept.ONE_ADAR: message("It was in a year with two months of Adar; this year has one, and it is kept in that."),
    Kept.TWO_ADARS: message(
        "It was in a year with one month of Adar; this year has two, and it is kept in the one that is chosen for it."
    ),
    Postponed.AFTER_SHABBAT: message("It is kept later than its own date, to stay clear of the Shabbat."),
    Postponed.BEFORE_SHABBAT: message("It is kept earlier than its own date, to stay clear of the Shabbat."),
    **{f"observed-{policy}": text for policy, text in _NO_WEEKEND.items()},
}


def moved_words(reason: str, language: Language) -> str:
    """Say why a day was moved; of a reason that is new to us, only that it was."""
    return language.text(REASONS.get(reason, _OTHER))


def provisional_words(rule: Rule, language: Language) -> str:
    """Say why a date may still change."""
    if isinstance(rule, SolarTerm):
        return language.text("The sun reaches this term so near to midnight that the day may still change.")
    if isinstance(rule, Yearly | MonthCount) and rule.calendar in _EAST_ASIAN:
        return language.text("The day is not certain in its calendar yet and may still change.")
    return language.text("This date lies beyond the published tables of its calendar and may still change.")
