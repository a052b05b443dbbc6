"""Which days a letter of each rhythm speaks of."""

from calendar import monthrange
from datetime import date, timedelta

from service.domain.event import Tone
from service.domain.notice import Kind
from service.domain.subscription import Cadence, Rhythm

LONGEST_DAYS = 31

_KINDS = {
    (Cadence.DAILY, Tone.SOLEMN): Kind.NOTICE,
    (Cadence.DAILY, Tone.FESTIVE): Kind.NOTICE_FESTIVE,
    (Cadence.WEEKLY, Tone.SOLEMN): Kind.WEEKLY,
    (Cadence.WEEKLY, Tone.FESTIVE): Kind.WEEKLY_FESTIVE,
    (Cadence.MONTHLY, Tone.SOLEMN): Kind.MONTHLY,
    (Cadence.MONTHLY, Tone.FESTIVE): Kind.MONTHLY_FESTIVE,
}


def kind_of(cadence: Cadence, tone: Tone) -> Kind:
    """Give the kind of letter: mourning and celebration never share one."""
    return _KINDS[cadence, tone]


def rhythms_on(day: date) -> tuple[Rhythm, ...]:
    """Give every rhythm in which a letter may be sent on a local day; the last of a month stands in for those after."""
    length = monthrange(day.year, day.month)[1]
    of_month = range(day.day, 32 if day.day == length else day.day + 1)
    weekly, monthly = Rhythm(Cadence.WEEKLY, day.isoweekday()), (Rhythm(Cadence.MONTHLY, on) for on in of_month)
    return Rhythm(), weekly, *monthly


def window(rhythm: Rhythm, day: date) -> tuple[date, date] | None:
    """Give the first and last day that a letter sent on a local day speaks of; None if none is sent then.

    Daily: the day itself. A summary: until the day before the next one, so that no day is left out or told twice.
    """
    if rhythm.cadence is Cadence.DAILY:
        return day, day
    if rhythm not in rhythms_on(day):
        return None
    if rhythm.cadence is Cadence.WEEKLY:
        return day, day + timedelta(days=6)
    following = day.replace(day=1) + timedelta(days=monthrange(day.year, day.month)[1])
    next_on = min(rhythm.on, monthrange(following.year, following.month)[1])
    return day, following.replace(day=next_on) - timedelta(days=1)
