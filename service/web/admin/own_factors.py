"""An editor's own second factors: the authenticator, passkeys, recovery codes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import passkeys, second_factors, yours
from service.actions.passkeys import Place
from service.domain.editor import plain_name
from service.domain.errors import InvalidError
from service.rendering.messages import message
from service.rendering.standing_words import moment
from service.store import factors
from service.store.dialect import Tx
from service.store.factors import Passkey
from service.web.admin.access import FACTORS
from service.web.admin.doors import place_of
from service.web.admin.holder import show
from service.web.admin.kept import room_form
from service.web.forms import text
from service.web.pages import pages_of, site_of

AUTHENTICATOR = "/admin/you/authenticator"
PASSKEYS = "/admin/you/passkeys"
_LONGEST_ID = 400
_MOST_PASSKEYS = 10
_DONE = {
    "authenticator": message("The authenticator is set up."),
    "passkey": message("The passkey is added."),
    "removed": message("It is removed."),
}
_WRONG_CODE = message(
    "This is not the code for this square. Please wait for the next one, and see to it that the telephone's clock "
    "is right."
)
_TOO_OLD = message("This page was open for too long. Please read the new square.")
_WRONG_PASSKEY = message("The passkey could not be added. Please try again.")
_TOO_MANY = message("There are ten passkeys already. Please remove one first.")


async def shown(request: Request) -> Response:
    """Show what there is, and how more is added."""
    return await _page(request)


async def authenticator_set_up(request: Request) -> Response:
    """Keep an authenticator whose code shows that it has the secret."""
    site, editor = site_of(request), request.state.session.editor
    form = await room_form(request)
    now, carried = site.clock(), text(form, "carried")
    secret = second_factors.secret_in(site.desk, carried, editor.id, now)
    if secret is None:
        return await _page(request, errors={"code": _TOO_OLD})
    step = second_factors.step_of(secret, text(form, "code"), now, None)
    if step is None:
        return await _page(request, errors={"code": _WRONG_CODE}, pending=(secret, carried))
    async with site.store.write() as tx:
        codes = await yours.keep_authenticator(tx, editor, secret, step, now)
    return _done(request, codes, "authenticator")


async def authenticator_removed(request: Request) -> Response:
    """Forget the authenticator."""
    site = site_of(request)
    async with site.store.write() as tx:
        await yours.forget_authenticator(tx, request.state.session.editor, site.clock())
    return _done(request, (), "removed")


async def passkey_added(request: Request) -> Response:
    """Keep a passkey that a browser made."""
    site, session = site_of(request), request.state.session
    form = await room_form(request)
    now, place, editor = site.clock(), place_of(site), session.editor
    if place is None:
        raise HTTPException(404)
    async with site.store.write() as tx:
        full = len(await factors.passkeys_of(tx, editor.id)) >= _MOST_PASSKEYS
        made = None if full else await _made(tx, request, place, form, now)
        codes = await yours.keep_passkey(tx, editor, made, now) if made else []
    if made is None:
        return await _page(request, errors={"label": _TOO_MANY if full else _WRONG_PASSKEY})
    return _done(request, codes, "passkey")


async def passkey_removed(request: Request) -> Response:
    """Forget a passkey."""
    site = site_of(request)
    id_ = text(await room_form(request), "id")
    async with site.store.write() as tx:
        if not await yours.forget_passkey(tx, request.state.session.editor, id_, site.clock()):
            raise HTTPException(404)
    return _done(request, (), "removed")


async def codes_renewed(request: Request) -> Response:
    """Make new recovery codes, and show them this once."""
    site, editor = site_of(request), request.state.session.editor
    if not editor.has_factor:
        raise HTTPException(404)
    async with site.store.write() as tx:
        codes = await yours.renew_codes(tx, editor, site.clock())
    return _done(request, codes, "")


async def _made(tx: Tx, request: Request, place: Place, form: FormData, now: datetime) -> Passkey | None:
    """Give the passkey that a form brings; None if it is not what was asked for, or known already."""
    desk, editor = site_of(request).desk, request.state.session.editor
    challenge = await passkeys.take_challenge(tx, desk, text(form, "asked"), _subject(editor.id), now)
    label = plain_name(text(form, "label")) or "passkey"
    if challenge is None:
        return None
    try:
        made = passkeys.registered(place, editor, text(form, "passkey"), challenge, label, now)
    except InvalidError:
        return None
    return made if len(made.id) <= _LONGEST_ID and await factors.passkey(tx, made.id) is None else None


def _done(request: Request, codes: Sequence[str], done: str) -> Response:
    """Lead back to the list; new recovery codes are shown at once, since they are never shown again."""
    if codes:
        return show(request, "admin/codes.html", {"codes": codes})
    return pages_of(request).go(request, FACTORS, done=done)


async def _page(
    request: Request, *, errors: dict[str, str] | None = None, pending: tuple[str, str] | None = None
) -> Response:
    site, editor = site_of(request), request.state.session.editor
    now = site.clock()
    language = pages_of(request).language(request, editor.language)
    secret, carried = pending or second_factors.new_secret(site.desk, editor.id, now)
    async with site.store.read() as tx:
        known = await factors.passkeys_of(tx, editor.id)
        codes_left = await factors.codes_left(tx, editor.id)
    done = _DONE.get(request.query_params.get("done", "")) if not errors else None
    page: dict[str, Any] = {
        "square": Markup(second_factors.drawing(secret, editor.address, site.service_name)),  # noqa: S704  (ours)
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "carried": carried,
        "known": known,
        "codes_left": codes_left,
        "passkey": None,
        "errors": {name: language.text(words) for name, words in (errors or {}).items()},
        "said": language.text(done) if done else "",
        "moment": lambda at: moment(at, language),
    }
    if place := place_of(site):
        challenge, asked = passkeys.new_challenge(site.desk, _subject(editor.id), now)
        options = passkeys.options_to_register(place, editor, known, challenge)
        page["passkey"] = {"options": options, "asked": asked}
    return show(request, "admin/factors.html", page, status=422 if errors else 200)


def _subject(editor: str) -> str:
    return f"new-{editor}"
