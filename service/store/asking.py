"""What editors are asked about: what is told of each event on each day, its version, and since when it is asked."""

from dataclasses import dataclass
from datetime import date, timedelta

from service.domain.approval import Approval, Fate, Leave, version_of
from service.domain.window import LONGEST_DAYS
from service.store import approvals, events, occasions, planning
from service.store.approvals import Pair
from service.store.dialect import Tx
from service.store.templates import version_in_use


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is told of an event on a day, as an editor is asked about it; `version` is what would be approved.

    `first_on` is the first local day on which a letter may tell of it, `ask_on` the day from which editors are asked.
    """

    event: str
    on: date
    collection: str
    version: str
    leave: Leave
    fate: Fate
    first_on: date
    ask_on: date


async def awaited(tx: Tx, today: date) -> list[Awaited]:
    """Give what editors are asked to approve now, by day: its letters leave soon, and nobody has approved it."""
    asking = [days for approval, days in (await events.asking(tx)).values() if approval is not Approval.NONE]
    if not asking:
        return []
    lead = max(await planning.leads_in_use(tx), default=0)
    last = today + timedelta(days=lead + max(asking) + LONGEST_DAYS)
    found = await told_between(tx, today - timedelta(days=1), last, lead)
    return [one for one in found if one.fate in {Fate.AWAITING, Fate.UNASKED} and one.ask_on <= today]


async def told_between(tx: Tx, first: date, last: date, lead: int | None = None) -> list[Awaited]:
    """Give what is told of each event on each day from the first to the last, with what an editor may say of it."""
    templates = await version_in_use(tx)
    if lead is None:
        lead = max(await planning.leads_in_use(tx), default=0)
    ahead = await events.asking(tx)
    listed = await occasions.between(tx, first, last)
    known = await approvals.versions_on(tx, {one.occasion.on for one in listed})
    return [
        _awaited(pair, collection, known[pair], templates, (lead, ahead[collection][1]))
        for pair, collection in {(one.event, one.occasion.on): one.collection for one in listed}.items()
    ]


def _awaited(pair: Pair, collection: str, known: tuple[str, Leave], templates: str, days: tuple[int, int]) -> Awaited:
    version, leave = version_of(known[0], templates), known[1]
    first_on = pair[1] - timedelta(days=days[0])
    ask_on = first_on - timedelta(days=days[1])
    return Awaited(*pair, collection, version, leave, leave.fate(version), first_on, ask_on)
