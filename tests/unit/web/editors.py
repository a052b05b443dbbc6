"""Editors for tests: one of a role, with a second factor, who has just signed in; and a browser that keeps cookies."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from http.cookies import SimpleCookie

import pyotp
from argon2 import PasswordHasher

from service.actions.passwords import Passwords
from service.domain.editor import Editor, Role
from service.store import editors, sessions
from service.store.dialect import Store
from tests.unit.web.client import Answer, Client, Fields
from tests.unit.web.given import NOW

PASSWORD = "seven lanterns on the shore"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def an_editor(
    store: Store, role: Role, now: datetime = NOW, *, address: str = "", factor: bool = True, password: str = ""
) -> Editor:
    """Let an editor of a role in: with an authenticator, unless none is wanted, and with a password if one is given."""
    async with store.write() as tx:
        made = await editors.add(tx, address or f"{role.code}@example.org", f"An {role.code}", role, "en", now)
        if factor:
            await editors.set_totp(tx, made.id, TOTP_SECRET, None)
        if password:
            await editors.set_password(tx, made.id, CHEAP.hash(password))
        return await editors.by_id(tx, made.id) or made


async def cookies_of(
    store: Store, editor: Editor, now: datetime = NOW, *, name: str = "__Host-editor"
) -> dict[str, str]:
    """Begin a session of an editor, and give it as headers of a request: `client.get(path, **cookies)`.

    The cookie's name is that of pages with TLS; without (`public_url="http://…"`) it is "editor".
    """
    async with store.write() as tx:
        secret = await sessions.begin(tx, editor.id, now, complete=True, network="203.0.113.7", agent="A browser")
    return {"cookie": f"{name}={secret}"}


async def seated(
    store: Store, role: Role, now: datetime = NOW, *, address: str = "", name: str = "__Host-editor"
) -> dict[str, str]:
    """Seat an editor of a role, who was not there before, and give the headers by which they are known."""
    return await cookies_of(store, await an_editor(store, role, now, address=address), now, name=name)


def cheap() -> Passwords:
    """Passwords whose hashes cost a test nothing."""
    return Passwords(CHEAP)


def code_at(now: datetime, step: int = 0) -> str:
    """Give what the authenticator shows at a moment, or some steps of thirty seconds from it."""
    return pyotp.TOTP(TOTP_SECRET).at(now + timedelta(seconds=30 * step))


@dataclass
class Visitor:
    """Somebody with a browser that keeps its cookies."""

    client: Client
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Answer:
        return self._took(await self.client.get(path, **self._headers(headers)))

    async def post(self, path: str, fields: Fields = (), **headers: str) -> Answer:
        return self._took(await self.client.post(path, fields, **self._headers(headers)))

    async def enter(self, address: str, password: str = PASSWORD, code: str = "", **fields: str) -> Answer:
        """Go through the first door, and if a code is given through the second."""
        own = [("address", address), ("password", password), *fields.items()]
        answer = await self.post("/admin/enter", own)
        return await self.post("/admin/enter/second", [("code", code), *hidden(answer.text)]) if code else answer

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**({"cookie": cookie} if cookie else {}), **headers}

    def _took(self, answer: Answer) -> Answer:
        for line in answer.cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
        return answer


def hidden(page: str, action: str = "") -> list[tuple[str, str]]:
    """Give the hidden fields of a page's forms, or of the one that is sent to an address."""
    found = _Hidden()
    found.feed(page)
    return [(name, value) for to, name, value in found.fields if not action or to == action]


class _Hidden(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str, str]] = []
        self._to = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "form":
            self._to = known.get("action") or ""
        if tag == "input" and known.get("type") == "hidden" and known.get("name"):
            self.fields.append((self._to, known["name"] or "", known.get("value") or ""))
