"""Messages to webhooks: kept in the transaction of what happened, handed over later, forgotten in time.

Where no webhook wants to know, nothing is written; nor is anything of who remembers private dates alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Executable,
    FromClause,
    String,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from service.domain import webhook as words
from service.domain.targets import target_of
from service.domain.webhook import Answered, Follows, Happening, State, Told
from service.store.dialect import GroupTx, Instant, Tx, new_id
from service.store.prepared import Given, Prepared, fixed
from service.store.tables import editions, subscribers, subscriptions
from service.store.webhook_tables import webhook_messages, webhooks
from service.store.webhooks import IS_OPEN

_WORDS_MOST = 500
_GIVEN = Given("told", tuple(Column(name, String) for name in ("once", "type", "subscriber_id", "data")))
_IS_ERASURE = and_(webhook_messages.c.type == Happening.LEFT, webhook_messages.c.subscriber_id.is_(None))
_PRIVATE = target_of("")
_ID_OF_WEBHOOK = 17  # from here on, what is random in its id


@dataclass(frozen=True, slots=True)
class Message:
    """A message in somebody's hands, in the generation that was claimed."""

    id: str
    generation: int
    happening: str
    data: str
    happened_at: datetime
    attempts: int

    @property
    def body(self) -> bytes:
        """What is sent."""
        return words.body(self.happening, self.happened_at, self.data)


def wants(happening: Happening) -> Any:
    """Say, in a statement, that an open webhook wants to be told of something."""
    return and_(IS_OPEN, webhooks.c.types.contains(f" {happening} "))


SENT_IS_WANTED = exists(select(literal_column("1")).select_from(webhooks).where(wants(Happening.SENT)))


async def tell(tx: Tx, told: Sequence[Told], now: datetime, *, only: str | None = None) -> int:
    """Keep what happened for every webhook that wants to know, or for one whatever it wants; gives for how many."""
    count = 0
    for happening in {one.happening for one in told}:
        to = webhooks.c.id == only if only else wants(happening)
        hooks = (await tx.execute(select(webhooks.c.id).where(to))).scalars().all()
        own = [one for one in told if one.happening is happening]
        hidden = await _hidden(tx, [one.subscriber for one in own if one.subscriber]) if hooks else ()
        rows = [_row(id_, one, now) for id_ in hooks for one in own if one.subscriber not in hidden]
        if rows:
            await tx.execute(insert(webhook_messages), rows)
        count += len(rows)
    return count


async def tell_erased(tx: Tx, told: Told, now: datetime) -> None:
    """Keep, for every webhook that may have been told of a person, that they were erased: whatever it asks for.

    Even where it is switched off: then it is told once it goes on.
    """
    may_know = and_(webhooks.c.ended_at.is_(None), webhooks.c.types != f" {Happening.EDITION_READY} ")
    rows = [_row(id_, told, now) for id_ in (await tx.execute(select(webhooks.c.id).where(may_know))).scalars()]
    if rows:
        await tx.execute(insert(webhook_messages), rows)


def tell_in_group(tx: GroupTx, told: Iterable[Told], now: datetime) -> None:
    """Keep the same of many at once, by one statement, each by its name: told again, it changes nothing.

    A commit of which nobody knows whether it happened is done again (`faults.md`, cases 36, 37).
    """
    rows = [(one.once, one.happening.value, one.subscriber, words.written(one.data)) for one in told]
    if rows:
        _TELL.count(tx, [rows], now=now)


