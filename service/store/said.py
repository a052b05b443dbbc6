"""What there is to tell on a local day: occasions, with their corrections and without what was cancelled, by line."""

from service.domain.lines import Line, Windows, lines_of
from service.store import approvals, occasions
from service.store.dialect import Tx
from service.store.occasions import Listed


async def said_within(tx: Tx, windows: Windows) -> dict[Line, list[Listed]]:
    """Give what each line has to say in these windows, those of the leads in use (`planning.leads_in_use`)."""
    if not windows:
        return {}
    return lines_of(windows, await approvals.as_told(tx, await occasions.within(tx, windows.values())))
