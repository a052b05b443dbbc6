"""The API attacked: by a program that knows its description alone, and with what databases choke on.

PostgreSQL refuses more than SQLite does (NUL, half characters, what is beyond its ranges), so the description is tried
there.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from service.domain.notice import Kind
from service.serving import listen, server
from service.store import notices, people_pages, schema, templates
from service.store.dialect import Store
from service.web.api import shapes
from service.web.api.holders import Paces
from service.web.api.operations import Operation
from service.web.api.routes import OPERATIONS
from tests.printers import shipped_set
from tests.unit.web.client import Client
from tests.unit.web.given import NOW, Grounds
from tests.unit.web.programs import ROOT, Program, a_token

# A request that has the form of the description may be refused for what it means (422), for the version that it
# names (412), or as it names none (428); but never for its form (400).
RULES = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "404", "409", "412", "422", "428"]
[dictionaries.ids]
values = {ids}
[dictionaries.collections]
values = ["wars"]
[dictionaries.targets]
values = ["collection:wars", "event:war"]
[dictionaries.subscribers]
values = {subscribers}
[dictionaries.tags]
values = ["*", '"1"', '"2"']
[parameters]
"path.id" = {{ dictionary = "ids", probability = 0.7 }}
"header.If-Match" = {{ dictionary = "tags", probability = 0.7 }}
"query.collection" = {{ dictionary = "collections", probability = 0.3 }}
"body.collection" = {{ dictionary = "collections", probability = 0.7 }}
"body.subscriber" = {{ dictionary = "subscribers", probability = 0.7 }}
"body.target" = {{ dictionary = "targets", probability = 0.7 }}
"""
PHASES = os.environ.get("API_PHASES", "examples,fuzzing")
EXAMPLES = os.environ.get("API_EXAMPLES", "8")
HOSTILE = ("\0", "\ud800", 2**63)
EDGES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")  # beyond which, in UTC, there is no year


@pytest.fixture
async def grounds(database_url: str, tmp_path: Path) -> AsyncIterator[Grounds]:
    """A site with one war in its record, on each database."""
    store = Store(database_url)
    await schema.upgrade(store)
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    yield grounds
    await store.close()


on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@on_postgresql
async def test_schemathesis_finds_nothing_against_the_description(grounds: Grounds, tmp_path: Path) -> None:
    """What it sends is made of the description alone, in a process of its own, to a server on a real port."""
    token, app = await a_token(grounds.store, now=grounds.now), grounds.app(public_url="http://127.0.0.1")
    app.state.paces = Paces(10**9)
    (rules := tmp_path / "schemathesis.toml").write_text(await _rules(grounds))
    listening = listen("127.0.0.1", 0, "PORT")
    running = server(app)
    serving = asyncio.create_task(running.serve(sockets=[listening]))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}{ROOT}"
    own = (
        "--phases",
        PHASES,
        "--url",
        address,
        "--header",
        f"Authorization: Bearer {token}",
        "--max-examples",
        EXAMPLES,
    )
    quiet = ("--generation-database", "none", "--seed", "8", "--no-color", "--suppress-health-check", "all")
    call = ("-m", "schemathesis.cli", "--config-file", str(rules), "run", f"{address}/openapi.json", *own, *quiet)
    looking = await asyncio.create_subprocess_exec(
        sys.executable, *call, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path
    )
    said, _ = await looking.communicate()
    running.should_exit = True
    await serving
    assert looking.returncode == 0, said.decode()
    print(said.decode())


async def test_what_a_database_chokes_on_is_answered_and_breaks_nothing(grounds: Grounds) -> None:
    """In each place of each parameter and body, and as the name of each place, one after the other."""
    known = await _known(grounds)
    app = grounds.app()
    app.state.paces = Paces(10**9)
    program = Program(Client(app), await a_token(grounds.store, now=grounds.now))
    webhook = await program.ask("POST", "/webhooks", _example("post-webhooks"))
    known |= {"webhooks": json.loads(webhook.text)["id"]}
    broken = []
    for one in sorted(OPERATIONS, key=lambda one: one.method == "DELETE"):
        path = re.sub(r"\{[^}]*\}", known.get(one.noun, "none"), one.path)
        for query, body in _attacks(one):
            tag = {"If-Match": "*"} if one.matched else {}
            try:
                answer = await program.ask(one.method, path + query, body, **tag)
            except Exception as error:
                error.add_note(f"{one.name}{query} {body}")
                raise
            broken += [(one.name, query, body)] if answer.status >= 500 else []
    assert broken == []


def _attacks(operation: Operation) -> Iterator[tuple[str, Any]]:
    """Give the queries and bodies with which an operation is asked."""
    usual = _example(operation.name) if operation.body is not None else None
    yield "", usual
    for name, hostile in product(shapes.properties(operation.query or shapes.Nothing), (*HOSTILE, *EDGES)):
        yield f"?{name}={quote(str(hostile).encode('utf-8', 'surrogatepass'))}", usual
    for hostile in HOSTILE if usual is not None else ():
        yield from (("", body) for body in _spoilt(usual, hostile))
    if usual is not None and "updated_at" in shapes.properties(operation.body):
        yield from (("", {**usual, "updated_at": edge}) for edge in EDGES)


def _spoilt(value: Any, by: Any) -> Iterator[Any]:
    """Give a document with each of its places, and each of their names, spoilt in turn."""
    yield by
    if isinstance(value, dict):
        for key, one in value.items():
            yield from ({**value, key: other} for other in _spoilt(one, by))
            yield {str(by) if name == key else name: kept for name, kept in value.items()}
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in _spoilt(one, by))


def _example(name: str) -> dict[str, Any]:
    """Give an operation's own example, about what there is."""
    example = next(dict(one.example) for one in OPERATIONS if one.name == name)
    there = {"collection": "wars"} if "collection" in example else {}
    return dict(json.loads(json.dumps(example | there)))


async def _known(grounds: Grounds) -> dict[str, str]:
    """Have something of each noun, and give its id."""
    reader = await grounds.reader("ani@example.org")
    edition = await grounds.edition("<p>It began.</p>", sent=False, events=("war",))
    single = notices.Single(reader, Kind.NOTICE, NOW.date(), edition, NOW, NOW.replace(hour=20), is_ready=True)
    async with grounds.store.write() as tx:
        await templates.ensure_shipped(tx, shipped_set(), NOW)
        await notices.add_single(tx, single)
        wishes = await people_pages.subscription_page(tx, None, None, "", 1)
    return {
        "events": "war",
        "collections": "wars",
        "subscribers": reader,
        "subscriptions": wishes[0].id,
        "editions": edition,
        "notices": single.id,
        "templates": "letters/notice/subject.txt",
    }


async def _rules(grounds: Grounds) -> str:
    """Give the rules by which it asks, with the names of what there is."""
    readers = [await grounds.reader(f"{name}@example.org") for name in ("ani", "vahan")]
    edition = await grounds.edition("<p>It began.</p>", sent=False, events=("war",))
    single = notices.Single(readers[0], Kind.NOTICE, NOW.date(), edition, NOW, NOW.replace(hour=20), is_ready=True)
    async with grounds.store.write() as tx:
        await notices.add_single(tx, single)
        wishes = await people_pages.subscription_page(tx, None, None, "", 10)
    ids = ["war", "wars", *readers, edition, single.id, *(wish.id for wish in wishes)]
    return RULES.format(ids=json.dumps(ids), subscribers=json.dumps(readers))
