"""How a feed is answered: whole, or by 304 to whoever has it already."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_PUBLIC: Final = "public, max-age=900"
_OWN: Final = "private, no-cache"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class Made:
    """The bytes of a feed, and the tag by which they are known (RFC 9110, 8.8.3)."""

    content: bytes
    tag: str


def made(content: bytes) -> Made:
    """Give bytes with their tag: equal bytes, equal tag."""
    return Made(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def answer(request: Request, feed: Made, media_type: str, name: str, *, own: bool = False) -> Response:
    """Answer with a feed, as a file of that name if it is saved; one of a person's own is kept by nobody in between."""
    headers = {
        "ETag": feed.tag,
        "Cache-Control": _OWN if own else _PUBLIC,
        "Content-Disposition": f'inline; filename="{_NOT_IN_NAMES.sub("-", name)}"',
    }
    if not own and "lang" not in request.query_params:
        headers["Vary"] = "Accept-Language"
    if _has(request.headers.get("if-none-match", ""), feed.tag):
        return Response(status_code=304, headers=headers)
    return Response(feed.content, headers=headers, media_type=media_type)


def _has(asked: str, tag: str) -> bool:
    """Say whether `If-None-Match` names a tag: `*`, or a list in which tags may be weak (RFC 9110, 13.1.2)."""
    return asked.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in asked.split(",")}
