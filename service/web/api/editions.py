"""Editions over the API: what is said on a day in a language; approved, stopped, cancelled, let go on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field

from service.actions import approving, posting
from service.actions.posting import Held
from service.domain.editor import Editor
from service.domain.errors import InvalidError, NotFoundError
from service.domain.notice import Kind
from service.domain.scope import Scope
from service.store import post_pages
from service.store.dialect import Tx
from service.store.post_pages import EditionKept
from service.web.api import cursors
from service.web.api.operations import Answer, Call, Operation
from service.web.api.problems import Problem
from service.web.api.shapes import Asked, Day, Moment, Page, Paged, Reason, Shape

_Does = Callable[[Tx, Editor, str, str, datetime], Awaitable[Held]]


@dataclass(frozen=True, slots=True)
class ToldOf(Shape):
    """An occasion of which an edition tells."""

    event: str
    rule: str
    on: Day
    number: int


@dataclass(frozen=True, slots=True)
class EditionTold(Shape):
    """An edition. `stopped_reason` says by what it is held; `findings` what kept it from being rendered."""

    id: str
    kind: Kind
    language: str
    day: Day
    template_version: str
    told: tuple[ToldOf, ...]
    subject: str | None
    findings: tuple[str, ...]
    stopped_at: Moment | None
    stopped_reason: str | None
    created_at: Moment
    rendered_at: Moment | None
    sent_at: Moment | None


@dataclass(frozen=True, slots=True)
class EditionWhole(Shape):
    """An edition with its words, before a reader's own values are put in, and its letters by their states."""

    edition: EditionTold
    html: str | None
    text: str | None
    letters: dict[str, int]


@dataclass(frozen=True, slots=True)
class Done(Shape):
    """What was done to an edition or a notice, and how many letters were held or are on their way by it."""

    id: str
    letters: int


@dataclass(frozen=True, slots=True)
class EditionsAsked(Paged):
    """Which editions are wanted."""

    day: Annotated[Day | None, Field(description="Only those of this local day.")] = None
    language: Annotated[Asked | None, Field(description="Only those in this language.")] = None


async def listed(call: Call[EditionsAsked, None]) -> Answer:
    """Give editions in the order in which they were made."""
    asked = call.query
    after = cursors.read(asked.cursor, str)
    rows = await post_pages.edition_page(call.tx, asked.day, asked.language, after[0] if after else "", asked.limit + 1)
    return Answer(cursors.page(rows, asked.limit, _told, lambda one: (one.id,)))


async def one(call: Call[None, None]) -> Answer:
    """Give an edition with its words; raise NotFoundError."""
    kept = await _kept(call.tx, call.path["id"])
    html, text = await post_pages.words_of(call.tx, kept.id)
    counts = {state.value: number for state, number in (await post_pages.counts(call.tx, kept.id)).items()}
    return Answer(EditionWhole(_told(kept), html, text, counts))


async def approved(call: Call[None, Reason]) -> Answer:
    """Approve all that a held edition tells of, as it is now; raise NotFoundError if it does not wait for that."""
    kept = await _kept(call.tx, call.path["id"])
    try:
        letters = await approving.approve_edition(call.tx, call.by, kept.id, call.body.why, call.now)
    except NotFoundError as error:
        raise Problem("conflict", str(error)) from None
    return Answer(Done(kept.id, letters))


def _acting(does: _Does) -> Callable[[Call[None, Reason]], Awaitable[Answer]]:
    async def acted(call: Call[None, Reason]) -> Answer:
        kept = await _kept(call.tx, call.path["id"])
        held = await does(call.tx, call.by, kept.id, call.body.why, call.now)
        return Answer(Done(kept.id, held.notices))

    return acted


async def released(call: Call[None, Reason]) -> Answer:
    """Let a held notice go on; raise Problem that says why not."""
    id_ = call.path["id"]
    if await post_pages.notice(call.tx, id_) is None:
        raise NotFoundError(f"There is no notice {id_!r}.")
    try:
        held = await posting.release_for(call.tx, call.by, id_, call.body.why, call.now)
    except InvalidError as error:
        raise Problem("conflict", str(error)) from None
    return Answer(Done(id_, held.notices))


async def _kept(tx: Tx, id_: str) -> EditionKept:
    kept = await post_pages.edition(tx, id_)
    if kept is None:
        raise NotFoundError(f"There is no edition {id_!r}.")
    return kept


def _told(kept: EditionKept) -> EditionTold:
    told = tuple(ToldOf(one.event, one.rule, one.on, one.number) for one in kept.told)
    said = (kept.template_version, told, kept.subject, kept.findings, kept.stopped_at, kept.stopped_reason)
    times = (kept.created_at, kept.rendered_at, kept.sent_at)
    return EditionTold(kept.id, kept.kind, kept.language, kept.day, *said, *times)


def _writing(path: str, does: Callable[[Call[None, Reason]], Awaitable[Answer]], summary: str) -> Operation:
    example = {"why": "Read by two of us."}
    conflict = ("conflict",)
    return Operation(
        "POST", path, does, Scope.WRITE_EDITIONS, summary, Done, body=Reason, else_=conflict, example=example
    )


_READ, _ONE = Scope.READ_EDITIONS, "/editions/{id}"
OPERATIONS: Final = (
    Operation("GET", "/editions", listed, _READ, "List editions", Page[EditionTold], query=EditionsAsked),
    Operation("GET", _ONE, one, _READ, "Read an edition with its words", EditionWhole),
    _writing(f"{_ONE}/approve", approved, "Approve what a held edition tells of"),
    _writing(f"{_ONE}/stop", _acting(posting.stop_for), "Stop an edition: what has not left is held"),
    _writing(f"{_ONE}/cancel", _acting(posting.cancel_for), "End an edition: what has not left is dropped"),
    _writing(f"{_ONE}/release", _acting(posting.release_for), "Let a stopped edition go on"),
    _writing("/notices/{id}/release", released, "Let a held notice go on"),
)
