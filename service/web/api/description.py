"""The description of the API (OpenAPI 3.1), made of the same operations by which requests are checked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from service.web.api import shapes
from service.web.api.answering import KEY
from service.web.api.operations import Operation
from service.web.api.problems import MEDIA_TYPE, ROOT, TITLES, ProblemDetails
from service.web.api.scopes import WORDS

VERSION: Final = "1.0"
_LEAD: Final = (
    "What Remembrancer keeps and does, for programs. A token is made in the editors' room under Tokens, or by "
    "`remembrancer token add`, and is sent as `Authorization: Bearer TOKEN`. Lists come in pages: `next` is the "
    "`cursor` of the page behind. A POST with an `Idempotency-Key` that is sent again within a day is not done again. "
    "What was read with an `ETag` is changed with that in `If-Match`. What is one reader's own stays theirs: private "
    "dates and their texts are in no answer."
)
_ALWAYS: Final = ("form", "unauthorized", "forbidden", "too-many")
_ALSO: Final = {200: "It is known already.", 201: "It is new."}
_TAG: Final = {"type": "string"}


def described(operations: Sequence[Operation], public_url: str) -> dict[str, Any]:
    """Give the whole description."""
    kinds: list[Any] = [ProblemDetails]
    kinds += [kind for one in operations for kind in (one.body, one.answers) if kind is not None]
    unique = list(dict.fromkeys(kinds))
    found, definitions = shapes.schemas(unique)
    schema_of = dict(zip(unique, found, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.plain_path, {})[one.method.lower()] = _operation(one, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Remembrancer", "version": VERSION, "description": _LEAD},
        "servers": [{"url": f"{public_url}{ROOT}"}],
        "tags": [{"name": noun} for noun in dict.fromkeys(one.noun for one in operations)],
        "paths": paths,
        "components": {"schemas": definitions, "securitySchemes": _schemes()},
    }


def _schemes() -> dict[str, Any]:
    told = "; ".join(f"`{scope}`: {words}" for scope, words in WORDS.items())
    return {"token": {"type": "http", "scheme": "bearer", "description": f"A token with scopes. {told}."}}


def _operation(one: Operation, schema_of: Mapping[Any, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.noun],
        "summary": one.summary,
        "description": f"Needs the scope `{one.scope}`.",
        "security": [{"token": [str(one.scope)]}],
        "parameters": [*_path(one), *_query(one), *_headers(one)],
        "responses": _answers(one, schema_of),
    }
    if one.body is not None:
        content = {"schema": schema_of[one.body], **({"example": dict(one.example)} if one.example else {})}
        told["requestBody"] = {"required": True, "content": {"application/json": content}}
    return told


def _path(one: Operation) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in one.names]


def _query(one: Operation) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    found = shapes.properties(one.query)
    return [
        {"name": name, "in": "query", "required": False, "schema": schema, "description": schema.get("description", "")}
        for name, schema in found.items()
    ]


def _headers(one: Operation) -> list[dict[str, Any]]:
    told = []
    if one.keyed:
        schema = {"type": "string", "pattern": "^[!-~]{1,200}$"}
        words = "A key of yours, by which this is not done again when it is sent again within a day."
        told.append({"name": KEY, "in": "header", "required": False, "schema": schema, "description": words})
    if one.matched:
        words = "The ETag of what you change, or * for whatever there is now."
        told.append({"name": "If-Match", "in": "header", "required": False, "schema": _TAG, "description": words})
        words = "* for what is not to be there yet."
        told.append({"name": "If-None-Match", "in": "header", "required": False, "schema": _TAG, "description": words})
    return told


def _answers(one: Operation, schema_of: Mapping[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "It is so." if one.answers is None else "What was asked for."}
    if one.answers is not None:
        good["content"] = {"application/json": {"schema": schema_of[one.answers]}}
    if one.tags:
        good["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "What names this version."}}
    answers = {str(one.status): good}
    if one.tags and one.method == "GET":
        answers["304"] = {"description": "It is as you have it (If-None-Match)."}
    if one.also is not None:
        answers[str(one.also)] = {**good, "description": _ALSO[one.also]}
    problem = {MEDIA_TYPE: {"schema": schema_of[ProblemDetails]}}
    for kind in sorted(_problems(one), key=lambda kind: TITLES[kind]):
        status, title = TITLES[kind]
        answers[str(status)] = {"description": title, "content": problem}
    return answers


def _problems(one: Operation) -> Iterable[str]:
    told = {*_ALWAYS, *one.else_}
    told |= {"not-found"} if one.names else set()
    told |= {"media-type", "meaning", "too-large"} if one.body is not None else set()
    told |= {"meaning"} if one.query is not None or one.keyed else set()
    told |= {"changed", "precondition", "meaning"} if one.matched else set()
    return told
