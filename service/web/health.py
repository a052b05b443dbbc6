"""Whether this process lives, and whether it can do its work: two addresses for what watches it."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.domain.standing import TICK_LATE
from service.store import installation, schema
from service.store.dialect import Store


def routes(store: Store, clock: Callable[[], datetime], *, ticks: bool) -> list[Route]:
    """Give the two addresses; `ticks` says that this process has the clock."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> Response:
        problem = await _problem(store, clock(), ticks=ticks)
        if problem:
            return JSONResponse({"status": "not ready", "reason": problem}, 503)
        return JSONResponse({"status": "ready"})

    return [Route("/health/live", live, methods=["GET"]), Route("/health/ready", ready, methods=["GET"])]


async def _problem(store: Store, now: datetime, *, ticks: bool) -> str:
    """Say why the process is not ready, "" if it is."""
    try:
        async with store.read() as tx:
            problem = await schema.problem(tx)
            post = None if problem else await installation.state(tx)
    except Exception:  # noqa: BLE001  (whatever it is: not ready)
        return "the database does not answer"
    if problem or not ticks:
        return problem
    ticked_at = post.ticked_at if post else None
    if ticked_at is None:
        return "the clock has not ticked yet"
    return f"the clock has not ticked since {ticked_at:%Y-%m-%d %H:%M:%S} UTC" if ticked_at < now - TICK_LATE else ""
