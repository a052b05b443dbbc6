"""Signing in on both databases: who is let in, how often one may try, and what ends a session (faults.md, B.8)."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import text

from service.actions import editors as people
from service.actions import patience
from service.actions.passwords import Passwords
from service.actions.subscribing import Desk
from service.domain.editor import Role
from service.store import audit, editors, sessions
from service.store.dialect import Store
from tests.unit.web.client import Answer, Client
from tests.unit.web.editors import CHEAP, PASSWORD, Visitor, an_editor, cheap, code_at, cookies_of, hidden
from tests.unit.web.given import Grounds
from tests.unit.web.test_every_seat import a_room, no_hostile_value_makes_an_error

OWNER = "owner@example.org"


@dataclass
class Room:
    """The editors' room with a clock that is turned by hand."""

    grounds: Grounds

    def __post_init__(self) -> None:
        self.app = self.grounds.app(passwords=cheap())

    @property
    def store(self) -> Store:
        return self.grounds.store

    @property
    def now(self) -> datetime:
        return self.grounds.now

    @property
    def desk(self) -> Desk:
        return Desk(self.grounds.tokens, "words-1")

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.grounds.now += timedelta(**span)

    def visitor(self, address: str = "203.0.113.7") -> Visitor:
        return Visitor(Client(self.app, address))

    async def signed_in(self, address: str = OWNER, network: str = "203.0.113.7") -> Visitor:
        """Somebody who showed their password and the code of the moment."""
        visitor = self.visitor(network)
        self.later(seconds=90)  # a code is taken once
        assert (await visitor.enter(address, code=code_at(self.now))).status == 303
        assert await is_in(visitor)
        return visitor

    async def link(self, answer: Answer) -> str:
        found = re.search(r"/admin/link/[\w-]+", answer.text)
        assert found
        return found[0]


class _Counting:
    """A hasher that counts what it verifies."""

    verified = 0

    def hash(self, password: str) -> str:
        return CHEAP.hash(password)

    def verify(self, hash: str, password: str) -> bool:  # noqa: A002
        self.verified += 1
        return CHEAP.verify(hash, password)


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    """A room with nobody in it."""
    return Room(Grounds(store, tmp_path))


async def is_in(visitor: Visitor) -> bool:
    return (await visitor.get("/admin/you")).status == 200


async def actions(store: Store) -> list[str]:
    async with store.read() as tx:
        return [entry.action for entry in await audit.entries(tx, audit.Asked(), 1000)][::-1]


async def test_case_117_the_first_link_makes_one_owner_and_is_worth_nothing_after(room: Room) -> None:
    async with room.store.write() as tx:
        first, second = await people.first_link(tx, room.now), await people.first_link(tx, room.now)
    visitor = room.visitor()
    for _ in range(3):
        assert "first owner" in (await visitor.get(f"/admin/link/{first}")).text
    form = [("address", OWNER), ("name", "Ani"), ("password", "short")]
    refused = await visitor.post(f"/admin/link/{first}", form)
    assert refused.status == 422
    assert 'value="Ani"' in refused.text
    assert "at least 12 characters" in refused.text
    taken = await visitor.post(f"/admin/link/{first}", [*form[:2], ("password", PASSWORD)])
    assert taken.headers["location"] == "/admin/you/second"
    for link in (first, second, "x" * 43, ""):
        for answer in (await visitor.get(f"/admin/link/{link}"), await visitor.post(f"/admin/link/{link}", form)):
            assert answer.status == 404, link
    async with room.store.write() as tx:
        assert await people.first_link(tx, room.now) == ""
        assert [editor.role for editor in await editors.listed(tx)] == [Role.OWNER]
    assert await actions(room.store) == ["became the first owner", "signed in"]


async def test_case_117_the_first_link_expires(room: Room) -> None:
    async with room.store.write() as tx:
        secret = await people.first_link(tx, room.now)
    room.later(hours=24, seconds=1)
    form = [("address", OWNER), ("password", PASSWORD)]
    assert (await room.visitor().get(f"/admin/link/{secret}")).status == 404
    assert (await room.visitor().post(f"/admin/link/{secret}", form)).status == 404


