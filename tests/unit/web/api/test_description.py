"""The description of the API says what is so: it is OpenAPI 3.1, and every operation is in it, with an example."""

import json
from typing import Any

import pytest

from service.web.api import shapes
from service.web.api.operations import Operation
from service.web.api.routes import OPERATIONS
from tests.unit.web.given import Grounds
from tests.unit.web.programs import ROOT, a_program


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
