"""Programs that ask the API: with a token of an owner, in JSON, whole answers out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service.domain.editor import Editor, Role
from service.domain.scope import Scope
from service.store import api_tokens
from service.store.dialect import Store
from tests.unit.web.client import Answer, Client
from tests.unit.web.editors import an_editor
from tests.unit.web.given import NOW, Grounds

ROOT = "/api/v1"


async def a_token(
    store: Store,
    editor: Editor | None = None,
    scopes: Sequence[Scope] = tuple(Scope),
    now: datetime = NOW,
    days: int = 90,
) -> str:
    """Make a token of an editor, or of an owner who was not there before, and give its text."""
    editor = editor or await an_editor(store, Role.OWNER, now)
    async with store.write() as tx:
        _, text = await api_tokens.make(tx, editor, "a program", scopes, now, now + timedelta(days=days))
    return text


@dataclass
class Program:
    """A program that asks with one token."""

    client: Client
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask; a body is sent as JSON, or as it is if it is bytes."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in {**self.headers, **headers}.items()}
        if self.token:
            given.setdefault("authorization", f"Bearer {self.token}")
        if body is not None:
            given.setdefault("content-type", "application/json")
        return await self.client.ask(method, f"{ROOT}{path}", content, given)

    async def get(self, path: str, **headers: str) -> Any:
        """Read something that is there."""
        answer = await self.ask("GET", path, **headers)
        assert answer.status == 200, answer.text
        return json.loads(answer.text)

    async def every(self, path: str, limit: int) -> list[Any]:
        """Read a list page by page to its end."""
        found: list[Any] = []
        cursor = ""
        while True:
            page = await self.get(f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor}")
            found += page["data"]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"


async def a_program(grounds: Grounds, scopes: Sequence[Scope] = tuple(Scope), **parts: Any) -> Program:
    """A program with the token of an owner."""
    return Program(grounds.client(**parts), await a_token(grounds.store, scopes=scopes, now=grounds.now))


def wrong(answer: Answer) -> list[tuple[str, str]]:
    """Give what a refusal says is wrong: where, and in which words."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = json.loads(answer.text).get("errors", [])
    return [(one.get("pointer") or one.get("parameter") or one.get("header", ""), one["detail"]) for one in told]
