"""Subscribers over the API: read, brought with proof of their consent, changed, ended, and erased."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field
from starlette.concurrency import run_in_threadpool

from service.actions import enrolling, managing
from service.actions.consent import acts_of
from service.actions.enrolling import Enrolled
from service.domain.addresses import check_address
from service.domain.channel import Channel
from service.domain.consent import Act, Came
from service.domain.errors import InvalidError, NotFoundError
from service.domain.scope import Scope
from service.domain.subscription import Status, Subscriber
from service.mail.reading import forget
from service.store import audit, people_pages, subscribers
from service.store.dialect import Tx
from service.store.people_pages import SubscriberKept
from service.web.api import cursors
from service.web.api.habits import (
    USUAL,
    Checks,
    ConsentSent,
    HabitSent,
    Wishes,
    check_pause,
    habit_of,
    told_habit,
    wishes_of,
)
from service.web.api.operations import Answer, Call, Operation
from service.web.api.problems import Problem
from service.web.api.shapes import Day, Moment, Page, Paged, Shape
from service.web.given import Site

Address = Annotated[str, Field(max_length=320, description="An e-mail address.")]
_SHOWN: Final = frozenset({Status.PENDING, Status.ACTIVE, Status.LEFT, Status.SUPPRESSED})


@dataclass(frozen=True, slots=True)
class SubscriberTold(Shape):
    """A subscriber. `paused_until` is the first local day with letters again.

    `channel` is what notices and summaries come by instead of e-mail, which only its reader can choose.
    """

    id: str
    address: str
    status: Status
    habit: HabitSent
    paused_until: Day | None
    source: str
    created_at: Moment
    confirmed_at: Moment | None
    left_at: Moment | None
    channel: Channel | None


@dataclass(frozen=True, slots=True)
class Standing(Shape):
    """Where a subscriber stands."""

    id: str
    status: Status


@dataclass(frozen=True, slots=True)
class SubscriberSent(Shape):
    """Somebody who is to be written to.

    With `consent` they are, from now on; without, they are asked by a letter, and written to once they confirm.
    Whoever is known keeps their habits.
    """

    address: Address
    subscriptions: Wishes
    habit: HabitSent = USUAL
    consent: ConsentSent | None = None


@dataclass(frozen=True, slots=True)
class HabitChanged(Shape):
    """How somebody wants to be written to from now on; null ends a pause."""

    habit: HabitSent
    paused_until: Day | None = None


@dataclass(frozen=True, slots=True)
class AddressSent(Shape):
    """Whom somebody is looked for by: it stands in no address, which are logged."""

    address: Address


@dataclass(frozen=True, slots=True)
class ActTold(Shape):
    """What somebody did about being written to, as the proof of their consent has it."""

    act: Act
    at: Moment
    source: str
    network: str | None
    wording: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProofTold(Shape):
    """The proof of somebody's consent: what they did, the first first, and the words to which they agreed."""

    acts: tuple[ActTold, ...]
    wordings: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class SubscribersAsked(Paged):
    """Which subscribers are wanted."""

    status: Annotated[Status | None, Field(description="Only those who stand there.")] = None


async def listed(call: Call[SubscribersAsked, None]) -> Answer:
    """Give subscribers in the order in which they came."""
    asked = call.query
    after = cursors.read(asked.cursor, str)
    rows = await people_pages.page(call.tx, asked.status, after[0] if after else "", asked.limit + 1)
    return Answer(cursors.page(rows, asked.limit, _told, lambda one: (one.id,)))


async def one(call: Call[None, None]) -> Answer:
    """Give a subscriber; raise NotFoundError."""
    return _answer(await _kept(call.tx, call.path["id"]))


async def found(call: Call[None, AddressSent]) -> Answer:
    """Give the subscriber of an address; raise NotFoundError."""
    known = await subscribers.by_address(call.tx, call.body.address)
    if known is None or known.status not in _SHOWN:
        raise NotFoundError("There is no subscriber with this address.")
    return _answer(await _kept(call.tx, known.id))


async def proof(call: Call[None, None]) -> Answer:
    """Give the proof of a subscriber's consent; raise NotFoundError."""
    kept = await _kept(call.tx, call.path["id"])
    told = await acts_of(call.tx, kept.id)
    known = ("act", "at", "source", "network", "wording")
    acts = [
        ActTold(
            Act(one["act"]),
            datetime.fromisoformat(one["at"]),
            one["source"],
            one["network"],
            one["wording"],
            {name: value for name, value in one.items() if name not in known},
        )
        for one in told["acts"]
    ]
    return Answer(ProofTold(tuple(acts), told["wordings"]))


async def added(call: Call[None, SubscriberSent]) -> Answer:
    """Bring somebody in, or have them remember more; raise Problem with all that is wrong."""
    sent, checks = call.body, Checks()
    habit = habit_of(sent.habit, call.site.languages.codes, checks)
    address = ""
    with checks.at("address"):
        address = check_address(sent.address)
    checks.end()
    consent = sent.consent
    agreed = (consent.agreed_at, consent.evidence, consent.network) if consent else (None, {}, "")
    try:
        subscriber, is_new = await enrolling.enrol(
            call.tx, call.site.desk, Enrolled(address, habit, wishes_of(sent.subscriptions), *agreed), call.now
        )
    except InvalidError as error:
        where = {"targets": "subscriptions"}.get(error.field, error.field)
        raise InvalidError(str(error), where) from None
    await audit.note(call.tx, call.by, "brought", f"subscriber {subscriber.id}", call.now)
    told = Standing(subscriber.id, subscriber.status)
    return Answer(told, "", f"/subscribers/{subscriber.id}", None if is_new else 200)


