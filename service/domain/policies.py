"""The choices that a rule may make, by the words in which a document makes them.

Those that decide how a date returns in its own calendar are in `calendars/calendar.py`.
"""

from enum import StrEnum


class Anchor(StrEnum):
    """Which day of a span returns."""

    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"
    EVERY_DAY = "every_day"


class MissingMonthDay(StrEnum):
    """What happens when a month counted from the event is too short for its day."""

    CLIP = "clip"  # the last day of that month
    OVERFLOW = "overflow"  # spills over: 31 January and a month is 3 March, or 2 March in a leap year


class Count(StrEnum):
    """Whether the day itself is the first of a count of days."""

    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"


class Reading(StrEnum):
    """How a date that was recorded in another calendar than the rule's is read."""

    CONVERT = "convert"  # its day, in the rule's calendar
    NOMINAL = "nominal"  # the same day and month, in the rule's calendar


class Table(StrEnum):
    """Which Umm al-Qura table: the calendar as it was published, or the one computed by KACST."""

    PUBLISHED = "published"
    KACST = "kacst"


class Observed(StrEnum):
    """To which day an occasion is moved if its own does not suit; its number stays that of its own day."""

    NONE = "none"
    NEAREST_WEEKDAY = "nearest_weekday"  # Saturday to Friday, Sunday to Monday (5 U.S.C. 6103)
    NEXT_MONDAY = "next_monday"  # from a weekend (substitute days, United Kingdom)
    NEXT_WORKING_DAY = "next_working_day"  # from a weekend or holiday
    PREVIOUS_FRIDAY = "previous_friday"  # from a weekend
    PREVIOUS_WORKING_DAY = "previous_working_day"  # from a weekend or holiday
    NEAREST_SUNDAY = "nearest_sunday"
    SUNDAY_ON_OR_BEFORE = "sunday_on_or_before"
    SUNDAY_ON_OR_AFTER = "sunday_on_or_after"


class Near(StrEnum):
    """Which weekday near a date is meant."""

    NEAREST = "nearest"
    BEFORE = "before"
    AFTER = "after"
    ON_OR_BEFORE = "on_or_before"
    ON_OR_AFTER = "on_or_after"


class Tradition(StrEnum):
    """Whose Easter: by the Gregorian computus, the Julian one, or the Armenian Church's (Gregorian since 1924)."""

    WESTERN = "western"
    ORTHODOX = "orthodox"
    ARMENIAN = "armenian"


class Meridian(StrEnum):
    """Where the day of a solar term begins at midnight."""

    CHINA = "china"
    KOREA = "korea"
    JAPAN = "japan"
    VIETNAM = "vietnam"


class Counting(StrEnum):
    """Whether the days of mourning are counted from the death, or, as in Kansai, from its eve."""

    STANDARD = "standard"
    KANSAI = "kansai"


class WeekdayName(StrEnum):
    """The days of the week as RFC 5545 writes them, Monday first."""

    MO = "MO"
    TU = "TU"
    WE = "WE"
    TH = "TH"
    FR = "FR"
    SA = "SA"
    SU = "SU"

    @property
    def number(self) -> int:
        """0 for Monday to 6 for Sunday, as `datetime.date.weekday` counts."""
        return list(WeekdayName).index(self)
