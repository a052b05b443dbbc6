"""Tokens of the API: an owner makes one for a program of theirs, sees it once, and ends it."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import api_tokens as actions
from service.domain.errors import InvalidError, NotFoundError
from service.domain.scope import Scope
from service.rendering.messages import message
from service.rendering.standing_words import moment
from service.store import api_tokens
from service.web.admin.holder import editor_of, show
from service.web.admin.kept import room_form
from service.web.api.scopes import WORDS
from service.web.forms import text, texts
from service.web.pages import pages_of, site_of

TOKENS: Final = "/admin/tokens"
_DAYS: Final = (7, 30, 90, 366)
_NO_NAME: Final = message("Please give it a name that says what it is for.")
_NO_SCOPE: Final = message("Please choose at least one thing that it may do.")
_ENDED: Final = message("The token is ended. It opens nothing any more.")


async def shown(request: Request) -> Response:
    """Show every token, and the form to make one."""
    return await _page(request)


async def made(request: Request) -> Response:
    """Make a token that acts for its owner, and show it this once."""
    site, owner = site_of(request), editor_of(request)
    form = await room_form(request)
    days = text(form, "days")
    name, chosen = text(form, "name"), set(texts(form, "scopes"))
    if days not in {str(one) for one in _DAYS} or not chosen <= {scope.value for scope in Scope}:
        raise HTTPException(400)
    typed = {"name": name, "days": days, "scopes": chosen}
    scopes = [scope for scope in Scope if scope in chosen]
    errors = {} if scopes else {"scopes": _NO_SCOPE}
    try:
        async with site.store.write() as tx:
            token, secret = await actions.make(tx, owner, owner, name, scopes, int(days), site.clock())
    except InvalidError as error:
        return await _page(
            request, errors={**({"name": _NO_NAME} if error.field == "name" else {}), **errors}, typed=typed
        )
    return show(request, "admin/token.html", {"token": token, "secret": secret, "moment": _moment(request)})


async def ended(request: Request) -> Response:
    """End a token, whosever it is."""
    site = site_of(request)
    try:
        async with site.store.write() as tx:
            await actions.end(tx, editor_of(request), request.path_params["id"], site.clock())
    except NotFoundError:
        raise HTTPException(404) from None
    return pages_of(request).go(request, TOKENS, done="ended")


def _moment(request: Request) -> Any:
    language = pages_of(request).language(request, editor_of(request).language)
    return lambda at: moment(at, language)


async def _page(
    request: Request, *, errors: Mapping[str, str] | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    site, owner = site_of(request), editor_of(request)
    language = pages_of(request).language(request, owner.language)
    async with site.store.read() as tx:
        listed = await api_tokens.listed(tx)
    now = site.clock()
    page = {
        "open": [one for one in listed if one.is_alive(now)],
        "over": [one for one in listed if not one.is_alive(now)],
        "scopes": [(scope.value, language.text(words)) for scope, words in WORDS.items()],
        "days": _DAYS,
        "typed": typed or {"name": "", "days": str(actions.DAYS), "scopes": set()},
        "errors": {name: language.text(words) for name, words in (errors or {}).items()},
        "said": language.text(_ENDED) if request.query_params.get("done") == "ended" and not errors else "",
        "moment": _moment(request),
    }
    return show(request, "admin/tokens.html", page, status=422 if errors else 200)
