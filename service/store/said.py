"""What there is to tell on a local day: occasions, with their corrections and without what was cancelled, by line."""

from datetime import date

from service.domain.lines import Line, Windows, lines_of, windows_of
from service.domain.subscription import Rhythm
from service.store import approvals, occasions, planning
from service.store.dialect import Tx
from service.store.occasions import Listed


async def said_on(tx: Tx, rhythm: Rhythm, day: date) -> dict[Line, list[Listed]]:
    """Give what each line has to say on a local day: occasions by collection and event, for each lead in use."""
    return await said_within(tx, await windows_on(tx, rhythm, day))


async def windows_on(tx: Tx, rhythm: Rhythm, day: date) -> Windows:
    """Give the days of which a letter sent on a local day tells, for each lead in use."""
    return windows_of(rhythm, day, await planning.leads_in_use(tx))


async def said_within(tx: Tx, windows: Windows) -> dict[Line, list[Listed]]:
    """Give what each line has to say in these windows."""
    if not windows:
        return {}
    return lines_of(windows, await approvals.as_told(tx, await occasions.within(tx, windows.values())))
