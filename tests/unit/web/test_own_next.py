"""The next letter on the pages of one's own: by what is chosen there, before it is kept, with what is private."""

import html
import re

import pytest

from service.domain.documents import read_private
from service.domain.subscription import Status, Wish
from service.domain.targets import target_of
from service.mail.tokens import Purpose
from service.store import private_events, subscriptions
from tests.builders import an_event
from tests.unit.web.client import Answer
from tests.unit.web.given import Grounds

HABITS = {"language": "en", "zone": "UTC", "hour": "09:00", "cadence": "daily", "weekday": "1", "monthday": "1"}


async def own(grounds: Grounds) -> str:
    """Have a reader of one event, beside another that they may choose, and give the path of their page."""
    await grounds.record()
    await grounds.record(
        an_event(id="peace", title={"en": "A peace"}, first_day="2001-12-24", last_day=None), id_="peaces"
    )
    return grounds.link(Purpose.MANAGE, await grounds.reader("ani@example.org", Status.ACTIVE, Wish(event="war")))


async def look(grounds: Grounds, path: str, **fields: str) -> Answer:
    before = await grounds.everything()
    answer = await grounds.client().post(f"{path}/next", list(fields.items()))
    assert await grounds.everything() == before
    return answer


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"of": "habits", **HABITS}, "on Friday, 27 September 2024, at 09:00."),
        ({"of": "habits", **HABITS, "hour": "06:30", "zone": "Asia/Yerevan"}, "27 September 2024, at 06:30."),
        ({"of": "habits", **HABITS, "cadence": "weekly"}, "on Monday, 23 September 2024, at 09:00."),
        ({"of": "habits", **HABITS, "hour": "99:99"}, "on Friday, 27 September 2024, at 09:00."),
        ({"of": "event:war", "lead_days": "3"}, "on Tuesday, 24 September 2024, at 09:00."),
        ({"of": "event:war", "lead_days": "x"}, "on Friday, 27 September 2024, at 09:00."),
        ({"of": "event:none", "lead_days": "3"}, "on Friday, 27 September 2024, at 09:00."),
        ({"of": "topics", "targets": "event:peace", "lead_days": "95"}, "on Friday, 27 September 2024, at 09:00."),
        ({"of": "topics", "targets": "event:peace", "own:event:peace": "93"}, "27 September 2024, at 09:00."),
        ({}, "on Friday, 27 September 2024, at 09:00."),
    ],
)
async def test_the_next_letter_is_told_by_what_is_chosen_and_nothing_is_kept(
    grounds: Grounds, fields: dict[str, str], told: str
) -> None:
    answer = await look(grounds, await own(grounds), **fields)
    assert answer.status == 200
    assert told in answer.text


async def test_what_is_private_is_told_to_its_owner_alone_and_no_address_names_it(grounds: Grounds) -> None:
    path = await own(grounds)
    id_ = await grounds.reader("lena@example.org")
    day = {"name": "Mother", "first_day": "2020-09-22", "rules": [{"kind": "yearly"}]}
    async with grounds.store.write() as tx:
        private = await private_events.add(tx, id_, read_private(day), grounds.now)
        await subscriptions.set_private(tx, id_, target_of(private), (0,), grounds.now)
    answer = await look(grounds, grounds.link(Purpose.MANAGE, id_), of="habits", **HABITS)
    assert "on Sunday, 22 September 2024, at 09:00." in answer.text
    assert "Mother" in answer.text
    assert "<iframe" not in answer.text
    assert "Mother" not in (await look(grounds, path, of="habits", **HABITS)).text


async def test_the_letter_itself_is_shown_as_it_would_come(grounds: Grounds) -> None:
    answer = await look(grounds, await own(grounds), of="habits", **HABITS | {"language": "hy", "hour": "07:00"})
    found = re.search(r'<iframe src="([^"]+)"', answer.text)
    assert found is not None
    letter = await grounds.client().get(html.unescape(found[1]))
    assert letter.status == 200
    assert 'lang="hy"' in letter.text


async def test_each_page_shows_it_at_once_and_by_a_button_without_script(grounds: Grounds) -> None:
    path, client = await own(grounds), grounds.client()
    for part, changed in (("habits", HABITS | {"hour": "07:15"}), ("topics", {}), ("topics/event:war", {})):
        page = await client.get(f"{path}/{part}")
        assert "Your next letter comes on Friday, 27 September 2024, at 09:00." in page.text
        assert f'data-next="{path}/next"' in page.text
        shown = await client.post(f"{path}/{part}", [("action", "next"), *changed.items()])
        assert shown.status == 200
        assert ("at 07:15" if changed else "at 09:00") in shown.text
    assert "07:15" not in repr((await grounds.everything())["subscribers"])


async def test_a_wrong_link_is_told_nothing(grounds: Grounds) -> None:
    assert (await grounds.client().post("/manage/x/next", [("of", "habits")])).status == 404
