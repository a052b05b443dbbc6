"""THE composition root: every part is chosen and joined here, and nothing is decided at run time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from service.actions import alerts, sweeping
from service.actions import editors as people
from service.actions.posting import status_token
from service.actions.subscribing import Desk
from service.checking import languages as languages_of
from service.delivery.chamber import Chamber
from service.delivery.editions import Press
from service.delivery.engine import Engine, InlineEngine
from service.delivery.points import Reached, unobserved
from service.delivery.preview import Proofs
from service.delivery.sender import Sender
from service.delivery.sets import Sets
from service.delivery.transports import Transport
from service.delivery.worker import boot_seconds
from service.domain.errors import InvalidError
from service.domain.notice import Kind
from service.domain.standing import TICK_EVERY, Standing
from service.domain.templates import Templates
from service.mail.compose import Composer
from service.mailbox import Mailbox
from service.mailbox import build as build_mailbox
from service.post import NAME, Clock, Post, Round, drained, fleet_jobs, house, letter_box, now_utc
from service.post import build as build_post
from service.rendering.asked import Printer
from service.rendering.locales import Languages
from service.rendering.proof import Prove, Wanted
from service.rendering.templates import shipped_templates
from service.scheduling import forgetting, horizon
from service.scheduling.planner import Planner
from service.scheduling.sentry import LOOKS_EVERY, Sentry
from service.scheduling.timetable import Tick, Timetable
from service.scheduling.watch import Watch
from service.settings import Settings, shipped
from service.store import editors, installation, status
from service.store import templates as template_store
from service.store.dialect import Store
from service.store.hints import nobody
from service.web.errands import Errands
from service.web.given import PrintAgain, PrintPlan

if TYPE_CHECKING:
    from service.delivery.fleet import Jobs

_PROOFS_AT_ONCE, _PROOFS_WAITING = 2, 16
_STATUS_LINK_LASTS = timedelta(days=30)


class Role(StrEnum):
    """What a process does."""

    WEB = "web"  # the pages
    CLOCK = "clock"  # looks which slots have come due
    POST = "post"  # renders and sends
    MAILBOX = "mailbox"  # hears what comes back, and who writes


@dataclass(frozen=True, slots=True)
class App:
    """The joined parts. Tests build it with others: a clock turned by hand, a folder instead of a relay."""

    settings: Settings
    store: Store
    desk: Desk
    languages: Languages
    templates: Templates
    composer: Composer
    watch: Watch
    sentry: Sentry
    planner: Planner
    press: Press
    prove: Prove
    print_again: PrintAgain
    print_plan: PrintPlan
    sender: Sender
    post: Post
    engine: Engine
    clock: Clock
    mailbox: Mailbox
    ending: asyncio.Event
    chambers: tuple[Chamber, ...]
    errands: Errands = field(default_factory=Errands)

    async def stand_by(self) -> None:
        """Be ready to render what the post will send."""
        for chamber in self.chambers[:1]:
            await chamber.stand_by()

    async def close(self) -> None:
        """Do what was promised, then let go of the processes that render, and of the database."""
        await self.errands.done()
        for chamber in self.chambers:
            await chamber.close()
        await self.store.close()

    async def round(self, now: datetime) -> Round:
        """Do one whole round as if it were `now`: reckon, plan, render, send."""
        rendered: list[int] = []

        async def render() -> None:
            rendered.append(await self.press.render_all(now))

        async with self.store.alone("clock"):
            reckoned = await horizon.reckon(self.store, now)
            planned = await replace(self.planner, planned=render).plan(now)
        await render()
        sent = await drained((self.sender, *self.post.beside), now)
        await _ticked(self.store, self.clock())
        made = (planned.slots, planned.notices, planned.missed, planned.expired, sum(rendered))
        return Round(now, reckoned, *made, sent.accepted, sent.deferred, sent.failed, sent.dropped)

    async def stock(self) -> None:
        """Have the words that ship with this release in use, wherever nobody has published others."""
        async with self.store.read() as tx:
            if await template_store.is_shipped(tx, self.templates):
                return
        async with self.store.write() as tx:
            await template_store.ensure_shipped(tx, self.templates, self.clock())

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
        proof = await self.prove(Wanted(Kind.NOTICE, language, event_id, day), {})
        if proof.words is None:
            raise InvalidError("\n".join(map(str, proof.findings)))
        return proof.content

    def timetable(self) -> Timetable:
        """Make the clock: three times a minute, look which slots have come due; more seldom, whether mail leaves."""
        return Timetable(
            [
                Tick("plan", TICK_EVERY, self.plan),
                Tick("sentry", LOOKS_EVERY, self.sentry.look),
                Tick("forget", sweeping.EVERY, self.forget),
            ]
        )

    async def forget(self) -> None:
        """Forget what is not needed any more: how often something was asked for, from where, and read mail."""
        is_more = True
        while is_more:
            async with self.store.write() as tx:
                is_more = await sweeping.forget(tx, self.clock())
        await forgetting.forget(self.store, self.settings.keep_notices, self.settings.keep_attempts, self.clock())
        await self.store.settle()

    async def standing(self) -> Standing:
        """Give everything that there is to see of the post."""
        return await status.look(self.store, self.clock(), boot_seconds())

    def status_link(self) -> str:
        """Give the address of the operator's page, which opens it for thirty days."""
        token = status_token(self.desk.tokens, self.clock() + _STATUS_LINK_LASTS)
        return f"{self.settings.base_url}/status/{token}"

    def room_link(self, secret: str) -> str:
        """Give the address of a one-time link to the editors' room."""
        return f"{self.settings.base_url}/admin/link/{secret}"

    async def first_link(self) -> str:
        """Give the link by which the first owner comes in; "" where there is one."""
        async with self.store.read() as tx:
            if await editors.owners(tx):
                return ""
        async with self.store.write() as tx:
            secret = await people.first_link(tx, self.clock())
        return self.room_link(secret) if secret else ""

    def site(self, roles: frozenset[Role]) -> Starlette:
        """Make the pages of a process that plays these roles."""
        from service.web.site import Site, pages  # noqa: PLC0415  (a third of a command's start, and few serve pages)

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
                prove=self.prove,
                print_again=self.print_again,
                print_plan=self.print_plan,
                ticks=Role.CLOCK in roles,
                errands=self.errands,
                hops=self.settings.proxies,
                hooks=self.mailbox.hooks,
                keep=self.mailbox.keep,
                channels=self.post.channels,
            )
        )

    def watched(self, roles: frozenset[Role]) -> Starlette:
        """Make what a process that plays these roles tells those who watch it."""
        from service.web import metrics  # noqa: PLC0415  (as above)

        return metrics.pages(self.store, self.clock, boot_seconds, ticks=Role.CLOCK in roles)


