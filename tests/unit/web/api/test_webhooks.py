"""Webhooks over the API: for owners alone, their secrets shown once, never by plain http."""

import json
from typing import get_args

from service.actions import webhooks as actions
from service.domain.editor import Role
from service.domain.scope import Scope
from service.domain.webhook import ASKABLE
from service.store import audit, webhooks
from service.web.api.webhooks import Type
from tests.unit.web.editors import an_editor
from tests.unit.web.given import Grounds
from tests.unit.web.programs import Program, a_program, a_token, wrong

SENT = {"url": "https://crm.example.org/hook", "types": ["left", "confirmed", "left"]}


async def test_a_webhook_is_made_shown_renewed_tried_and_ended(grounds: Grounds) -> None:
    program = await a_program(grounds)
    answer = await program.ask("POST", "/webhooks", SENT)
    made = json.loads(answer.text)
    assert (answer.status, made["secret"][:6]) == (201, "whsec_")
    shown = await program.get(f"/webhooks/{made['id']}")
    assert (shown["url"], shown["types"], shown["waiting"]) == (SENT["url"], ["confirmed", "left"], 0)
    assert (await program.ask("POST", f"/webhooks/{made['id']}/test")).status == 204
    assert (await program.get("/webhooks"))["data"] == [{**shown, "waiting": 1}]
    assert made["secret"] not in json.dumps(await program.get("/webhooks"))
    renewed = json.loads((await program.ask("POST", f"/webhooks/{made['id']}/renew")).text)
    assert renewed["secret"] != made["secret"]
    async with grounds.store.write() as tx:
        await webhooks.switch_off(tx, made["id"], "it answered 410: gone", grounds.now)
    assert wrong(await program.ask("POST", f"/webhooks/{made['id']}/test"))
    assert (await program.get(f"/webhooks/{made['id']}"))["off_why"] == "it answered 410: gone"
    resumed = await program.ask("POST", f"/webhooks/{made['id']}/resume")
    assert json.loads(resumed.text) == {"id": made["id"], "messages": 1}
    assert [(await program.ask("DELETE", f"/webhooks/{made['id']}")).status for _ in range(2)] == [204, 404]
    async with grounds.store.read() as tx:
        done = [one.action for one in await audit.entries(tx, audit.Asked(subject="webhook"), 10)]
    assert done == ["ended", "resumed", "renewed the secret of", "made"]


async def test_what_cannot_be_told_is_refused_by_field(grounds: Grounds) -> None:
    program = await a_program(grounds)
    for url in ("http://localhost/", "http://crm.example.org/", "https://us:them@crm.example.org/", "crm.example.org"):
        ((where, _),) = wrong(await program.ask("POST", "/webhooks", {**SENT, "url": url}))
        assert where == "#/url"
    assert (await program.ask("POST", "/webhooks", {**SENT, "types": ["test"]})).status == 400
    assert (await program.ask("POST", "/webhooks", {**SENT, "types": []})).status == 400


async def test_there_may_be_so_many_and_a_list_of_them_has_pages(grounds: Grounds) -> None:
    program = await a_program(grounds)
    answers = [await program.ask("POST", "/webhooks", SENT) for _ in range(actions.MOST + 1)]
    assert [one.status for one in answers] == [201] * actions.MOST + [422]
    found = [one["id"] for one in await program.every("/webhooks", 7)]
    assert found == sorted(set(found))
    assert len(found) == actions.MOST


async def test_only_an_owner_can_have_such_a_scope(grounds: Grounds) -> None:
    approver = await an_editor(grounds.store, Role.APPROVER, grounds.now)
    token = await a_token(grounds.store, approver, [Scope.READ_WEBHOOKS, Scope.WRITE_WEBHOOKS], grounds.now)
    program = Program(grounds.client(), token)
    assert (await program.ask("GET", "/webhooks")).status == 403
    assert (await program.ask("POST", "/webhooks", SENT)).status == 403


def test_the_api_can_ask_for_whatever_there_is() -> None:
    assert get_args(Type) == ASKABLE
