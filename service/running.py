"""A process from its start to its end: made ready, then playing its roles until it is told to stop."""

import asyncio
import socket
from dataclasses import dataclass

from service import belongings
from service.actions import collections, managing, samples, subscriber_files, webhooks
from service.app import App, Role, build
from service.checking import check
from service.delivery.telling import Teller, tell, tell_test
from service.domain.webhook import Answered
from service.mailbox import door
from service.post import fleet_jobs
from service.serving import listen, server
from service.settings import Settings, shipped
from service.settings_read import where
from service.store import copying, events, schema
from service.store import webhooks as hook_store
from service.store.dialect import Store

_SAMPLE_EVENT = "artsakh-war-2020"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of a process that are open, and wait to be served."""

    pages: socket.socket | None
    metrics: socket.socket | None
    mail: socket.socket | None = None


async def prepare(settings: Settings, roles: frozenset[Role], *, sample: bool) -> tuple[App, Ports]:
    """Make ready to run: ports, database and record; on a first start the collections that ship with the program.

    Raise SettingsError, InvalidError or StoreError before anything is made.
    """
    await belongings.check_founding(check(settings))
    listening = None
    if Role.WEB in roles:
        listening = listen(settings.host, settings.port, f"{where('host')} and {where('port')}")
        settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    watched = listen(*settings.metrics_address, where("metrics")) if settings.metrics else None
    if watched is not None:
        settings = settings.model_copy(update={"metrics": settings.metrics_at(watched.getsockname()[1])})
    mail = door(settings) if Role.MAILBOX in roles else None
    app = build(settings)
    await schema.upgrade(app.store)
    await app.engine.ready()
    await app.stock()
    now = app.clock()
    async with app.store.write() as tx:
        if not await events.shelves(tx):
            await collections.import_files(tx, [shipped("data") / "collections"], now)
        if settings.relay:
            await managing.end_samples(tx, now)
        elif sample:
            targets = await events.targets(tx)
            file = shipped("data") / "samples" / "subscribers.csv"
            readers = subscriber_files.read_rows(file, app.languages.codes, targets, now)
            await samples.add_samples(tx, app.desk, readers, _SAMPLE_EVENT, now)
    return app, Ports(listening, watched, mail)


async def bring_up(settings: Settings) -> str:
    """Bring the tables to this version, those of the work engine too, and give the version reached.

    Who brings up a server's database needs no secret key, and makes none; a new file gets its key along with it.
    Raise SettingsError or StoreError before anything is made.
    """
    store = Store(check(settings).database)
    try:
        version = await schema.upgrade(store)
        if jobs := fleet_jobs(settings):
            await jobs.ready(store)
        async with store.read() as tx:
            is_new_file = store.embedded and not await copying.has_content(tx)
    finally:
        await store.close()
    if is_new_file:
        belongings.secret_key(settings)
    return version


async def run(app: App, roles: frozenset[Role], ports: Ports, stopping: asyncio.Event) -> None:
    """Play the roles until `stopping` is set, then finish what is in flight; if one of them fails, all end."""
    timetable = app.timetable()
    if Role.CLOCK in roles:
        timetable.start()
    lasting = []
    if Role.POST in roles:
        lasting += [asyncio.create_task(app.engine.run(stopping)), asyncio.create_task(tell(app.sender, stopping))]
    if Role.MAILBOX in roles and app.mailbox.hears:
        lasting.append(asyncio.create_task(app.mailbox.run(ports.mail, stopping)))
    opened = ((ports.pages, app.site), (ports.metrics, app.watched))
    serving = [(server(made(roles)), listening) for listening, made in opened if listening is not None]
    lasting += [asyncio.create_task(one.serve(sockets=[listening])) for one, listening in serving]
    standing_by = [asyncio.create_task(app.stand_by())] if Role.POST in roles else []
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({told, *lasting}, return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    app.ending.set()
    if Role.CLOCK in roles:
        await timetable.stop()
    for one, _ in serving:
        one.should_exit = True
    ended = await asyncio.gather(
        told, *lasting, *standing_by, return_exceptions=True
    )  # one that failed cuts off no other
    await app.close()
    for problem in ended:
        if isinstance(problem, BaseException):
            raise problem


async def try_webhook(app: App, id_: str) -> Answered:
    """Tell a webhook at once that this is a test; gives, and keeps, what it answered. Raise NotFoundError."""
    async with app.store.read() as tx:
        hook = await webhooks.of(tx, id_)
    answered = await tell_test(app.store, app.clock, hook)
    async with app.store.write() as tx:
        await hook_store.answered(tx, id_, answered, app.clock(), is_any_taken=answered.is_taken)
    return answered


async def tell_once(app: App) -> None:
    """Tell webhooks what is due, once: for who has rounds done from time to time, and runs nothing that lasts."""
    teller = Teller(app.store, app.clock)
    await teller.look()
    await teller.done()
