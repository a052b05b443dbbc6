"""What is an editor's own: name, language, password, and the list of their sessions."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import yours
from service.actions.passwords import weakness
from service.domain.editor import plain_name
from service.domain.errors import TooManyRequestsError
from service.rendering.messages import message
from service.rendering.standing_words import moment
from service.store import factors, sessions
from service.web.admin.entering import too_often
from service.web.admin.holder import keep, show
from service.web.admin.invited import WEAK
from service.web.admin.kept import room_form
from service.web.admin.proving import password_fits
from service.web.forms import exact, text
from service.web.pages import own_name, pages_of, site_of

YOU = "/admin/you"
_DONE = {
    "kept": message("Your changes are kept."),
    "password": message("Your password is changed, and every other session of yours has ended."),
    "ended": message("It has ended."),
}
_WRONG = message("This is not your present password.")
_NO_LANGUAGE = message("Please choose one of the languages of this service.")


async def shown(request: Request) -> Response:
    """Show everything."""
    return await _page(request)


async def saved(request: Request) -> Response:
    """Keep name and language."""
    site, editor = site_of(request), request.state.session.editor
    form = await room_form(request)
    name, language = plain_name(text(form, "name")), text(form, "language")
    if language not in site.languages.codes:
        return await _page(
            request, errors={"language": _NO_LANGUAGE}, typed={"name": name, "language": editor.language}
        )
    async with site.store.write() as tx:
        await yours.change(tx, editor, name, language, site.clock())
    return pages_of(request).go(request, YOU, done="kept")


async def password_changed(request: Request) -> Response:
    """Keep a new password for who shows the present one; every other session ends, and this one gets a new secret."""
    site, session = site_of(request), request.state.session
    form = await room_form(request)
    present, wanted = exact(form, "present_password"), exact(form, "new_password")
    try:
        if not await password_fits(request, session, present):
            return await _page(request, errors={"present_password": _WRONG})
        if weak := weakness(wanted, session.editor.address):
            return await _page(request, errors={"new_password": WEAK[weak]})
        hashed = await site.passwords.hashed(wanted)
    except TooManyRequestsError:
        return too_often(request)
    async with site.store.write() as tx:
        secret = await yours.change_password(tx, session, hashed, site.clock())
    response = pages_of(request).go(request, YOU, done="password")
    keep(response, site, secret)
    return response


async def session_ended(request: Request) -> Response:
    """End one session of the editor's own, or all but this."""
    site, session = site_of(request), request.state.session
    which = text(await room_form(request), "session")
    async with site.store.write() as tx:
        if not await yours.end_session(tx, session, which, site.clock()):
            raise HTTPException(404)
    return pages_of(request).go(request, YOU, done="ended")


async def _page(
    request: Request, *, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> Response:
    site, session = site_of(request), request.state.session
    language = pages_of(request).language(request, session.editor.language)
    async with site.store.read() as tx:
        own = await sessions.of_editor(tx, session.editor.id, site.clock())
        codes = await factors.codes_left(tx, session.editor.id)
    done = _DONE.get(request.query_params.get("done", "")) if not errors else None
    page: dict[str, Any] = {
        "own": own,
        "this": session.id,
        "codes_left": codes,
        "languages": [(code, own_name(site, code)) for code in site.languages.codes],
        "typed": typed or {"name": session.editor.name, "language": session.editor.language},
        "errors": {name: language.text(words) for name, words in (errors or {}).items()},
        "said": language.text(done) if done else "",
        "moment": lambda at: moment(at, language),
    }
    return show(request, "admin/you.html", page, status=422 if errors else 200)
