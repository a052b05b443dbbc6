"""Passkeys: what a key signed for one question is worth nothing for another, nor twice, nor made elsewhere."""

import html
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from service.domain.editor import Role
from service.store import factors
from tests.unit.web.authenticator import Authenticator
from tests.unit.web.client import Answer, Client
from tests.unit.web.editors import PASSWORD, Visitor, an_editor, cheap, cookies_of, hidden
from tests.unit.web.given import Grounds

FACTORS = "/admin/you/second"


@dataclass
class Asked:
    """What a page asks of a passkey."""

    options: dict[str, Any]
    asked: str

    def form(self, answer: str, prefix: str = "") -> list[tuple[str, str]]:
        return [(f"{prefix}asked", self.asked), (f"{prefix}passkey", answer), ("label", "My telephone")]


def asked_on(page: Answer, prefix: str = "") -> Asked:
    options = re.search(r'data-options="([^"]*)"', page.text)
    assert options
    return Asked(json.loads(html.unescape(options[1])), dict(hidden(page.text))[f"{prefix}asked"])


@pytest.fixture
def client(grounds: Grounds) -> Client:
    return Client(grounds.app(passwords=cheap()))


@pytest.fixture
async def owner(grounds: Grounds, client: Client) -> Visitor:
    """An owner who is in, without a second factor yet."""
    editor = await an_editor(grounds.store, Role.OWNER, password=PASSWORD, factor=False)
    cookie = (await cookies_of(grounds.store, editor, grounds.now))["cookie"]
    return Visitor(client, dict([cookie.split("=", 1)]))


async def with_key(owner: Visitor, key: Authenticator) -> None:
    asked = asked_on(await owner.get(FACTORS))
    assert "recovery codes" in (await owner.post("/admin/you/passkeys", asked.form(key.makes(asked.options)))).text


async def test_a_passkey_is_added_used_alone_used_second_and_removed(
    grounds: Grounds, client: Client, owner: Visitor
) -> None:
    key, visitor = Authenticator(), Visitor(client)
    await with_key(owner, key)
    asked = asked_on(await visitor.get("/admin/enter"))
    form = asked.form(key.signs(asked.options))
    assert (await visitor.post("/admin/enter/passkey", form)).status == 303
    assert (await visitor.get("/admin/editors")).status == 200
    assert (await Visitor(client).post("/admin/enter/passkey", form)).status == 422  # answered before
    second = Visitor(client)
    await second.enter("owner@example.org")
    asked = asked_on(await second.get("/admin/enter/second"))
    form = asked.form(key.signs(asked.options))
    assert (await Visitor(client, dict(owner.cookies)).post("/admin/enter/second", form)).status == 303  # in already
    assert (await second.post("/admin/enter/second", form)).status == 303
    assert (await second.get("/admin/editors")).status == 200
    grounds.now += timedelta(minutes=11)
    page = await owner.post("/admin/you/passkeys/remove", [("id", dict(hidden((await owner.get(FACTORS)).text))["id"])])
    asked = asked_on(page, "proof_")
    form = [*hidden(page.text, "/admin/you/passkeys/remove")[:1], *asked.form(key.signs(asked.options), "proof_")]
    assert (await owner.post("/admin/you/passkeys/remove", form)).status == 303
    visitor.cookies.clear()
    asked = asked_on(await visitor.get("/admin/enter"))
    assert (await visitor.post("/admin/enter/passkey", asked.form(key.signs(asked.options)))).status == 422


async def test_what_a_passkey_signed_elsewhere_or_for_another_question_is_refused(
    grounds: Grounds, client: Client, owner: Visitor
) -> None:
    key = Authenticator()
    await with_key(owner, key)
    other = replace(key, id=b"another key of it")
    cheats = [
        replace(key, origin="https://evil.example"),
        replace(key, host="evil.example"),
        replace(key, verifies=False),
        replace(key, key=Authenticator().key),
        replace(key, uses=-1 + 2**31),
        other,
    ]
    for number, cheat in enumerate(cheats):
        asked = asked_on(await Visitor(client).get("/admin/enter"))
        refused = (await Visitor(client).post("/admin/enter/passkey", asked.form(cheat.signs(asked.options)))).status
        assert (number, refused) in {(number, 422), (4, 303)}
    asked = asked_on(await Visitor(client).get("/admin/enter"))
    refused = await Visitor(client).post("/admin/enter/passkey", asked.form(replace(key, uses=7).signs(asked.options)))
    assert refused.status == 422  # its counter went back: a copy
    old = asked_on(await Visitor(client).get("/admin/enter"))
    grounds.now += timedelta(minutes=10, seconds=1)
    late = replace(key, uses=2**31 + 5).signs(old.options)
    assert (await Visitor(client).post("/admin/enter/passkey", old.form(late))).status == 422
    assert len((await grounds.everything())["passkeys"]) == 1


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", "7", '"x"', '{"id": 1}', '{"id":"a","rawId":"a"}', "[" * 2000]
)
async def test_what_is_no_answer_of_a_passkey_is_no_error(grounds: Grounds, owner: Visitor, answer: str) -> None:
    asked = asked_on(await owner.get(FACTORS))
    assert (await owner.post("/admin/you/passkeys", asked.form(answer))).status == 422
    asked = asked_on(await Visitor(owner.client).get("/admin/enter"))
    assert (await Visitor(owner.client).post("/admin/enter/passkey", asked.form(answer))).status == 422
    broken = json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "YQ"}})
    asked = asked_on(await owner.get(FACTORS))
    assert (await owner.post("/admin/you/passkeys", asked.form(broken))).status == 422
    async with grounds.store.read() as tx:
        assert await factors.passkey(tx, "YQ") is None
