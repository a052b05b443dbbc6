"""Corrections: an editor says what earlier letters told wrongly of an event; what has not started says it too."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from service.domain.editor import Editor
from service.domain.errors import InvalidError, NotFoundError
from service.domain.event import Event
from service.domain.occasion import returns
from service.domain.window import LONGEST_DAYS
from service.store import audit, errata, events, planning, revisions
from service.store.dialect import Tx

_LONGEST = 2000
_LOOK_AHEAD = timedelta(days=366 * 9)  # a 29 February may be that far


async def correct(tx: Tx, editor: Editor, event: str, words: Mapping[str, str], now: datetime) -> str:
    """Keep a correction and give its id; raise NotFoundError, or InvalidError that names the language."""
    kept = await events.event_named(tx, event)
    if kept is None:
        raise NotFoundError(f"There is no event {event!r}.")
    told = {code: " ".join(text.split()) for code, text in words.items() if text.strip()}
    if not told:
        raise InvalidError("a correction needs words in at least one language", "words")
    for code, text in told.items():
        if len(text) > _LONGEST:
            raise InvalidError(f"this is too long (allowed: {_LONGEST} characters)", code)
    leads = await planning.leads_in_use(tx)
    until = untold_return(kept.event, now.date(), max(leads, default=0))
    id_ = await errata.add(tx, event, told, until, editor, now)
    await audit.note(tx, editor, "corrected", f"event {event}", now, {"erratum": id_, "words": told})
    await revisions.supersede(tx, {event}, now)
    return id_


async def withdraw(tx: Tx, editor: Editor, id_: str, now: datetime) -> str:
    """Take a correction back and give the event that it was of; raise NotFoundError."""
    found = await errata.named(tx, id_)
    if found is None or not await errata.withdraw(tx, id_, now):
        raise NotFoundError(f"There is no correction {id_!r} that stands.")
    await audit.note(tx, editor, "took back a correction", f"event {found.event}", now, {"erratum": id_})
    await revisions.supersede(tx, {found.event}, now)
    return found.event


def untold_return(event: Event, today: date, longest_lead: int) -> date | None:
    """Give the first return of which no letter can have been told yet, neither ahead nor in a summary; None for none.

    A correction comes with the letters of every return up to that one: who was told of the next return already, as a
    reader of monthly summaries is, sees it with the one after.
    """
    first = today + timedelta(days=LONGEST_DAYS + longest_lead + 1)
    found = sorted(occasion.on for _, occasion in returns(event, first, first + _LOOK_AHEAD))
    return found[0] if found else None
