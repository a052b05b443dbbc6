"""Events over the API: read page by page, recorded, changed and withdrawn by the same action as on the pages."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field

from service.actions import records
from service.domain.documents import DocumentError
from service.domain.errors import ConflictError, NotFoundError
from service.domain.scope import Scope
from service.store import event_pages
from service.store.dialect import Tx
from service.store.events import Kept
from service.web.api import cursors
from service.web.api.operations import Answer, Call, Operation
from service.web.api.problems import Problem, Wrong, wrongs
from service.web.api.shapes import Asked, Id, Moment, Page, Paged, Reason, Shape, Why, WrittenEvent

SAMPLE: Final = {
    "id": "artsakh-war-2020",
    "title": {"en": "The 44-day war in Artsakh"},
    "summary": {"en": "It began on a Sunday morning."},
    "first_day": "2020-09-27",
    "last_day": "2020-11-09",
    "sources": [{"id": "armenian-weekly", "title": {"en": "Four years since"}}],
    "rules": [{"kind": "yearly"}],
}


@dataclass(frozen=True, slots=True)
class EventKept(Shape):
    """An event with the collection it belongs to. `version` is also its ETag."""

    collection: str
    version: int
    updated_at: Moment
    event: WrittenEvent


@dataclass(frozen=True, slots=True)
class EventSent(Shape):
    """An event as it is to be recorded, in which collection, and why.

    `version` and `updated_at` may stand there as they were read, and say nothing: If-Match does.
    """

    collection: Id
    event: WrittenEvent
    why: Why = ""
    version: int | None = None
    updated_at: Moment | None = None


@dataclass(frozen=True, slots=True)
class EventsAsked(Paged):
    """Which events are wanted."""

    collection: Annotated[Asked | None, Field(description="Only those of this collection.")] = None


async def listed(call: Call[EventsAsked, None]) -> Answer:
    """Give events by id."""
    asked = call.query
    after = cursors.read(asked.cursor, str)
    rows = await event_pages.page(call.tx, asked.collection, after[0] if after else "", asked.limit + 1)
    numbers = await event_pages.numbers(call.tx, [one.event.id for one in rows])
    return Answer(
        cursors.page(rows, asked.limit, lambda one: told(one, numbers[one.event.id]), lambda one: (one.event.id,))
    )


async def one(call: Call[None, None]) -> Answer:
    """Give an event; raise NotFoundError."""
    return await answer_of(call.tx, call.path["id"])


async def added(call: Call[None, EventSent]) -> Answer:
    """Record a new event; a known id is a conflict."""
    sent = call.body
    try:
        await saved(call, sent, 0)
    except ConflictError:
        detail = "there is an event with this id already, or there was one (allowed: an id of its own)"
        raise Problem("conflict", errors=[Wrong(detail, "#/event/id")]) from None
    answer = await answer_of(call.tx, sent.event.id)
    return Answer(answer.body, answer.tag, f"/events/{sent.event.id}")


async def changed(call: Call[None, EventSent]) -> Answer:
    """Record an event as it is sent, over the version that is named, or as a new one."""
    id_ = call.path["id"]
    if call.body.event.id != id_:
        raise Problem("meaning", errors=[Wrong(f"an id never changes (allowed: {id_})", "#/event/id")])
    return await save_over(call, call.body)


async def save_over(call: Call[Any, Any], sent: EventSent) -> Answer:
    """Save an event over the version that a call names, or as a new one; raise Problem."""
    id_ = sent.event.id
    is_new = not (await records.standing(call.tx, id_)).number
    try:
        await saved(call, sent, 0 if call.is_new else _number(call.based_on))
    except ConflictError:
        raise Problem("changed") from None
    answer = await answer_of(call.tx, id_)
    return Answer(answer.body, answer.tag, f"/events/{id_}" if is_new else "", 201 if is_new else None)


async def withdrawn(call: Call[Reason, None]) -> Answer:
    """Withdraw an event; its versions stay."""
    try:
        await records.withdraw(call.tx, call.by, call.path["id"], _number(call.based_on), call.query.why, call.now)
    except ConflictError:
        raise Problem("changed") from None
    return Answer()


async def saved(call: Call[Any, Any], sent: EventSent, based_on: int | None) -> int:
    """Save an event, and name the collection that there is not."""
    try:
        return await records.save(call.tx, call.by, sent.collection, sent.event, based_on, sent.why, call.now)
    except NotFoundError as error:
        raise Problem("meaning", errors=[Wrong(str(error), "#/collection")]) from None
    except DocumentError as error:
        raise Problem("meaning", errors=wrongs(error.findings, "event")) from None


async def answer_of(tx: Tx, id_: str) -> Answer:
    """Give an event as it stands; raise NotFoundError."""
    standing = await records.standing(tx, id_)
    if standing.kept is None:
        raise NotFoundError(f"There is no event {id_!r}.")
    return Answer(told(standing.kept, standing.number), str(standing.number))


def told(kept: Kept, number: int) -> EventKept:
    """Give an event as it is told."""
    return EventKept(kept.collection, number, kept.updated_at, kept.event)


def _number(based_on: str) -> int | None:
    """Read the number of a version, None for whatever it is now; one that cannot be is that of none."""
    if based_on == "*":
        return None
    return int(based_on) if based_on.isdecimal() and based_on.isascii() and len(based_on) < 10 else -1


_EXAMPLE = {"collection": "artsakh", "event": SAMPLE, "why": "A new record."}
OPERATIONS: Final = (
    Operation("GET", "/events", listed, Scope.READ_EVENTS, "List events", Page[EventKept], query=EventsAsked),
    Operation(
        *("POST", "/events", added, Scope.WRITE_EVENTS, "Record a new event", EventKept, 201),
        body=EventSent,
        tags=True,
        else_=("conflict",),
        example=_EXAMPLE,
    ),
    Operation("GET", "/events/{id}", one, Scope.READ_EVENTS, "Read an event", EventKept, tags=True),
    Operation(
        *("PUT", "/events/{id}", changed, Scope.WRITE_EVENTS, "Change an event, or record it", EventKept),
        also=201,
        body=EventSent,
        tags=True,
        matched=True,
        example=_EXAMPLE,
    ),
    Operation(
        *("DELETE", "/events/{id}", withdrawn, Scope.WRITE_EVENTS, "Withdraw an event", None, 204),
        query=Reason,
        matched=True,
    ),
)
