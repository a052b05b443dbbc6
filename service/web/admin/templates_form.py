"""What an editor has typed and chosen on a template's page: the text, and which letter is to be seen of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request

from service.actions import templates as actions
from service.domain.notice import Kind
from service.domain.templates import LOCALES, Templates
from service.rendering.context import WRITTEN, folder_of
from service.rendering.locales import SOURCE
from service.rendering.messages import message
from service.rendering.proof import Reader, Wanted
from service.web.admin.access import editor_of
from service.web.pages import site_of

WIDTHS: Final = ("320", "375", "600", "1024")
VIEWS: Final = {
    "html": message("As it looks"),
    "text": message("As text"),
    "headers": message("Headers"),
    "size": message("Size"),
}
LOOKS: Final = {"light": message("By day"), "dark": message("By night")}
READERS: Final = {
    Reader.PLAIN: message("Somebody who hears of it on the day"),
    Reader.AHEAD: message("Somebody who hears of it a week before"),
    Reader.BUSY: message("Somebody with several events that day"),
    Reader.UNKNOWN: message("Somebody of whom nobody knows what they asked for"),
}
_FOLDER: Final = re.compile(r"letters/([a-z][a-z0-9-]*)/")
_TEXT: Final = ("/body.txt", "/_parts.txt")  # pieces of a letter's text, which is then shown as text
_ADVANCE: Final = "advance"  # a notice that tells of nothing of its own day
_MOST_FIELDS = 120
_ENCODED = 4  # octets of a character at most


@dataclass(frozen=True, slots=True)
class Choices:
    """Which letter is to be seen, and how."""

    kind: Kind
    language: str
    event: str = ""
    on: str = ""
    reader: str = Reader.PLAIN
    look: str = "light"
    view: str = "html"
    width: str = "600"

    @property
    def wanted(self) -> Wanted:
        """The letter that is to be made; raise ValueError for a day that is none."""
        day = date.fromisoformat(self.on) if self.on else None
        return Wanted(self.kind, self.language, self.event or None, day, Reader(self.reader))

    @property
    def query(self) -> dict[str, str]:
        """The same as the parts of an address, without what is as it would be anyway."""
        asked = {"kind": self.kind.value, "speaks": self.language, "event": self.event, "on": self.on}
        asked |= {"reader": self.reader, "look": self.look, "view": self.view, "width": self.width}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Typed:
    """A piece's text as it was typed, the version that it began from, and the reason for publishing it."""

    text: str
    based_on: int
    why: str = ""
    addresses: str = ""
    kept_at: datetime | None = None  # of a draft that was loaded


def kinds_of(name: str) -> list[Kind]:
    """Give the kinds of letter that a piece is part of."""
    folder = _folder(name)
    own = "notice" if folder == _ADVANCE else folder
    return [kind for kind in WRITTEN if folder_of(kind) == own] or list(WRITTEN)


def _folder(name: str) -> str:
    """Give the folder of a letter's piece; "" of what letters share."""
    found = _FOLDER.match(name)
    return found[1] if found else ""


def choices_of(given: FormData | QueryParams, name: str, codes: Sequence[str], own: str) -> Choices:
    """Read what was chosen; whatever is not there, or is nothing to choose, is as it is at first.

    `codes` are the languages that letters speak, `own` is the editor's. A catalogue is shown in its own language.
    """

    def chosen(field: str, allowed: tuple[str, ...], otherwise: str) -> str:
        value = given.get(field)
        return value if isinstance(value, str) and value in allowed else otherwise

    kinds = tuple(kind.value for kind in kinds_of(name))
    is_catalogue = name.startswith(LOCALES)
    speaks = name.removeprefix(LOCALES).removesuffix(".po") if is_catalogue else own
    spoken = (*codes, speaks) if is_catalogue else tuple(codes)
    event, on = given.get("event"), given.get("on")
    day = on.strip()[:10] if isinstance(on, str) else ""
    return Choices(
        Kind(chosen("kind", kinds, kinds[0])),
        chosen("speaks", spoken, speaks if speaks in spoken else SOURCE),
        event[:200] if isinstance(event, str) else "",
        day if _is_day(day) else "",
        chosen("reader", tuple(Reader), Reader.AHEAD if _folder(name) == _ADVANCE else Reader.PLAIN),
        chosen("look", tuple(LOOKS), "light"),
        chosen("view", tuple(VIEWS), "text" if name.endswith(_TEXT) else "html"),
        chosen("width", WIDTHS, "600"),
    )


async def chosen_in(request: Request, given: FormData | QueryParams, name: str) -> Choices:
    """Read what was chosen about the letter of a piece."""
    async with site_of(request).store.read() as tx:
        templates = await actions.in_use(tx)
    return choices_of(given, name, spoken_in(templates), editor_of(request).language)


def spoken_in(templates: Templates) -> tuple[str, ...]:
    """Give the codes of the languages that letters speak: the one they are written in first."""
    codes = sorted(
        name.removeprefix(LOCALES).removesuffix(".po") for name in templates.pieces if name.startswith(LOCALES)
    )
    return (SOURCE, *(code for code in codes if code != SOURCE))


async def form_of(request: Request) -> FormData:
    """Read a form with a piece's text; refuse more than a piece may hold."""
    try:
        form = await request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=actions.LARGEST_TEXT * _ENCODED)
    except HTTPException as error:
        raise HTTPException(413 if "maximum" in error.detail.lower() else error.status_code) from None
    if any("\0" in value for value in form.values() if isinstance(value, str)):
        raise HTTPException(400)
    return form


def typed_of(form: FormData) -> Typed:
    """Give what was typed as it came, with line feeds alone."""

    def field(name: str) -> str:
        value = form.get(name)
        return value if isinstance(value, str) else ""

    based_on = field("based_on")
    number = int(based_on[:9]) if based_on.isascii() and based_on.isdigit() else 0
    text = field("text").replace("\r\n", "\n").replace("\r", "\n")
    return Typed(text, number, field("why").strip(), field("addresses"))


def _is_day(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True
