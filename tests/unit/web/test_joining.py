"""Joining: the form says nothing of who is known, keeps what was typed, and the letter's button confirms."""

import html
import random
from dataclasses import replace
from datetime import timedelta
from math import sqrt
from time import perf_counter
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from service.actions.subscribing import Desk
from service.domain.letter import Variant
from service.domain.letter_box import LetterBox
from service.domain.subscription import Cadence, Habit, Rhythm, Status, Wish
from service.mail.tokens import Purpose
from service.store import subscribers, subscriptions
from tests.builders import an_event, at
from tests.sizes import sized
from tests.unit.web.client import Client
from tests.unit.web.given import Grounds, a_form

LINKED = (Purpose.CONFIRM, Purpose.MANAGE, Purpose.LEAVE, Purpose.STATUS)


async def letters_for(grounds: Grounds, address: str) -> int:
    """Count the notices of an address."""
    rows = await grounds.everything()
    async with grounds.store.read() as tx:
        found = await subscribers.by_address(tx, address)
    return sum(found is not None and found.id in row for row in rows["notices"])


async def test_asking_keeps_a_request_that_waits_and_makes_one_letter(grounds: Grounds) -> None:
    fields = [
        *a_form(address="Ani@Example.org", lead_days="", zone="Europe/Paris", hour="07:30", cadence="weekly"),
        ("plain_text", "yes"),
        ("targets", "event:war"),
        ("lead_days", "0"),
        ("lead_days", "7"),
    ]
    answer = await grounds.client().post("/subscribe", fields)
    assert (answer.status, answer.headers["location"]) == (303, "/subscribe/asked")
    async with grounds.store.read() as tx:
        found = await subscribers.by_address(tx, "ani@example.org")
    assert found is not None
    assert found.status is Status.PENDING
    assert found.habit == Habit("en", "Europe/Paris", "07:30", Rhythm(Cadence.WEEKLY), Variant.PLAIN)
    assert await grounds.wishes(found.id) == []
    assert await letters_for(grounds, "ani@example.org") == 1
    assert grounds.woken == 1
    assert "Please look into your mailbox" in (await grounds.client().get("/subscribe/asked")).text


async def test_the_answer_is_the_same_for_known_unknown_and_suppressed_addresses(grounds: Grounds) -> None:
    for number, status in enumerate(Status):
        await grounds.reader(f"known{number}@example.org", status)
    client = grounds.client()
    for path, fields in (("/subscribe", a_form), ("/manage", lambda address: [("address", address)])):
        unknown = await client.post(path, fields(address="nobody@example.org"))
        for number, _ in enumerate(Status):
            known = await client.post(path, fields(address=f"known{number}@example.org"))
            assert known == unknown


