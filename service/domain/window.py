"""Which days a letter of each cadence speaks of."""

from calendar import monthrange
from datetime import date, timedelta

from service.domain.event import Tone
from service.domain.notice import Kind
from service.domain.subscription import Cadence

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


def window(cadence: Cadence, day: date) -> tuple[date, date] | None:
    """Give the first and last day that a letter sent on a local day speaks of; None if none is sent then.

    Daily: the day itself. Weekly: the seven days from a Monday (ISO 8601). Monthly: the month from its first.
    """
    match cadence:
        case Cadence.DAILY:
            return day, day
        case Cadence.WEEKLY:
            return (day, day + timedelta(days=6)) if day.weekday() == 0 else None
        case Cadence.MONTHLY:
            return (day, day.replace(day=monthrange(day.year, day.month)[1])) if day.day == 1 else None
