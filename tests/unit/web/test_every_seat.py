"""Every address of the room, with every role and nobody; and with what no form of ours would send.

It reads `SEATS`: a page that is added is asked as well.
"""

import random
import re
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from service.domain.editor import Editor, Role
from service.store import sessions
from service.web.admin.access import FACTORS, Seat
from service.web.admin.doors import ENTER
from service.web.admin.routes import SEATS
from tests.unit.web.client import Answer, Client
from tests.unit.web.editors import an_editor, cheap, cookies_of
from tests.unit.web.given import Grounds

SEED = 8
TRIES = 3
OPEN = [seat for seat in SEATS if seat.role is None]
GUARDED = [seat for seat in SEATS if seat.role is not None]
KNOWN_OPEN = {ENTER, f"{ENTER}/second", f"{ENTER}/passkey", "/admin/leave", "/admin/link/{token}"}
HOSTILE = [
    *("", "x", "0", "-1", "9" * 40, "1e999", "NaN", "null", "true", "2024-02-30", "0000-00-00", "../../etc/passwd"),
    *(
        "%00",
        "%",
        "..",
        ".",
        "/",
        "//evil.example",
        "a" * 3000,
        "\u202e\u0000",
        "\ud7ff\U0010ffff",
        "<script>",
        "{{7*7}}",
    ),
    *(
        "' OR 1=1 --",
        "; DROP TABLE editors",
        "[]",
        "{}",
        '["/admin/x",[["a","b"]],true]',
        "[" * 5000,
        "\r\nX: y",
        "ճիշտ",
    ),
]
NAMES = (
    *(
        "address",
        "password",
        "name",
        "role",
        "language",
        "action",
        "code",
        "carried",
        "asked",
        "passkey",
        "label",
        "id",
    ),
    *("session", "next", "kept", "who", "subject", "before", "check", "done", "proof_password", "proof_code", "text"),
    *("why", "based_on", "on", "year", "month", "collection", "event", "kind", "title", "number", "present_password"),
)


def named(seat: Seat) -> str:
    return f"{seat.method} {seat.path}"


@dataclass
class Room:
    """The room with one of each role in it."""

    grounds: Grounds
    client: Client
    people: dict[Role, Editor]

    async def ask(self, seat: Seat, role: Role | None, path: str = "", form: str = "") -> Answer:
        """Ask as somebody of a role does who has just signed in."""
        headers = await cookies_of(self.grounds.store, self.people[role], self.grounds.now) if role else {}
        given = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded", **headers}
        return await self.client.ask(
            seat.method, path or filled(seat), form.encode() if seat.method != "GET" else b"", given
        )

    async def holds(self, answer: Answer) -> bool:
        """Say whether an answer let somebody in."""
        secrets = [re.match(r"__Host-editor=([\w-]{20,});", line) for line in answer.cookies]
        async with self.grounds.store.read() as tx:
            found = [await sessions.of(tx, secret[1], self.grounds.now) for secret in secrets if secret]
        return any(session is not None and session.complete for session in found)


@pytest.fixture
async def room(grounds: Grounds) -> Room:
    return await a_room(grounds)


async def a_room(grounds: Grounds) -> Room:
    people = {role: await an_editor(grounds.store, role) for role in Role}
    return Room(grounds, Client(grounds.app(passwords=cheap())), people)


def filled(seat: Seat, value: str = "war") -> str:
    """Give a seat's path with something in the place of its names."""
    return re.sub(r"\{[^}]*\}", value, seat.path)


async def test_case_114_every_seat_answers_to_its_role_and_to_nobody_below(room: Room) -> None:
    for seat in GUARDED:
        nobody = await room.ask(seat, None)
        if seat.method == "GET":
            assert nobody.status == 303, named(seat)
            assert nobody.headers["location"].startswith(f"{ENTER}?next="), named(seat)
        else:
            assert nobody.status == 403, named(seat)
            assert "Sign in" in nobody.text, named(seat)
        before = await room.grounds.everything()
        for role in Role:
            answer = await room.ask(seat, role)
            assert answer.status < 500, named(seat)
            refused = answer.status == 403 and "This is not yours to do" in answer.text
            assert refused == (role < (seat.role or role)), (named(seat), role)
            if refused:
                after = await room.grounds.everything()
                changed = {name for name in after if after[name] != before[name]} - {"editor_sessions", "audit"}
                assert not changed, named(seat)


async def test_case_114_what_is_open_to_everybody_is_known(room: Room) -> None:
    assert {seat.path for seat in OPEN} == KNOWN_OPEN
    for seat in OPEN:
        answer = await room.ask(seat, None)
        assert answer.status < 500, named(seat)
        assert not await room.holds(answer), named(seat)


async def test_who_has_yet_to_set_up_a_factor_gets_no_further(room: Room) -> None:
    room.people[Role.OWNER] = await an_editor(room.grounds.store, Role.OWNER, address="new@example.org", factor=False)
    for seat in GUARDED:
        answer = await room.ask(seat, Role.OWNER)
        led = answer.status == 303 and answer.headers["location"] == FACTORS
        assert led or seat.before_factor, named(seat)


async def test_case_116_every_answer_of_the_room_carries_its_headers(room: Room) -> None:
    for seat in SEATS:
        for role in (None, Role.VIEWER, Role.OWNER):
            answer = await room.ask(seat, role)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, named(seat)
            assert "frame-ancestors 'none'" in policy or "frame-ancestors 'self'" in policy, named(seat)
            assert "'unsafe-inline'" not in policy or "sandbox" in policy, named(seat)
            assert answer.headers["cache-control"] == "no-store", named(seat)
            assert answer.headers["x-content-type-options"] == "nosniff", named(seat)
            assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}, named(seat)
            assert answer.headers["cross-origin-opener-policy"] in {"same-origin", "unsafe-none"}, named(seat)
            assert answer.headers["x-robots-tag"] == "noindex", named(seat)
            if not answer.headers["content-security-policy"].startswith("sandbox;"):  # a letter, which may run nothing
                assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", answer.text), named(seat)


@pytest.mark.parametrize("role", [None, *Role])
async def test_no_hostile_value_makes_an_error_of_ours(room: Room, role: Role | None) -> None:
    await no_hostile_value_makes_an_error(room, role)


async def no_hostile_value_makes_an_error(room: Room, role: Role | None) -> None:
    """Ask every seat a few times with what no form of ours would send."""
    chance = random.Random(f"{SEED} {role}")  # noqa: S311
    for seat in SEATS:
        for _ in range(TRIES):
            fields = [(chance.choice(NAMES), chance.choice(HOSTILE)) for _ in range(chance.randrange(1, 9))]
            path = filled(seat, encoded(chance.choice(HOSTILE)) or "x")
            query = written(fields) if seat.method == "GET" else written(fields[:1])
            answer = await room.ask(seat, role, f"{path}?{query}", written(fields))
            assert answer.status < 500, (named(seat), path, fields)


def encoded(value: str) -> str:
    """Give a value as the server hands it on in a path: decoded, and never with a slash."""
    return value.replace("/", "").replace("?", "")


def written(fields: list[tuple[str, str]]) -> str:
    return urlencode(fields, errors="replace")
