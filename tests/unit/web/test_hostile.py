"""Hostile values at every public door: nobody is sent elsewhere, and nothing comes back as it was sent."""

import random
import re
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from starlette.routing import Route

from service.mail.tokens import Purpose
from tests.unit.web.client import Client, Fields
from tests.unit.web.given import Grounds, a_form

VALUES = [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)//evil.example",
    "/%09/evil.example",
    "@evil.example",
    '"><script>evil()</script>',
    "'onmouseover='evil()",
    "{{7*7*7}}evil.example",
    "%0d%0aLocation:%20https://evil.example",
    "\r\nSet-Cookie: evil=1",
    "../../../etc/evil.example",
    "\u202eevil.example",
]
NAMES = [
    *("next", "return", "return_to", "redirect", "redirect_uri", "url", "to", "back", "continue", "dest", "r", "u"),
    *("lang", "done", "undo", "event", "collection", "targets", "find", "view", "page", "year", "month", "q", "action"),
]


def paths(grounds: Grounds, app: Any, id_: str, value: str) -> list[str]:
    """Give the address of each route, its parts filled with what is hostile, or with what makes it work."""
    links = [grounds.link(purpose, id_) for purpose in (Purpose.CONFIRM, Purpose.MANAGE, Purpose.LEAVE)]
    routes = [route.path for route in app.routes if isinstance(route, Route) and not route.path.startswith("/admin")]
    filled = [re.sub(r"\{[^}]*\}", lambda _: quote(value, safe=""), path) for path in routes]
    return sorted({*filled, *links, "//evil.example/subscribe", "/\\evil.example"})


def harmless(text: str) -> bool:
    """Say whether nothing hostile stands in a page as it would act."""
    said = text.lower()
    ways = ('href="//evil', 'href="https://evil', 'href="javascript', 'action="//evil', 'src="//evil', "<script>evil")
    return not any(way in said for way in (*ways, "'onmouseover='", "343evil"))


@pytest.mark.parametrize("value", VALUES)
async def test_case_106_nobody_is_sent_elsewhere_and_nothing_is_shown_as_it_came(grounds: Grounds, value: str) -> None:
    id_ = await grounds.reader()
    app = grounds.app()
    client, chance = Client(app), random.Random(value)  # noqa: S311  (the same for every run)
    for path in paths(grounds, app, id_, value):
        asked = "&".join(f"{name}={quote(value, safe='')}" for name in chance.sample(NAMES, 8))
        answer = await client.get(f"{path}?{asked}")
        is_picture = answer.headers.get("content-type", "").startswith("image/")
        _check(answer.status, answer.headers, "" if is_picture else answer.text, path)


@pytest.mark.parametrize("value", VALUES[::3])
async def test_case_106_a_form_sends_nobody_elsewhere_whatever_is_typed(grounds: Grounds, value: str) -> None:
    id_ = await grounds.reader()
    client = grounds.client()
    chance = random.Random(value)  # noqa: S311  (as above)
    for path in (
        *("/subscribe", "/manage", "/subscribe/next"),
        *(grounds.link(purpose, id_) for purpose in (Purpose.MANAGE, Purpose.LEAVE)),
        f"{grounds.link(Purpose.LEAVE, id_)}/undo",
    ):
        odd: Fields = [(name, value) for name in chance.sample(NAMES, 8)]
        for action in ("", "leave", "come-back", "undo", "find", "next", value):
            fields = [*a_form(), *odd, ("action", action)]
            answer = await client.post(
                f"{path}?{'&'.join(f'{name}={quote(value, safe=str())}' for name, _ in odd)}", fields
            )
            _check(answer.status, answer.headers, answer.text, path)


def _check(status: int, headers: dict[str, str], text: str, path: str) -> None:
    assert status < 500, path
    assert "set-cookie" not in headers
    goes = urlsplit(headers.get("location", "/"))
    assert (goes.scheme, goes.netloc) == ("", ""), path
    assert headers.get("location", "/").startswith("/")
    assert not headers.get("location", "/").startswith(("//", "/\\"))
    assert harmless(text), path
