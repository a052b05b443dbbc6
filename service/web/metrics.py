"""The second address of a process, for what watches it: metrics, and whether it lives and is ready."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service import metrics
from service.domain.standing import Standing
from service.metrics import Measured
from service.store import status
from service.store.dialect import Store
from service.web import health


def pages(store: Store, clock: Callable[[], datetime], boot: Callable[[], float], *, ticks: bool) -> Starlette:
    """Give the application that serves them; the numbers are counted from rows when they are asked for.

    `boot` gives the seconds since this machine was started, `ticks` says that this process has the clock.
    """
    turn = asyncio.Lock()  # two who ask at once make the database count twice, but never at the same time

    async def scraped(_request: Request) -> Response:
        try:
            async with turn:
                seen = await status.look(store, clock(), boot())
        except Exception:  # noqa: BLE001  (whatever it is: what asks must know that the numbers are missing)
            return PlainTextResponse("The database does not answer.\n", 503)
        return Response(metrics.page(measured(seen)), headers={"Content-Type": metrics.MEDIA_TYPE})

    return Starlette(routes=[Route("/metrics", scraped, methods=["GET"]), *health.routes(store, clock, ticks=ticks)])


def measured(seen: Standing) -> list[Measured]:
    """Give the numbers of the post, by the names that they have for ever."""
    alive = sum(worker.alive for worker in seen.workers)
    ticked = (seen.now - seen.ticked_at).total_seconds() if seen.ticked_at else float("nan")
    closed = sum(lane.closed_until is not None for lane in seen.lanes)
    return [
        Measured(
            "notices",
            "Notices by state; accepted and dropped ones of the last two days, failed ones that ended in them.",
            {state.value: float(count) for state, count in seen.counts.items()},
            "state",
        ),
        _one("notices_due", "Notices that are due now and in nobody's hands.", seen.due),
        _one("notices_put_off", "Notices that wait for another attempt.", seen.put_off),
        _one("oldest_due_age_seconds", "Age of the oldest notice that is due.", seen.oldest_age.total_seconds()),
        _one(
            "relay_usable",
            "0 while letters wait because the relay cannot be reached or refuses them.",
            seen.relay_trouble is None,
        ),
        _one("room_for_changes", "0 while the database cannot be written to, as its disk is full.", not seen.no_room),
        _one("notices_unapproved", "Notices that are due and wait for an editor's approval.", seen.unapproved.count),
        _one("paused", "1 while the post is paused.", seen.paused_at is not None),
        _one(
            "stands_still",
            "1 if mail should be leaving and is not, as `remembrancer status` says.",
            seen.verdict.stands_still,
        ),
        _one("last_tick_age_seconds", "Time since the clock last looked at what is due; NaN if it never has.", ticked),
        _one("workers_alive", "Processes on record that send.", alive),
        _one("lanes_closed", "Receiving domains that are not written to at the moment.", closed),
        _one("lanes_slow", "Receiving domains that are written to slowly.", len(seen.lanes) - closed),
        _one(
            "editions_unrendered",
            "Editions of the last two days that could not be, or are late to be, rendered.",
            len(seen.unrendered),
        ),
        _one("slots_missed", "Slots that were found in the last two days to have been missed.", seen.missed),
        _one("webhooks_off", "Webhooks that are switched off, as they took nothing.", seen.webhooks.off),
        _one("channels_set_aside", "Readers whose channel refused them again and again.", seen.channels_aside),
        _one("slots_running", "Slots that are being planned.", len(seen.slots_running)),
    ]


def _one(name: str, help_: str, value: float) -> Measured:
    return Measured(name, help_, {"": float(value)})
