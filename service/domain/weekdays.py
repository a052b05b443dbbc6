"""Weekdays near a date, and the n-th of a month; weekdays are 0 for Monday to 6 for Sunday."""

from service.domain.calendars import gregorian
from service.domain.policies import Near


def weekday_of(day_number: int) -> int:
    """Give the weekday; day number 1 was a Monday."""
    return (day_number - 1) % 7


def nth_weekday(year: int, month: int, weekday: int, n: int) -> int | None:
    """Give the n-th weekday of a month, from its end if n is negative; None if it has no such one."""
    first = gregorian.day_number(year, month, 1)
    matching = range(1 + (weekday - weekday_of(first)) % 7, gregorian.days_in(year, month) + 1, 7)
    return first - 1 + matching[n - 1 if n > 0 else n] if abs(n) <= len(matching) else None


def near(day_number: int, weekday: int, mode: Near) -> int:
    """Give the weekday near a day; the nearest is never more than three days away."""
    after = (weekday - weekday_of(day_number)) % 7  # 0 on the day itself
    match mode:
        case Near.NEAREST:
            return day_number + (after if after <= 3 else after - 7)
        case Near.ON_OR_AFTER:
            return day_number + after
        case Near.AFTER:
            return day_number + (after or 7)
        case Near.ON_OR_BEFORE:
            return day_number + (after - 7 if after else 0)
        case Near.BEFORE:
            return day_number + after - 7
