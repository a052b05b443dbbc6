"""A database in which readers have had letters for a year, made by few statements; and what it holds, to compare."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Text, cast, func, literal, select

from service.app import App, build
from service.domain.letter import Letter, Words
from service.domain.notice import Kind, Outcome, Result, State
from service.domain.subscription import Status, Wish
from service.settings import Settings
from service.store import editions, events, schema, subscribers, subscriptions
from service.store.all_tables import everything
from service.store.dialect import Store
from service.store.ids import new_ids
from service.store.tables import attempts
from service.store.tables import notices as notice_table
from service.store.tables import subscribers as reader_table
from tests.builders import a_collection, a_habit, an_event
from tests.printers import AtHand

WISH = Wish(collection="wars")
_AT_ONCE = 1000


@dataclass
class Taken:
    """A transport that takes every letter: its bytes by the notice that it is of."""

    letters: dict[str, bytes] = field(default_factory=dict)
    usable = has_begun = True
    pipelines = False

    async def connect(self) -> "Taken":
        return self

    async def send(self, letter: Letter, following: Letter | None = None) -> Outcome:  # noqa: ARG002
        self.letters[letter.notice] = letter.content
        return Outcome(Result.ACCEPTED, 250, "2.0.0 Ok")

    def withdraw(self) -> None:
        """Nothing was announced."""

    async def close(self) -> None:
        """There is nothing to let go."""


def program(settings: Settings, now: datetime, taken: Taken | None = None) -> App:
    """The whole program on a database at a moment; what it sends is taken."""
    return build(settings, clock=lambda: now, transport=taken or Taken(), printer=AtHand())


async def fill(store: Store, readers: int, days: int, now: datetime) -> None:
    """Record a war, add readers of it, and give each a letter that was taken on so many days before; some were late."""
    await schema.upgrade(store)
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), now)
        await events.save_event(tx, an_event(), "wars", 0, now)
    began = now - timedelta(days=400)
    for first in range(0, readers, _AT_ONCE):
        addresses = [f"reader{number:06}@example.org" for number in range(first, min(first + _AT_ONCE, readers))]
        arrived = [subscribers.Arrival(one, a_habit(), Status.ACTIVE, "import", began) for one in addresses]
        async with store.write() as tx:
            ids = (await subscribers.add_many(tx, [subscribers.arrival_row(one, began) for one in arrived])).values()
            await subscriptions.add_many(tx, [subscriptions.wish_row(id_, WISH, began, began) for id_ in ids])
    for number in range(days):
        await _day(store, number, now - timedelta(days=365 - number * 364 // max(days, 1)))


async def _day(store: Store, number: int, moment: datetime) -> None:
    plan = editions.Plan(Kind.NOTICE, "en", moment.date(), "v", f"key {number}", (), (WISH.target,))
    said = f"In memory, number {number}. Հիշատակ.\tPaid in full \\ \n.a line\r\n"
    async with store.write() as tx:
        edition = await editions.ensure(tx, plan, moment)
        await editions.freeze(tx, edition, Words(f"In memory {number}", f"<p>{said}</p>\n", said), [], moment)
        values: dict[str, Any] = {
            "kind": Kind.NOTICE,
            "day": moment.date(),
            "edition_id": edition,
            "lane": 1,
            "state": State.ACCEPTED,
            "reason": "",
            "due_at": moment,
            "expires_at": moment + timedelta(hours=15),
            "dated_at": moment,
            "generation": 1,
            "attempts": 1,
            "doubts": 0,
            "code": 250,
            "words": "2.0.0 Ok: queued",
            "created_at": moment,
            "finished_at": moment + timedelta(seconds=30, microseconds=number),
        }
        columns = [literal(value, notice_table.c[name].type) for name, value in values.items()]
        of_all = select(new_ids(), reader_table.c.id, *columns).where(reader_table.c.status == Status.ACTIVE)
        await tx.execute(notice_table.insert().from_select(["id", "subscriber_id", *values], of_all))
        late = select(notice_table.c.id, *map(literal, (1, "deferred", 451, "4.2.0 later")), literal(moment))
        some = late.where(notice_table.c.edition_id == edition, func.substr(notice_table.c.id, 32) == "0")
        names = ["notice_id", "generation", "result", "code", "words", "at"]
        await tx.execute(attempts.insert().from_select(names, some))


async def contents(store: Store) -> dict[str, tuple[int, str]]:
    """Give for each table how many rows it has, and a digest of all their values in the order of its key."""
    found = {}
    async with store.read() as tx:
        for one in everything.sorted_tables:
            # Documents as their text: no value and the value null are two things.
            columns = [cast(it, Text) if isinstance(it.type, JSON) else it for it in one.columns]
            digest, count = 0, 0
            result = await tx.stream(select(*columns).execution_options(yield_per=500))
            async for row in result:  # a sum, since the two databases have other orders
                digest += int.from_bytes(hashlib.blake2b(repr(tuple(row)).encode(), digest_size=8).digest())
                count += 1
            found[one.name] = (count, f"{digest % 2**64:016x}")
    return found
