"""One-time links: the first owner comes in, somebody who was invited does, or a new password is chosen."""

from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from service.actions import editors, entering, patience
from service.actions.passwords import weakness
from service.domain.addresses import check_address
from service.domain.editor import Editor, plain_name
from service.domain.errors import InvalidError, NotFoundError, TooManyRequestsError
from service.rendering.messages import message
from service.web.admin.access import FACTORS
from service.web.admin.doors import ENTER
from service.web.admin.entering import too_often
from service.web.admin.holder import caller_of, keep, keep_browser
from service.web.admin.kept import room_form
from service.web.forms import exact, text
from service.web.networks import network_of
from service.web.pages import pages_of, site_of

WEAK = {
    "short": message("A password needs at least 12 characters. Several words with spaces are good, and easy to keep."),
    "long": message("A password may have at most 200 characters."),
    "address": message("The password must not contain your address."),
    "common": message("This password, or nearly this one, is among the first that others try. Please choose another."),
}
_GONE = message(
    "This link is not valid, or no longer valid. An owner can give you a new one; so can whoever runs the service."
)
_NO_ADDRESS = message("This is not an e-mail address. It looks like name@example.org.")


@dataclass(slots=True)
class _Chosen:
    """What somebody typed who came by a link."""

    address: str
    name: str
    password: str
    errors: dict[str, str] = field(default_factory=dict)


async def shown(request: Request) -> Response:
    """Show the form of a link; looking at it uses nothing up."""
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            _, editor = await editors.invited(tx, request.path_params["token"], site.clock())
    except NotFoundError:
        return _gone(request)
    return _page(request, editor, _Chosen(editor.address if editor else "", editor.name if editor else "", ""))


async def taken(request: Request) -> Response:
    """Take the form: the link is used up, and whoever used it is in, or at the second door."""
    site = site_of(request)
    now, token = site.clock(), request.path_params["token"]
    try:
        async with site.store.write() as tx:
            await patience.count_network(tx, site.desk, network_of(request), now)
            _, editor = await editors.invited(tx, token, now)
        chosen = _checked(await _read(request), editor)
        if chosen.errors:
            return _page(request, editor, chosen, status=422)
        hashed = await site.passwords.hashed(chosen.password)
        return await _in(request, editor, chosen, hashed, now)
    except NotFoundError:
        return _gone(request)
    except TooManyRequestsError:
        return too_often(request)


async def _in(request: Request, editor: Editor | None, chosen: _Chosen, hashed: str, now: datetime) -> Response:
    site, pages = site_of(request), pages_of(request)
    token = request.path_params["token"]
    async with site.store.write() as tx:
        if editor is None:
            language = pages.language(request).code
            came = await editors.came_first(tx, token, chosen.address, chosen.name, language, hashed, now)
        else:
            came = await editors.chose_password(tx, token, hashed, now)
        secret = None if came.has_factor else await entering.entered(tx, came, hashed, caller_of(request), now)
    if secret is None:
        return pages.go(request, ENTER)
    response = pages.go(request, FACTORS)
    keep(response, site, secret)
    keep_browser(response, site, patience.known_browser(site.desk, came.id, now))
    return response


def _checked(chosen: _Chosen, editor: Editor | None) -> _Chosen:
    if editor is None:
        try:
            chosen.address = check_address(chosen.address)
        except InvalidError:
            chosen.errors["address"] = _NO_ADDRESS
    address = editor.address if editor else chosen.address
    if weak := weakness(chosen.password, address):
        chosen.errors["password"] = WEAK[weak]
    return chosen


async def _read(request: Request) -> _Chosen:
    form = await room_form(request)
    return _Chosen(text(form, "address")[:320], plain_name(text(form, "name")), exact(form, "password"))


def _page(request: Request, editor: Editor | None, chosen: _Chosen, *, status: int = 200) -> Response:
    speaks = editor.language if editor else None
    language = pages_of(request).language(request, speaks)
    shown = {
        "first": editor is None,
        "address": chosen.address,
        "name": chosen.name,
        "errors": {name: language.text(words) for name, words in chosen.errors.items()},
        "here": request.url.path,
    }
    return pages_of(request).page(request, "admin/invited.html", shown, status=status, speaks=speaks)


def _gone(request: Request) -> Response:
    return pages_of(request).refusal(request, 404, _GONE)
