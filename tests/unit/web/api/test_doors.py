"""Every address of the API, with no token, a wrong, an expired, an ended one, and one of too little scope."""

import json
import re
from datetime import timedelta

import pytest

from service.actions import editors as people
from service.domain.editor import Role
from service.domain.scope import Scope
from service.store import api_tokens
from service.web.api.holders import Paces
from service.web.api.operations import Operation
from service.web.api.problems import Problem
from service.web.api.routes import OPERATIONS, routes
from tests.unit.web.client import Answer, Client
from tests.unit.web.editors import an_editor
from tests.unit.web.given import NOW, Grounds
from tests.unit.web.programs import ROOT, Program, a_program, a_token

OPEN = {ROOT, f"{ROOT}/openapi.json"}


def filled(operation: Operation) -> str:
    return re.sub(r"\{[^}]*\}", "war", operation.path)


async def asked(client: Client, operation: Operation, token: str) -> Answer:
    return await Program(client, token).ask(operation.method, filled(operation), {})


def refused(answer: Answer, status: int) -> str:
    """Give the challenge of a refusal that has the form of one."""
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.text)["status"] == status
    return answer.headers["www-authenticate"]


def test_every_address_of_the_api_is_an_operation_with_a_scope_or_known_to_be_open() -> None:
    known = {(f"{ROOT}{one.path}", one.method) for one in OPERATIONS}
    found = {(route.path, method) for route in routes() for method in (route.methods or ()) if method != "HEAD"}
    assert found - known == {(path, "GET") for path in OPEN}


async def test_no_address_answers_without_a_token_that_is_alive_and_has_its_scope(grounds: Grounds) -> None:
    owner = await an_editor(grounds.store, Role.OWNER)
    ended, expired = await a_token(grounds.store, owner), await a_token(grounds.store, owner, days=0)
    async with grounds.store.write() as tx:
        token = await api_tokens.of(tx, ended)
        assert token is not None
        await api_tokens.end(tx, token.id, "by hand", NOW)
    before, client = await grounds.everything(), grounds.client()
    for one in OPERATIONS:
        assert refused(await asked(client, one, ""), 401) == 'Bearer realm="Remembrancer"', one.name
        for text in ("rmb_wrong", "x", ended, expired, "rmb_" + "a" * 5000):
            assert 'error="invalid_token"' in refused(await asked(client, one, text), 401), one.name
    assert await grounds.everything() == before


async def test_no_address_answers_to_a_token_of_all_scopes_but_its_own(grounds: Grounds) -> None:
    owner = await an_editor(grounds.store, Role.OWNER)
    tokens = {
        scope: await a_token(grounds.store, owner, [one for one in Scope if one is not scope])
        for scope in {one.scope for one in OPERATIONS}
    }
    client = grounds.client()
    for one in OPERATIONS:
        challenge = refused(await asked(client, one, tokens[one.scope]), 403)
        assert f'error="insufficient_scope", scope="{one.scope}"' in challenge, one.name


async def test_case_111_tokens_end_with_the_password_the_role_and_the_right_to_come_in(grounds: Grounds) -> None:
    """What ends a session ends the tokens of the same editor, at once."""
    owner = await an_editor(grounds.store, Role.OWNER, address="first@example.org")
    for change in ("reset", "role", "disable"):
        editor = await an_editor(grounds.store, Role.OWNER, address=f"{change}@example.org")
        program = Program(grounds.client(), await a_token(grounds.store, editor))
        assert (await program.ask("GET", "/events")).status == 200
        async with grounds.store.write() as tx:
            match change:
                case "reset":
                    await people.reset(tx, owner, editor, NOW)
                case "role":
                    await people.set_role(tx, owner, editor, Role.APPROVER, NOW)
                case _:
                    await people.disable(tx, owner, editor, NOW)
        assert 'error="invalid_token"' in refused(await program.ask("GET", "/events"), 401), change


async def test_a_token_never_allows_more_than_the_role_of_its_editor(grounds: Grounds) -> None:
    viewer = await an_editor(grounds.store, Role.VIEWER)
    program = Program(grounds.client(), await a_token(grounds.store, viewer))
    assert (await program.ask("GET", "/events")).status == 200
    assert "insufficient_scope" in refused(await program.ask("DELETE", "/events/war", if_match="*"), 403)


async def test_the_use_of_a_token_is_noted_once_a_minute_and_its_text_is_kept_nowhere(grounds: Grounds) -> None:
    program = await a_program(grounds)
    await program.get("/events")
    grounds.now += timedelta(seconds=30)
    await program.get("/events")
    async with grounds.store.read() as tx:
        (token,) = await api_tokens.listed(tx)
    assert token.used_at == NOW
    assert program.token not in repr(await grounds.everything())


async def test_a_token_that_asks_too_often_is_told_when_to_come_back(grounds: Grounds) -> None:
    paces = Paces(2)
    paces.count("a", NOW)
    paces.count("a", NOW + timedelta(seconds=20))
    paces.count("b", NOW + timedelta(seconds=20))
    with pytest.raises(Problem) as refusal:
        paces.count("a", NOW + timedelta(seconds=20, milliseconds=1))
    assert refusal.value.headers == {"Retry-After": "40"}
    paces.count("a", NOW + timedelta(seconds=60))

    program = await a_program(grounds)
    program.client.app.state.paces = Paces(1)
    assert (await program.ask("GET", "/events")).status == 200
    answer = await program.ask("GET", "/events")
    assert (answer.status, answer.headers["retry-after"]) == (429, "60")


async def test_what_is_no_address_of_the_api_is_a_problem_too(grounds: Grounds) -> None:
    program = await a_program(grounds)
    for method, path, status in (("GET", "/nothing", 404), ("POST", "/collections", 405), ("GET", "/events/x/y", 404)):
        answer = await program.ask(method, path)
        assert answer.status == status
        assert json.loads(answer.text)["status"] == status
    assert (await program.ask("POST", "/collections")).headers["allow"] in {"GET, HEAD", "HEAD, GET"}
    assert (await program.ask("POST", "/events", {}, origin="https://elsewhere.example")).status == 403
    assert (await program.ask("POST", "/events", b"x" * 3_000_000)).status == 413


async def test_what_is_refused_is_logged_by_the_token_and_never_by_its_text(
    grounds: Grounds, capsys: pytest.CaptureFixture[str]
) -> None:
    program = await a_program(grounds, [Scope.READ_EVENTS])
    await program.ask("GET", "/subscribers")
    await Program(program.client, "rmb_wrong").ask("GET", "/subscribers")
    said = capsys.readouterr()
    assert (said.out + said.err).count("api_refused") == 2
    assert "kind=forbidden" in said.out + said.err
    assert program.token not in said.out + said.err
    assert "rmb_" not in said.out + said.err
