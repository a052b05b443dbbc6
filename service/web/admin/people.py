"""Who may come in: owners invite, give roles, shut out, and make links for new passwords."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import editors as people
from service.domain.addresses import check_address
from service.domain.editor import Editor, Role, plain_name, role_of
from service.domain.errors import InvalidError
from service.rendering.messages import message
from service.rendering.standing_words import moment
from service.store import editors, invitations
from service.store.dialect import Tx
from service.web.admin.holder import editor_of, show
from service.web.admin.kept import room_form
from service.web.forms import text
from service.web.pages import pages_of, site_of

EDITORS = "/admin/editors"
ROLES = {
    Role.VIEWER: message("Viewer: sees everything"),
    Role.EDITOR: message("Editor: writes drafts, and sends letters to try"),
    Role.APPROVER: message("Approver: publishes, approves, holds and cancels"),
    Role.OWNER: message("Owner: lets people in, and sees what was done"),
}
_DONE = {
    "role": message("The role is changed. They sign in anew with it."),
    "disable": message("They are shut out, and their sessions have ended."),
    "enable": message("They are let in again."),
}
_NO_ADDRESS = message("This is not an e-mail address. It looks like name@example.org.")
_KNOWN = message("Somebody with this address is here already.")
_NO_ROLE = message("Please choose a role.")
_LAST_OWNER = message("There would be no owner left. Make somebody else an owner first.")
_SHUT_OUT = message("They are shut out. Let them in again first.")

_Did = Callable[[Tx, Editor, Editor, datetime], Awaitable[None]]


async def shown(request: Request) -> Response:
    """Show everybody, and the form to invite more."""
    return await _page(request)


async def invited(request: Request) -> Response:
    """Let somebody in, and show the link by which they choose a password; it is shown this once."""
    site, owner = site_of(request), editor_of(request)
    form = await room_form(request)
    typed = {name: text(form, name) for name in ("address", "name", "role", "language")}
    role, errors = _role(typed["role"]), {}
    try:
        address = check_address(typed["address"])
    except InvalidError:
        address, errors["address"] = "", _NO_ADDRESS
    if role is None:
        errors["role"] = _NO_ROLE
    if role is None or errors:
        return await _page(request, errors=errors, typed=typed)
    language = typed["language"] if typed["language"] in site.languages.codes else owner.language
    try:
        async with site.store.write() as tx:
            name = plain_name(typed["name"])
            made, secret = await people.invite(tx, owner, address, role, name, language, site.clock())
    except InvalidError:
        return await _page(request, errors={"address": _KNOWN}, typed=typed)
    return _link_page(request, made, secret, new=True)


async def changed(request: Request) -> Response:
    """Do what a button beside somebody says."""
    site, owner = site_of(request), editor_of(request)
    form = await room_form(request)
    action, now = text(form, "action"), site.clock()
    role = _role(text(form, "role"))
    if action not in {"role", "disable", "enable", "link", "factors"} or (action == "role") != (role is not None):
        raise HTTPException(400)
    async with site.store.read() as tx:
        somebody = await editors.by_id(tx, request.path_params["id"])
    if somebody is None:
        raise HTTPException(404)
    secret = ""
    try:
        async with site.store.write() as tx:
            if action == "role" and role is not None:
                await people.set_role(tx, owner, somebody, role, now)
            elif action in {"link", "factors"}:
                secret = await people.reset(tx, owner, somebody, now, factors_too=action == "factors")
            else:
                await (people.disable if action == "disable" else people.enable)(tx, owner, somebody, now)
    except InvalidError as error:
        words = _LAST_OWNER if error.field == "role" else _SHUT_OUT
        return await _page(request, errors={f"somebody-{somebody.id}": words})
    return (
        _link_page(request, somebody, secret, new=False)
        if secret
        else pages_of(request).go(request, EDITORS, done=action)
    )


def _role(code: str) -> Role | None:
    try:
        return role_of(code)
    except ValueError:
        return None


def _link_page(request: Request, somebody: Editor, secret: str, *, new: bool) -> Response:
    link = f"{site_of(request).public_url}/admin/link/{secret}"
    lasts = people.INVITATION_LASTS if new else people.RESET_LASTS
    shown = {"somebody": somebody, "secret_link": link, "new": new, "hours": int(lasts.total_seconds()) // 3600}
    return show(request, "admin/link.html", shown)


async def _page(
    request: Request, *, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> Response:
    site, owner = site_of(request), editor_of(request)
    language = pages_of(request).language(request, owner.language)
    async with site.store.read() as tx:
        listed = await editors.listed(tx)
        waiting = await invitations.open_until(tx, site.clock())
    done = _DONE.get(request.query_params.get("done", "")) if not errors else None
    page: dict[str, Any] = {
        "people": listed,
        "waiting": waiting,
        "roles": [(role.code, language.text(words)) for role, words in ROLES.items()],
        "typed": typed or {"address": "", "name": "", "role": "editor", "language": owner.language},
        "errors": {name: language.text(words) for name, words in (errors or {}).items()},
        "said": language.text(done) if done else "",
        "moment": lambda at: moment(at, language),
    }
    return show(request, "admin/editors.html", page, status=422 if errors else 200)
