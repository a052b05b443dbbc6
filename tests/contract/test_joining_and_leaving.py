"""Asking, confirming, changing, leaving and coming back, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.actions import managing, subscribing
from service.actions.admitting import NO_TOLL, admit
from service.actions.subscribing import Asked
from service.domain.errors import InvalidError, NotFoundError, TooManyRequestsError
from service.domain.subscription import Status, Subscriber, Wish
from service.mail.tokens import Purpose, stamp
from service.store import events, subscribers, subscriptions
from service.store.dialect import Store
from service.store.tables import notices as notice_table
from tests.builders import a_collection, a_desk, a_habit, an_event, at

NOW = at("2026-09-01T08:00")
DESK = a_desk()
WARS = Wish(collection="wars")


@pytest.fixture(autouse=True)
async def _record(store: Store) -> None:
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), NOW)
        await events.save_event(tx, an_event(), "wars", 0, NOW)


def asked(address: str = "ani@example.org", *wishes: Wish, network: str = "203.0.113.7") -> Asked:
    return Asked(address, a_habit(), wishes or (WARS,), network)


async def ask(store: Store, request: Asked, minutes: int = 0) -> None:
    async with store.write() as tx:
        await admit(tx, DESK, request.network, NO_TOLL, NOW + timedelta(minutes=minutes))
    async with store.write() as tx:
        await subscribing.ask(tx, DESK, request, NOW + timedelta(minutes=minutes))


async def reader(store: Store, address: str = "ani@example.org") -> Subscriber:
    async with store.read() as tx:
        found = await subscribers.by_address(tx, address)
    assert found is not None
    return found


async def letters(store: Store) -> int:
    async with store.read() as tx:
        return (await tx.execute(select(func.count()).select_from(notice_table))).scalar_one()


async def confirm(store: Store, address: str = "ani@example.org") -> None:
    token = DESK.tokens.sign(Purpose.CONFIRM, (await reader(store, address)).id, stamp(NOW + timedelta(days=7)))
    async with store.write() as tx:
        await subscribing.confirm(tx, DESK, token, NOW + timedelta(hours=1))


async def wishes(store: Store, *, confirmed: bool = True) -> list[str]:
    async with store.read() as tx:
        return [
            wish.target for wish in await subscriptions.wishes_of(tx, (await reader(store)).id, confirmed=confirmed)
        ]


async def test_asking_makes_one_confirmation_and_subscribes_nobody(store: Store) -> None:
    await ask(store, asked())
    assert ((await reader(store)).status, await letters(store), await wishes(store)) == (Status.PENDING, 1, [])


async def test_asking_again_for_an_address_sends_no_second_letter_that_day(store: Store) -> None:
    for minutes, address in enumerate(["ani@example.org", "ANI@example.org", "ani@EXAMPLE.org"]):
        await ask(store, asked(address), minutes)
    assert await letters(store) == 1


async def test_an_address_that_never_confirms_gets_three_letters_in_all(store: Store) -> None:
    for day in range(10):
        await ask(store, asked(), day * 1500)
    assert await letters(store) == 3


async def test_one_network_may_not_ask_without_end_whatever_addresses_it_names(store: Store) -> None:
    for number in range(15):
        await ask(store, asked(f"r{number}@example.org", network=f"203.0.113.{number}"))
    with pytest.raises(TooManyRequestsError):
        await ask(store, asked("more@example.org", network="203.0.113.200"))
    await ask(store, asked("other@example.org", network="198.51.100.1"))


async def test_a_network_of_ipv6_is_its_64_bits(store: Store) -> None:
    for number in range(15):
        await ask(store, asked(f"r{number}@example.org", network=f"2001:db8::{number:x}"))
    with pytest.raises(TooManyRequestsError):
        await ask(store, asked("more@example.org", network="2001:db8::ffff:1"))


async def test_confirming_subscribes_and_may_be_done_twice(store: Store) -> None:
    await ask(store, asked())
    await confirm(store)
    await confirm(store)
    assert ((await reader(store)).status, await wishes(store)) == (Status.ACTIVE, ["collection:wars"])


async def test_a_link_to_confirm_ends_after_seven_days(store: Store) -> None:
    await ask(store, asked())
    token = DESK.tokens.sign(Purpose.CONFIRM, (await reader(store)).id, stamp(NOW))
    async with store.write() as tx:
        with pytest.raises(NotFoundError, match="seven days"):
            await subscribing.confirm(tx, DESK, token, NOW + timedelta(seconds=1))


@pytest.mark.parametrize("purpose", [Purpose.MANAGE, Purpose.LEAVE])
async def test_a_link_for_one_purpose_serves_no_other(store: Store, purpose: Purpose) -> None:
    await ask(store, asked())
    token = DESK.tokens.sign(purpose, (await reader(store)).id, stamp(NOW + timedelta(days=7)))
    async with store.write() as tx:
        with pytest.raises(NotFoundError):
            await subscribing.confirm(tx, DESK, token, NOW)


async def test_somebody_else_asking_for_an_active_reader_changes_nothing_until_it_is_confirmed(store: Store) -> None:
    await ask(store, asked())
    await confirm(store)
    other = Asked("ani@example.org", a_habit(hour="23:00"), (Wish(event="war"),), "198.51.100.1")
    await ask(store, other, 2000)
    assert (await reader(store)).habit.hour == "09:00"
    assert await wishes(store) == ["collection:wars"]
    await confirm(store)
    assert sorted(await wishes(store)) == ["collection:wars", "event:war"]


async def test_what_is_not_recorded_cannot_be_asked_for(store: Store) -> None:
    with pytest.raises(InvalidError, match="There is no event nothing"):
        await ask(store, asked("ani@example.org", Wish(event="nothing")))


async def test_leaving_and_undoing_it_leaves_everything_as_it_was(store: Store) -> None:
    await ask(store, asked())
    await confirm(store)
    async with store.write() as tx:
        await managing.leave(tx, await reader(store), NOW)
    assert (await reader(store)).status is Status.LEFT
    async with store.write() as tx:
        await managing.come_back(tx, await reader(store), [], NOW)
    assert ((await reader(store)).status, await wishes(store)) == (Status.ACTIVE, ["collection:wars"])


async def test_whoever_ends_the_last_subscription_has_left(store: Store) -> None:
    await ask(store, asked("ani@example.org", WARS, Wish(event="war")))
    await confirm(store)
    for target, status in (("collection:wars", Status.ACTIVE), ("event:war", Status.LEFT)):
        async with store.write() as tx:
            await managing.leave_one(tx, await reader(store), target, NOW)
        assert (await reader(store)).status is status


async def test_who_left_and_asks_again_begins_anew(store: Store) -> None:
    await ask(store, asked())
    await confirm(store)
    async with store.write() as tx:
        await managing.leave(tx, await reader(store), NOW)
    await ask(store, asked("ani@example.org", Wish(event="war")), 2000)
    assert (await reader(store)).status is Status.PENDING
    await confirm(store)
    assert await wishes(store) == ["event:war"]


async def test_an_erased_reader_leaves_a_keyed_hash_and_nothing_else(store: Store) -> None:
    await ask(store, asked())
    async with store.write() as tx:
        await managing.erase(tx, DESK, "Ani@example.org", NOW)
    async with store.read() as tx:
        assert await subscribers.by_address(tx, "ani@example.org") is None
        hashed = DESK.tokens.address_hash("ani@example.org")
        assert await subscribers.suppressed(tx, [hashed]) == {hashed}
    assert await letters(store) == 0
