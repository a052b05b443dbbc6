"""Signing in and out: a password, the second factor, or a passkey alone."""

from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from service.actions import entering, patience, second_factors
from service.actions.entering import Answer
from service.actions.passkeys import DOOR
from service.actions.patience import Attempt
from service.domain.editor import Editor
from service.domain.errors import TooManyRequestsError
from service.rendering.messages import message
from service.store import sessions
from service.store.sessions import Session
from service.web.admin.doors import ENTER, SECOND, Onward, door, onward_from, place_of, second
from service.web.admin.holder import (
    browser_cookie_name,
    caller_of,
    keep,
    keep_browser,
    let_go,
    session_of,
)
from service.web.admin.kept import room_form
from service.web.forms import exact, text
from service.web.networks import network_of
from service.web.pages import pages_of, site_of

WRONG = message("The address and the password do not belong together. Please look at both.")
WRONG_CODE = message(
    "This code is not right, or it was used before. An authenticator shows a new one every half minute."
)
WRONG_PASSKEY = message("The passkey could not be used. Please try again, or sign in another way.")
TOO_OFTEN = message(
    "There were too many attempts. Please wait a quarter of an hour; nobody is locked out for good. "
    "If you are an owner in need, the command “remembrancer admin reset” helps at once."
)


@dataclass(frozen=True, slots=True)
class _Given:
    """What somebody typed at the door."""

    address: str
    password: str
    onward: Onward


async def shown(request: Request) -> Response:
    """Show the door; who is in already is led on."""
    onward = Onward(next=request.query_params.get("next", ""))
    session = await session_of(request)
    if session is not None and session.complete:
        return onward_from(request, onward, session.editor.language)
    return door(request, onward)


async def entered(request: Request) -> Response:
    """Take an address and a password."""
    site = site_of(request)
    given = _given(await room_form(request))
    now = site.clock()
    async with site.store.read() as tx:
        editor, kept = await entering.asked(tx, given.address)
    attempt = Attempt(given.address, network_of(request), browser_of(request, editor))
    try:
        async with site.store.write() as tx:
            await patience.count(tx, site.desk, attempt, now)
        fits = await site.passwords.fits(given.password, kept)
    except TooManyRequestsError:
        return too_often(request)
    secret = None
    async with site.store.write() as tx:
        if fits and editor is not None and kept is not None:
            await patience.forgive(tx, site.desk, attempt)
            secret = await entering.entered(tx, editor, kept, caller_of(request), now)
        if secret is None or editor is None:
            await entering.refused(tx, editor, caller_of(request), "password", now)
    if secret is None or editor is None:
        return door(request, given.onward, address=given.address, error=WRONG, status=422)
    return await _in(request, editor, secret, given.onward, now)


async def second_shown(request: Request) -> Response:
    """Show the second door to who came through the first."""
    session = await session_of(request)
    onward = Onward(next=request.query_params.get("next", ""))
    if session is None:
        return pages_of(request).go(request, ENTER, next=onward.next)
    return (
        onward_from(request, onward, session.editor.language)
        if session.complete
        else await second(request, session, onward)
    )


async def second_given(request: Request) -> Response:
    """Take the second factor."""
    site, session = site_of(request), await session_of(request)
    form = await room_form(request)
    onward = _onward(form)
    if session is None:
        return door(request, onward, status=403)
    if session.complete:
        return onward_from(request, onward, session.editor.language)
    now = site.clock()
    try:
        by = await show_factor(request, session, form, now)
    except TooManyRequestsError:
        return too_often(request)
    if not by:
        error = WRONG_PASSKEY if text(form, "passkey") else WRONG_CODE
        return await second(request, session, onward, error=error, status=422)
    async with site.store.write() as tx:
        secret = await entering.completed(tx, session, by, caller_of(request), now)
    return _led_on(request, session.editor, secret, onward, now)


