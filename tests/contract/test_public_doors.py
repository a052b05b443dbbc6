"""What strangers and machines do at the public doors (`faults.md`, B.7), on both databases."""

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import func, select

from service.actions import alerts, managing, moving, parting, taking
from service.actions.subscribing import Desk
from service.app import Role
from service.domain.alert import Alert, Matter
from service.domain.editor import Role as EditorRole
from service.domain.notice import Kind, State
from service.domain.subscription import Cadence, Rhythm, Status, Wish
from service.mail.reading import Opened
from service.mail.tokens import Purpose, Tokens, stamp
from service.store import consents, editors, notices, subscribers, subscriptions
from service.store.dialect import Store
from service.store.tables import editions as edition_table
from service.store.tables import metadata
from service.store.tables import notices as notice_table
from tests.builders import a_habit, at
from tests.contract.conftest import Posting
from tests.databases import on_either
from tests.unit.web.client import FORM, Client
from tests.unit.web.given import Grounds, a_form

pytestmark = on_either

BASE = "https://remember.example"
ONE_CLICK = b"List-Unsubscribe=One-Click"
FOREIGN = {"content-type": FORM, "sec-fetch-site": "cross-site", "origin": "https://mail.example"}


@pytest.fixture
async def grounds(store: Store, tmp_path: Path) -> Grounds:
    """A site with one war in its record, and nobody who asked for anything."""
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    return grounds


async def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    async with store.read() as tx:
        return {
            table.name: sorted((tuple(row) for row in await tx.execute(table.select())), key=repr)
            for table in metadata.sorted_tables
        }


async def confirmations(store: Store) -> int:
    wanted = select(func.count()).select_from(notice_table).where(notice_table.c.kind == Kind.CONFIRMATION)
    async with store.read() as tx:
        return int((await tx.execute(wanted)).scalar_one())


def links_of(letters: Iterable[Opened]) -> set[str]:
    """Give every address of ours that stands anywhere in letters: text, HTML, headers."""
    found: set[str] = set()
    for letter in letters:
        whole = "\n".join((letter.text, letter.html, *(value for _, value in letter.headers)))
        found.update(re.findall(rf"{re.escape(BASE)}([^\s\"'<>)\]]*)", whole))
    return found


async def test_case_095_whoever_opens_every_link_of_every_letter_changes_nothing(posting: Posting) -> None:
    await posting.record()
    app, store, desk = posting.app, posting.app.store, posting.app.desk
    client = Client(app.site(frozenset({Role.WEB})))
    await client.post("/subscribe", a_form(address="ani@example.org"))
    await posting.send()
    (confirming,) = [link for link in links_of(letter for _, letter in posting.letters()) if "/confirm/" in link]
    assert (await client.post(confirming)).status == 200  # and the welcome is on its way
    for address, cadence in (("weekly@example.org", Cadence.WEEKLY), ("monthly@example.org", Cadence.MONTHLY)):
        await posting.reader(address, a_habit(rhythm=Rhythm(cadence)))
    await posting.reader("lena@example.org", a_habit())
    await posting.reader("ahead@example.org", a_habit())
    async with store.write() as tx:
        await editors.add(tx, "editor@example.org", "Editor", EditorRole.OWNER, "en", posting.now)
        await alerts.tell_editors(tx, Alert(Matter.SLOTS_MISSED, (), about="test", path="/admin"), posting.now)
        ani = await subscribers.by_address(tx, "ani@example.org")
        lena = await subscribers.by_address(tx, "lena@example.org")
        ahead = await subscribers.by_address(tx, "ahead@example.org")
        assert ani is not None
        assert lena is not None
        assert ahead is not None
        await moving.ask(tx, desk, ani, "new@example.org", posting.now)
        await taking.ask(tx, desk, ani, posting.now)
        await parting.leave_by_mail(tx, lena, posting.now)
        await subscriptions.keep_only(tx, ahead.id, [Wish(event="war", lead_days=7)], posting.now)
    await client.post("/manage", [("address", "ani@example.org")])
    await posting.send()
    for day in ("2026-09-01T05:30", "2026-09-20T05:30", "2026-09-21T05:30", "2026-09-27T05:30"):
        posting.now = at(day)
        await app.planner.plan(posting.now)
        await posting.send()
    async with store.read() as tx:
        kinds = set((await tx.execute(select(edition_table.c.kind))).scalars())
    assert kinds >= {
        "confirmation",
        "welcome",
        "link",
        "farewell",
        "address",
        "data",
        "alert",
        "notice",
        "weekly",
        "monthly",
    }
    links = links_of(letter for _, letter in posting.letters())
    purposes = {link.split("/")[1] for link in links if link.count("/") > 1}
    assert purposes >= {"confirm", "manage", "leave", "address", "download", "editions", "events"}
    posting.now = at("2026-09-01T08:30")  # the links are young
    before = await everything(store)
    for link in sorted(links):
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = await client.get(link or "/", method)
            assert answer.status < 500, (method, link)
            if method == "GET" and link.startswith(("/confirm/", "/leave/", "/manage/", "/address/", "/download/")):
                assert 'method="post"' in answer.text, link
    assert await everything(store) == before


