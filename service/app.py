"""THE composition root: every part is chosen and joined here, and nothing is decided at run time."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parseaddr
from enum import StrEnum
from typing import Any

import uvicorn
from starlette.applications import Starlette

from service.actions import collections, managing, samples, subscriber_files
from service.actions.subscribing import Desk
from service.delivery.editions import Press
from service.delivery.engine import Engine
from service.delivery.pace import read_paces
from service.delivery.points import Reached, unobserved
from service.delivery.preview import Wanted, preview
from service.delivery.sender import Sender
from service.delivery.transports import Transport, transport_for
from service.delivery.worker import Worker
from service.domain.errors import InvalidError
from service.domain.subscription import check_address
from service.mail.compose import Composer, House
from service.mail.dkim import Signer, read_keys
from service.mail.tokens import Tokens
from service.rendering.locales import Languages
from service.rendering.render import Renderer
from service.scheduling import horizon
from service.scheduling.planner import Planner
from service.scheduling.timetable import Tick, Timetable
from service.settings import Settings, SettingsError, secret_key, shipped
from service.store import events, schema
from service.store.dialect import Store
from service.web.site import Site, pages

Clock = Callable[[], datetime]
NAME = "Remembrancer"
_SAMPLE_EVENT = "artsakh-war-2020"
_BACKLOG = 2048
# A request comes from where its connection does; and no address of a page, which may hold a token, is logged.
_QUIET: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "lifespan": "off",
    "server_header": False,
    "proxy_headers": False,
}


def now_utc() -> datetime:
    """Give the time of this machine; the only place that asks."""
    return datetime.now(UTC)


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
    planner: Planner
    press: Press
    sender: Sender
    engine: Engine
    clock: Clock

    async def round(self, now: datetime) -> Round:
        """Do one whole round as if it were `now`: reckon, plan, render, send."""
        async with self.store.alone("clock"):
            reckoned = await horizon.reckon(self.store, now)
            planned = await self.planner.plan(now)
        rendered = await self.press.render_all(now)
        sent = await replace(self.sender, clock=lambda: now).drain()
        return Round(
            now=now,
            reckoned=reckoned,
            slots=planned.slots,
            planned=planned.notices,
            missed=planned.missed,
            expired=planned.expired,
            rendered=rendered,
            sent=sent.accepted,
            deferred=sent.deferred,
            failed=sent.failed,
            dropped=sent.dropped,
        )

    async def plan(self) -> None:
        """Do the clock's part of a round, and wake the post."""
        now = self.clock()
        async with self.store.alone("clock"):
            await horizon.reckon(self.store, now)
            planned = await self.planner.plan(now)
        if planned.notices:
            self.engine.wake()

    async def reckon(self, *, anew: bool = False) -> int:
        """Bring the index of occasions up to date, or make it anew; gives how many were reckoned."""
        async with self.store.alone("clock"):
            return await (horizon.rebuild if anew else horizon.reckon)(self.store, self.clock())

    async def reckon_for(self, first: date, last: date) -> None:
        """See to it that the index covers a window that somebody asks for."""
        async with self.store.alone("clock"):
            await horizon.cover(self.store, first, last)

    async def preview(self, event_id: str, day: date | None, language: str) -> bytes:
        """Give the letter of an event as it would be sent on a day, or on its next; raise InvalidError."""
        letter = await preview(self.press, self.composer, event_id, language, Wanted(self.clock().date(), day))
        return letter.content

    def timetable(self) -> Timetable:
        """Make the clock: each minute, look which slots have come due."""
        return Timetable([Tick("plan", "* * * * *", self.plan)])

    def site(self) -> Starlette:
        """Make the pages."""
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
            )
        )


async def prepare(settings: Settings, roles: frozenset[Role], *, sample: bool) -> tuple[App, socket.socket | None]:
    """Make ready to run: port, database and record; on a first start the collections that ship with the program."""
    listening = None
    if Role.WEB in roles:
        listening = listen(settings)
        settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    app = build(settings)
    await schema.upgrade(app.store)
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
    return app, listening


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers, which would end the process before the post has drained."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `run`."""
        yield


def stop_on_signals() -> asyncio.Event:
    """Give the event that SIGTERM and SIGINT set, from now on; the second one cancels what the first let finish."""
    stopping, playing = asyncio.Event(), asyncio.current_task()

    def told() -> None:
        if stopping.is_set() and playing is not None:
            playing.cancel()
        stopping.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, told)
    return stopping


async def run(app: App, roles: frozenset[Role], listening: socket.socket | None, stopping: asyncio.Event) -> None:
    """Play the roles until `stopping` is set, then finish what is in flight; if one of them fails, all end."""
    timetable = app.timetable()
    if Role.CLOCK in roles:
        timetable.start()
    lasting = [asyncio.create_task(app.engine.run(stopping))] if Role.POST in roles else []
    server: _Server | None = None
    if listening is not None:
        server = _Server(uvicorn.Config(app.site(), **_QUIET))
        lasting.append(asyncio.create_task(server.serve(sockets=[listening])))
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({told, *lasting}, return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    app.engine.wake()
    if Role.CLOCK in roles:
        await timetable.stop()
    if server is not None:
        server.should_exit = True
    await asyncio.gather(told, *lasting)
    await app.store.close()


def listen(settings: Settings) -> socket.socket:
    """Open the port of the pages; raise SettingsError if it is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(_BACKLOG)  # from now on nobody who follows the printed address is refused
    except OSError as error:
        listening.close()
        where = f"{settings.host}:{settings.port}"
        raise SettingsError(
            f"REMEMBRANCER_HOST and REMEMBRANCER_PORT: cannot listen on {where}: {error.strerror}"
        ) from None
    return listening


def build(
    settings: Settings, *, clock: Clock = now_utc, transport: Transport | None = None, reached: Reached = unobserved
) -> App:
    """Choose and join every part; raise SettingsError or InvalidError for a setting that cannot be used."""
    store = Store(settings.database)
    tokens = Tokens((secret_key(settings),))
    languages = Languages(shipped("data") / "locales")
    renderer = Renderer(shipped("templates"), shipped("data") / "locales")
    composer = Composer(house(settings), tokens, signers(settings))
    chosen = transport or transport_for(settings.smtp_url.get_secret_value(), settings.outbox)
    press = Press(store, renderer, languages, settings.base_url)
    worker = Worker(store, settings.data_dir / "workers", clock, read_paces(settings.pace))
    sender = Sender(
        store, composer, chosen, worker, clock, schema.head(), tokens.address_hash, settings.connections, reached
    )
    return App(
        settings=settings,
        store=store,
        desk=Desk(tokens, renderer.version),
        languages=languages,
        renderer=renderer,
        composer=composer,
        transport=chosen,
        planner=Planner(store, renderer.version),
        press=press,
        sender=sender,
        engine=Engine(press, sender),
        clock=clock,
    )


def house(settings: Settings) -> House:
    """Read who sends from the setting `sender`; raise SettingsError or InvalidError."""
    name, address = parseaddr(settings.sender)
    if not address:
        raise SettingsError("REMEMBRANCER_SENDER: allowed: NAME <address@example.org>, or an address alone")
    checked = check_address(address)
    return House(name or NAME, checked, checked, settings.base_url)


def signers(settings: Settings) -> tuple[Signer, ...]:
    """Read the keys that sign for the domain of `sender`; raise SettingsError for one that cannot be used."""
    try:
        return read_keys(settings.dkim_files, house(settings).domain)
    except InvalidError as error:
        raise SettingsError(f"REMEMBRANCER_DKIM_KEYS: {error}") from None
