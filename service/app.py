"""THE composition root: every part is chosen and joined here, and nothing is decided at run time."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from starlette.applications import Starlette

from service.actions import collections, managing, samples, subscriber_files
from service.actions.posting import status_token
from service.actions.subscribing import Desk
from service.delivery.editions import Press
from service.delivery.engine import Engine, InlineEngine
from service.delivery.fleet import FleetEngine, Jobs
from service.delivery.points import Reached, unobserved
from service.delivery.preview import Wanted, preview
from service.delivery.sender import Sender
from service.delivery.transports import Transport
from service.delivery.worker import boot_seconds
from service.domain.standing import TICK_EVERY, Standing
from service.mail.compose import Composer
from service.post import NAME, Clock, now_utc
from service.post import build as build_post
from service.rendering.locales import Languages
from service.rendering.render import Renderer
from service.scheduling import horizon
from service.scheduling.planner import Planner
from service.scheduling.timetable import Tick, Timetable
from service.scheduling.watch import Watch
from service.serving import listen, server
from service.settings import Settings, shipped
from service.store import events, installation, schema, status
from service.store.dialect import Store
from service.store.hints import nobody
from service.web import metrics
from service.web.site import Site, pages

_SAMPLE_EVENT = "artsakh-war-2020"
_STATUS_LINK_LASTS = timedelta(days=30)


class Role(StrEnum):
    """What a process does."""

    WEB = "web"  # the pages
    CLOCK = "clock"  # looks which slots have come due
    POST = "post"  # renders and sends


@dataclass(frozen=True, slots=True)
class Round:
    """What one whole round did."""

    now: datetime
    reckoned: int
    slots: int
    planned: int
    missed: int
    expired: int
    rendered: int
    sent: int
    deferred: int
    failed: int
    dropped: int


@dataclass(frozen=True, slots=True)
class App:
    """The joined parts. Tests build it with others: a clock turned by hand, a folder instead of a relay."""

    settings: Settings
    store: Store
    desk: Desk
    languages: Languages
    renderer: Renderer
    composer: Composer
    transport: Transport
    watch: Watch
    planner: Planner
    press: Press
    sender: Sender
    engine: Engine
    clock: Clock
    ending: asyncio.Event

    async def round(self, now: datetime) -> Round:
        """Do one whole round as if it were `now`: reckon, plan, render, send."""
        rendered: list[int] = []

        async def render() -> None:
            rendered.append(await self.press.render_all(now))

        async with self.store.alone("clock"):
            reckoned = await horizon.reckon(self.store, now)
            planned = await replace(self.planner, planned=render).plan(now)
        await render()
        sent = await replace(self.sender, clock=lambda: now).drain()
        await _ticked(self.store, self.clock())
        made = (planned.slots, planned.notices, planned.missed, planned.expired, sum(rendered))
        return Round(now, reckoned, *made, sent.accepted, sent.deferred, sent.failed, sent.dropped)

    async def plan(self) -> None:
        """Do the clock's part of a round, waking the post after each page; nothing while the clock is in doubt."""
        async with self.store.alone("clock"):
            if now := await self.watch.look():
                await horizon.reckon(self.store, now)
                await self.planner.plan(now, self.engine.share)

    async def reckon(self, *, anew: bool = False, seen: Callable[[int, int], None] | None = None) -> int:
        """Bring the index of occasions up to date, or make it anew; gives how many were reckoned."""
        async with self.store.alone("clock"):
            now = self.clock()
            return await (horizon.rebuild(self.store, now, seen) if anew else horizon.reckon(self.store, now))

    async def reckon_for(self, first: date, last: date) -> None:
        """See to it that the index covers a window that somebody asks for."""
        async with self.store.alone("clock"):
            await horizon.cover(self.store, first, last)

    async def preview(self, event_id: str, day: date | None, language: str) -> bytes:
        """Give the letter of an event as it would be sent on a day, or on its next; raise InvalidError."""
        letter = await preview(self.press, self.composer, event_id, language, Wanted(self.clock().date(), day))
        return letter.content

    def timetable(self) -> Timetable:
        """Make the clock: three times a minute, look which slots have come due."""
        return Timetable([Tick("plan", TICK_EVERY, self.plan)])

    async def standing(self) -> Standing:
        """Give everything that there is to see of the post."""
        return await status.look(self.store, self.clock(), boot_seconds())

    def status_link(self) -> str:
        """Give the address of the operator's page, which opens it for thirty days."""
        token = status_token(self.desk.tokens, self.clock() + _STATUS_LINK_LASTS)
        return f"{self.settings.base_url}/status/{token}"

    def site(self, roles: frozenset[Role]) -> Starlette:
        """Make the pages of a process that plays these roles."""
        return pages(
            Site(
                store=self.store,
                desk=self.desk,
                languages=self.languages,
                clock=self.clock,
                public_url=self.settings.base_url,
                service_name=NAME,
                templates=shipped("templates"),
                pictures=shipped("data") / "collections",
                outbox=None if self.settings.relay else self.settings.outbox,
                wake=self.engine.wake,
                boot=boot_seconds,
                ticks=Role.CLOCK in roles,
            )
        )

    def watched(self, roles: frozenset[Role]) -> Starlette:
        """Make what a process that plays these roles tells those who watch it."""
        return metrics.pages(self.store, self.clock, boot_seconds, ticks=Role.CLOCK in roles)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of a process that are open, and wait to be served."""

    pages: socket.socket | None
    metrics: socket.socket | None


async def prepare(settings: Settings, roles: frozenset[Role], *, sample: bool) -> tuple[App, Ports]:
    """Make ready to run: ports, database and record; on a first start the collections that ship with the program."""
    listening = None
    if Role.WEB in roles:
        listening = listen(settings.host, settings.port, "REMEMBRANCER_HOST and REMEMBRANCER_PORT")
        settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    watched = listen(*settings.metrics_address, "REMEMBRANCER_METRICS") if settings.metrics else None
    if watched is not None:
        settings = settings.model_copy(update={"metrics": settings.metrics_at(watched.getsockname()[1])})
    app = build(settings)
    await schema.upgrade(app.store)
    await app.engine.ready()
    now = app.clock()
    async with app.store.write() as tx:
        if not await events.shelves(tx):
            await collections.import_files(tx, [shipped("data") / "collections"], now)
        if settings.relay:
            await managing.end_samples(tx, now)
        elif sample:
            targets = await events.targets(tx)
            file = shipped("data") / "samples" / "subscribers.csv"
            readers = subscriber_files.read_rows(file, app.languages.codes, targets)
            await samples.add_samples(tx, app.desk, readers, _SAMPLE_EVENT, now)
    return app, Ports(listening, watched)


async def run(app: App, roles: frozenset[Role], ports: Ports, stopping: asyncio.Event) -> None:
    """Play the roles until `stopping` is set, then finish what is in flight; if one of them fails, all end."""
    timetable = app.timetable()
    if Role.CLOCK in roles:
        timetable.start()
    lasting = [asyncio.create_task(app.engine.run(stopping))] if Role.POST in roles else []
    opened = ((ports.pages, app.site), (ports.metrics, app.watched))
    serving = [(server(made(roles)), listening) for listening, made in opened if listening is not None]
    lasting += [asyncio.create_task(one.serve(sockets=[listening])) for one, listening in serving]
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({told, *lasting}, return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    app.ending.set()
    if Role.CLOCK in roles:
        await timetable.stop()
    for one, _ in serving:
        one.should_exit = True
    ended = await asyncio.gather(told, *lasting, return_exceptions=True)  # one that failed cuts off no other
    await app.store.close()
    for problem in ended:
        if isinstance(problem, BaseException):
            raise problem


async def _ticked(store: Store, now: datetime) -> None:
    async with store.write() as tx:
        await installation.ticked(tx, now)


def build(
    settings: Settings,
    *,
    clock: Clock = now_utc,
    boot_clock: Callable[[], float] = boot_seconds,
    transport: Transport | None = None,
    reached: Reached = unobserved,
) -> App:
    """Choose and join every part; raise SettingsError or InvalidError for a setting that cannot be used."""
    post = build_post(settings, clock=clock, transport=transport, reached=reached)
    store, sender = post.store, post.sender
    languages = Languages(shipped("data") / "locales")
    renderer = Renderer(shipped("templates"), shipped("data") / "locales")
    jobs = Jobs(settings.database) if settings.engine == "procrastinate" else None
    announce = jobs.announce if jobs else nobody

    async def planned() -> None:
        await _ticked(post.store, clock())  # a long slot is no clock that has stopped
        engine.wake()

    ending = asyncio.Event()  # from then on, planning stops after the page in hand
    planner = Planner(store, renderer.version, announce, planned, ending.is_set)
    press = Press(store, renderer, languages, settings.base_url, announce)
    engine: Engine = FleetEngine(jobs, press, sender, planner.plan_slot) if jobs else InlineEngine(press, sender)
    return App(
        settings=settings,
        store=store,
        desk=Desk(post.tokens, renderer.version),
        languages=languages,
        renderer=renderer,
        composer=post.composer,
        transport=post.transport,
        watch=Watch(store, clock, boot_clock),
        planner=planner,
        press=press,
        sender=sender,
        engine=engine,
        clock=clock,
        ending=ending,
    )