async def test_who_publishes_sets_up_a_second_factor_before_anything_else(room: Room) -> None:
    await an_editor(room.store, Role.OWNER, factor=False, password=PASSWORD)
    await an_editor(room.store, Role.EDITOR, factor=False, password=PASSWORD)
    owner, editor = room.visitor(), room.visitor()
    assert (await owner.enter(OWNER)).headers["location"] == "/admin"
    assert (await owner.get("/admin/editors")).headers["location"] == "/admin/you/second"
    assert (await editor.enter("editor@example.org")).headers["location"] == "/admin"
    assert (await editor.get("/admin")).status == 200
    page = await owner.get("/admin/you/second")
    assert "<svg" in page.text
    carried = dict(hidden(page.text))["carried"]
    secret = carried.split(".")[2]
    assert " ".join(re.findall("....", secret)) in page.text
    wrong = await owner.post("/admin/you/authenticator", [("carried", carried), ("code", "000000")])
    assert wrong.status == 422
    assert dict(hidden(wrong.text))["carried"] == carried
    right = [("carried", carried), ("code", pyotp.TOTP(secret).at(room.now))]
    done = await owner.post("/admin/you/authenticator", right)
    codes = re.findall(r"<li>((?:\w{4}-){3}\w{4})</li>", done.text)
    assert len(set(codes)) == 10
    assert (await owner.get("/admin/editors")).status == 200
    assert codes[0] not in (await owner.get("/admin/you/second")).text


async def test_case_108_wrong_passwords_are_limited_and_the_owner_is_not_locked_out(room: Room) -> None:
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    known = await room.signed_in()
    await known.post("/admin/leave")
    answers = [(await room.visitor("198.51.100.9").enter(OWNER, f"guess {n}")).status for n in range(12)]
    assert answers == [422] * patience.BY_PAIR + [429] * 2
    async with room.store.write() as tx:  # and from everywhere, until the account is full for whoever is not known
        for n in range(patience.BY_ACCOUNT - patience.BY_PAIR - 1):
            await patience.count(tx, room.desk, patience.Attempt(OWNER, f"198.51.{n}.9"), room.now)
    assert (await room.visitor("192.0.2.1").enter(OWNER)).status == 429
    room.later(seconds=90)
    assert (await known.enter(OWNER, code=code_at(room.now))).status == 303
    assert await is_in(known)
    room.later(hours=1, minutes=1)
    assert (await room.visitor("192.0.2.1").enter(OWNER)).headers["location"] == "/admin/enter/second"


async def test_case_108_one_password_for_a_thousand_accounts_is_limited_by_network(room: Room) -> None:
    visitor = room.visitor()
    async with room.store.write() as tx:
        for n in range(patience.BY_NETWORK - 2):
            await patience.count(tx, room.desk, patience.Attempt(f"a{n}@example.org", "203.0.113.9"), room.now)
    assert [(await visitor.enter(f"b{n}@example.org")).status for n in range(4)] == [422, 422, 429, 429]
    same_network = room.visitor("203.0.113.200")
    assert (await same_network.enter("b@example.org")).status == 429
    assert (await room.visitor("203.0.114.7").enter("b@example.org")).status == 422
    room.later(minutes=16)
    assert (await visitor.enter("a1@example.org")).status == 422


async def test_case_108_the_answer_is_the_same_whoever_there_is(room: Room) -> None:
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    gone = await an_editor(room.store, Role.EDITOR, password=PASSWORD)
    await an_editor(room.store, Role.VIEWER)  # has not chosen a password
    async with room.store.write() as tx:
        await people.disable(tx, "test", gone, room.now)
    hasher = _Counting()
    room.app = room.grounds.app(passwords=Passwords(hasher))
    await room.visitor().enter("warm@example.org")
    texts, counts = set(), set()
    for address, password in (
        (OWNER, "wrong"),
        ("editor@example.org", PASSWORD),
        ("viewer@example.org", PASSWORD),
        ("nobody@example.org", PASSWORD),
    ):
        hasher.verified = 0
        answer = await room.visitor().enter(address, password)
        assert answer.status == 422
        assert answer.cookies == ()
        counts.add(hasher.verified)
        same = re.sub(r'data-options="[^"]*"|name="asked" value="[^"]*"', "", answer.text)
        texts.add(same.replace(address, "…"))
    assert len(texts) == 1
    assert counts == {1}  # the dummy hash: what takes long takes as long for everybody


async def test_case_110_a_code_is_taken_once_and_clocks_may_differ_by_a_step(room: Room) -> None:
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    for skew, status in ((-2, 422), (-1, 303), (0, 303), (0, 422), (-1, 422), (1, 303), (2, 422)):
        answer = await room.visitor().enter(OWNER, code=code_at(room.now, skew))
        assert answer.status == status, skew


