"""What holds of every calendar, and civil dates as people write them."""

from service.domain.calendars import gregorian
from service.domain.calendars.calendar import Calendar, Date, MissingDay, Ways

CLIP, NEXT, SKIP = (Ways(missing_day=one) for one in MissingDay)


def civil(calendar: Calendar, year: int, month: int, day: int) -> str:
    """Give the Gregorian date of a date, as in ISO 8601."""
    return written(calendar.day_number(year, month, day))


def written(day_number: int) -> str:
    """Give the Gregorian date of a day number, as in ISO 8601."""
    year, month, day = gregorian.date_of(day_number)
    return f"{year:04}-{month:02}-{day:02}"


def dated(calendar: Calendar, text: str) -> Date:
    """Give the date of a calendar on a civil date, written as in ISO 8601."""
    year, month, day = text.rsplit("-", 2)
    return calendar.date_of(gregorian.day_number(int(year), int(month), int(day)))


def returned(calendar: Calendar, year: int, origin: Date, ways: Ways) -> list[tuple[str, str | None]]:
    """Give the civil dates on which a date returns, each with its reason."""
    return [(written(one.day_number), one.reason) for one in calendar.returns_in(year, origin, ways)]


def hold_on(calendar: Calendar, day_number: int) -> None:
    """Assert that a day has one date, that the day after has the date after, and that it returns in its own year."""
    year, month, day = date = calendar.date_of(day_number)
    assert calendar.day_number(*date) == day_number
    after = calendar.date_of(day_number + 1)
    months = list(calendar.months_of(year))
    if day < calendar.days_in(year, month):
        assert after == (year, month, day + 1)
    elif month != months[-1]:
        assert after == (year, months[months.index(month) + 1], 1)
    else:
        assert after == (year + 1, calendar.months_of(year + 1)[0], 1)
    (same,) = calendar.returns_in(year, date, CLIP)
    assert (same.day_number, same.reason) == (day_number, None)


def hold_in(calendar: Calendar, year: int) -> None:
    """Assert that the months of a year follow one another without a gap."""
    start = calendar.day_number(year, 1, 1)
    for month in calendar.months_of(year):
        assert calendar.day_number(year, month, 1) == start
        start += calendar.days_in(year, month)
        assert calendar.date_of(start - 1) == (year, month, calendar.days_in(year, month))
