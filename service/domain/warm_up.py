"""A new domain is warmed up: how many letters may leave on each day of a plan, until none is felt any more.

Days are UTC's, as relays and the providers' own pages have them. Gmail asks of new senders to begin small and to grow
slowly, and names no numbers; those who run relays double from day to day at most, and half as much more is careful.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from math import floor

from service.domain.errors import InvalidError

FORM = "DATE=LETTERS, such as 2026-12-01=200, or 2026-12-01=200*1.5 for half as many more each day instead of twice"
ENDLESS = 1_000_000  # letters: a day that may have so many has no limit
_LEAST_GROWTH, _MOST_GROWTH = Fraction("1.1"), Fraction(2)
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PLAN = re.compile(rf"({_DAY}) ?= ?([0-9]{{1,6}})(?: ?\* ?([0-9](?:\.[0-9]{{1,2}})?))?")


@dataclass(frozen=True, slots=True)
class WarmUp:
    """So many letters on the first day, and so many times more on each day after it."""

    first_on: date
    letters: int
    growth: Fraction = _MOST_GROWTH

    def limit_on(self, day: date) -> int | None:
        """Give how many letters may leave on a day of UTC; None if any number may: before the plan, and after it."""
        limit, number = Fraction(self.letters), (day - self.first_on).days
        if number < 0:
            return None
        for _ in range(number):
            if limit >= ENDLESS:
                break
            limit *= self.growth
        return floor(limit) if limit < ENDLESS else None

    def days(self) -> Iterator[tuple[date, int]]:
        """Give the days that have a limit, in their order, with it."""
        day = self.first_on
        while (limit := self.limit_on(day)) is not None:
            yield day, limit
            day += timedelta(days=1)

    @property
    def ends_on(self) -> date:
        """The first day that has no limit again."""
        return self.first_on + timedelta(days=sum(1 for _ in self.days()))

    def __str__(self) -> str:
        return f"{self.first_on}={self.letters}*{float(self.growth):g}"


def read_warm_up(text: str) -> WarmUp | None:
    """Read a plan; None for "", which is no plan; raise InvalidError for what is none, with the allowed form."""
    if not text.strip():
        return None
    found = _PLAN.fullmatch(text.strip())
    refused = InvalidError(f"{text!r} is not a plan (allowed: {FORM})", "warm_up")
    if found is None:
        raise refused
    try:
        plan = WarmUp(date.fromisoformat(found[1]), int(found[2]), Fraction(found[3] or _MOST_GROWTH))
    except ValueError:
        raise refused from None
    if not plan.letters:
        raise InvalidError(f"{text!r} lets no letter leave at all (allowed: 1 to 999999 letters)", "warm_up")
    if not _LEAST_GROWTH <= plan.growth <= _MOST_GROWTH:
        raise InvalidError(f"{text!r} grows by {found[3]} (allowed: 1.1 to 2 times a day)", "warm_up")
    return plan


def day_after(moment: datetime) -> datetime:
    """Give the beginning of the next day of UTC, when more may leave."""
    return datetime.combine(moment.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
