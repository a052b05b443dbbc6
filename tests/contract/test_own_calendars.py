"""A subscriber's own calendar on both databases: its secret address is made, renewed, ended, and tells no more."""

import re
from pathlib import Path

import vobject

from service.actions import managing
from service.domain.documents import read_private
from service.domain.subscription import Status, Wish
from service.domain.targets import target_of
from service.mail.tokens import Purpose
from service.store import private_events, subscribers, subscriptions
from service.store.dialect import Store
from tests.builders import a_desk, an_event
from tests.unit.web.given import Grounds


async def made(grounds: Grounds, manage: str, action: str = "renew") -> str:
    """Press a button of the page, and give the path of the address that it then shows, "" for none."""
    client = grounds.client()
    answer = await client.post(f"{manage}/calendar", [("action", action)])
    assert answer.status == 303
    page = await client.get(answer.headers["location"])
    found = re.search(r'value="https://remember\.example\.org(/calendar/[^"]+\.ics)"', page.text)
    return found[1] if found else ""


async def test_an_own_calendar_from_its_first_address_to_its_last(store: Store, tmp_path: Path) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    await grounds.record(an_event(id="other", title={"en": "Another"}, first_day="1990-05-01"), id_="others")
    id_ = await grounds.reader("ani@example.org", Status.ACTIVE, Wish(event="war"))
    manage, client = grounds.link(Purpose.MANAGE, id_), grounds.client()

    first = await made(grounds, manage)
    calendar = await client.get(first)
    titles = {item.summary.value for item in vobject.readOne(calendar.text).vevent_list}
    assert titles == {"A war"}
    assert (await client.get(first, if_none_match=calendar.headers["etag"])).status == 304

    async with store.write() as tx:
        await subscriptions.add(tx, id_, [Wish(collection="others")], grounds.now, grounds.now)
    titles = {item.summary.value for item in vobject.readOne((await client.get(first)).text).vevent_list}
    assert titles == {"A war", "Another"}

    second = await made(grounds, manage)
    assert second != first
    nothing = await client.get(first)
    assert nothing.status == 404
    assert (await client.get(second)).status == 200

    assert await made(grounds, manage, "end") == ""
    ended = await client.get(second)
    assert (ended.status, ended.text.replace(second, first)) == (404, nothing.text)
    assert await made(grounds, manage, "end") == ""


async def test_private_dates_are_in_the_calendar_of_those_who_are_told_of_them_and_hidden_in_it(
    store: Store, tmp_path: Path
) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    ids = [await grounds.reader(f"reader{n}@example.org") for n in range(2)]
    day = {"name": "Mother", "words": "A few words.", "first_day": "2020-02-29", "rules": [{"kind": "yearly"}]}
    async with store.write() as tx:
        event = read_private(day)
        private = await private_events.add(tx, ids[0], event, grounds.now)
        await subscriptions.set_private(tx, ids[0], target_of(private), (0,), grounds.now)
    addresses = [await made(grounds, grounds.link(Purpose.MANAGE, id_)) for id_ in ids]
    own, other = [(await grounds.client().get(address)).text for address in addresses]
    assert "SUMMARY;LANGUAGE=en:Mother" in own
    assert "Mother" not in other
    entries = [item for item in vobject.readOne(own).vevent_list if item.summary.value == "Mother"]
    assert {item.getChildValue("class") for item in entries} == {"PRIVATE"}
    assert all("http" not in item.description.value for item in entries)
    assert [item.dtstart.value.isoformat() for item in entries][:2] == ["2023-02-28", "2024-02-29"]
    async with store.write() as tx:
        await private_events.remove(tx, private, grounds.now)
    assert "Mother" not in (await grounds.client().get(addresses[0])).text


async def test_what_is_private_is_not_kept_when_a_calendar_with_it_was_answered(store: Store, tmp_path: Path) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    id_ = await grounds.reader()
    day = {"name": "Mother", "words": "A few words.", "first_day": "2020-02-29", "rules": [{"kind": "yearly"}]}
    async with store.write() as tx:
        private = await private_events.add(tx, id_, read_private(day), grounds.now)
        await subscriptions.set_private(tx, id_, target_of(private), (0,), grounds.now)
    path = await made(grounds, grounds.link(Purpose.MANAGE, id_))
    client = grounds.client()
    answer = await client.get(path)
    assert "SUMMARY;LANGUAGE=en:Mother" in answer.text
    assert (await client.get(path, if_none_match=answer.headers["etag"])).status == 304
    feeds = client.app.state.feeds
    kept = [value for store_of in (feeds._files, feeds._lines) for value in store_of._kept.items()]
    assert kept  # what everybody may read
    assert "Mother" not in repr(kept)
    assert private not in repr(kept)


async def test_who_has_left_has_no_calendar_until_they_are_back_and_who_is_erased_has_none(
    store: Store, tmp_path: Path
) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    id_ = await grounds.reader()
    address, client = await made(grounds, grounds.link(Purpose.MANAGE, id_)), grounds.client()
    for status, answered in ((Status.LEFT, 404), (Status.ACTIVE, 200), (Status.SUPPRESSED, 404)):
        async with store.write() as tx:
            await subscribers.set_status(tx, id_, status, grounds.now)
        assert (await client.get(address)).status == answered
    async with store.write() as tx:
        await subscribers.set_status(tx, id_, Status.ACTIVE, grounds.now)
        await managing.erase(tx, a_desk(), "ani@example.org", grounds.now)
    assert (await client.get(address)).status == 404


async def test_the_address_of_one_is_not_that_of_another(store: Store, tmp_path: Path) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    ids = [await grounds.reader(f"reader{n}@example.org") for n in range(2)]
    addresses = [await made(grounds, grounds.link(Purpose.MANAGE, id_)) for id_ in ids]
    assert addresses[0] != addresses[1]
    await made(grounds, grounds.link(Purpose.MANAGE, ids[0]), "end")
    assert [(await grounds.client().get(address)).status for address in addresses] == [404, 200]
