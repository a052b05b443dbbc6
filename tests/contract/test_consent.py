"""The proof of consent, and what is forgotten in time, on both databases."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.actions import managing, subscribing, sweeping, taking
from service.actions.admitting import NO_TOLL, admit
from service.actions.bringing import Tally, bring
from service.actions.consent import asking, confirming, proof
from service.actions.subscriber_files import read_row
from service.actions.subscribing import Asked
from service.domain.consent import Came
from service.domain.errors import NotFoundError
from service.domain.subscription import Status, Subscriber, Wish
from service.mail.tokens import Purpose, stamp
from service.store import events, requests, subscribers
from service.store.consent_tables import consents
from service.store.dialect import Store
from service.store.tables import notices as notice_table
from service.store.tables import requests as request_table
from tests.builders import a_collection, a_desk, a_habit, an_event, at

NOW = at("2026-09-01T08:00")
DESK = a_desk()
ENGLISH = DESK.languages.of("en")
ANI = "ani@example.org"


@pytest.fixture(autouse=True)
async def _record(store: Store) -> None:
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), NOW)
        await events.save_event(tx, an_event(), "wars", 0, NOW)


async def ask(store: Store, address: str = ANI, hours: int = 0, network: str = "203.0.113.7") -> None:
    asked = Asked(address, a_habit(), (Wish(collection="wars"),), network, asking(ENGLISH))
    async with store.write() as tx:
        await admit(tx, DESK, network, NO_TOLL, NOW + timedelta(hours=hours))
        await subscribing.ask(tx, DESK, asked, NOW + timedelta(hours=hours))


async def reader(store: Store, address: str = ANI) -> Subscriber:
    async with store.read() as tx:
        found = await subscribers.by_address(tx, address)
    assert found is not None
    return found


async def confirm(store: Store) -> None:
    token = DESK.tokens.sign(Purpose.CONFIRM, (await reader(store)).id, stamp(NOW + timedelta(days=7)))
    came = Came("page", "198.51.100.0/24", confirming(ENGLISH))
    async with store.write() as tx:
        await subscribing.confirm(tx, DESK, token, NOW + timedelta(hours=1), came)


async def test_everything_that_a_person_did_stands_in_one_document(store: Store) -> None:
    await ask(store)
    await confirm(store)
    for hours, (leaves, source) in enumerate([(True, "one click"), (False, "page"), (True, "mail")], 2):
        async with store.write() as tx:
            now, who = NOW + timedelta(hours=hours), await reader(store)
            if leaves:
                await managing.leave(tx, who, now, Came(source))
                again = await subscribers.by_address(tx, ANI) or who
                await managing.leave(tx, again, now, Came(source))  # nothing is added
            else:
                await managing.come_back(tx, who, [], now, Came(source, "203.0.113.0/24"))
    async with store.read() as tx:
        notice = (await tx.execute(select(notice_table.c.id).where(notice_table.c.kind == "confirmation"))).scalar_one()
        told = json.loads(json.dumps(await proof(tx, DESK, "Ani@Example.org")))
    acts = [(one["act"], one["at"][11:16], one["source"], one["network"]) for one in told["acts"]]
    assert acts == [
        ("asked", "08:00", "page", "203.0.113.0/24"),
        ("confirmed", "09:00", "page", "198.51.100.0/24"),
        ("left", "10:00", "one click", None),
        ("came back", "11:00", "page", "203.0.113.0/24"),
        ("left", "12:00", "mail", None),
    ]
    assert told["acts"][0]["message_id"] == DESK.message_id(notice)
    assert [one.get("targets") for one in told["acts"][:2]] == [["collection:wars"]] * 2
    worded = [told["wordings"][one["wording"]] for one in told["acts"][:2]]
    assert worded == [{"language": "en", "words": one(ENGLISH).words} for one in (asking, confirming)]
    assert (told["address"], told["status"]) == (ANI, "left")


async def test_a_file_may_say_how_somebody_agreed(store: Store) -> None:
    cells = {
        "email": ANI,
        "collections": "wars",
        "confirmed_at": "2020-05-01",
        "consent_source": "paper form no. 7",
        "consent_wording": "I wish to be written to.",
        "consent_network": "192.0.2.0/24",
    }
    row = read_row(cells, ("en",), {"collection:wars"}, NOW)
    async with store.write() as tx:
        await bring(tx, DESK, [row], Tally(), NOW)
        told = await proof(tx, DESK, ANI)
    (act,) = told["acts"]
    assert (act["act"], act["source"], act["agreed_at"]) == ("brought", "import", "2020-05-01T00:00:00+00:00")
    assert {name: act[name] for name in cells if name.startswith("consent_")} == {
        name: value for name, value in cells.items() if name.startswith("consent_")
    }


async def test_the_same_row_again_is_no_second_act_and_another_agreement_is(store: Store) -> None:
    cells = {"email": ANI, "collections": "wars", "confirmed_at": "2020-05-01", "consent_source": "paper form no. 7"}
    row = read_row(cells, ("en",), {"collection:wars"}, NOW)
    other = read_row(cells | {"consent_source": "paper form no. 8"}, ("en",), {"collection:wars"}, NOW)
    for rows in ([row, row], [row], [replace(row, where="again.csv:2"), other]):
        async with store.write() as tx:
            await bring(tx, DESK, rows, Tally(), NOW)
    async with store.read() as tx:
        acts = (await proof(tx, DESK, ANI))["acts"]
    assert [(act["act"], act["consent_source"]) for act in acts] == [
        ("brought", "paper form no. 7"),
        ("brought", "paper form no. 8"),
    ]


async def test_of_who_was_erased_the_keyed_hash_is_left_and_of_a_stranger_nothing(store: Store) -> None:
    await ask(store)
    async with store.write() as tx:
        await managing.erase(tx, DESK, ANI, NOW)
        told = await proof(tx, DESK, ANI)
        assert (await tx.execute(select(func.count()).select_from(consents))).scalar_one() == 0
        with pytest.raises(NotFoundError):
            await proof(tx, DESK, "stranger@example.org")
    hashed = DESK.tokens.address_hash(ANI)
    assert told == {"address_hash": hashed, "suppressed": {"reason": "erased", "at": NOW.isoformat()}}


async def test_a_network_is_forgotten_when_nobody_needs_it_any_more(store: Store) -> None:
    await ask(store)
    await confirm(store)
    for days, networks in ((100, 2), (181, 0)):
        async with store.write() as tx:
            await sweeping.forget(tx, NOW + timedelta(days=days))
            told = await proof(tx, DESK, ANI)
        assert len([one for one in told["acts"] if one["network"]]) == networks
    assert len(told["acts"]) == 2


async def test_counts_of_requests_are_forgotten_but_not_while_they_limit_anything(store: Store) -> None:
    await ask(store)
    async with store.write() as tx:
        await requests.note(tx, "enter-network", "x", NOW)
        await sweeping.forget(tx, NOW + timedelta(days=30))
        scopes = set((await tx.execute(select(request_table.c.scope))).scalars())
        assert scopes == {"network", "everybody", "address", "confirmation", "enter-network"}
        await sweeping.forget(tx, NOW + timedelta(days=32))
        assert list((await tx.execute(select(request_table.c.scope))).scalars()) == ["confirmation"]
        await sweeping.forget(tx, NOW + timedelta(days=366))
        assert list((await tx.execute(select(request_table.c.scope))).scalars()) == []


async def test_who_asked_and_never_confirmed_is_forgotten_and_who_was_a_reader_is_not(store: Store) -> None:
    await ask(store)
    await confirm(store)
    async with store.write() as tx:
        await managing.leave(tx, await reader(store), NOW)
    await ask(store, hours=30)
    await ask(store, "stranger@example.org")
    await ask(store, "late@example.org", hours=24 * 20)
    async with store.write() as tx:
        await sweeping.forget(tx, NOW + timedelta(days=31))
        assert await subscribers.by_address(tx, "stranger@example.org") is None
        assert await subscribers.by_address(tx, "late@example.org") is not None
    assert (await reader(store)).status is Status.PENDING


async def test_the_words_are_among_what_a_person_takes_along(store: Store) -> None:
    await ask(store)
    await confirm(store)
    async with store.write() as tx:
        await taking.ask(tx, DESK, await reader(store), NOW)
        addressee = (
            await tx.execute(select(notice_table.c.subscriber_id).where(notice_table.c.kind == "data"))
        ).scalar()
        token = DESK.tokens.sign(Purpose.DOWNLOAD, str(addressee), stamp(NOW + timedelta(minutes=59)))
        _, told = await taking.take(tx, DESK, token, NOW)
    assert {one["wording"] for one in told["consents"]} == set(told["wordings"])
    assert {one["words"] for one in told["wordings"].values()} == {asking(ENGLISH).words, confirming(ENGLISH).words}
