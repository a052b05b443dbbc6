"""The next letter, seen before one asks for it: when, what, the letter itself, and no more of it than anybody needs."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from service.domain.letter import Mark
from service.rendering.asked import Rendered
from service.store.editions import Plan
from tests.builders import an_event, at
from tests.unit.web.client import Answer
from tests.unit.web.given import Grounds, a_form


async def look(grounds: Grounds, **changes: str) -> Answer:
    return await grounds.client().post("/subscribe/next", a_form(**{"address": "", **changes}))


def letter_in(answer: Answer) -> str:
    """Give the address of the letter that a page shows in a frame."""
    found = re.search(r'<iframe src="([^"]+)"', answer.text)
    assert found is not None
    return html.unescape(found[1])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "Your next letter comes on Friday, 27 September 2024, at 09:00."),
        (
            {"lead_days": "7"},
            "Your next letter comes on Saturday, 20 September 2025, at 09:00.",
        ),  # that of today is gone
        ({"lead_days": "3", "hour": "06:30"}, "Your next letter comes on Tuesday, 24 September 2024, at 06:30."),
        ({"own:collection:wars": "1"}, "Your next letter comes on Thursday, 26 September 2024, at 09:00."),
        ({"cadence": "weekly"}, "Your next letter comes on Monday, 23 September 2024, at 09:00."),
        ({"cadence": "monthly"}, "Your next letter comes on Monday, 1 September 2025, at 09:00."),
        ({"targets": ""}, "Choose something above"),
        ({"targets": "event:none"}, "Nothing that you chose falls within the next year."),
    ],
)
async def test_the_next_letter_is_told_with_its_day_and_hour(
    grounds: Grounds, changes: dict[str, str], told: str
) -> None:
    grounds.now = at("2024-09-20T08:00")
    before = await grounds.everything()
    answer = await look(grounds, **changes)
    assert (answer.status, await grounds.everything()) == (200, before)
    assert told in answer.text


async def test_the_letter_itself_stands_in_a_frame_without_any_power_and_is_nobodys(grounds: Grounds) -> None:
    address = letter_in(await look(grounds))
    asked = set(parse_qs(urlsplit(address).query))
    assert {"targets", "language", "zone", "hour", "lead_days", "cadence"} <= asked
    assert "address" not in asked
    answer = await grounds.client().get(address)
    assert answer.status == 200
    assert "A war" in answer.text
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none';")
    assert "script-src" not in answer.headers["content-security-policy"]
    assert not any(mark in answer.text for mark in Mark)
    assert "set-cookie" not in answer.headers


async def test_without_script_a_button_shows_it_on_the_page_and_nothing_that_was_typed_is_lost(
    grounds: Grounds,
) -> None:
    before = await grounds.everything()
    answer = await grounds.client().post("/subscribe", [*a_form(address="not yet", hour="06:15"), ("action", "next")])
    assert answer.status == 200
    assert "Your next letter comes on Friday, 27 September 2024, at 06:15." in answer.text
    assert 'value="not yet"' in answer.text
    assert "address" not in parse_qs(urlsplit(letter_in(answer)).query)
    assert await grounds.everything() == before


@pytest.mark.parametrize("hostile", ["?targets=x", "?", "?targets=event:none", "?targets=collection:wars&language=<b>"])
async def test_nonsense_shows_no_letter_or_a_plain_one(grounds: Grounds, hostile: str) -> None:
    answer = await grounds.client().get(f"/subscribe/letter{hostile}")
    assert answer.status == (200 if "wars" in hostile else 404)
    assert "<b>" not in answer.text


async def test_all_who_choose_alike_see_one_letter_that_is_made_once(grounds: Grounds) -> None:
    made: list[Plan] = []
    site = grounds.site()

    async def counted(plan: Plan) -> Rendered:
        made.append(plan)
        return await site.print_plan(plan)

    client = grounds.client(print_plan=counted)
    address = letter_in(await look(grounds))
    for hour in ("09:00", "10:00", "11:30"):
        assert (await client.get(address.replace("09%3A00", hour.replace(":", "%3A")))).status == 200
    assert len(made) == 1


async def test_nobody_can_have_letters_made_without_end(grounds: Grounds) -> None:
    await grounds.record(*(an_event(id=f"e{number}") for number in range(40)), id_="many")
    made: list[Plan] = []
    site = grounds.site()

    async def counted(plan: Plan) -> Rendered:
        made.append(plan)
        return await site.print_plan(plan)

    app = grounds.app(print_plan=counted)
    statuses = []
    for network in range(4):
        client = grounds.client(f"198.51.{network}.7")
        client = type(client)(app, client.address)
        for other in range(5_000):  # and many others look meanwhile
            app.state.foreseen.count(("look", f"{network}.{other}"), 1)
        statuses += [
            (await client.get(f"/subscribe/letter?targets=event:e{number}&lead_days=0")).status
            for number in range(network * 10, network * 10 + 10)
        ]
    assert (statuses[:30], statuses[30:]) == ([200] * 30, [429] * 10)
    assert len(made) == 30
    grounds.now += timedelta(minutes=1)
    client = type(client)(app, "198.51.9.7")
    again = [
        (await client.get(f"/subscribe/letter?targets=event:e{number}&lead_days=1")).status for number in range(13)
    ]
    assert again == [200] * 12 + [429]


async def test_who_asks_for_letters_without_end_is_told_to_wait_before_anything_is_looked_up(grounds: Grounds) -> None:
    client = grounds.client()
    statuses = [(await client.get("/subscribe/letter?targets=event:none")).status for _ in range(121)]
    assert statuses == [404] * 120 + [429]


async def test_who_looks_without_end_is_told_to_wait_and_loses_nothing(grounds: Grounds) -> None:
    client = grounds.client()
    answers = [await client.post("/subscribe/next", a_form(targets="")) for _ in range(121)]
    assert [answer.status for answer in answers] == [200] * 120 + [429]
    assert "Please try again in a minute" in answers[-1].text
    page = await client.post("/subscribe", [*a_form(hour="06:15"), ("action", "next")])
    assert (page.status, 'value="06:15"' in page.text) == (200, True)
