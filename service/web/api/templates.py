"""Templates over the API: what letters are made of, read, and published if every letter that they make is right."""

from dataclasses import dataclass
from typing import Annotated, Final, Protocol

from pydantic import Field
from starlette.requests import Request

from service.actions import templates as actions
from service.domain.errors import ConflictError, NotFoundError
from service.domain.scope import Scope
from service.store import templates as store
from service.store.dialect import Tx
from service.store.templates import Piece
from service.web.admin.templates_findings import stopping_checks
from service.web.admin.templates_proofs import proofs_of
from service.web.api import cursors
from service.web.api.operations import Answer, Call, Operation
from service.web.api.problems import Problem, Wrong
from service.web.api.shapes import Moment, Page, Paged, Shape
from service.web.pages import site_of


@dataclass(frozen=True, slots=True)
class TemplateTold(Shape):
    """A piece that letters are made of, as it is in use; `number` is that of its version, 0 for what ships."""

    name: str
    number: int
    why: str
    published_at: Moment
    is_shipped: bool


@dataclass(frozen=True, slots=True)
class VersionTold(Shape):
    """A version of a piece that was published once."""

    number: int
    why: str
    published_at: Moment


@dataclass(frozen=True, slots=True)
class TemplateWhole(Shape):
    """A piece with its text, that of the version which was asked for, and its versions, the newest first."""

    template: TemplateTold
    text: str
    versions: tuple[VersionTold, ...]


@dataclass(frozen=True, slots=True)
class TemplateSent(Shape):
    """A text that is to be in use from now on, and why."""

    text: Annotated[str, Field(max_length=actions.LARGEST_TEXT)]
    why: Annotated[str, Field(max_length=500)]


@dataclass(frozen=True, slots=True)
class TemplateAsked(Shape):
    """Which version of a text is wanted: the one in use if nothing is said."""

    version: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


async def listed(call: Call[Paged, None]) -> Answer:
    """Give pieces by name."""
    after = cursors.read(call.query.cursor, str)
    behind = after[0] if after else ""
    rows = sorted((one for one in await actions.pieces(call.tx) if one.name > behind), key=lambda one: one.name)
    return Answer(cursors.page(rows[: call.query.limit + 1], call.query.limit, _told, lambda one: (one.name,)))


async def one(call: Call[TemplateAsked, None]) -> Answer:
    """Give a piece with its text and its versions; raise NotFoundError."""
    return await _answer(call.tx, call.path["name"], call.query.version)


class _Read(Protocol):
    @property
    def body(self) -> TemplateSent: ...
    @property
    def based_on(self) -> str: ...


async def checked(request: Request, read: _Read) -> None:
    """Have every letter that is made of a piece made and checked, before anything is published; raise Problem."""
    site, name = site_of(request), actions.checked_name(request.path_params["name"])
    async with site.store.read() as tx:
        piece = await actions.piece(tx, name)
    text = actions.checked_text(read.body.text)
    if text == piece.text or read.based_on not in {"*", str(piece.number)}:
        return  # nothing will be published: there is nothing to look at
    proofs = proofs_of(request)
    stops = await stopping_checks(site, proofs, request.state.token.editor.id, name, text)
    proofs.forget()
    if stops:
        found = [Wrong(f"{one.place}:{one.line}:{one.column}: {one.message}", "#/text") for one in stops]
        raise Problem("meaning", "Something must be mended first; nothing was published.", found)


async def published(call: Call[None, TemplateSent]) -> Answer:
    """Have a text in use from now on; raise Problem if somebody published meanwhile, InvalidError."""
    name, sent = call.path["name"], call.body
    if call.is_new:
        raise Problem("changed")
    given = call.based_on
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else -1
    based_on = await store.newest_number(call.tx, name) if given == "*" else number
    try:
        await actions.publish(call.tx, call.by, name, sent.text, based_on, sent.why, call.now)
    except ConflictError:
        raise Problem("changed") from None
    return await _answer(call.tx, name, None)


async def _answer(tx: Tx, name: str, version: int | None) -> Answer:
    piece = await actions.piece(tx, actions.checked_name(name))
    text = piece.text if version is None else await store.text_of(tx, name, version)
    if text is None:
        raise NotFoundError(f"There is no version {version} of {name!r}.")
    versions = [VersionTold(one.number, one.why, one.published_at) for one in await actions.history(tx, name)]
    return Answer(TemplateWhole(_told(piece), text, tuple(versions)), str(piece.number))


def _told(piece: Piece) -> TemplateTold:
    return TemplateTold(piece.name, piece.number, piece.why, piece.published_at, piece.is_shipped)


_ONE: Final = "/templates/{name:path}"
OPERATIONS: Final = (
    Operation("GET", "/templates", listed, Scope.READ_TEMPLATES, "List templates", Page[TemplateTold], query=Paged),
    Operation(
        *("GET", _ONE, one, Scope.READ_TEMPLATES, "Read a template with its versions", TemplateWhole),
        query=TemplateAsked,
        tags=True,
    ),
    Operation(
        *("PUT", _ONE, published, Scope.WRITE_TEMPLATES, "Publish a template", TemplateWhole),
        body=TemplateSent,
        tags=True,
        matched=True,
        before=checked,
        example={"text": "{{ occasions[0].title }}\n", "why": "Shorter."},
    ),
)