async def show_factor(request: Request, session: Session, form: FormData, now: datetime, prefix: str = "") -> str:
    """Take a code or a passkey that a form brings; give by what it was, "" if it is wrong. TooManyRequestsError."""
    site = site_of(request)
    signed, code = text(form, f"{prefix}passkey"), text(form, f"{prefix}code")
    async with site.store.write() as tx:
        if signed:
            place = place_of(site)
            answer = Answer(session.id, text(form, f"{prefix}asked"), signed)
            whose = await entering.took_passkey(tx, site.desk, answer, place, now) if place else None
            by = "passkey" if whose is not None and whose.id == session.editor.id else ""
        else:
            known = browser_of(request, session.editor)
            attempt = Attempt(f"code {session.editor.id}", network_of(request), known, code=True)
            await patience.count(tx, site.desk, attempt, now)
            by = await second_factors.take(tx, session.editor.id, code, now)
            if by:
                await patience.forgive(tx, site.desk, attempt)
        if not by:
            await entering.refused(tx, session.editor, caller_of(request), "second factor", now)
    return by


async def passkey_given(request: Request) -> Response:
    """Take a passkey alone: it is had, and it asked who holds it."""
    site = site_of(request)
    form = await room_form(request)
    now, place, onward = site.clock(), place_of(site), _onward(form)
    secret = editor = None
    async with site.store.write() as tx:
        if place is not None:
            await patience.count_network(tx, site.desk, network_of(request), now)
            answer = Answer(DOOR, text(form, "asked"), text(form, "passkey"))
            editor = await entering.took_passkey(tx, site.desk, answer, place, now)
            secret = await entering.entered_alone(tx, editor, caller_of(request), now) if editor else None
    if secret is None or editor is None:
        return door(request, onward, error=WRONG_PASSKEY, status=422)
    return _led_on(request, editor, secret, onward, now)


async def left(request: Request) -> Response:
    """Sign out."""
    site, session = site_of(request), await session_of(request)
    if session is not None:
        async with site.store.write() as tx:
            await entering.left(tx, session, site.clock())
    response = pages_of(request).go(request, ENTER)
    let_go(response, site)
    return response


def too_often(request: Request) -> Response:
    """Send away who tried too often, in the same words for everybody."""
    response = pages_of(request).refusal(request, 429, TOO_OFTEN)
    response.headers["Retry-After"] = str(int(patience.QUARTER.total_seconds()))
    return response


def browser_of(request: Request, editor: Editor | None) -> str:
    """Give by what name a browser is known in which this editor signed in before; "" for any other."""
    site = site_of(request)
    kept = request.cookies.get(browser_cookie_name(site), "")
    return patience.browser_of(site.desk, kept, editor.id, site.clock()) if editor is not None else ""


async def _in(request: Request, editor: Editor, secret: str, onward: Onward, now: datetime) -> Response:
    """Lead on who showed the right password: to the second door, if there is one."""
    site = site_of(request)
    if not editor.has_factor:
        return _led_on(request, editor, secret, onward, now)
    async with site.store.read() as tx:
        session = await sessions.of(tx, secret, now)
    if session is not None and onward.kept:
        response = await second(request, session, onward)
    else:
        response = pages_of(request).go(request, SECOND, **({"next": onward.next} if onward.next else {}))
    keep(response, site, secret)
    return response


def _led_on(request: Request, editor: Editor, secret: str, onward: Onward, now: datetime) -> Response:
    site = site_of(request)
    response = onward_from(request, onward, editor.language)
    keep(response, site, secret)
    if not browser_of(request, editor):
        keep_browser(response, site, patience.known_browser(site.desk, editor.id, now))
    return response


def _given(form: FormData) -> _Given:
    return _Given(text(form, "address")[:320], exact(form, "password"), _onward(form))


def _onward(form: FormData) -> Onward:
    return Onward(text(form, "next"), exact(form, "kept"))