async def test_case_110_a_recovery_code_is_taken_once_and_kept_as_a_hash(room: Room) -> None:
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    visitor = await room.signed_in()
    page = await visitor.post("/admin/you/codes")
    codes = re.findall(r"<li>((?:\w{4}-){3}\w{4})</li>", page.text)
    assert (await room.visitor().enter(OWNER, code=codes[0].upper().replace("-", " "))).status == 303
    assert (await room.visitor().enter(OWNER, code=codes[0])).status == 422
    assert (await room.visitor().enter(OWNER, code=codes[1])).status == 303
    rows = repr(await room.grounds.everything())
    assert all(code not in rows and code.replace("-", "") not in rows for code in codes)


async def test_codes_are_limited_by_account_for_who_has_the_password(room: Room) -> None:
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    visitor = room.visitor()
    await visitor.enter(OWNER)
    answers = [(await visitor.post("/admin/enter/second", [("code", f"{n:06}")])).status for n in range(12)]
    assert answers == [422] * patience.BY_PAIR + [429] * 2


@pytest.mark.parametrize("what", ["password", "reset", "role", "disable"])
async def test_case_111_what_changes_an_editor_ends_their_other_sessions_at_once(room: Room, what: str) -> None:
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    somebody = await an_editor(room.store, Role.APPROVER, password=PASSWORD)
    first, other = await room.signed_in(somebody.address), await room.signed_in(somebody.address)
    half = room.visitor()
    await half.enter(somebody.address)
    owner = await room.signed_in(OWNER)
    if what == "password":
        form = [("present_password", PASSWORD), ("new_password", "another shore, nine lamps")]
        assert (await first.post("/admin/you/password", form)).status == 303
        assert await is_in(first)
    else:
        action = {"reset": "link"}.get(what, what)
        form = [("action", action), *([("role", "editor")] if what == "role" else [])]
        assert (await owner.post(f"/admin/editors/{somebody.id}", form)).status in {200, 303}
        assert not await is_in(first)
    assert not await is_in(other)
    assert (await half.post("/admin/enter/second", [("code", code_at(room.now, 1))])).status != 303
    assert not await is_in(half)
    assert await is_in(owner)


async def test_case_112_a_session_ends_after_half_an_hour_idle_and_twelve_hours_at_most(room: Room) -> None:
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    idle, busy = await room.signed_in(), await room.signed_in()
    for _ in range(2):
        room.later(minutes=29)
        assert await is_in(busy)
    assert not await is_in(idle)
    for _ in range(22):
        room.later(minutes=29)
        async with room.store.write() as tx:
            session = await sessions.of(tx, busy.cookies["__Host-editor"], room.now)
            assert session is not None
            await sessions.seen(tx, session, room.now)
    assert await is_in(busy)
    room.later(minutes=29)
    assert not await is_in(busy)


