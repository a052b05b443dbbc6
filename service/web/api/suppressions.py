"""Suppressions over the API: addresses that must not be written to unasked, known by a keyed hash alone."""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from service.actions import suppressing
from service.domain.errors import NotFoundError
from service.domain.scope import Scope
from service.store import people_pages, subscribers
from service.store.people_pages import Suppression
from service.web.api import cursors
from service.web.api.operations import Answer, Call, Operation
from service.web.api.shapes import Moment, Page, Paged, Shape, Why
from service.web.api.subscribers import Address, AddressSent


@dataclass(frozen=True, slots=True)
class SuppressionTold(Shape):
    """That an address must not be written to unasked, why and since when; the address itself is kept nowhere."""

    address_hash: str
    reason: str
    created_at: Moment


@dataclass(frozen=True, slots=True)
class SuppressionSent(Shape):
    """An address that is not to be written to any more, and in a few words why."""

    address: Address
    reason: Annotated[str, Field(min_length=1, max_length=suppressing.LONGEST_REASON)] = "asked"


@dataclass(frozen=True, slots=True)
class Lifted(Shape):
    """An address whose owner may be asked again, and why."""

    address: Address
    why: Why = ""


async def listed(call: Call[Paged, None]) -> Answer:
    """Give suppressions by their hashes."""
    after = cursors.read(call.query.cursor, str)
    rows = await people_pages.suppression_page(call.tx, after[0] if after else "", call.query.limit + 1)
    return Answer(cursors.page(rows, call.query.limit, _told, lambda one: (one.address_hash,)))


async def found(call: Call[None, AddressSent]) -> Answer:
    """Give the suppression of an address; raise NotFoundError."""
    return await _answer(call, call.site.desk.tokens.address_hash(call.body.address))


async def added(call: Call[None, SuppressionSent]) -> Answer:
    """Suppress an address; one that is already stays as it is. Raise InvalidError."""
    sent = call.body
    hashed = await suppressing.suppress(call.tx, call.site.desk, call.by, sent.address, sent.reason, call.now)
    return await _answer(call, hashed)


async def lifted(call: Call[None, Lifted]) -> Answer:
    """Let an address be asked again; raise NotFoundError, InvalidError."""
    sent = call.body
    await suppressing.lift(call.tx, call.site.desk, call.by, sent.address, sent.why, call.now)
    return Answer()


async def _answer(call: Call[None, AddressSent] | Call[None, SuppressionSent], hashed: str) -> Answer:
    kept = await subscribers.suppression(call.tx, hashed)
    if kept is None:
        raise NotFoundError("This address is not suppressed.")
    return Answer(SuppressionTold(hashed, *kept))


def _told(kept: Suppression) -> SuppressionTold:
    return SuppressionTold(kept.address_hash, kept.reason, kept.created_at)


_READ, _WRITE, _ALL = Scope.READ_SUBSCRIBERS, Scope.WRITE_SUBSCRIBERS, "/suppressions"
OPERATIONS: Final = (
    Operation(
        "GET", _ALL, listed, _READ, "List suppressed addresses by their hashes", Page[SuppressionTold], query=Paged
    ),
    Operation(
        *("POST", _ALL, added, _WRITE, "Suppress an address", SuppressionTold, 201),
        body=SuppressionSent,
        example={"address": "ani@example.org", "reason": "asked by telephone"},
    ),
    Operation(
        *("POST", f"{_ALL}/find", found, _READ, "Say whether an address is suppressed", SuppressionTold),
        body=AddressSent,
        looks=True,
        else_=("not-found",),
        example={"address": "ani@example.org"},
    ),
    Operation(
        *("POST", f"{_ALL}/lift", lifted, _WRITE, "Let the owner of an address be asked again", None, 204),
        body=Lifted,
        else_=("not-found",),
        example={"address": "ani@example.org", "why": "The mailbox is there again."},
    ),
)
