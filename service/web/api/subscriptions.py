"""Subscriptions over the API: what each subscriber asked to remember of the public record, and how far ahead."""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from service.actions import enrolling, managing
from service.domain.consent import Came
from service.domain.errors import InvalidError, NotFoundError
from service.domain.scope import Scope
from service.domain.subscription import read_target
from service.store import audit, people_pages, subscribers
from service.store.people_pages import SubscriptionKept
from service.web.api import cursors
from service.web.api.habits import ConsentSent
from service.web.api.operations import Answer, Call, Operation
from service.web.api.shapes import Asked, Id, Lead, Moment, Page, Paged, Shape, Target


@dataclass(frozen=True, slots=True)
class SubscriptionTold(Shape):
    """One thing to remember, so many days ahead: from `confirmed_at` on, until `ended_at`."""

    id: str
    subscriber: str
    target: str
    lead_days: int
    created_at: Moment
    confirmed_at: Moment | None
    ended_at: Moment | None


@dataclass(frozen=True, slots=True)
class SubscriptionSent(Shape):
    """What a subscriber is to remember beside the rest, and how they agreed to that."""

    subscriber: Id
    target: Target
    consent: ConsentSent
    lead_days: Lead = 0


@dataclass(frozen=True, slots=True)
class SubscriptionsAsked(Paged):
    """Which subscriptions are wanted."""

    subscriber: Annotated[Asked | None, Field(description="Only those of this subscriber.")] = None
    target: Annotated[Asked | None, Field(description="Only those to `collection:ID` or `event:ID`.")] = None


async def listed(call: Call[SubscriptionsAsked, None]) -> Answer:
    """Give subscriptions in the order in which they were made."""
    asked = call.query
    after = cursors.read(asked.cursor, str)
    first = after[0] if after else ""
    rows = await people_pages.subscription_page(call.tx, asked.subscriber, asked.target, first, asked.limit + 1)
    return Answer(cursors.page(rows, asked.limit, _told, lambda one: (one.id,)))


async def one(call: Call[None, None]) -> Answer:
    """Give a subscription; raise NotFoundError."""
    return Answer(_told(await _kept(call)))


async def added(call: Call[None, SubscriptionSent]) -> Answer:
    """Have a subscriber remember more; what they remember already stays as it is. Raise InvalidError."""
    sent = call.body
    subscriber = await subscribers.by_id(call.tx, sent.subscriber)
    if subscriber is None:
        raise InvalidError(f"there is no subscriber {sent.subscriber!r}", "subscriber")
    wish = read_target(sent.target, sent.lead_days)
    try:
        await enrolling.add_wishes(call.tx, subscriber, [wish], sent.consent.agreed_at, sent.consent.evidence, call.now)
    except InvalidError as error:
        raise InvalidError(str(error), "target" if error.field == "targets" else error.field) from None
    await audit.note(call.tx, call.by, "added a subscription of", f"subscriber {subscriber.id}", call.now)
    rows = await people_pages.subscription_page(call.tx, subscriber.id, sent.target, "", 1000)
    kept = next(row for row in rows if row.lead_days == sent.lead_days)
    return Answer(_told(kept), "", f"/subscriptions/{kept.id}")


async def ended(call: Call[None, None]) -> Answer:
    """End a subscription; whoever ends the last one has left. Doing it again changes nothing."""
    kept = await _kept(call)
    subscriber = await subscribers.by_id(call.tx, kept.subscriber)
    if kept.ended_at is not None or subscriber is None:
        return Answer()
    came = Came(enrolling.SOURCE)
    await managing.leave_one(call.tx, subscriber, kept.target, call.now, came, lead_days=kept.lead_days)
    await audit.note(call.tx, call.by, "ended a subscription of", f"subscriber {subscriber.id}", call.now)
    return Answer()


async def _kept(call: Call[None, None]) -> SubscriptionKept:
    kept = await people_pages.subscription(call.tx, call.path["id"])
    if kept is None:
        raise NotFoundError(f"There is no subscription {call.path['id']!r}.")
    return kept


def _told(kept: SubscriptionKept) -> SubscriptionTold:
    times = (kept.created_at, kept.confirmed_at, kept.ended_at)
    return SubscriptionTold(kept.id, kept.subscriber, kept.target, kept.lead_days, *times)


_READ, _WRITE, _ALL = Scope.READ_SUBSCRIBERS, Scope.WRITE_SUBSCRIBERS, "/subscriptions"
OPERATIONS: Final = (
    Operation("GET", _ALL, listed, _READ, "List subscriptions", Page[SubscriptionTold], query=SubscriptionsAsked),
    Operation(
        *("POST", _ALL, added, _WRITE, "Have a subscriber remember more", SubscriptionTold, 201),
        body=SubscriptionSent,
        example={
            "subscriber": "019265a31c7f4a0d8e2b6f1d5c3a9b70",
            "target": "event:artsakh-war-2020",
            "lead_days": 7,
            "consent": {"agreed_at": "2026-04-24T10:00:00Z", "source": "by telephone"},
        },
    ),
    Operation("GET", f"{_ALL}/{{id}}", one, _READ, "Read a subscription", SubscriptionTold),
    Operation("DELETE", f"{_ALL}/{{id}}", ended, _WRITE, "End a subscription", None, 204),
)
