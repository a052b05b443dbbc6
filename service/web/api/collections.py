"""Collections over the API: their own words, and the order of their events."""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from service.actions import records
from service.domain.approval import APPROVE_DAYS, APPROVE_DAYS_MOST, Approval
from service.domain.documents import DocumentError, Finding
from service.domain.errors import ConflictError, NotFoundError
from service.domain.event import Collection
from service.domain.notice import InDoubt
from service.domain.scope import Scope
from service.store import event_pages, events
from service.store.dialect import Tx
from service.store.event_pages import ShelfKept
from service.web.api import cursors
from service.web.api.operations import Answer, Call, Operation
from service.web.api.problems import Problem
from service.web.api.shapes import Id, Moment, Page, Paged, Shape, Why, WordsSent

_MOST_ORDERED = 10_000


@dataclass(frozen=True, slots=True)
class CollectionKept(Shape):
    """A collection without its events; `events` is how many there are."""

    id: str
    title: dict[str, str]
    description: dict[str, str]
    events: int
    in_doubt: InDoubt
    approval: Approval
    approve_days: int
    updated_at: Moment


@dataclass(frozen=True, slots=True)
class CollectionSent(Shape):
    """A collection's own words, and what it asks of editors. `order` puts its events in an order, by their ids."""

    title: WordsSent
    description: WordsSent
    in_doubt: InDoubt = InDoubt.RESEND
    approval: Approval = Approval.NONE
    approve_days: Annotated[int, Field(ge=0, le=APPROVE_DAYS_MOST)] = APPROVE_DAYS
    order: Annotated[tuple[Id, ...] | None, Field(max_length=_MOST_ORDERED)] = None
    why: Why = ""


async def listed(call: Call[Paged, None]) -> Answer:
    """Give collections by id."""
    after = cursors.read(call.query.cursor, str)
    rows = await event_pages.shelf_page(call.tx, after[0] if after else "", call.query.limit + 1)
    return Answer(cursors.page(rows, call.query.limit, _told, lambda one: (one.shelf.id,)))


async def one(call: Call[None, None]) -> Answer:
    """Give a collection; raise NotFoundError."""
    return await _answer_of(call.tx, call.path["id"])


async def changed(call: Call[None, CollectionSent]) -> Answer:
    """Save a collection over the version that is named, or as a new one; raise DocumentError."""
    sent, id_ = call.body, call.path["id"]
    known = {kept.event.id for kept in await events.events_in(call.tx, id_)} if sent.order else set()
    findings = [
        Finding(("order", place), f"there is no event {one!r} in this collection")
        for place, one in enumerate(sent.order or ())
        if one not in known
    ]
    if findings:
        raise DocumentError(tuple(findings))
    own = (sent.in_doubt, sent.approval, sent.approve_days)
    collection = Collection(id_, dict(sent.title), dict(sent.description), (), *own)
    is_new = not await records.collection_version(call.tx, id_)
    based_on = "" if call.is_new else None if call.based_on == "*" else call.based_on
    try:
        await records.save_collection(call.tx, call.by, collection, sent.order, based_on, sent.why, call.now)
    except ConflictError:
        raise Problem("changed") from None
    answer = await _answer_of(call.tx, id_)
    return Answer(answer.body, answer.tag, f"/collections/{id_}" if is_new else "", 201 if is_new else None)


async def _answer_of(tx: Tx, id_: str) -> Answer:
    found = await event_pages.shelf_page(tx, "", 1, only=id_)
    if not found:
        raise NotFoundError(f"There is no collection {id_!r}.")
    return Answer(_told(found[0]), await records.collection_version(tx, id_))


def _told(kept: ShelfKept) -> CollectionKept:
    shelf = kept.shelf
    words = (dict(shelf.title), dict(shelf.description), shelf.events)
    return CollectionKept(shelf.id, *words, shelf.in_doubt, shelf.approval, shelf.approve_days, kept.updated_at)


_PATH = "/collections/{id}"
OPERATIONS: Final = (
    Operation("GET", "/collections", listed, Scope.READ_EVENTS, "List collections", Page[CollectionKept], query=Paged),
    Operation("GET", _PATH, one, Scope.READ_EVENTS, "Read a collection", CollectionKept, tags=True),
    Operation(
        *("PUT", _PATH, changed, Scope.WRITE_EVENTS, "Change a collection, or make it", CollectionKept),
        also=201,
        body=CollectionSent,
        tags=True,
        matched=True,
        example={"title": {"en": "Wars"}, "description": {"en": "What befell us."}, "why": "A new collection."},
    ),
)
