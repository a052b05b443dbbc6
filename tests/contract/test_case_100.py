"""A crowd at the door (`faults.md`, case 100): one victim, many victims, one network, all together; and who pays."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import count, islice
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.actions import managing, subscribing
from service.actions.admitting import HOLDS, NO_TOLL, WAIT, WORK_BITS, Toll, admit, check_door, does_work, new_ticket
from service.actions.subscribing import Asked, Desk
from service.domain.errors import TooManyRequestsError
from service.domain.notice import Kind
from service.domain.subscription import Wish
from service.mail.tokens import Purpose, stamp
from service.store import subscribers
from service.store.dialect import Store
from service.store.tables import metadata
from service.store.tables import notices as notice_table
from tests.builders import a_habit
from tests.sizes import sized
from tests.unit.web.client import Answer
from tests.unit.web.given import Grounds, a_form

FLOOD = sized(10_000, 1_000)
WARS = Wish(collection="wars")


@pytest.fixture
async def grounds(store: Store, tmp_path: Path) -> Grounds:
    """A site with one war in its record, and nobody who asked for anything."""
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    return grounds


async def confirmations(store: Store) -> int:
    wanted = select(func.count()).select_from(notice_table).where(notice_table.c.kind == Kind.CONFIRMATION)
    async with store.read() as tx:
        return int((await tx.execute(wanted)).scalar_one())


async def counted(store: Store, *tables: str) -> int:
    async with store.read() as tx:
        found = [await tx.execute(select(func.count()).select_from(metadata.tables[name])) for name in tables]
    return sum(int(one.scalar_one()) for one in found)


def a_desk_of(grounds: Grounds, most: int = 100_000) -> Desk:
    return Desk(grounds.tokens, grounds.site().languages, "example.org", most)


def networks() -> Iterator[str]:
    """Give addresses, each of another /24."""
    return (f"{10 + n // 65_536}.{n // 256 % 256}.{n % 256}.1" for n in count())


def by(address: str, network: str) -> Asked:
    return Asked(address, a_habit(), (WARS,), network)


def worked(ticket: str) -> Toll:
    """Do what a browser does, by the standard library."""
    for number in map(str, count()):
        digest = hashlib.sha256(f"{ticket}.{number}".encode()).digest()
        if int.from_bytes(digest) < 1 << (256 - WORK_BITS):
            return Toll(ticket, number)
    raise AssertionError


async def crowd(grounds: Grounds, desk: Desk, asked: Iterable[Asked], toll: Toll = NO_TOLL) -> Counter[str]:
    """Have a crowd ask, as the form does: look at the door, be let in, and have it done; many look at once."""
    ended: Counter[str] = Counter()
    everybody = iter(asked)
    while some := list(islice(everybody, 250)):
        seen_open = []
        async with grounds.store.read() as tx:
            for one in some:
                try:
                    await check_door(tx, desk, one.network, toll, grounds.now)
                except TooManyRequestsError as error:
                    ended[type(error).__name__] += 1
                else:
                    seen_open.append(one)
        for one in seen_open:
            try:
                async with grounds.store.write() as tx:
                    await admit(tx, desk, one.network, toll, grounds.now)
            except TooManyRequestsError as error:
                ended[type(error).__name__] += 1
                continue
            async with grounds.store.write() as tx:
                await subscribing.ask(tx, desk, one, grounds.now)
            ended["taken"] += 1
    return ended


async def test_case_100_ten_thousand_posts_for_one_victim_are_one_letter(grounds: Grounds) -> None:
    asked = (by("ani@example.org", network) for network in islice(networks(), FLOOD))
    ended = await crowd(grounds, a_desk_of(grounds, most=100), asked)
    assert ended == {"taken": 50, "CrowdedError": FLOOD - 50}
    assert await confirmations(grounds.store) == 1
    assert await counted(grounds.store, "subscribers", "notices") == 2
    assert await counted(grounds.store, "requests", "consents") < 200  # what is refused leaves nothing behind


@pytest.mark.parametrize("network", ["198.51.100.{}", "2001:db8::{:x}"])
async def test_case_100_ten_thousand_victims_from_one_network_are_fifteen(grounds: Grounds, network: str) -> None:
    far = FLOOD if ":" in network else 500  # a /24 has no more, and they come round again
    asked = (by(f"v{n}@example.org", network.format(n if ":" in network else n % 256)) for n in range(far))
    ended = await crowd(grounds, a_desk_of(grounds), asked)
    assert ended == {"taken": 15, "CrowdedError": far - 15}
    assert await confirmations(grounds.store) == 15


async def test_case_100_one_victim_gets_a_letter_a_day_and_three_in_all(grounds: Grounds) -> None:
    desk, first = a_desk_of(grounds), grounds.now
    for day in range(20):
        grounds.now = first + timedelta(hours=day * 24.1)
        await crowd(grounds, desk, [by("ani@example.org", f"198.51.{day}.{n}") for n in range(1, 9)])
        assert await confirmations(grounds.store) == min(day + 1, 3)
    assert await counted(grounds.store, "consents") <= 20 * 5  # nothing grows without end


async def test_case_100_when_it_confirms_it_may_ask_again(grounds: Grounds) -> None:
    desk, first, asked = a_desk_of(grounds), grounds.now, [by("ani@example.org", "198.51.100.1")]
    for day in range(4):
        grounds.now = first + timedelta(hours=day * 25)
        await crowd(grounds, desk, asked)
    async with grounds.store.write() as tx:
        found = await subscribers.by_address(tx, "ani@example.org")
        assert found is not None
        token = grounds.tokens.sign(Purpose.CONFIRM, found.id, stamp(first + timedelta(days=8)))
        await subscribing.confirm(tx, desk, token, first + timedelta(days=5))
        await managing.leave(tx, found, first + timedelta(days=6))
    grounds.now = first + timedelta(days=40)
    await crowd(grounds, desk, asked)
    assert await confirmations(grounds.store) == 4


async def test_case_100_waiting_lets_in_more_and_work_the_most(grounds: Grounds) -> None:
    desk, far = a_desk_of(grounds, most=16), networks()

    async def taken(toll: Toll) -> int:
        return (await crowd(grounds, desk, [by("ani@example.org", next(far))], toll))["taken"]

    tickets = [new_ticket(desk, grounds.now) for _ in range(20)]
    assert [await taken(NO_TOLL) for _ in range(9)] == [1] * 8 + [0]
    assert await taken(Toll(tickets[0])) == 0  # it is too young
    grounds.now += WAIT
    assert [await taken(Toll(ticket)) for ticket in tickets[:5]] == [1] * 4 + [0]
    assert await taken(worked(tickets[0])) == 0  # it was let in by that one already
    assert [await taken(worked(ticket)) for ticket in tickets[4:9]] == [1] * 4 + [0]
    assert await taken(worked(tickets[9])) == 0  # there is no room for anybody
    grounds.now += timedelta(minutes=61)
    assert await taken(NO_TOLL) == 1


async def test_case_100_only_a_ticket_of_ours_that_is_not_too_old_and_its_own_work_count(grounds: Grounds) -> None:
    desk = a_desk_of(grounds, most=4)
    await crowd(grounds, desk, [by("ani@example.org", network) for network in islice(networks(), 2)])
    other = Desk(type(grounds.tokens)((b"n" * 32,)), desk.languages, most_per_hour=4)
    young, old, foreign = (
        worked(new_ticket(from_, grounds.now - age))
        for from_, age in ((desk, timedelta()), (desk, HOLDS + timedelta(seconds=1)), (other, timedelta()))
    )
    wrong = [
        old,
        foreign,
        Toll(new_ticket(desk, grounds.now + timedelta(hours=1)), young.found),
        Toll(young.ticket, ""),
        Toll(young.ticket, f"0{young.found}"),
        Toll(young.ticket, "²"),
        Toll(young.ticket, "9" * 2000),
        Toll("", young.found),
        Toll("ticket\u2028", young.found),
    ]
    for toll in wrong:
        ended = await crowd(grounds, desk, [by("ani@example.org", "198.51.100.1")], toll)
        assert ended == {"CrowdedError": 1}, toll
    assert does_work(young.ticket, young.found)
    assert (await crowd(grounds, desk, [by("ani@example.org", "198.51.100.1")], young))["taken"] == 1


def ticket_in(answer: Answer) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', answer.text)
    return found[1] if found else ""


async def test_case_100_the_form_asks_for_a_toll_in_a_crowd_only_and_loses_nothing(grounds: Grounds) -> None:
    desk = a_desk_of(grounds, most=4)
    far = networks()
    assert ticket_in(await grounds.client(desk=desk).get("/subscribe")) == ""
    for _ in range(2):
        assert (await grounds.client(next(far), desk=desk).post("/subscribe", a_form())).status == 303
    client = grounds.client("192.0.2.1", desk=desk)
    assert ticket_in(await client.get("/subscribe"))
    typed = a_form(address="lena@example.org", hour="07:15")
    refused = await client.post("/subscribe", typed)
    assert (refused.status, refused.headers["retry-after"], refused.cookies) == (429, "600", ())
    assert all(f'value="{kept}"' in refused.text for kept in ("lena@example.org", "07:15"))
    assert "Please send it once more." in refused.text
    ticket = ticket_in(refused)
    mistaken = await client.post("/subscribe", [*a_form(address="lena"), ("ticket", ticket)])
    assert (mistaken.status, ticket_in(mistaken)) == (422, ticket)  # a slip costs no second wait
    grounds.now += WAIT
    assert (await client.post("/subscribe", [*typed, ("ticket", ticket)])).status == 303
    paid = worked(ticket_in(await client.get("/subscribe")))
    assert (await client.post("/subscribe", [*typed, ("ticket", paid.ticket), ("found", paid.found)])).status == 303
    full = await client.post("/subscribe", typed)
    assert (full.status, full.headers["retry-after"]) == (429, "3600")
    assert 'value="lena@example.org"' in full.text


async def test_case_100_readers_are_still_answered_while_the_door_is_full(grounds: Grounds) -> None:
    id_ = await grounds.reader("reader@example.org")
    desk = a_desk_of(grounds, most=40)
    asked = [by(f"v{n}@example.org", network) for n, network in enumerate(islice(networks(), 60))]
    assert (await crowd(grounds, desk, asked))["taken"] == 20
    answer = await grounds.client("192.0.2.1", desk=desk).post("/manage", [("address", "reader@example.org")])
    assert answer.status == 303
    async with grounds.store.read() as tx:
        own = select(notice_table.c.kind, notice_table.c.lane).where(notice_table.c.subscriber_id == id_)
        assert (await tx.execute(own)).all() == [("link", 0)]
