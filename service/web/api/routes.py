"""The API by address: one route a path, made of the operations that it has."""

import json
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.web.api import (
    collections,
    editions,
    events,
    imports,
    notices,
    occasions,
    rules,
    subscribers,
    subscriptions,
    suppressions,
    templates,
    webhooks,
)
from service.web.api.answering import answer
from service.web.api.description import described
from service.web.api.operations import Operation
from service.web.api.problems import ROOT, TITLES
from service.web.api.scopes import WORDS
from service.web.pages import pages_of, site_of

LARGEST_BODY_BYTES: Final = 2 * 1024 * 1024
OPERATIONS: Final[tuple[Operation, ...]] = (
    *events.OPERATIONS,
    *rules.OPERATIONS,
    *occasions.OPERATIONS,
    *collections.OPERATIONS,
    *imports.OPERATIONS,
    *subscribers.OPERATIONS,
    *subscriptions.OPERATIONS,
    *suppressions.OPERATIONS,
    *notices.OPERATIONS,
    *editions.OPERATIONS,
    *templates.OPERATIONS,
    *webhooks.OPERATIONS,
)


def routes() -> list[Route]:
    """Give the routes of the API; a path that has one method answers others with those that it has."""
    paths: dict[str, dict[str, Operation]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = one
    own = [Route(f"{ROOT}{path}", _endpoint(found), methods=list(found)) for path, found in paths.items()]
    return [
        Route(ROOT, page, methods=["GET"]),
        Route(f"{ROOT}/openapi.json", description, methods=["GET"]),
        *own,
    ]


async def description(request: Request) -> Response:
    """Give the description (OpenAPI 3.1); anybody may read it."""
    content = json.dumps(_described(site_of(request).public_url), ensure_ascii=False, separators=(",", ":"))
    return Response(content, headers={"Cache-Control": "no-cache"}, media_type="application/json")


async def page(request: Request) -> Response:
    """Show the same to people."""
    told = _described(site_of(request).public_url)
    return pages_of(request).page(request, "api.html", {"told": told, "scopes": WORDS, "problems": TITLES})


@cache
def _described(public_url: str) -> dict[str, Any]:
    """Describe the API once: anybody may ask for it, and it takes a tenth of a second."""
    return described(OPERATIONS, public_url)


def is_of_the_api(request: Request) -> bool:
    """Say whether a program asks, which is answered in JSON whatever goes wrong."""
    return request.url.path.startswith(f"{ROOT}/")


def most_bytes(request: Request) -> int | None:
    """Say how long a body may be that comes with a token; None for any other request."""
    return LARGEST_BODY_BYTES if is_of_the_api(request) and "authorization" in request.headers else None


def _endpoint(found: dict[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await answer(request, found[method])

    answered.__name__ = next(iter(found.values())).name
    return answered