class Timed:
    """An application that notes how long each answer took to begin."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self.state = app.state
        self.seconds: list[float] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.seconds.append(perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, noting)


def ranked(first: list[float], second: list[float]) -> float:
    """Give by how many standard errors one is slower than the other (Mann and Whitney): no outlier counts."""
    order = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks = sum(place for place, (_, which) in enumerate(order, 1) if which == 0)
    n, m = len(first), len(second)
    return (ranks - n * (n + m + 1) / 2) / sqrt(n * m * (n + m + 1) / 12)


@pytest.mark.parametrize(("door", "tries"), [("/subscribe", sized(1000, 300)), ("/manage", 300)])
async def test_case_099_a_thousand_tries_do_not_tell_who_is_known(grounds: Grounds, door: str, tries: int) -> None:
    for status in (Status.ACTIVE, Status.SUPPRESSED, Status.PENDING):
        await grounds.reader(f"{status}@example.org", status)
    desk = Desk(grounds.tokens, grounds.site().languages, most_per_hour=10_000)
    app = Timed(grounds.app(desk=desk, even_seconds=0.0))  # without the even time, which would hide what there is
    chance = random.Random(99)  # noqa: S311  (the same order for every run)
    took: dict[str, list[float]] = {"active": [], "suppressed": [], "pending": [], "nobody": []}
    answers = set()
    for number in range(tries):
        kind = chance.choice(list(took))
        address = f"{kind}{number}@example.org" if kind == "nobody" else f"{kind}@example.org"
        client = Client(cast("Starlette", app), f"198.51.{number // 15}.7")
        answer = await client.post(door, a_form(address=address) if door == "/subscribe" else [("address", address)])
        took[kind].append(app.seconds[-1])
        answers.add((answer.status, tuple(answer.headers.items()), answer.body))
    assert len(answers) == 1
    assert min(map(len, took.values())) > tries / 5
    for kind in ("active", "suppressed", "pending"):
        assert abs(ranked(took[kind], took["nobody"])) < 5, kind


async def test_every_answer_takes_the_same_time_whatever_is_done_in_it(grounds: Grounds) -> None:
    waited: list[float] = []
    await grounds.reader("known@example.org", Status.SUPPRESSED)
    client = grounds.client(even_seconds=0.1)
    for address in ("known@example.org", "nobody@example.org"):
        begun = perf_counter()
        await client.post("/subscribe", a_form(address=address))
        waited.append(perf_counter() - begun)
    assert min(waited) > 0.095


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": "ani at example"}, "This is not an e-mail address"),
        ({"address": ""}, "This is not an e-mail address"),
        ({"address": "a@b.org, c@d.org"}, "This is not an e-mail address"),
        ({"address": "a@b.org\r\nBcc: c@d.org"}, "This is not an e-mail address"),
        ({"targets": ""}, "Please choose at least one"),
        ({"targets": "event:none"}, "Please choose at least one"),
        ({"targets": "nonsense"}, "Please choose at least one"),
        ({"language": "xx"}, "Please choose one of the languages"),
        ({"zone": "Mars/Olympus"}, "This is not a time zone"),
        ({"zone": "../../etc/passwd"}, "This is not a time zone"),
        ({"hour": "25:00"}, "This is not a time of day"),
        ({"lead_days": ""}, "Please choose on the day itself"),
        ({"lead_days": "-1"}, "Please choose on the day itself"),
        ({"lead_days": "9999999999999999999999"}, "Please choose on the day itself"),
        ({"cadence": "hourly"}, "Please choose how often"),
        ({"weekday": "8", "cadence": "weekly"}, "Please choose a day of the week"),
        ({"monthday": "32", "cadence": "monthly"}, "Please choose a day of the month"),
        ({"late_hours": "25"}, "Please choose until when"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    grounds: Grounds, changes: dict[str, str], words: str
) -> None:
    before = await grounds.everything()
    answer = await grounds.client().post("/subscribe", a_form(**changes))
    assert answer.status == 422
    assert f'id="{next(iter(changes))}-error">{words}' in answer.text
    assert {name: rows for name, rows in (await grounds.everything()).items() if rows != before[name]} == {}


@pytest.mark.parametrize(
    ("says", "zone"),
    [
        ("en-GB,en;q=0.9", "Europe/London"),
        ("fr-CH, fr;q=0.9", "Europe/Zurich"),
        ("en, de-DE;q=0.5", "Europe/Berlin"),
        ("zh-Hant-TW", "Asia/Taipei"),
        ("en-US", "UTC"),
        ("hy", "Asia/Yerevan"),
        ("en-XX, <script>", "UTC"),
        ("", "UTC"),
    ],
)
async def test_the_time_zone_is_guessed_from_what_the_browser_says_of_its_language(
    grounds: Grounds, says: str, zone: str
) -> None:
    text = (await grounds.client().get("/subscribe", accept_language=says)).text
    assert f'<option value="{zone}" selected>' in text


async def test_each_topic_may_have_days_ahead_of_its_own(grounds: Grounds) -> None:
    own = [
        ("targets", "event:war"),
        ("own:event:war", "0, 7;30"),
        ("own:event:peace", "nonsense, of what is not ticked"),
    ]
    assert (await grounds.client().post("/subscribe", a_form(lead_days="3") + own)).status == 303
    async with grounds.store.read() as tx:
        found = await subscribers.by_address(tx, "ani@example.org")
        assert found is not None
        asked = await subscriptions.wishes_of(tx, found.id, confirmed=False)
    assert {(wish.target, wish.lead_days) for wish in asked} == {
        ("collection:wars", 3),
        ("event:war", 0),
        ("event:war", 7),
        ("event:war", 30),
    }


@pytest.mark.parametrize("days", ["x", "-1", "61", "0,1,x", "٧", "9" * 500, "<b>"])
async def test_days_ahead_that_are_none_are_told_beside_their_topic(grounds: Grounds, days: str) -> None:
    answer = await grounds.client().post("/subscribe", [*a_form(), ("own:collection:wars", days)])
    assert answer.status == 422
    assert 'id="own:collection:wars-error">These are not days ahead' in answer.text
    assert 'href="#own:collection:wars"' in answer.text
    assert f'value="{html.escape(days)}" aria-invalid="true"' in answer.text


async def test_nobody_can_ask_for_more_than_a_reader_could_want(grounds: Grounds) -> None:
    await grounds.record(*(an_event(id=f"e{number}") for number in range(10)), id_="many")
    days = " ".join(map(str, range(61)))
    fields = [
        part for number in range(10) for part in (("targets", f"event:e{number}"), (f"own:event:e{number}", days))
    ]
    answer = await grounds.client().post("/subscribe", [*a_form(targets=""), *fields])
    assert answer.status == 422
    assert "This is more than one reader can choose" in answer.text


async def test_events_are_found_and_what_is_chosen_stays_on_the_page(grounds: Grounds) -> None:
    titles = [f"Founding {number}" for number in range(220)] + ["The Éclair of Dili"]
    recorded = [an_event(id=f"e{number}", title={"en": title}) for number, title in enumerate(titles)]
    await grounds.record(*recorded, id_="many")
    text = (await grounds.client().get("/subscribe?event=e219")).text
    assert "161 more events can be found by searching." in text
    assert len(text.encode()) < 100_000
    assert 'value="event:e219" checked' in text
    assert "Éclair" not in text
    sought = [*a_form(targets="event:e3", hour="06:15"), ("action", "find"), ("find", "eclair")]
    answer = await grounds.client().post("/subscribe", sought)
    assert answer.status == 200
    assert "The Éclair of Dili" in answer.text
    assert 'value="event:e3" checked' in answer.text
    assert "Founding 4<" not in answer.text
    assert 'value="06:15"' in answer.text
    async with grounds.store.read() as tx:
        assert await subscribers.by_address(tx, "ani@example.org") is None


async def test_what_was_typed_stays_after_an_error(grounds: Grounds) -> None:
    typed = a_form(
        address='"><b>me', zone="Europe/Paris", hour="06:15", cadence="monthly", lead_days="14", targets="event:war"
    )
    typed += [("calendar_file", "yes")]
    typed = [(name, {"monthday": "30", "late_hours": "6"}.get(name, value)) for name, value in typed]
    text = (await grounds.client().post("/subscribe", typed)).text
    assert 'value="&#34;&gt;&lt;b&gt;me"' in text
    assert '<option value="Europe/Paris" selected>' in text
    assert 'value="06:15"' in text
    assert 'value="monthly" checked' in text
    assert '<option value="30" selected>30</option>' in text
    assert '<option value="6" selected>At most 6 hours late</option>' in text
    assert 'name="calendar_file" value="yes" checked' in text
    assert 'name="plain_text" value="yes" checked' not in text
    assert 'name="lead_days" value="14" checked' in text
    assert 'name="lead_days" value="0" checked' not in text
    assert 'value="event:war" checked' in text
    assert "<details open>" in text
    assert "data-guess" not in text


async def test_an_event_or_a_collection_named_in_the_address_is_ticked(grounds: Grounds) -> None:
    client = grounds.client()
    assert 'value="event:war" checked' in (await client.get("/subscribe?event=war")).text
    assert 'value="collection:wars" checked' in (await client.get("/subscribe?collection=wars")).text


async def test_what_never_returns_cannot_be_chosen(grounds: Grounds) -> None:
    await grounds.record(an_event(id="siege", rules=[]), id_="others")
    assert 'value="event:siege"' not in (await grounds.client().get("/subscribe")).text


async def test_the_button_confirms_and_shows_the_way_to_change_everything(grounds: Grounds) -> None:
    id_ = await grounds.reader(status=Status.PENDING)
    link = grounds.link(Purpose.CONFIRM, id_)
    page = await grounds.client().get(link)
    assert "ani@example.org" in page.text
    assert "Wars" in page.text
    assert await grounds.status(id_) is Status.PENDING
    done = await grounds.client().post(link)
    assert done.status == 200
    assert f'href="{grounds.link(Purpose.MANAGE, id_)}"' in done.text
    assert await grounds.status(id_) is Status.ACTIVE
    assert await grounds.wishes(id_) == [Wish(collection="wars")]
    assert (await grounds.client().post(link)).status == 200


async def test_a_link_that_is_too_old_or_wrong_confirms_nothing(grounds: Grounds) -> None:
    id_ = await grounds.reader(status=Status.PENDING)
    link = grounds.link(Purpose.CONFIRM, id_)
    grounds.now += timedelta(days=8)
    for path in (link, f"{link}x", "/confirm/x", "/confirm/a.b.c", "/confirm/%F0%9F%95%AF"):
        for answer in (await grounds.client().get(path), await grounds.client().post(path)):
            assert answer.status == 404
            assert "This link is not valid" in answer.text
            assert "ani@" not in answer.text
    assert await grounds.status(id_) is Status.PENDING


async def test_a_link_for_one_purpose_is_worth_nothing_for_another(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    before = await grounds.everything()
    tokens = {purpose: grounds.link(purpose, id_).rpartition("/")[2] for purpose in LINKED}
    client = grounds.client()
    for purpose, token in tokens.items():
        for page in {"confirm", "manage", "leave"} - {purpose.value}:
            assert (await client.get(f"/{page}/{token}")).status == 404
            answer = await client.post(f"/{page}/{token}", [("List-Unsubscribe", "One-Click")] * (page == "leave"))
            assert answer.status in {400, 404}
            assert (await client.post(f"/{page}/{token}", [("action", "leave")])).status == 404
    assert await grounds.everything() == before


async def test_a_network_that_asks_too_much_is_told_so(grounds: Grounds) -> None:
    client = grounds.client()
    lost = [("address", "nobody@example.org")]
    answers = [await client.post("/manage", lost) for _ in range(31)]
    assert [answer.status for answer in answers[:30]] == [303] * 30
    assert answers[30].status == 429
    assert "Too much was asked for from your network" in answers[30].text
    assert answers[30].headers["retry-after"] == "3600"
    assert 'value="nobody@example.org"' in answers[30].text
    manage = grounds.link(Purpose.MANAGE, await grounds.reader("vahan@example.org"))
    moved = await client.post(f"{manage}/data", [("action", "address"), ("address", "new@example.org")])
    assert (moved.status, moved.headers["retry-after"]) == (429, "3600")
    assert 'value="new@example.org"' in moved.text
    asked = await client.post("/subscribe", a_form(address="ani@example.org"))
    assert (asked.status, asked.headers["retry-after"]) == (429, "3600")
    assert 'value="ani@example.org"' in asked.text
    forged = await replace(client).post("/subscribe", a_form(), x_forwarded_for="198.51.100.1")
    assert forged.status == 429
    assert (await replace(client, address="198.51.100.1").post("/subscribe", a_form())).status == 303
    grounds.now = at("2024-09-20T10:00")
    assert (await client.post("/subscribe", a_form())).status == 303


async def test_the_form_says_how_to_ask_by_mail_only_where_mail_is_taken_in(grounds: Grounds) -> None:
    box = LetterBox.of("@lists.example.org", "remembrancer@example.org")
    desk = replace(grounds.site().desk, letter_box=box)
    for client, is_said in ((grounds.client(desk=desk), True), (grounds.client(), False)):
        assert ("mailto:subscribe@lists.example.org" in (await client.get("/subscribe")).text) is is_said
