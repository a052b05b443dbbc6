"""The editors' room as somebody who has signed in sees it: pages asked for, and forms sent as a browser sends them."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from uuid import uuid4

from service.domain.event import Event
from service.store import events
from tests.unit.web.client import HERE, Answer, Client
from tests.unit.web.given import Grounds


class Form(HTMLParser):
    """Reads the fields of the form with the id `record`, or of the first one, as a browser would send them."""

    def __init__(self, page: str, id_: str = "record") -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._id = id_
        self._in_form = False
        self._area: str | None = None
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._in_form = named.get("id", "") == self._id
        if not self._in_form:
            return
        name = named.get("name", "")
        if tag == "input" and named.get("type") in {"checkbox", "radio"}:
            if "checked" in named:
                self.fields[name] = named.get("value", "on")
        elif tag == "input":
            self.fields[name] = named.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in named or self._select not in self.fields):
            self.fields[self._select] = named.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        elif tag == "textarea" and self._area is not None:
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.fields[self._area] += data


@dataclass(frozen=True)
class Room:
    """The grounds, and the headers of one who is in."""

    grounds: Grounds
    cookies: dict[str, str]

    @property
    def client(self) -> Client:
        return self.grounds.client()

    async def get(self, path: str) -> Answer:
        return await self.client.get(path, **self.cookies)

    async def form(self, path: str) -> dict[str, str]:
        """Open a page and give the fields of its form."""
        answer = await self.get(path)
        assert answer.status == 200, answer.text
        return Form(answer.text).fields

    async def send(self, path: str, fields: dict[str, str], action: str = "save") -> Answer:
        return await self.client.post(path, [*fields.items(), ("action", action)], **self.cookies)

    async def after(self, path: str, fields: dict[str, str], action: str = "save") -> Answer:
        """Send a form and give the page that follows."""
        answer = await self.send(path, fields, action)
        assert answer.status == 303, (answer.status, answer.text)
        return await self.get(answer.headers["location"].partition("#")[0])

    async def upload(self, name: str, content: bytes, **fields: str) -> Answer:
        """Try a file, and give the page that follows."""
        mark = uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in {"action": "try", "collection": "wars", "language": "en", **fields}.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = b"".join(parts) + head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        kind = {"content-type": f"multipart/form-data; boundary={mark}"}
        answer = await self.client.ask("POST", "/admin/import", body, {**HERE, **kind, **self.cookies})
        assert answer.status == 303, (answer.status, answer.text)
        return await self.get(answer.headers["location"])

    async def event(self, id_: str = "war") -> Event | None:
        async with self.grounds.store.read() as tx:
            kept = await events.event_named(tx, id_)
        return kept.event if kept else None


def words(page: str) -> str:
    """The text of a page, its gaps made one."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