async def test_case_096_one_click_ends_everything_at_once_after_the_keys_have_changed(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    edition = await grounds.edition("<p>It began.</p>")
    async with grounds.store.write() as tx:
        waiting = notices.Single(id_, Kind.NOTICE, grounds.now.date(), edition, grounds.now, grounds.now, is_ready=True)
        await notices.add_single(tx, waiting)
    link = grounds.link(Purpose.LEAVE, id_)
    desk = Desk(Tokens((b"n" * 32, b"a secret of thirty-two bytes....")), grounds.site().languages)
    client = grounds.client(desk=desk)
    begun = monotonic()
    answers = [await client.ask("POST", link, ONE_CLICK, FOREIGN) for _ in range(3)]
    assert monotonic() - begun < 3
    assert {(answer.status, answer.body, answer.cookies, "location" in answer.headers) for answer in answers} == {
        (200, answers[0].body, (), False)
    }
    assert f'action="{link}/undo"' in answers[0].text
    assert await grounds.status(id_) is Status.LEFT
    async with grounds.store.read() as tx:
        done, _ = await consents.of(tx, id_)
    assert [(one.act, one.source, one.network) for one in done] == [("left", "one click", "203.0.113.0/24")]


async def test_case_096_one_click_has_its_effect_within_a_second_and_is_undone_in_one_step(posting: Posting) -> None:
    await posting.record()
    addresses = [f"r{number}@example.org" for number in range(9)]
    people = [await posting.reader(address, a_habit()) for address in addresses]
    posting.now = at("2026-09-27T05:30")
    assert (await posting.app.planner.plan(posting.now)).notices == len(people)
    await posting.app.press.render_all(posting.now)
    client, took = Client(posting.app.site(frozenset({Role.WEB}))), []
    links = [f"/leave/{posting.app.desk.tokens.sign(Purpose.LEAVE, id_, 'notice')}" for id_ in people]
    for link in links[1:]:
        begun = monotonic()
        assert (await client.ask("POST", link, ONE_CLICK, FOREIGN)).status == 200
        took.append(monotonic() - begun)
    assert median(took) <= 1
    assert await posting.send() == 1  # the next claim, at once
    assert [to for to, _ in posting.letters()] == addresses[:1]
    undone = await client.post(f"{links[1]}/undo", [("action", "undo")])
    assert undone.status == 200
    async with posting.app.store.read() as tx:
        back = await subscribers.by_id(tx, people[1])
        done, _ = await consents.of(tx, people[1])
    assert back is not None
    assert back.status is Status.ACTIVE
    assert [one.act for one in done] == ["left", "came back"]


async def test_case_096_what_waits_is_not_sent_to_who_left_by_one_click(posting: Posting) -> None:
    await posting.record()
    id_ = await posting.reader("ani@example.org", a_habit())
    posting.now = at("2026-09-27T05:30")
    assert (await posting.app.planner.plan(posting.now)).notices == 1
    await posting.app.press.render_all(posting.now)
    link = f"/leave/{posting.app.desk.tokens.sign(Purpose.LEAVE, id_, 'notice')}"
    client = Client(posting.app.site(frozenset({Role.WEB})))
    assert (await client.ask("POST", link, ONE_CLICK, FOREIGN)).status == 200
    assert await posting.send() == 0
    assert posting.letters() == []
    async with posting.app.store.read() as tx:
        states = set((await tx.execute(select(notice_table.c.state))).scalars())
    assert states == {State.DROPPED}


@pytest.mark.parametrize("page", ["confirm", "manage", "leave"])
async def test_case_097_every_token_that_is_not_right_has_the_same_answer(grounds: Grounds, page: str) -> None:
    id_ = await grounds.reader()
    old = stamp(grounds.now - timedelta(seconds=1))
    sign = grounds.tokens.sign
    tokens = {
        "nothing like one": "x",
        "a seal cut short": grounds.link(Purpose(page), id_).rpartition("/")[2][:-1],
        "a seal of nobody": f"{id_}.{'A' * 22}",
        "too old": sign(Purpose.CONFIRM, id_, old) if page == "confirm" else sign(Purpose.UNDO, id_),
        "for another purpose": sign(Purpose.MANAGE if page != "manage" else Purpose.LEAVE, id_, "notice"),
        "of nobody": sign(Purpose(page), "nobody", stamp(grounds.now))
        if page != "manage"
        else sign(Purpose.MANAGE, "n"),
        "too long": "a." * 400,
        "not of our letters": "%F0%9F%95%AF",
    }
    before = await grounds.everything()
    client, bodies = grounds.client(), set()
    for name, token in tokens.items():
        for method, body in (("GET", b""), ("POST", ONE_CLICK if page == "leave" else b"action=leave")):
            answer = await client.ask(method, f"/{page}/{token}", body, FOREIGN if page == "leave" else _HERE)
            assert answer.status == 404, (name, method)
            bodies.add(re.sub(r'href="[^"]*"', "", answer.text))  # the switch of languages names the page asked for
    assert len(bodies) == 1
    assert await grounds.everything() == before


_HERE = {"content-type": FORM, "sec-fetch-site": "same-origin"}


async def test_case_098_the_links_of_who_was_erased_are_answered_like_any_wrong_one(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    links = [grounds.link(purpose, id_) for purpose in (Purpose.CONFIRM, Purpose.MANAGE, Purpose.LEAVE)]
    async with grounds.store.write() as tx:
        await managing.erase(tx, grounds.site().desk, "ani@example.org", grounds.now)
    client = grounds.client()
    wrong = {page: await client.get(f"/{page}/x") for page in ("confirm", "manage", "leave")}
    before = await grounds.everything()
    for link in links:
        neutral = wrong[link.split("/")[1]]
        body = ONE_CLICK if link.startswith("/leave/") else b"action=leave"
        answers = [await client.get(link), await client.ask("POST", link, body, _HERE)]
        for answer in answers:
            assert (answer.status, "This link is not valid" in answer.text) == (404, True)
            assert len(answer.headers) == len(neutral.headers)
    assert await grounds.everything() == before


async def test_case_101_a_confirmation_says_nothing_that_whoever_asked_has_typed(posting: Posting) -> None:
    await posting.record()
    client = Client(posting.app.site(frozenset({Role.WEB})))
    spam = "Buy now at https://evil.example"
    hostile = [
        ("name", spam),
        ("note", spam),
        ("url", spam),
        ("find", spam),
        ("own:event:war", "7"),
        ("lead_days", "30"),
    ]
    plain = await client.post("/subscribe", a_form(address="ani@example.org"))
    odd = await client.post("/subscribe", [*a_form(address="bob@example.org"), *hostile], host="evil.example")
    assert (plain.status, odd.status) == (303, 303)
    assert await posting.send() == 2
    seen = set()
    for to, letter in posting.letters():
        whole = f"{letter.subject}\n{letter.sender}\n{letter.text}\n{letter.html}"
        assert "evil" not in whole + "".join(value for _, value in letter.headers)
        seen.add(re.sub(r"/confirm/[\w.-]+", "/confirm/TOKEN", whole.replace(to, "ADDRESS")))
    assert len(seen) == 1
    assert len(links_of(letter for _, letter in posting.letters())) == 2


@pytest.mark.parametrize(
    "variants",
    [
        ["ani@example.org", "ani+1@example.org", "ani+remember+me@example.org", "ANI+x@EXAMPLE.org"],
        ["ani.s@gmail.com", "anis@gmail.com", "a.n.i.s@googlemail.com", "A.nis+x@GMail.com"],
        ["ani@bücher.example", "ani@xn--bcher-kva.example", "ANI@BÜCHER.example", "ani+x@Bücher.example"],
        ["անի@example.org", "ԱՆԻ@example.org", "անի+1@example.org"],
    ],
)
async def test_case_102_however_an_address_is_written_its_mailbox_gets_one_letter(
    grounds: Grounds, variants: list[str]
) -> None:
    for number, address in enumerate(variants):
        answer = await grounds.client(f"198.51.{number}.1").post("/subscribe", a_form(address=address))
        assert answer.status == 303
    assert await confirmations(grounds.store) == 1
    grounds.now += timedelta(hours=25)
    await grounds.client().post("/subscribe", a_form(address="somebody-else@example.org"))
    assert await confirmations(grounds.store) == 2


@pytest.mark.parametrize(
    ("hops", "told", "network"),
    [
        (0, ["198.51.100.9"], "203.0.113.0/24"),
        (1, [], "203.0.113.0/24"),
        (1, ["198.51.100.9"], "198.51.100.0/24"),
        (1, ["6.6.6.6, 198.51.100.9"], "198.51.100.0/24"),
        (2, ["6.6.6.6, 198.51.100.9, 10.0.0.1"], "198.51.100.0/24"),
        (2, ["10.0.0.1"], "203.0.113.0/24"),
        (1, ["6.6.6.6, [2001:db8:1:2::9]:443"], "2001:db8:1:2::/64"),
        (1, ["6.6.6.6, 198.51.100.9:1234"], "198.51.100.0/24"),
        (1, ["unknown"], "203.0.113.0/24"),
        (1, ["198.51.100.9, <script>"], "203.0.113.0/24"),
        (1, [","], "203.0.113.0/24"),
    ],
)
async def test_case_103_of_what_proxies_say_only_the_trusted_hops_are_believed(
    grounds: Grounds, hops: int, told: list[str], network: str
) -> None:
    headers = {"x-forwarded-for": told[0]} if told else {}
    await grounds.client("203.0.113.7", hops=hops).ask(
        "POST",
        "/subscribe",
        b"address=ani@example.org&targets=collection:wars&language=en&zone=UTC&hour=09:00&lead_days=0&cadence=daily",
        {**_HERE, **headers, "forwarded": "for=6.6.6.6", "x-real-ip": "6.6.6.6"},
    )
    async with grounds.store.read() as tx:
        found = await subscribers.by_address(tx, "ani@example.org")
        assert found is not None
        done, _ = await consents.of(tx, found.id)
    assert [one.network for one in done] == [network]