def editions_said(tx: GroupTx, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Give what is told of editions with each of their letters."""
    said = select(editions.c.id, editions.c.language, editions.c.day, editions.c.because)
    found = tx.execute(said.where(editions.c.id.in_(list(ids)))).all()
    return {id_: words.edition_said(language, day, because) for id_, language, day, because in found}


async def due(tx: Tx, now: datetime) -> list[str]:
    """Give the webhooks for which a message is due."""
    waits = exists().where(webhook_messages.c.webhook_id == webhooks.c.id, _is_due(now))
    return list((await tx.execute(select(webhooks.c.id).where(IS_OPEN, waits))).scalars())


async def claim(tx: Tx, webhook: str, now: datetime, until: datetime, most: int) -> list[Message]:
    """Take some messages that are due; nobody else gets them until a moment, whatever becomes of who took them.

    On PostgreSQL two processes skip each other's rows; SQLite, which has one writer, ignores that clause.
    """
    picked = (
        select(webhook_messages.c.id)
        .where(webhook_messages.c.webhook_id == webhook, _is_due(now))
        .order_by(webhook_messages.c.due_at, webhook_messages.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    taking = (
        update(webhook_messages)
        .where(webhook_messages.c.id.in_(select(picked.c.id)), webhook_messages.c.state == State.WAITING)
        .values(due_at=until, generation=webhook_messages.c.generation + 1)
        .returning(
            *[webhook_messages.c[name] for name in ("id", "generation", "type", "data", "happened_at", "attempts")]
        )
    )
    return sorted((Message(*row) for row in (await tx.execute(taking)).all()), key=lambda one: one.id)


async def record(tx: Tx, message: Message, answered: Answered, follows: Follows, now: datetime) -> bool:
    """Keep what became of a message; False if somebody else has it by now, or it was forgotten with its person."""
    own = and_(webhook_messages.c.id == message.id, webhook_messages.c.generation == message.generation)
    said: dict[str, Any] = {
        "state": follows.state,
        "attempts": message.attempts + 1,
        "code": answered.code,
        "words": answered.words[:_WORDS_MOST],
        "finished_at": None if follows.due_at else now,
    }
    said |= {"due_at": follows.due_at} if follows.due_at else {}
    return bool((await tx.execute(update(webhook_messages).where(own).values(said))).rowcount)


async def forget_of(tx: Tx, subscriber: str) -> None:
    """Remove what others were told of a person, or were yet to be told."""
    await tx.execute(delete(webhook_messages).where(webhook_messages.c.subscriber_id == subscriber))


async def forget(tx: Tx, accepted_before: datetime, failed_before: datetime, most: int) -> int:
    """Remove some of what was taken, and of what failed, before two moments; gives how much.

    That somebody was erased is kept until it is taken, or its webhook ended.
    """
    over = or_(
        and_(webhook_messages.c.state == State.ACCEPTED, webhook_messages.c.finished_at < accepted_before),
        and_(webhook_messages.c.state == State.FAILED, webhook_messages.c.finished_at < failed_before, ~_IS_ERASURE),
    )
    wanted = select(webhook_messages.c.id).where(webhook_messages.c.finished_at < accepted_before, over).limit(most)
    ids = (await tx.execute(wanted)).scalars().all()
    if ids:
        await tx.execute(delete(webhook_messages).where(webhook_messages.c.id.in_(ids)))
    return len(ids)


async def _hidden(tx: Tx, ids: Sequence[str]) -> set[str]:
    asked = select(subscribers.c.id).where(subscribers.c.id.in_(ids), _is_hidden(subscribers.c.id))
    return {*(await tx.execute(asked)).scalars()} if ids else set()


def _is_hidden(subscriber: Any) -> Any:
    """Say that somebody remembers private dates alone, and never asked for more: of them nobody is told anything."""
    private = func.substr(subscriptions.c.target, fixed(1), fixed(len(_PRIVATE))) == fixed(_PRIVATE)
    own = select(fixed(1)).select_from(subscriptions).where(subscriptions.c.subscriber_id == subscriber)
    return and_(exists(own.where(private)), ~exists(own.where(~private)))


def _is_due(now: datetime) -> Any:
    return and_(webhook_messages.c.state == State.WAITING, webhook_messages.c.due_at <= now)


def _row(webhook: str, told: Told, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "webhook_id": webhook,
        "type": told.happening,
        "subscriber_id": told.subscriber,
        "data": words.written(told.data),
        "happened_at": now,
        "state": State.WAITING,
        "due_at": now,
        "generation": 0,
        "attempts": 0,
        "code": 0,
        "words": "",
    }


def _telling(given: FromClause) -> Executable:
    now = bindparam("now", type_=Instant)
    id_ = given.c.once + fixed("-") + given.c.type + fixed("-") + func.substr(webhooks.c.id, fixed(_ID_OF_WEBHOOK))
    said = {
        "id": id_,
        "webhook_id": webhooks.c.id,
        "type": given.c.type,
        "subscriber_id": given.c.subscriber_id,
        "data": given.c.data,
        "happened_at": now,
        "state": fixed(State.WAITING.value),
        "due_at": now,
        **dict.fromkeys(("generation", "attempts", "code"), fixed(0)),
        "words": fixed(""),
    }
    wanted = and_(IS_OPEN, webhooks.c.types.contains(fixed(" ") + given.c.type + fixed(" ")))
    is_new = ~exists(select(fixed(1)).select_from(_KEPT).where(_KEPT.c.id == id_))
    made = (
        select(*said.values())
        .select_from(given.join(webhooks, wanted))
        .where(is_new, ~_is_hidden(given.c.subscriber_id))
    )
    return insert(webhook_messages).from_select(list(said), made)


_KEPT = webhook_messages.alias("kept")
_TELL = Prepared(_telling, _GIVEN)
