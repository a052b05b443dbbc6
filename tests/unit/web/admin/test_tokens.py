"""The page on which owners make tokens for their programs, and end them."""

import re

from service.domain.editor import Role
from service.store import api_tokens, audit
from tests.unit.web.client import Client
from tests.unit.web.editors import seated
from tests.unit.web.given import Grounds
from tests.unit.web.programs import Program

FORM = [("name", "The parish's list"), ("days", "30"), ("scopes", "read:events"), ("scopes", "write:events")]


async def test_a_token_is_shown_once_opens_what_was_chosen_and_is_ended(grounds: Grounds) -> None:
    client, owner = Client(grounds.app()), await seated(grounds.store, Role.OWNER)
    page = await client.post("/admin/tokens", FORM, **owner)
    assert page.status == 200
    (text,) = re.findall(r">(rmb_[\w-]{43})<", page.text)
    listed = await client.get("/admin/tokens", **owner)
    assert "The parish&#39;s list" in listed.text
    assert "never used" in listed.text
    assert text not in listed.text

    program = Program(client, text)
    assert (await program.ask("GET", "/events")).status == 200
    async with grounds.store.read() as tx:
        (token,) = await api_tokens.listed(tx)
        (entry,) = await audit.entries(tx, audit.Asked(action="made"), 1)
    assert (token.expires_at - token.created_at).days == 30
    assert entry.details == {
        "name": "The parish's list",
        "scopes": ["read:events", "write:events"],
        "for": token.editor.who,
        "days": 30,
    }
    ended = await client.post(f"/admin/tokens/{token.id}", **owner)
    assert ended.headers["location"].startswith("/admin/tokens?done=ended")
    assert (await program.ask("GET", "/events")).status == 401
    assert "Over" in (await client.get("/admin/tokens", **owner)).text


async def test_a_token_without_a_name_or_a_scope_is_not_made_and_what_was_typed_stays(grounds: Grounds) -> None:
    client, owner = Client(grounds.app()), await seated(grounds.store, Role.OWNER)
    answer = await client.post("/admin/tokens", [("name", " "), ("days", "7")], **owner)
    assert answer.status == 422
    assert "Please give it a name" in answer.text
    assert "Please choose at least one thing" in answer.text
    answer = await client.post("/admin/tokens", [("days", "7"), ("scopes", "read:notices")], **owner)
    assert 'value="read:notices" checked' in answer.text
    assert '<option value="7" selected>' in answer.text
    for fields in ([*FORM, ("scopes", "all")], [("name", "x"), ("days", "9999"), ("scopes", "read:events")]):
        assert (await client.post("/admin/tokens", fields, **owner)).status == 400
    assert (await client.post("/admin/tokens/none", **owner)).status == 404
    async with grounds.store.read() as tx:
        assert await api_tokens.listed(tx) == []
