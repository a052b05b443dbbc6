"""Editors for tests: one of a role, with a second factor, who has just signed in; given as the cookies of a browser."""

from datetime import datetime

from sqlalchemy import update

from service.domain.editor import Editor, Role
from service.store import editors, sessions
from service.store.dialect import Store
from service.store.editing_tables import editors as table
from tests.unit.web.given import NOW

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def an_editor(
    store: Store, role: Role, now: datetime = NOW, *, address: str = "", factor: bool = True, language: str = "en"
) -> Editor:
    """Let an editor of a role in, without a password; with an authenticator, unless none is wanted."""
    async with store.write() as tx:
        made = await editors.add(tx, address or f"{role.code}@example.org", f"An {role.code}", role, language, now)
        if factor:
            await tx.execute(update(table).where(table.c.id == made.id).values(totp_secret=TOTP_SECRET))
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
