"""Showing anew who one is, before what cannot be undone: by the password, a code, or a passkey."""

from datetime import timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.actions import entering, patience
from service.actions.patience import Attempt
from service.domain.errors import TooManyRequestsError
from service.rendering.messages import message
from service.store import audit, sessions
from service.store.sessions import Session
from service.web.admin import kept
from service.web.admin.doors import passkey_asked
from service.web.admin.entering import TOO_OFTEN, browser_of, show_factor
from service.web.admin.holder import caller_of, keep, show
from service.web.admin.kept import Kept
from service.web.forms import exact, text
from service.web.networks import network_of
from service.web.pages import pages_of, site_of

PROVE = "/admin/prove"
WITHIN = timedelta(minutes=10)
WRONG = message("This was not right. Please type your password, or a code.")


def needs_proof(request: Request) -> bool:
    """Say whether the editor of a guarded page should show anew who they are before what cannot be undone."""
    session: Session = request.state.session
    return session.proved_at is None or site_of(request).clock() - session.proved_at > WITHIN


async def asked(request: Request) -> Response:
    """Show the page that asks, on the way to another."""
    return await asks(request, request.state.session, Kept(_next(request.query_params.get("next", "")), ()))


async def given(request: Request) -> Response:
    """Take the answer, and lead on."""
    site, session = site_of(request), request.state.session
    form = await kept.room_form(request)
    to = _next(text(form, "next"))
    error = await tried(request, session, form)
    if error:
        return await asks(request, session, Kept(to, ()), error=error, status=422)
    secret, _ = await renewed(request, session)
    response: Response = RedirectResponse(kept.written_out(site, to), 303)
    keep(response, site, secret)
    return response


async def asks(request: Request, session: Session, held: Kept, *, error: str = "", status: int = 403) -> Response:
    """Give the page that asks who it is; a form that waits for it stands in the page, and goes on with the answer."""
    waits = request.method == "POST" and request.url.path != PROVE
    language = pages_of(request).language(request, session.editor.language)
    shown = {
        "to": kept.written_out(site_of(request), held.to if waits else PROVE),
        "held": held.fields if waits else (("next", held.to),),
        "without_files": held.without_files,
        "has_totp": session.editor.has_totp,
        "passkey": await passkey_asked(request, session),
        "errors": {"proof_password": language.text(error)} if error else {},
    }
    return show(request, "admin/prove.html", shown, status=status if waits or error else 200)


async def tried(request: Request, session: Session, form: FormData) -> str:
    """Look at what somebody showed; give "" if it is right, and else what is wrong, in words to be said."""
    now = site_of(request).clock()
    password = exact(form, "proof_password")
    try:
        if password:
            return "" if await password_fits(request, session, password) else WRONG
        return "" if await show_factor(request, session, form, now, "proof_") else WRONG
    except TooManyRequestsError:
        return TOO_OFTEN


async def renewed(request: Request, session: Session) -> tuple[str, Session]:
    """Note that a session's editor showed who they are; give its new secret, and the session as it is now."""
    site = site_of(request)
    now = site.clock()
    async with site.store.write() as tx:
        secret = await sessions.renew(tx, session, now)
        await audit.note(tx, session.editor, "showed again who they are", session.editor.who, now)
        return secret, await sessions.of(tx, secret, now) or session


async def password_fits(request: Request, session: Session, password: str) -> bool:
    """Say whether a password is the editor's own; an attempt like any other. Raises TooManyRequestsError."""
    site = site_of(request)
    now, editor = site.clock(), session.editor
    attempt = Attempt(editor.address, network_of(request), browser_of(request, editor))
    async with site.store.write() as tx:
        await patience.count(tx, site.desk, attempt, now)
        _, hashed = await entering.asked(tx, editor.address)
    fits = await site.passwords.fits(password, hashed)
    async with site.store.write() as tx:
        if fits:
            await patience.forgive(tx, site.desk, attempt)
        else:
            await entering.refused(tx, editor, caller_of(request), "password", now)
    return fits


def _next(address: str) -> str:
    return address if kept.is_of_the_room(address) else kept.ROOM
