"""A page of today with ten thousand events in the store, beside a bare Starlette and Jinja2 page of the same length.

Both are asked in this process, without a socket. The peer reads nothing: it writes as many rows from values that it
has. The events are the seed's own record, each on another day of the year, in twenty collections.
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from service.app import App, Role
from service.domain.event import Collection
from service.scheduling import horizon
from service.store import events
from tests.benchmarks import seed
from tests.benchmarks.harness import Report, timed
from tests.unit.web.client import Client

_EVENTS, _COLLECTIONS = 10_000, 20
_READERS = (100, 100_000)
_EACH, _COUNTED = 5, 100
_GOAL, _GROWTH = 30, 1.5  # milliseconds; and times that with a thousand times the readers, on a busy machine
_PATHS = ("/", f"/events/{seed.EVENT}", "/collections", "/days/09-27", "/years/2024")


def measure(folder: Path, *, large: bool) -> Report:
    """Measure the page of today, before and after the readers have grown, and tell of the others."""
    report = Report()
    with asyncio.Runner() as runner:
        seed.record(folder)
        app = seed.app_in(folder, smtp_url="smtp://127.0.0.1:1?starttls=never")
        runner.run(_record(app))
        client = Client(app.site(frozenset({Role.WEB})))
        medians = {}
        for readers in _READERS:
            runner.run(app.close())
            seed.add_readers(seed.database_of(folder), readers - (100 if medians else 0), first=100 if medians else 0)
            medians[readers] = runner.run(_median(client, "/"))
        length = len(runner.run(client.get("/")).body)
        report.compare(
            "a page of today, 10,000 events",
            "a bare Starlette and Jinja2 page of its length",
            timed(_asking(runner, client, "/")),
            timed(_asking(runner, Client(_bare(length)), "/")),
        )
        anew = runner.run(_median(client, "/?event=x"))  # an address that is not kept
        others = {path: runner.run(_median(client, path)) for path in _PATHS[1:]}
        runner.run(app.close())
    first, last = medians.values()
    met = "met" if last < _GOAL and last <= first * _GROWTH else "MISSED"
    told = ", ".join(f"{readers:,} readers {took:.1f} ms" for readers, took in medians.items())
    rest = ", ".join(f"{path} {took:.1f} ms" for path, took in others.items())
    today = (
        f"A page of today with {_EVENTS:,} events ({length:,} octets), median of {_COUNTED}: {told}"
        f" (goal: under {_GOAL} ms, and no more than {_GROWTH} times as much: {met});"
        f" {anew:.1f} ms where it is made anew."
    )
    report.facts += [
        today,
        f"Other pages of the same store, once they were asked for: {rest}.",
    ]
    return report


async def _record(app: App) -> None:
    """Record ten thousand events like the seed's, and reckon their days."""
    async with app.store.read() as tx:
        kept = await events.event_named(tx, seed.EVENT)
        assert kept is not None
    for number in range(_COLLECTIONS):
        named = {"en": f"Collection {number}"}
        async with app.store.write() as tx:
            await events.save_collection(tx, Collection(f"many-{number}", named, named, ()), seed.NOW)
            for place in range(_EVENTS // _COLLECTIONS):
                day = date(1990, 1, 1) + timedelta(days=(number * 7919 + place * 31) % 3650)
                parts = {"first_day": day.isoformat(), "last_day": None, "links": (), "timeline": ()}
                event = replace(kept.event, id=f"event-{number}-{place}", **parts)
                await events.save_event(tx, event, f"many-{number}", place, seed.NOW)
    await horizon.rebuild(app.store, seed.NOW)


async def _median(client: Client, path: str) -> float:
    took = []
    for _ in range(_COUNTED + 1):
        start = time.perf_counter()
        answer = await client.get(path)
        took.append((time.perf_counter() - start) * 1000)
        assert answer.status == 200, path
    return statistics.median(took[1:])  # the first one fills what is kept


def _asking(runner: asyncio.Runner, client: Client, path: str) -> Callable[[], int]:
    async def asked() -> int:
        for _ in range(_EACH):
            await client.get(path)
        return _EACH

    return lambda: runner.run(asked())


def _bare(length: int) -> Starlette:
    """Make the peer: rows of a hundred octets, as many as the page is long."""
    page = Environment(autoescape=True).from_string(
        "{% for row in rows %}<li><a href='/x'>{{ row }}</a></li>{% endfor %}"
    )
    rows = ["x" * 76] * (length // 100)

    async def shown(_request: Request) -> Response:
        return HTMLResponse(page.render(rows=rows))

    return Starlette(routes=[Route("/", shown)])
