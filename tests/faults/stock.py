"""Fills a database with ready notices, by the store's own functions: readers of several domains, rendered editions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from service.domain.letter import Words
from service.domain.notice import Kind, State
from service.domain.subscription import Status, Wish
from service.store import editions, notices, schema, subscribers, subscriptions
from service.store.dialect import Store
from service.store.tables import notices as notice_table
from tests.builders import a_habit

WISH = Wish(collection="artsakh")
DOMAINS = ("example.org", "example.com", "example.net")
_AT_ONCE = 500


def words(number: int = 0) -> Words:
    """Give what an edition says: short, with letters beyond ASCII, and a line that begins with a dot."""
    said = f"In memory, number {number}. Հիշատակ.\n.a line that begins with a dot\n"
    return Words(f"In memory {number}", f"<p>{said}</p>\n", said)


async def fill(
    store: Store,
    many: int,
    *,
    now: datetime | None = None,
    different: int = 1,
    domains: Sequence[str] = DOMAINS,
    useful: timedelta = timedelta(hours=15),
) -> list[str]:
    """Put `many` ready notices of so many editions into a new or used database, and give their ids."""
    await schema.upgrade(store)
    moment = now or datetime.now(UTC)
    async with store.write() as tx:
        first = (await tx.execute(select(func.count()).select_from(notice_table))).scalar_one()
        rendered = [await _edition(tx, number, moment) for number in range(different)]
        for start in range(first, first + many, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, first + many))
            addresses = [f"reader{number:06}@{domains[number % len(domains)]}" for number in numbers]
            arrived = [subscribers.Arrival(one, a_habit(), Status.ACTIVE, "import", moment) for one in addresses]
            ids = list(
                (await subscribers.add_many(tx, [subscribers.arrival_row(one, moment) for one in arrived])).values()
            )
            await subscriptions.add_many(tx, [subscriptions.wish_row(id_, WISH, moment, moment) for id_ in ids])
            singles = [
                notices.Single(id_, Kind.NOTICE, moment.date(), rendered[place % different], moment, moment + useful)
                for place, id_ in enumerate(ids)
            ]
            await notices.add_singles(tx, singles)
        await notices.release(tx)
    async with store.read() as tx:
        ready = select(notice_table.c.id).where(notice_table.c.state == State.READY).order_by(notice_table.c.id)
        return list((await tx.execute(ready)).scalars())


async def _edition(tx: editions.Tx, number: int, now: datetime) -> str:
    plan = editions.Plan(Kind.NOTICE, "en", now.date(), "v", f"key {number}", (), (WISH.target,))
    id_ = await editions.ensure(tx, plan, now)
    await editions.freeze(tx, id_, words(number), [], now)
    return id_
