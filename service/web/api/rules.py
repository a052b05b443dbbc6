"""The rules of an event over the API: how it returns, read and replaced together, as a part of its record."""

from dataclasses import dataclass, replace
from typing import Final

from service.domain.documents import DocumentError, Finding
from service.domain.errors import NotFoundError
from service.domain.rule import Rule
from service.domain.scope import Scope
from service.store import events
from service.web.api.events import EventSent, answer_of, save_over
from service.web.api.operations import Answer, Call, Operation
from service.web.api.problems import Problem, wrongs
from service.web.api.shapes import Shape, Why, WrittenRule


@dataclass(frozen=True, slots=True)
class RulesKept(Shape):
    """The rules of an event; its version is their ETag."""

    event: str
    version: int
    rules: tuple[WrittenRule, ...]


@dataclass(frozen=True, slots=True)
class RulesSent(Shape):
    """The rules that an event is to have, all of them."""

    rules: tuple[Rule, ...]
    why: Why = ""


async def listed(call: Call[None, None]) -> Answer:
    """Give the rules of an event; raise NotFoundError."""
    answer = await answer_of(call.tx, call.path["id"])
    return Answer(RulesKept(call.path["id"], answer.body.version, answer.body.event.rules), answer.tag)


async def replaced(call: Call[None, RulesSent]) -> Answer:
    """Have an event return by these rules and no others; raise NotFoundError."""
    kept = await events.event_named(call.tx, call.path["id"])
    if kept is None:
        raise NotFoundError(f"There is no event {call.path['id']!r}.")
    try:
        event = replace(kept.event, rules=call.body.rules)
    except ValueError as error:
        place = getattr(error, "place", ("rules",))
        raise Problem("meaning", errors=wrongs([Finding(tuple(place), str(error))])) from None
    except DocumentError as error:
        raise Problem("meaning", errors=wrongs(error.findings)) from None
    answer = await save_over(call, EventSent(kept.collection, event, call.body.why))
    return Answer(RulesKept(event.id, answer.body.version, answer.body.event.rules), answer.tag)


OPERATIONS: Final = (
    Operation("GET", "/events/{id}/rules", listed, Scope.READ_EVENTS, "Read an event's rules", RulesKept, tags=True),
    Operation(
        *("PUT", "/events/{id}/rules", replaced, Scope.WRITE_EVENTS, "Replace an event's rules", RulesKept),
        body=RulesSent,
        tags=True,
        matched=True,
        example={"rules": [{"kind": "yearly"}, {"kind": "day-count", "days": 40}], "why": "The fortieth day, too."},
    ),
)
