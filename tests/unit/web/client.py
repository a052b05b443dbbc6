"""Asks the pages without a network: a request in, the whole answer out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette

HOST = "remember.example.org"
HERE = {"sec-fetch-site": "same-origin"}
FORM = "application/x-www-form-urlencoded"
Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Client:
    """Somebody at an address who asks for pages, in English if nothing else is said."""

    app: Starlette
    address: str = "203.0.113.7"

    async def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return await self.ask(method, path, headers=headers)

    async def post(self, path: str, fields: Fields = (), **headers: str) -> Answer:
        """Post a form, as a page of ours does it unless the headers say otherwise."""
        sent = {**HERE, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.ask("POST", path, urlencode(list(fields)).encode(), {"content-type": FORM, **sent})

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, chunks: int = 1
    ) -> Answer:
        """Ask; the body may come in several chunks without a length, as HTTP/1.1 allows."""
        given = {
            "host": HOST,
            **({"content-length": str(len(body))} if body and chunks == 1 else {}),
            **(headers or {}),
        }
        route, _, query = path.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": route,
            "raw_path": route.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in given.items()],
            "client": (self.address, 12345),
            "server": (HOST, 443),
        }
        size = max(1, len(body) // chunks)
        parts = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
        waiting = [
            {"type": "http.request", "body": part, "more_body": number < len(parts)}
            for number, part in enumerate(parts, 1)
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        if site := getattr(self.app.state, "site", None):
            await site.errands.done()
        start = next(message for message in sent if message["type"] == "http.response.start")
        answered = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        cookies = tuple(value.decode() for name, value in start["headers"] if name.lower() == b"set-cookie")
        return Answer(start["status"], answered, content, cookies)
