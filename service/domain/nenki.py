"""The Japanese Buddhist days and years of mourning, each counted with the death itself as the first.

Years (nenki): isshuki, the first, is one year after the death. From then on the death counts as the first
of the observances, so that the third (sankaiki) is two years after it and the k-th k - 1 years after; a second
would be isshuki itself and has its day. All are on the day of the death (shotsuki meinichi), 29 February on
the 28th in a common year.

Days (kinichi): the 7th, the 49th and the 100th are 6, 48 and 99 days after the death. Kansai holds them on
the eve (taiya) and so counts from the day before the death. That is told of the seven weeks (chuin), and of
the hundredth day too (Yoriso's and other undertakers' tables, which move the whole row in western Japan), so
every day moves and no year does.

Authority: Buddhist Churches of America on memorial services; the tables that temples print (nenkihyo).
"""

from collections.abc import Iterable, Iterator

from service.domain.calendars import gregorian
from service.domain.calendars.calendar import MissingDay, Returned, same_day
from service.domain.policies import Counting


def years_and_days(
    start: int, numbers: Iterable[int], days: Iterable[int], counting: Counting
) -> Iterator[tuple[int, Returned]]:
    """Give each day and year of mourning after a death on day `start`, with its own number; a year may repeat a day's.

    `numbers` are those of the years, `days` the days; each comes in the order in which it was asked for.
    """
    eve = counting is Counting.KANSAI
    for day in days:
        yield day, Returned(start + day - 1 - eve)
    death = gregorian.date_of(start)
    for number in numbers:
        year = death[0] + max(number - 1, 1)
        (returned,) = same_day(gregorian, year, death, MissingDay.CLIP)
        yield number, returned
