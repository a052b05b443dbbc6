"""Webhooks over the API: where other programs are told what happens. For owners alone; plain http is for operators."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from service.actions import webhooks as actions
from service.domain.scope import Scope
from service.domain.webhook import OVERLAP
from service.store import webhooks
from service.store.webhooks import Counts, Webhook
from service.web.api import cursors
from service.web.api.operations import Answer, Call, Operation
from service.web.api.shapes import Moment, Page, Paged, Shape

Type = Literal["subscribed", "confirmed", "left", "sent", "bounced", "edition_ready"]


@dataclass(frozen=True, slots=True)
class WebhookTold(Shape):
    """Where a program is told of what, and whether it takes that.

    Since when it takes nothing, what it answered last (0: nothing), and why it is switched off. What it answered in
    words is for operators.
    """

    id: str
    url: str
    types: tuple[Type, ...]
    waiting: int
    failed: int
    created_at: Moment
    failing_since: Moment | None
    answered_at: Moment | None
    code: int
    off_at: Moment | None
    off_why: str


@dataclass(frozen=True, slots=True)
class WebhookSent(Shape):
    """Where a program is to be told of what."""

    url: Annotated[str, Field(min_length=1, max_length=2000, description="https://HOST/PATH")]
    types: Annotated[tuple[Type, ...], Field(min_length=1, max_length=20)]


@dataclass(frozen=True, slots=True)
class SecretTold(Shape):
    """The secret by which a webhook's signatures are checked, shown this once; the one before signs until a moment."""

    id: str
    secret: str
    old_until: Moment | None = None


@dataclass(frozen=True, slots=True)
class Resumed(Shape):
    """How many messages that had failed are sent again."""

    id: str
    messages: int


async def listed(call: Call[Paged, None]) -> Answer:
    """Give webhooks in the order in which they were made."""
    after = cursors.read(call.query.cursor, str)
    rows = [one for one in await webhooks.listed(call.tx) if after is None or one.id > after[0]]
    counts = await webhooks.counts(call.tx)

    def told(one: Webhook) -> WebhookTold:
        return _told(one, counts.get(one.id, Counts()))

    return Answer(cursors.page(rows[: call.query.limit + 1], call.query.limit, told, lambda one: (one.id,)))


async def one(call: Call[None, None]) -> Answer:
    """Give a webhook; raise NotFoundError."""
    found = await actions.of(call.tx, call.path["id"])
    return Answer(_told(found, (await webhooks.counts(call.tx)).get(found.id, Counts())))


async def added(call: Call[None, WebhookSent]) -> Answer:
    """Have a program told; raise InvalidError."""
    made = await actions.add(call.tx, call.by, call.body.url, call.body.types, call.now)
    return Answer(SecretTold(made.id, made.secret), "", f"/webhooks/{made.id}")


async def renewed(call: Call[None, None]) -> Answer:
    """Give a webhook a new secret; raise NotFoundError."""
    id_ = call.path["id"]
    return Answer(SecretTold(id_, await actions.renew(call.tx, call.by, id_, call.now), call.now + OVERLAP))


async def tried(call: Call[None, None]) -> Answer:
    """Have a webhook told that this is a test, as all else is told; raise NotFoundError, InvalidError."""
    await actions.test(call.tx, call.path["id"], call.now)
    return Answer()


async def resumed(call: Call[None, None]) -> Answer:
    """Switch a webhook on again; raise NotFoundError."""
    id_ = call.path["id"]
    return Answer(Resumed(id_, await actions.resume(call.tx, call.by, id_, call.now)))


async def ended(call: Call[None, None]) -> Answer:
    """End a webhook; raise NotFoundError."""
    await actions.end(call.tx, call.by, call.path["id"], call.now)
    return Answer()


def _told(one: Webhook, counts: Counts) -> WebhookTold:
    times = (one.created_at, one.failing_since, one.answered_at)
    types: tuple[Type, ...] = tuple(happening.value for happening in one.happenings)  # type: ignore[misc]  # each is one of them
    return WebhookTold(one.id, one.url, types, counts.waiting, counts.failed, *times, one.code, one.off_at, one.off_why)


_READ, _WRITE, _ALL, _ONE = Scope.READ_WEBHOOKS, Scope.WRITE_WEBHOOKS, "/webhooks", "/webhooks/{id}"
OPERATIONS: Final = (
    Operation("GET", _ALL, listed, _READ, "List webhooks", Page[WebhookTold], query=Paged),
    Operation(
        *("POST", _ALL, added, _WRITE, "Have a program told what happens; the answer has its secret", SecretTold, 201),
        body=WebhookSent,
        example={"url": "https://crm.example.org/remembrancer", "types": ["confirmed", "left", "bounced"]},
    ),
    Operation("GET", _ONE, one, _READ, "Read a webhook", WebhookTold),
    Operation("DELETE", _ONE, ended, _WRITE, "End a webhook", None, 204),
    Operation("POST", f"{_ONE}/renew", renewed, _WRITE, "Give a webhook a new secret", SecretTold),
    Operation("POST", f"{_ONE}/test", tried, _WRITE, "Have a webhook told that this is a test", None, 204),
    Operation("POST", f"{_ONE}/resume", resumed, _WRITE, "Switch a webhook on again", Resumed),
)
