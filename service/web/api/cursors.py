"""Cursors: where a page of a list ended, as text that means nothing to who holds it.

A cursor holds the key of the last row that was told. The next page is what lies behind that key, so that rows which
are added or removed meanwhile neither repeat nor hide others.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from service.web.api.problems import Problem, Wrong
from service.web.api.shapes import Page

T = TypeVar("T")
R = TypeVar("R")


def written(*keys: str | int) -> str:
    """Write a cursor."""
    return base64.urlsafe_b64encode(json.dumps(keys, ensure_ascii=False).encode()).decode().rstrip("=")


def read(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Read a cursor of keys of these kinds; None for none. Raise Problem for what is no cursor of ours."""
    if cursor is None:
        return None
    try:
        keys = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        return tuple(_key(key, kind) for key, kind in zip(iter(keys), kinds, strict=True))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        wrong = Wrong("this is no cursor (allowed: `next` of a page of the same list)", parameter="cursor")
        raise Problem("meaning", errors=[wrong]) from None


def page(rows: Sequence[R], limit: int, told: Callable[[R], T], key: Callable[[R], tuple[str | int, ...]]) -> Page[T]:
    """Make a page of rows, of which one more than `limit` was asked for to know whether there are more."""
    shown = rows[:limit]
    more = written(*key(shown[-1])) if len(rows) > limit else None
    return Page(tuple(told(row) for row in shown), more)


def _key(key: Any, kind: type) -> Any:
    if kind is date and isinstance(key, str):
        return date.fromisoformat(key)
    if type(key) is not kind or (isinstance(key, str) and ("\0" in key or len(key) > 200)):
        raise ValueError
    if isinstance(key, int) and abs(key) >= 2**31:
        raise ValueError
    if isinstance(key, str):
        key.encode()  # half a character is no text that a database takes
    return key
