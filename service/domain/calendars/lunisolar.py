"""What the Chinese, Korean and Vietnamese calendars share: a table of months, and how a day of a leap month returns.

The three follow one rule (GB/T 33661-2017: a month begins on the day of the new moon, month 11 holds the winter
solstice, the first month without a principal term is leap if there are 13 to the next) at three midnights, so each is
a table of its own. A lunar year has the number of the civil year in which it begins.

A day of an ordinary month returns in that month. For a day of a leap month, which most years lack, custom differs:
`regular` keeps it in the ordinary month of that number, also in a year that has the leap month; `prefer_leap` in the
leap month where the year has it, else in the ordinary one; `both` keeps a day of either month twice in a year that
has both. Whatever falls in another month than that of the origin says so.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.domain.calendars.calendar import BeyondTableError, Date, LeapMonth, MissingDay, Moved, Returned, Ways
from service.domain.errors import InvalidError

_LEAP_BITS = 13  # a year of the table: the bits below are months of 30 days, above them is the leap month


@dataclass(frozen=True, slots=True)
class Lunisolar:
    """Looks dates up among the first days of all months; behind the last stands the end of the table."""

    name: str
    first_year: int
    starts: Sequence[int]
    months: Sequence[Sequence[int]]  # of each year, in their order
    places: Mapping[tuple[int, int], int]  # of a year and month among the starts
    names: Sequence[tuple[int, int]]  # the year and month of each place
    uncertain: frozenset[int]  # first days so near to midnight that they may yet move
    provisional_from: int  # months that begin on this day or later are not yet confirmed

    def months_of(self, year: int) -> Sequence[int]:
        """Give the months of a year in their order, a leap month as the negative of its number; BeyondTableError."""
        last_year = self.first_year + len(self.months) - 1
        if not self.first_year <= year <= last_year:
            raise self._beyond(min(max(year, self.first_year), last_year))
        return self.months[year - self.first_year]

    def days_in(self, year: int, month: int) -> int:
        """Count the days of a month; raise InvalidError, BeyondTableError."""
        place = self._place(year, month)
        return self.starts[place + 1] - self.starts[place]

    def day_number(self, year: int, month: int, day: int) -> int:
        """Give the day number of a date; raise InvalidError, BeyondTableError."""
        place = self._place(year, month)
        found = self.starts[place] + day - 1
        if day < 1 or found >= self.starts[place + 1]:
            raise InvalidError(f"month {_written(month)} of {year} has no day {day} in the {self.name} calendar")
        return found

    def date_of(self, day_number: int) -> Date:
        """Give year, month and day of a day number; raise BeyondTableError."""
        if day_number < self.starts[0]:
            raise self._beyond(self.first_year)
        place = bisect_right(self.starts, day_number) - 1
        if place == len(self.names):
            raise self._beyond(self.first_year + len(self.months) - 1)
        return *self.names[place], day_number - self.starts[place] + 1

    def returns_in(self, year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
        """Give the days on which a date returns: one, two by `both`, or none where a missing day is skipped.

        A day that is moved within its month gives that as the reason, before that of the month.
        """
        kept = _months_kept(self.months_of(year), origin[1], ways.leap_month)
        return [one for month in kept for one in self._returned(year, month, origin, ways.missing_day)]

    def _returned(self, year: int, month: int, origin: Date, missing_day: MissingDay) -> Iterator[Returned]:
        """Give the day in one month; its start may be uncertain, and for a 30th that of the month after it too."""
        place, day = self._place(year, month), origin[2]
        start, after = self.starts[place], self.starts[place + 1]
        doubtful = start in self.uncertain or (day == 30 and after in self.uncertain)
        provisional = doubtful or start >= self.provisional_from
        if start + day <= after:
            yield Returned(start + day - 1, None if month == origin[1] else Moved.LEAP_MONTH, provisional)
        elif missing_day is MissingDay.CLIP:
            yield Returned(after - 1, Moved.CLIPPED, provisional)
        elif missing_day is MissingDay.NEXT:
            yield Returned(after, Moved.NEXT, provisional)

    def _place(self, year: int, month: int) -> int:
        try:
            return self.places[year, month]
        except KeyError:
            self.months_of(year)
            raise InvalidError(f"the {self.name} year {year} has no month {_written(month)}") from None

    def _beyond(self, nearest_year: int) -> BeyondTableError:
        last_year = self.first_year + len(self.months) - 1
        known = f"the years {self.first_year} to {last_year}"
        return BeyondTableError(f"the {self.name} calendar is known only for {known}", nearest_year)


def lunisolar(
    name: str,
    first: tuple[int, int],
    years: Sequence[int],
    uncertain: Sequence[int],
    provisional_from: int,
) -> Lunisolar:
    """Unfold a table, from its first year and day number and its years as `tables/` has them."""
    first_year, day = first
    starts, months = [day], []
    for year in years:
        leap = year >> _LEAP_BITS
        months.append(tuple(month for number in range(1, 13) for month in _with_leap(number, leap)))
        for place in range(len(months[-1])):
            starts.append(starts[-1] + 29 + (year >> _LEAP_BITS - 1 - place & 1))
    names = [(first_year + place, month) for place, of_year in enumerate(months) for month in of_year]
    places = {own: place for place, own in enumerate(names)}
    return Lunisolar(name, first_year, starts, months, places, names, frozenset(uncertain), provisional_from)


def _with_leap(number: int, leap: int) -> tuple[int, ...]:
    return (number, -number) if number == leap else (number,)


def _months_kept(months: Sequence[int], month: int, way: LeapMonth) -> tuple[int, ...]:
    regular, leap = abs(month), -abs(month)
    if leap not in months or way is LeapMonth.REGULAR:
        return (regular,)
    if way is LeapMonth.BOTH:
        return regular, leap
    return (month,)


def _written(month: int) -> str:
    return f"{-month:02}L" if month < 0 else f"{month:02}"
