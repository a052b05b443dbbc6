"""What was typed into a form that could not be taken yet: kept in the page that asks who it is, and given back after.

It stays in that browser: nothing is stored here. Files are not kept, and neither is what must stay secret.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.types import Message

from service.web.forms import form_of
from service.web.given import Site

ROOM = "/admin"
PROOF = frozenset({"proof_password", "proof_code", "proof_passkey", "proof_asked"})
MOST_BYTES = 1024 * 1024
LARGEST_FORM_BYTES = 6 * MOST_BYTES
_SECRET = re.compile(r"password|passkey|\Acode\Z|\Akept\Z|\Aproof_|\Asecret\Z")
_PLAIN = re.compile(r"[^\x00-\x20\x7f\\]+")
_LONGEST_ADDRESS = 2000

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A form: to which address it was sent, what stood in it, and whether files are missing."""

    to: str
    fields: Fields
    without_files: bool = False

    def written(self) -> str:
        """Give it as one field of a page carries it; "" if it is too much to be carried."""
        text = json.dumps([self.to, self.fields, self.without_files], ensure_ascii=False)
        return text if len(text.encode()) <= MOST_BYTES else ""


async def kept_of(request: Request) -> Kept:
    """Keep what a request brought."""
    form = await room_form(request)
    files = any(isinstance(value, UploadFile) for _, value in form.multi_items())
    held = Kept(address_of(request), fields_of(form), files)
    await form.close()
    return held


async def room_form(request: Request) -> FormData:
    """Read a form of the room, however long its fields are: the whole body is limited before (`Seat.most_bytes`)."""
    return await form_of(request, longest=LARGEST_FORM_BYTES, files=20)


def fields_of(form: FormData) -> Fields:
    """Give the fields of a form that may stand in a page: no files, and nothing secret."""
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return tuple((name, value) for name, value in pairs if not _SECRET.search(name))


def read(text: str) -> Kept | None:
    """Read what a page carried; None if it is nothing, or not for an address of the room."""
    try:
        to, fields, files = json.loads(text) if text else ("", (), False)
        pairs = tuple((str(name), str(value)) for name, value in fields)
    except (ValueError, TypeError, RecursionError):
        return None
    return Kept(to, pairs, bool(files)) if isinstance(to, str) and is_of_the_room(to) else None


def is_of_the_room(address: str) -> bool:
    """Say whether somebody may be sent on to an address: a path of the room, and nothing that leads elsewhere."""
    if len(address) > _LONGEST_ADDRESS or not _PLAIN.fullmatch(address):
        return False
    path = address.partition("?")[0]
    return (path == ROOM or path.startswith(f"{ROOM}/")) and "//" not in path and "/../" not in f"{path}/"


def sent_again(request: Request, form: FormData) -> Request:
    """Give a request as it would have come without the proof in its form."""
    body = encoded(
        [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name not in PROOF]
    )
    own = (b"content-type", b"content-length")
    headers = [(name, value) for name, value in request.scope["headers"] if name not in own]
    headers += [(own[0], b"application/x-www-form-urlencoded"), (own[1], str(len(body)).encode())]

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({**request.scope, "headers": headers}, receive)


def address_of(request: Request) -> str:
    """Give the path and query of a request."""
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def written_out(site: Site, address: str) -> str:
    """Give an address of the room as a browser is sent to it: always below our own, whatever it was made of."""
    parts = urlsplit(address if is_of_the_room(address) else ROOM)
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True))
    return f"{site.prefix}{quote(parts.path, safe='/:.~-_')}" + (f"?{query}" if query else "")


def encoded(fields: Sequence[tuple[str, str]]) -> bytes:
    """Write fields as a body."""
    return urlencode(list(fields)).encode()
