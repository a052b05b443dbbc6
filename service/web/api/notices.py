"""Notices over the API: that somebody is to have a letter on a day, and what became of it; no text and no address."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final

from pydantic import Field

from service.domain.errors import NotFoundError
from service.domain.notice import Kind, State
from service.domain.scope import Scope
from service.store import post_pages
from service.store.post_pages import Asked as Wanted
from service.store.post_pages import NoticeKept, Tried
from service.web.api import cursors
from service.web.api.operations import Answer, Call, Operation
from service.web.api.shapes import Asked, Day, Moment, Page, Paged, Shape


@dataclass(frozen=True, slots=True)
class NoticeTold(Shape):
    """A notice. `day` is the local day of its reader; `edition` is null where what it says is for them alone.

    `code` and `words` are what the relay said last, without addresses.
    """

    id: str
    subscriber: str
    kind: Kind
    day: Day
    edition: str | None
    state: State
    reason: str
    due_at: Moment
    expires_at: Moment
    attempts: int
    code: int
    words: str
    created_at: Moment
    finished_at: Moment | None


@dataclass(frozen=True, slots=True)
class AttemptTold(Shape):
    """An earlier attempt to hand the letter over."""

    at: Moment
    result: str
    code: int
    words: str


@dataclass(frozen=True, slots=True)
class HistoryTold(Shape):
    """A notice with its earlier attempts."""

    notice: NoticeTold
    attempts: tuple[AttemptTold, ...]


@dataclass(frozen=True, slots=True)
class NoticesAsked(Paged):
    """Which notices are wanted."""

    state: Annotated[State | None, Field(description="Only those in this state.")] = None
    day: Annotated[Day | None, Field(description="Only those of this local day.")] = None
    subscriber: Annotated[Asked | None, Field(description="Only those of this subscriber.")] = None
    edition: Annotated[Asked | None, Field(description="Only those of this edition.")] = None


async def listed(call: Call[NoticesAsked, None]) -> Answer:
    """Give notices in the order in which they were made."""
    asked = call.query
    after = cursors.read(asked.cursor, str)
    wanted = Wanted(asked.state, asked.day, asked.subscriber, asked.edition)
    rows = await post_pages.notice_page(call.tx, wanted, after[0] if after else "", asked.limit + 1)
    return Answer(cursors.page(rows, asked.limit, _told, lambda one: (one.id,)))


async def one(call: Call[None, None]) -> Answer:
    """Give a notice with its earlier attempts; raise NotFoundError."""
    found = await post_pages.notice(call.tx, call.path["id"])
    if found is None:
        raise NotFoundError(f"There is no notice {call.path['id']!r}.")
    kept, tried = found
    return Answer(HistoryTold(_told(kept), tuple(map(_attempt, tried))))


def _told(kept: NoticeKept) -> NoticeTold:
    values: dict[str, Any] = asdict(kept)
    return NoticeTold(**values)


def _attempt(tried: Tried) -> AttemptTold:
    return AttemptTold(tried.at, tried.result, tried.code, tried.words)


_SCOPE = Scope.READ_NOTICES
OPERATIONS: Final = (
    Operation("GET", "/notices", listed, _SCOPE, "List notices", Page[NoticeTold], query=NoticesAsked),
    Operation("GET", "/notices/{id}", one, _SCOPE, "Read a notice with what became of it", HistoryTold),
)