async def _ticked(store: Store, now: datetime) -> None:
    async with store.write() as tx:
        await installation.ticked(tx, now)


def _engine(jobs: "Jobs | None", press: Press, post: Post, planner: Planner) -> Engine:
    if jobs:
        return jobs.engine(press, post.sender, planner.plan_slot, post.beside)
    return InlineEngine(press, post.sender, beside=post.beside)


def build(
    settings: Settings,
    *,
    clock: Clock = now_utc,
    boot_clock: Callable[[], float] = boot_seconds,
    transport: Transport | None = None,
    reached: Reached = unobserved,
    printer: Printer | None = None,
) -> App:
    """Choose and join every part; raise SettingsError or InvalidError for a setting that cannot be used.

    Without a `printer` letters are rendered in chambers, those to be looked at in one of their own.
    """
    post = build_post(settings, clock=clock, transport=transport, reached=reached)
    store, sender = post.store, post.sender
    languages = languages_of(settings)
    templates = shipped_templates(shipped("templates"), shipped("data") / "locales")
    jobs = fleet_jobs(settings)
    announce = jobs.announce if jobs else nobody

    async def planned() -> None:
        await _ticked(post.store, clock())  # a long slot is no clock that has stopped
        engine.wake()

    ending = asyncio.Event()  # from then on, planning stops after the page in hand
    planner = Planner(store, announce, planned, alerts.tell_editors, ending.is_set)
    chamber, proving = Chamber(), Chamber(slots=_PROOFS_AT_ONCE, most_waiting=_PROOFS_WAITING, niceness=5)
    press = Press(store, printer or chamber, Sets(templates), settings.base_url, announce, alerts.tell_editors)
    proofs = Proofs(replace(press, printer=printer or proving), post.composer, clock)
    engine = _engine(jobs, press, post, planner)
    desk = Desk(post.tokens, languages, house(settings).domain, settings.requests_per_hour, letter_box(settings))
    return App(
        settings=settings,
        store=store,
        desk=desk,
        languages=languages,
        templates=templates,
        composer=post.composer,
        watch=Watch(store, clock, boot_clock),
        sentry=Sentry(store, languages, clock, boot_clock, alerts.tell_editors),
        planner=planner,
        press=press,
        prove=proofs,
        print_again=proofs.press.again,
        print_plan=proofs.press.tried,
        chambers=() if printer else (chamber, proving),
        sender=sender,
        post=post,
        engine=engine,
        clock=clock,
        mailbox=build_mailbox(settings, store, desk, clock),
        ending=ending,
    )
