"""A site with a clock that stands still, a record to read, and people who asked to be reminded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from service.actions.subscribing import Desk
from service.domain.event import Event
from service.domain.letter import Words
from service.domain.notice import Kind
from service.domain.occasion import returns
from service.domain.subscription import Habit, Status, Wish
from service.mail.tokens import Purpose, Tokens, stamp
from service.rendering.locales import Languages
from service.store import archive, editions, events, occasions, subscribers, subscriptions, tables
from service.store.dialect import Store
from service.web.site import Site, pages
from tests.builders import a_collection, a_habit, an_event, at
from tests.printers import proving
from tests.unit.web.client import HOST, Client

ROOT = Path(__file__).resolve().parents[3]
NOW = at("2024-09-20T08:00")


@dataclass
class Grounds:
    """Everything that a test of the pages needs at hand."""

    store: Store
    folder: Path
    now: datetime = NOW
    woken: int = 0
    tokens: Tokens = field(default_factory=lambda: Tokens((b"a secret of thirty-two bytes....",)))

    def site(self, **parts: Any) -> Site:
        """The site, changed as said."""
        languages = Languages(ROOT / "data" / "locales")
        chosen = {
            "store": self.store,
            "desk": Desk(self.tokens, languages),
            "languages": languages,
            "clock": lambda: self.now,
            "public_url": f"https://{HOST}",
            "service_name": "Remembrancer",
            "templates": ROOT / "templates",
            "pictures": self.folder / "pictures",
            "outbox": self.folder / "outbox",
            "wake": self.wake,
            "boot": lambda: 0.0,
            "prove": (prove := proving(self.store, self.tokens, lambda: self.now)),
            "print_again": prove.press.again,
            "print_plan": prove.press.tried,
            "even_seconds": 0.0,
        }
        return Site(**(chosen | parts))

    def app(self, **parts: Any) -> Starlette:
        return pages(self.site(**parts))

    def client(self, address: str = "203.0.113.7", **parts: Any) -> Client:
        return Client(self.app(**parts), address)

    def wake(self) -> None:
        self.woken += 1

    async def record(self, *recorded: Event, id_: str = "wars") -> None:
        """Record events, and reckon a year of their days."""
        async with self.store.write() as tx:
            await events.save_collection(tx, a_collection(id_=id_), self.now)
            for position, event in enumerate(recorded or (an_event(),)):
                await events.save_event(tx, event, id_, position, self.now)
                first = self.now.date()
                await occasions.add(tx, event.id, returns(event, first, first + timedelta(days=400)))
                await occasions.set_horizon(tx, first, first + timedelta(days=400))

    async def reader(
        self,
        address: str = "ani@example.org",
        status: Status = Status.ACTIVE,
        *wishes: Wish,
        habit: Habit | None = None,
    ) -> str:
        """Keep somebody who asked to remember the wars, and give their id."""
        confirmed = None if status is Status.PENDING else self.now
        arrival = subscribers.Arrival(address, habit or a_habit(), status, "page", confirmed)
        async with self.store.write() as tx:
            id_ = await subscribers.add(tx, arrival, self.now)
            await subscriptions.add(tx, id_, wishes or (Wish(collection="wars"),), confirmed, self.now)
        return id_

    async def edition(
        self,
        html: str,
        kind: Kind = Kind.NOTICE,
        key: str = "a",
        *,
        rendered: bool = True,
        sent: bool = True,
        language: str = "en",
        day: date | None = None,
        events: tuple[str, ...] = (),
    ) -> str:
        """Keep an edition that tells of these events, and give its id."""
        day = day or self.now.date()
        told = tuple(editions.Told(event, "yearly", day, 4) for event in events)
        plan = editions.Plan(kind, language, day, "words-1", key, told, ())
        async with self.store.write() as tx:
            id_ = await editions.ensure(tx, plan, self.now)
            if rendered:
                await editions.freeze(tx, id_, Words("A war", html, "A war"), (), self.now)
        if sent:
            await self.store.group(lambda tx: archive.mark_sent(tx, id_, self.now))
        return id_

    def letter(self, name: str, subject: str = "A war", html: str = "<p>It began.</p>") -> None:
        """Put a letter into the outbox."""
        (self.folder / "outbox").mkdir(exist_ok=True)
        head = f"From: r@example.org\r\nTo: ani@example.org\r\nSubject: {subject}\r\nList-Unsubscribe: <https://x>\r\n"
        kind = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        (self.folder / "outbox" / f"{name}.eml").write_text(head + kind + html)

    def link(self, purpose: Purpose, id_: str) -> str:
        """The address in a letter to somebody, for a purpose."""
        parts = {
            Purpose.CONFIRM: (id_, stamp(self.now + timedelta(days=7))),
            Purpose.ADDRESS: (id_, stamp(self.now + timedelta(days=7))),
            Purpose.LEAVE: (id_, "notice"),
            Purpose.ADDRESS: (id_, stamp(self.now + timedelta(days=7))),
            Purpose.MANAGE: (id_, stamp(self.now)),
            Purpose.CALENDAR: (id_,),
            Purpose.STATUS: ("operator", stamp(self.now + timedelta(days=7))),
        }[purpose]
        return f"/{purpose}/{self.tokens.sign(purpose, *parts)}"

    async def status(self, id_: str) -> Status | None:
        async with self.store.read() as tx:
            found = await subscribers.by_id(tx, id_)
        return found.status if found else None

    async def wishes(self, id_: str) -> list[Wish]:
        async with self.store.read() as tx:
            return await subscriptions.wishes_of(tx, id_)

    async def everything(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        async with self.store.read() as tx:
            return {
                table.name: sorted((tuple(row) for row in await tx.execute(table.select())), key=repr)
                for table in tables.metadata.sorted_tables
            }


def a_form(**changes: str) -> list[tuple[str, str]]:
    """What somebody types who leaves all at its default, changed as said; "" leaves a field out."""
    typed = {
        "address": "ani@example.org",
        "targets": "collection:wars",
        "language": "en",
        "zone": "Asia/Yerevan",
        "hour": "09:00",
        "lead_days": "0",
        "cadence": "daily",
        "weekday": "1",
        "monthday": "1",
        "late_hours": "0",
    } | changes
    return [(name, value) for name, value in typed.items() if value]
