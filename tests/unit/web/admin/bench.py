"""Editors at the templates' pages: what they ask for, and what is kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.actions import templates as actions
from service.domain.editor import Editor, Role
from service.store import editors
from tests.unit.web.client import Answer, Client
from tests.unit.web.editors import an_editor, cookies_of
from tests.unit.web.given import Grounds

AT = "/admin/templates"
BODY = "letters/notice/body.mjml"
SUBJECT = "letters/notice/subject.txt"


@dataclass
class Bench:
    """The site, and who works there; each is seated when first named."""

    grounds: Grounds
    client: Client
    seats: dict[str, dict[str, str]] = field(default_factory=dict)

    async def by(self, role: Role, address: str = "") -> dict[str, str]:
        """Give the headers of an editor of a role; an address makes it another one."""
        who = address or f"{role.code}@example.org"
        if who not in self.seats:
            editor = await an_editor(self.grounds.store, role, self.grounds.now, address=who)
            self.seats[who] = await cookies_of(self.grounds.store, editor, self.grounds.now)
        return self.seats[who]

    async def editor(self, address: str) -> Editor:
        """Give the editor of that address."""
        async with self.grounds.store.read() as tx:
            found = await editors.by_address(tx, address)
        assert found is not None
        return found

    async def get(self, path: str, role: Role = Role.EDITOR, address: str = "") -> Answer:
        """Ask for a page of the templates."""
        return await self.client.get(f"{AT}{path}", **await self.by(role, address))

    async def post(
        self, path: str, fields: Mapping[str, str], role: Role = Role.EDITOR, address: str = "", **headers: str
    ) -> Answer:
        """Send a form of the templates."""
        return await self.client.post(f"{AT}{path}", list(fields.items()), **await self.by(role, address), **headers)

    async def text(self, name: str = BODY) -> str:
        """Give the text of a piece as it is in use."""
        return (await self.piece(name)).text

    async def piece(self, name: str = BODY) -> actions.Piece:
        """Give a piece as it is in use."""
        async with self.grounds.store.read() as tx:
            return await actions.piece(tx, name)

    async def draft(self, name: str, address: str) -> actions.Draft | None:
        """Give somebody's draft."""
        editor = await self.editor(address)
        async with self.grounds.store.read() as tx:
            return await actions.draft_of(tx, editor, name)

    async def publish(self, name: str, text: str, why: str = "It reads better", address: str = "") -> Answer:
        """Publish a text over what is in use, as an approver."""
        number = str((await self.piece(name)).number)
        fields = {"text": text, "based_on": number, "why": why}
        return await self.post(f"/publish/{name}", fields, Role.APPROVER, address)

    async def rows(self, table: str) -> list[tuple[Any, ...]]:
        """Give the rows of a table."""
        return (await self.grounds.everything())[table]