async def changed(call: Call[None, HabitChanged]) -> Answer:
    """Change how somebody is written to, and their pause; raise Problem."""
    before = await _kept(call.tx, call.path["id"])
    if call.is_new or call.based_on not in {"*", _tag(before)}:
        raise Problem("changed")
    checks = Checks()
    habit = habit_of(call.body.habit, call.site.languages.codes, checks)
    if call.body.paused_until != before.paused_until:
        check_pause(call.body.paused_until, call.now.date(), checks)
    checks.end()
    who = _active(before)
    await managing.change_habit(call.tx, who, habit)
    await managing.pause(call.tx, who, call.body.paused_until)
    await audit.note(call.tx, call.by, "changed the habits of", f"subscriber {who.id}", call.now)
    return _answer(await _kept(call.tx, who.id))


async def left(call: Call[None, None]) -> Answer:
    """End everything for somebody, who asked for it elsewhere; doing it again changes nothing."""
    kept = await _kept(call.tx, call.path["id"])
    await managing.leave(call.tx, _subscriber(kept), call.now, Came(enrolling.SOURCE))
    await audit.note(call.tx, call.by, "ended", f"subscriber {kept.id}", call.now)
    after = await _kept(call.tx, kept.id)
    return Answer(Standing(after.id, after.status))


async def erased(call: Call[None, None]) -> Answer:
    """Remove somebody with all that is kept of them; a keyed hash stays, so that no import brings them back."""
    kept = await _kept(call.tx, call.path["id"])
    known = await managing.erase(call.tx, call.site.desk, kept.address, call.now)
    await audit.note(call.tx, call.by, "erased", f"subscriber {kept.id}", call.now)

    async def after(site: Site) -> None:
        if site.outbox is not None:
            await run_in_threadpool(forget, site.outbox, known)
        await site.store.settle()

    return Answer(after=after)


async def _kept(tx: Tx, id_: str) -> SubscriberKept:
    kept = await people_pages.one(tx, id_)
    if kept is None:
        raise NotFoundError(f"There is no subscriber {id_!r}.")
    return kept


def _active(kept: SubscriberKept) -> Subscriber:
    if kept.status is not Status.ACTIVE:
        raise Problem("conflict", f"They are not written to: they are {kept.status}.")
    return _subscriber(kept)


def _subscriber(kept: SubscriberKept) -> Subscriber:
    return Subscriber(kept.id, kept.address, kept.habit, kept.status, kept.paused_until)


def _answer(kept: SubscriberKept) -> Answer:
    return Answer(_told(kept), _tag(kept))


def _tag(kept: SubscriberKept) -> str:
    return hashlib.sha256(repr(asdict(kept)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _told(kept: SubscriberKept) -> SubscriberTold:
    own = (kept.paused_until, kept.source, kept.created_at, kept.confirmed_at, kept.left_at, kept.channel)
    return SubscriberTold(kept.id, kept.address, kept.status, told_habit(kept.habit), *own)


_READ, _WRITE, _ONE = Scope.READ_SUBSCRIBERS, Scope.WRITE_SUBSCRIBERS, "/subscribers/{id}"
_HABIT: Final = {"language": "hy", "zone": "Asia/Yerevan", "hour": "09:00", "cadence": "daily"}
_EXAMPLE: Final = {
    "address": "ani@example.org",
    "habit": _HABIT,
    "subscriptions": [{"target": "collection:artsakh", "lead_days": [0, 7]}],
    "consent": {"agreed_at": "2026-04-24T10:00:00Z", "source": "the parish's list", "wording": "Please write to me."},
}
OPERATIONS: Final = (
    Operation("GET", "/subscribers", listed, _READ, "List subscribers", Page[SubscriberTold], query=SubscribersAsked),
    Operation(
        *("POST", "/subscribers", added, _WRITE, "Bring a subscriber, with or without proof of consent", Standing, 201),
        also=200,
        body=SubscriberSent,
        example=_EXAMPLE,
    ),
    Operation(
        *("POST", "/subscribers/find", found, _READ, "Find a subscriber by address", SubscriberTold),
        body=AddressSent,
        looks=True,
        example={"address": "ani@example.org"},
        else_=("not-found",),
    ),
    Operation("GET", _ONE, one, _READ, "Read a subscriber", SubscriberTold, tags=True),
    Operation(
        *("PUT", _ONE, changed, _WRITE, "Change how a subscriber is written to", SubscriberTold),
        body=HabitChanged,
        tags=True,
        matched=True,
        else_=("conflict",),
        example={"habit": _HABIT, "paused_until": None},
    ),
    Operation("DELETE", _ONE, erased, _WRITE, "Erase a subscriber and all that is kept of them", None, 204),
    Operation("POST", f"{_ONE}/leave", left, _WRITE, "End everything for a subscriber", Standing),
    Operation("GET", f"{_ONE}/consents", proof, _READ, "Read the proof of a subscriber's consent", ProofTold),
)
