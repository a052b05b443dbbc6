"""The description of the API says what is so: it is OpenAPI 3.1, and a program that reads it alone finds no lie."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from service.domain.notice import Kind
from service.serving import listen, server
from service.store import notices, people_pages
from service.web.api import shapes
from service.web.api.holders import Paces
from service.web.api.operations import Operation
from service.web.api.routes import OPERATIONS
from tests.unit.web.given import NOW, Grounds
from tests.unit.web.programs import ROOT, a_program, a_token

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
EXAMPLES = os.environ.get("API_EXAMPLES", "20")


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


async def test_everybody_may_read_the_description_and_every_operation_is_in_it(grounds: Grounds) -> None:
    answer = await grounds.client().get(f"{ROOT}/openapi.json")
    told = json.loads(answer.text)
    assert told["openapi"] == "3.1.0"
    found = {(path, method.upper()) for path, methods in told["paths"].items() for method in methods}
    assert found == {(one.plain_path, one.method) for one in OPERATIONS}
    answers = {
        (method, path): set(one["responses"]) for path, kept in told["paths"].items() for method, one in kept.items()
    }
    assert {"200", "201"} <= answers["put", "/events/{id}"] & answers["post", "/subscribers"]
    assert "201" not in answers["put", "/subscribers/{id}"]
    names = [one["operationId"] for methods in told["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.body is not None], ids=lambda one: one.name)
def test_every_example_is_one(operation: Operation) -> None:
    assert operation.example, operation.name
    assert shapes.read_body(operation.body, json.dumps(operation.example).encode())


async def test_the_page_for_people_names_every_operation_and_scope(grounds: Grounds) -> None:
    program = await a_program(grounds)
    page = await program.client.get(ROOT)
    assert page.status == 200
    missing: list[Any] = [one.name for one in OPERATIONS if f'id="{one.name}"' not in page.text]
    assert missing == []
