"""The API on both databases: lists miss nothing while rows are added, and what is asked twice at once is done once."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from service.domain.subscription import Status, Wish
from service.store import subscribers, subscriptions
from service.store.dialect import Store
from service.store.tables import suppressions
from service.web.api.events import SAMPLE
from tests.builders import a_habit, an_event
from tests.unit.web.given import NOW, Grounds
from tests.unit.web.programs import Program, a_program

ROWS = 600


@pytest.fixture
async def grounds(database_url: str, tmp_path: Path) -> AsyncIterator[Grounds]:
    store = Store(database_url)
    yield Grounds(store, tmp_path)
    await store.close()


async def people(store: Store, first: int, count: int) -> list[str]:
    """Have so many people come, each with one wish."""
    arrivals = [
        subscribers.Arrival(f"p{number}@example.org", a_habit(), Status.ACTIVE, "import", NOW)
        for number in range(first, first + count)
    ]
    rows = [subscribers.arrival_row(one, NOW) for one in arrivals]
    async with store.write() as tx:
        ids = await subscribers.add_many(tx, rows)
        wishes = [subscriptions.wish_row(id_, Wish(collection="wars"), NOW, NOW) for id_ in ids.values()]
        await subscriptions.add_many(tx, wishes)
    return sorted(ids.values())


async def barred(store: Store, first: int, count: int) -> list[str]:
    """Suppress so many addresses, in no order of time."""
    rows = [
        {"address_hash": f"{number * 7919 % 100_003:032x}", "reason": "asked", "created_at": NOW}
        for number in range(first, first + count)
    ]
    async with store.write() as tx:
        await tx.execute(insert(suppressions), rows)
    return [row["address_hash"] for row in rows]


async def walked(program: Program, path: str, limit: int, meanwhile: Any) -> list[Any]:
    """Read a list to its end, while something is done between its pages."""
    found: list[Any] = []
    cursor = ""
    while True:
        page = await program.get(f"{path}?limit={limit}{cursor}")
        found += page["data"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"
        await meanwhile()


async def test_no_list_misses_a_row_or_tells_one_twice_while_rows_are_added(grounds: Grounds) -> None:
    await grounds.record(an_event())
    program = await a_program(grounds)
    there, hashes = await people(grounds.store, 0, ROWS), await barred(grounds.store, 0, ROWS)
    added = {"people": ROWS, "hashes": ROWS}

    async def more() -> None:
        await people(grounds.store, added["people"], 3)
        await barred(grounds.store, added["hashes"], 3)
        added["people"] += 3
        added["hashes"] += 3

    found = [one["id"] for one in await walked(program, "/subscribers", 50, more)]
    assert found[: len(there)] == there
    assert len(found) == len(set(found))
    owners = [one["subscriber"] for one in await walked(program, "/subscriptions", 50, more)]
    assert len(owners) == len(set(owners))
    assert set(there) <= set(owners)
    told = [one["address_hash"] for one in await walked(program, "/suppressions", 50, more)]
    assert told == sorted(set(told))
    assert set(hashes) <= set(told)


async def test_occasions_are_told_once_each_in_the_order_of_their_days(grounds: Grounds) -> None:
    days = ["2020-09-27", "2020-09-28", "2020-11-09"]
    events = [an_event(id=f"e{place}{copy}", first_day=day) for place, day in enumerate(days) for copy in range(20)]
    await grounds.record(*events)
    program = await a_program(grounds)
    found = await program.every("/occasions", 7)
    keys = [(one["on"], one["event"], one["rule"], one["number"]) for one in found]
    assert keys == sorted(set(keys))
    assert len(keys) == 60 + 40  # the first two come again within the days that are reckoned
    assert len(await program.every("/occasions?first=2024-09-27&last=2024-09-27", 7)) == 20
    assert len(await program.every("/occasions?event=e00", 1)) == 2


async def test_a_request_that_comes_twice_at_once_under_a_key_is_done_once(grounds: Grounds) -> None:
    await grounds.record(an_event())
    program = await a_program(grounds)
    body = {"collection": "wars", "event": {**SAMPLE, "id": "peace"}}
    asked = [program.ask("POST", "/events", body, idempotency_key="same") for _ in range(6)]
    answers = await asyncio.gather(*asked)
    assert [one.status for one in answers] == [201] * 6
    assert len({one.body for one in answers}) == 1
    assert len((await grounds.everything())["api_answers"]) == 1


async def test_of_two_who_change_one_version_at_once_one_is_told(grounds: Grounds) -> None:
    await grounds.record(an_event())
    program = await a_program(grounds)
    bodies = [
        {"collection": "wars", "event": {**SAMPLE, "id": "war", "summary": {"en": f"Version {number}."}}}
        for number in range(4)
    ]
    answers = await asyncio.gather(*(program.ask("PUT", "/events/war", body, if_match='"1"') for body in bodies))
    assert sorted(one.status for one in answers) == [200, 412, 412, 412]
    assert (await program.get("/events/war"))["version"] == 2


async def test_who_remembers_it_already_is_asked_for_no_confirmation(grounds: Grounds) -> None:
    await grounds.record(an_event())
    program = await a_program(grounds)
    sent = {"address": "ani@example.org", "subscriptions": [{"target": "collection:wars"}]}
    consent = {"agreed_at": "2024-04-24T10:00:00Z", "source": "by telephone"}
    assert (await program.ask("POST", "/subscribers", sent | {"consent": consent})).status == 201
    before = await grounds.everything()
    assert (await program.ask("POST", "/subscribers", sent)).status == 200
    assert (await grounds.everything())["notices"] == before["notices"]
    more = sent | {"subscriptions": [{"target": "event:war"}]}
    assert (await program.ask("POST", "/subscribers", more)).status == 200
    assert len((await grounds.everything())["notices"]) == len(before["notices"]) + 1


async def test_people_are_brought_changed_and_erased_alike_on_both(grounds: Grounds) -> None:
    await grounds.record(an_event())
    program = await a_program(grounds)
    consent = {"agreed_at": "2024-04-24T10:00:00Z", "source": "by telephone"}
    sent = {"address": "ani@example.org", "subscriptions": [{"target": "collection:wars"}], "consent": consent}
    id_ = json.loads((await program.ask("POST", "/subscribers", sent)).text)["id"]
    habit = {"language": "hy", "zone": "Asia/Yerevan", "hour": "07:00"}
    assert (await program.ask("PUT", f"/subscribers/{id_}", {"habit": habit}, if_match="*")).status == 200
    assert (await program.ask("DELETE", f"/subscribers/{id_}")).status == 204
    assert (await program.ask("DELETE", f"/subscribers/{id_}")).status == 404
    assert [one["reason"] for one in await program.every("/suppressions", 10)] == ["erased"]
