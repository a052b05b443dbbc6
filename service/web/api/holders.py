"""Whose a request is: the token in its Authorization header (RFC 6750), and how often it may ask."""

import math
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

from service.actions.api_tokens import allows
from service.domain.scope import Scope
from service.store import api_tokens
from service.store.api_tokens import Token
from service.store.dialect import Tx
from service.web.api.problems import Problem
from service.web.pages import site_of

MOST_A_MINUTE: Final = 600
_REALM: Final = 'Bearer realm="Remembrancer"'
_MINUTE: Final = timedelta(minutes=1)
_MOST_KNOWN: Final = 10_000


class Paces:
    """How often each token asked in this process, in the minute that began with its first request."""

    def __init__(self, most: int = MOST_A_MINUTE) -> None:
        """Take how many requests a token may make in a minute."""
        self._most = most
        self._asked: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def count(self, token: str, now: datetime) -> None:
        """Count a request; raise Problem for one too many, which says after how many seconds to try again."""
        since, asked = self._asked.get(token, (now, 0))
        if not since <= now < since + _MINUTE:
            since, asked = now, 0
        if asked >= self._most:
            seconds = max(math.ceil((since + _MINUTE - now).total_seconds()), 1)
            detail = f"A token may ask {self._most} times a minute."
            raise Problem("too-many", detail, headers={"Retry-After": str(seconds)})
        self._asked[token] = (since, asked + 1)
        self._asked.move_to_end(token)
        if len(self._asked) > _MOST_KNOWN:
            self._asked.popitem(last=False)


async def admitted(request: Request, scope: Scope) -> Token:
    """Give the token of a request that may do what a scope names; note its use. Raise Problem."""
    site, now = site_of(request), site_of(request).clock()
    async with site.store.read() as tx:
        token = await holding(tx, request, scope, now)
    paces: Paces = request.app.state.paces
    paces.count(token.id, now)
    if api_tokens.is_to_be_noted(token, now):
        async with site.store.write() as tx:
            await api_tokens.used(tx, token, now)
    return token


async def holding(tx: Tx, request: Request, scope: Scope, now: datetime) -> Token:
    """Give the token that a request shows, as it stands in this transaction; raise Problem if it does not do.

    From then on the request knows it, as `request.state.token`.
    """
    how, _, text = request.headers.get("authorization", "").partition(" ")
    if not text:
        raise Problem("unauthorized", "Send `Authorization: Bearer TOKEN`.", headers={"WWW-Authenticate": _REALM})
    token = await api_tokens.of(tx, text.strip()) if how.lower() == "bearer" else None
    if token is None or not token.is_alive(now):
        challenge = f'{_REALM}, error="invalid_token", error_description="{_why(token)}"'
        raise Problem("unauthorized", _why(token), headers={"WWW-Authenticate": challenge})
    request.state.token = token
    if not allows(token, scope):
        challenge = f'{_REALM}, error="insufficient_scope", scope="{scope}"'
        detail = f"This needs the scope {scope}; the token has {', '.join(token.scopes)}."
        raise Problem("forbidden", detail, headers={"WWW-Authenticate": challenge})
    return token


def _why(token: Token | None) -> str:
    if token is None:
        return "There is no such token."
    return "This token was ended." if token.ended_at or token.editor.disabled_at else "This token has expired."