async def test_case_112_a_cookie_is_worth_nothing_before_or_after_its_session(room: Room) -> None:
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    visitor = room.visitor()
    visitor.cookies["__Host-editor"] = "chosen-by-somebody-else"
    room.later(seconds=90)
    await visitor.enter(OWNER)
    half = visitor.cookies["__Host-editor"]
    assert not await is_in(visitor)
    answer = await visitor.post("/admin/enter/second", [("code", code_at(room.now))])
    whole = visitor.cookies["__Host-editor"]
    assert len({half, whole, "chosen-by-somebody-else"}) == 3
    (cookie,) = [line for line in answer.cookies if line.startswith("__Host-editor=")]
    for part in ("Path=/", "Secure", "HttpOnly", "SameSite=lax"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "expires" not in cookie.lower()
    for old in (half, "chosen-by-somebody-else"):
        assert (await room.visitor().client.get("/admin/you", cookie=f"__Host-editor={old}")).status == 303
    assert (await visitor.post("/admin/leave")).status == 303
    assert "__Host-editor" not in visitor.cookies
    assert (await room.visitor().client.get("/admin/you", cookie=f"__Host-editor={whole}")).status == 303
    async with room.store.read() as tx:
        assert whole not in repr(await room.grounds.everything())
        assert await sessions.of(tx, whole, room.now) is None


async def test_sessions_are_listed_and_ended_by_their_editor_only(room: Room) -> None:
    owner = await an_editor(room.store, Role.OWNER, password=PASSWORD)
    viewer = await an_editor(room.store, Role.VIEWER)
    first, other = await room.signed_in(), await room.signed_in()
    listed = re.findall(r'name="session" value="(\w{64})"', (await first.get("/admin/you")).text)
    assert len(listed) == 1
    theirs = await cookies_of(room.store, viewer, room.now)
    assert (await room.visitor().client.post("/admin/you/sessions", [("session", listed[0])], **theirs)).status == 404
    assert await is_in(other)
    assert (await first.post("/admin/you/sessions", [("session", listed[0])])).status == 303
    assert not await is_in(other)
    third = await room.signed_in(owner.address)
    assert (await first.post("/admin/you/sessions", [("session", "others")])).status == 303
    assert not await is_in(third)
    assert await is_in(first)


async def test_an_invitation_is_a_link_for_one_password_and_a_new_one_ends_the_old(room: Room) -> None:
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    owner = await room.signed_in()
    form = [("address", "vahan@example.org"), ("name", "Vahan"), ("role", "editor")]
    first = await room.link(await owner.post("/admin/editors", form))
    again = await owner.post("/admin/editors", form)
    assert again.status == 422
    assert "here already" in again.text
    async with room.store.read() as tx:
        vahan = await editors.by_address(tx, "vahan@example.org")
    assert vahan is not None
    second = await room.link(await owner.post(f"/admin/editors/{vahan.id}", [("action", "link")]))
    visitor = room.visitor()
    assert (await visitor.get(first)).status == 404
    taken = await visitor.post(second, [("password", PASSWORD)])
    assert taken.headers["location"] == "/admin/you/second"
    assert await is_in(visitor)
    assert (await room.visitor().post(second, [("password", PASSWORD)])).status == 404


async def test_a_reset_does_not_pass_by_the_second_factor(room: Room) -> None:
    somebody = await an_editor(room.store, Role.OWNER, password=PASSWORD)
    async with room.store.write() as tx:
        secret = await people.reset(tx, "test", somebody, room.now)
    visitor = room.visitor()
    assert (await visitor.enter(OWNER)).status == 422
    assert (await visitor.post(f"/admin/link/{secret}", [("password", "nine lamps, one shore")])).status == 303
    assert not await is_in(visitor)
    assert (await visitor.enter(OWNER, "nine lamps, one shore", code_at(room.now))).status == 303
    assert await is_in(visitor)
    async with room.store.write() as tx:
        again = await people.reset(tx, "test", somebody, room.now, factors_too=True)
    await visitor.post(f"/admin/link/{again}", [("password", PASSWORD)])
    assert (await visitor.get("/admin/editors")).headers["location"] == "/admin/you/second"


async def test_the_last_owner_stays(room: Room) -> None:
    owner = await an_editor(room.store, Role.OWNER, password=PASSWORD)
    visitor = await room.signed_in()
    for form in ([("action", "disable")], [("action", "role"), ("role", "viewer")]):
        assert (await visitor.post(f"/admin/editors/{owner.id}", form)).status == 422
    assert await is_in(visitor)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'somebody else' WHERE number = 2",
        "UPDATE audit SET details = '{}' WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
        "UPDATE audit SET at = '2020-01-01 00:00:00' WHERE number = 2",
    ],
)
async def test_case_119_a_changed_row_is_found_by_number(room: Room, statement: str) -> None:
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    async with room.store.write() as tx:
        for n in range(4):
            await audit.note(tx, "test", "did", f"thing {n}", room.now, {"number": n, "words": "ճիշտ"})
    visitor = await room.signed_in()
    assert "All 5 entries are as they were written" in (await visitor.get("/admin/audit")).text
    async with room.store.write() as tx:
        await tx.execute(text(statement))
    async with room.store.read() as tx:
        assert await audit.broken_at(tx) == 2
    assert "Entry 2 is not as it was written" in (await visitor.get("/admin/audit")).text


async def test_no_hostile_value_makes_an_error_of_ours(room: Room) -> None:
    await no_hostile_value_makes_an_error(await a_room(room.grounds), Role.OWNER)


async def test_case_108_an_attempt_is_counted_before_it_is_looked_at(room: Room) -> None:
    """So that a hundred at once are no hundred guesses."""
    await an_editor(room.store, Role.OWNER, password=PASSWORD)
    visitors = [room.visitor() for _ in range(20)]
    answers = await asyncio.gather(*(visitor.enter(OWNER, f"guess {n}") for n, visitor in enumerate(visitors)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses.count(422) <= patience.BY_PAIR
    assert set(statuses) == {422, 429}
