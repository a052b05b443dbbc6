"""The statements by which the post takes notices, says what it is about to hand over, and records what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Executable,
    FromClause,
    Integer,
    SmallInteger,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import Update

from service.domain.channel import LANE
from service.domain.letter import Variant
from service.domain.notice import Kind, State
from service.domain.subscription import Status
from service.store.channel_tables import channels
from service.store.dialect import Instant
from service.store.prepared import HELD, Given, Prepared, fixed
from service.store.tables import alembic_version, editions, installation, notices, subscribers, subscriptions, workers
from service.store.webhook_messages import SENT_IS_WANTED

WARM_UP = "warm-up"  # the reason of what waits for tomorrow, since its domain is warmed up
PACED = "paced"  # the reason of what waits for the moment that its lane has kept for it
_TARGETS = Given("targets", (Column("target", String),))
_OUTCOMES = Given(
    "outcomes",
    (
        *[Column(column.name, column.type) for column in HELD.columns],
        Column("state", String),
        Column("reason", String),
        Column("due_at", Instant),
        Column("attempts", Integer),
        Column("doubts", Integer),
        Column("code", SmallInteger),
        Column("words", String),
        Column("finished_at", Instant),
    ),
)
_PUTTING_OFF = Given(
    "off",
    (
        *[Column(column.name, column.type) for column in HELD.columns],
        Column("reason", String),
        Column("due_at", Instant),
    ),
)


_ADDRESS = select(subscribers.c.address).where(subscribers.c.id == notices.c.subscriber_id).scalar_subquery()
_IN_DOUBT = select(editions.c.in_doubt).where(editions.c.id == notices.c.edition_id).scalar_subquery()
_WAY = (
    select(channels.c.name + fixed(":") + channels.c.target)
    .where(channels.c.reader_id == notices.c.subscriber_id, channels.c.set_aside_at.is_(None))
    # What is in doubt on an earlier way goes no other.
    .where(or_(notices.c.doubts == fixed(0), channels.c.since <= notices.c.dated_at))
    .scalar_subquery()
)


def _claimed(address: Any) -> tuple[Any, ...]:
    return (
        notices.c.lane,
        notices.c.due_at,
        notices.c.id,
        notices.c.generation,
        notices.c.kind,
        notices.c.edition_id,
        notices.c.subscriber_id,
        address.label("address"),
        notices.c.dated_at,
        notices.c.expires_at,
        notices.c.attempts,
        notices.c.doubts,
        notices.c.crashes,
        _IN_DOUBT.label("in_doubt"),
        case((notices.c.reason == fixed(PACED), notices.c.due_at)).label("paced_for"),
        notices.c.variant,
    )


def _claiming(of: Any, address: Any = _ADDRESS) -> Executable:
    now = bindparam("now", type_=Instant)
    ready = and_(notices.c.state == fixed(State.READY), notices.c.due_at <= now, notices.c.expires_at > now, of)
    # Settled with the date: a second copy says the same.
    late = and_(notices.c.dated_at.is_(None), notices.c.due_at < bindparam("late", type_=Instant))
    picked = (
        select(notices.c.id)
        .where(ready)
        .order_by(notices.c.lane, notices.c.due_at, notices.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    return (
        update(notices)
        .where(notices.c.id.in_(select(picked.c.id)), notices.c.state == fixed(State.READY))
        .values(
            state=fixed(State.CLAIMED),
            owner=bindparam("owner", type_=String),
            generation=notices.c.generation + fixed(1),
            dated_at=func.coalesce(notices.c.dated_at, now),
            variant=case((late, notices.c.variant.bitwise_or(fixed(Variant.LATE.value))), else_=notices.c.variant),
        )
        .returning(*_claimed(address))
    )


def of_generation(held: FromClause, *states: State) -> Any:
    """Say that a notice is one of those held, in the generation that was read, and in one of the states."""
    return and_(
        notices.c.id == held.c.id,
        notices.c.generation == held.c.generation,
        or_(*[notices.c.state == fixed(state) for state in states]),
    )


def running() -> Any:
    """Say that a notice's edition was not stopped, or that it is to leave ahead of the others all the same."""
    leaves = or_(editions.c.stopped_at.is_(None), editions.c.stopped_at == notices.c.ahead_at)
    return exists().where(editions.c.id == notices.c.edition_id, leaves)


def _intending(held: FromClause, reader: Any) -> Update:
    wanted = exists().where(subscribers.c.id == notices.c.subscriber_id, reader)
    # Of a commit that happened unnoticed, the row says so: asked again, it is still ours.
    own = and_(of_generation(held, State.CLAIMED, State.SENDING), wanted, running())
    return update(notices).where(own).values(state=fixed(State.SENDING))


def _intending_told(held: FromClause, targets: FromClause) -> Update:
    """Hand over to those who have not left, are not paused, and are still subscribed to what brought the letter."""
    subscribed = exists().where(
        subscriptions.c.subscriber_id == subscribers.c.id,
        subscriptions.c.target.in_(select(targets.c.target)),
        subscriptions.c.confirmed_at.is_not(None),
        subscriptions.c.ended_at.is_(None),
    )
    awake = or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= notices.c.day)
    return _intending(held, and_(subscribers.c.status == fixed(Status.ACTIVE), awake, subscribed))


def _both(build: Callable[..., Update], *given: Given) -> tuple[Prepared, Prepared]:
    """Prepare a change of notices to be counted, and the same to be told of which: seldom, as it costs more."""
    return Prepared(build, *given), Prepared(lambda *rows: build(*rows).returning(notices.c.id), *given)


def _intending_standing(*standing: Status) -> tuple[Prepared, Prepared]:
    """Hand over to those who stand so, whatever they are subscribed to."""
    allowed = or_(*[subscribers.c.status == fixed(one) for one in standing])
    return _both(lambda held: _intending(held, allowed), HELD)


def _putting_off(off: FromClause) -> Executable:
    later = {"state": fixed(State.READY), "owner": null(), "reason": off.c.reason, "due_at": off.c.due_at}
    # Nobody has seen it yet: it is dated when it leaves, and says that it is late.
    unseen = and_(off.c.reason == fixed(WARM_UP), notices.c.attempts == fixed(0), notices.c.doubts == fixed(0))
    later["dated_at"] = case((unseen, null()), else_=notices.c.dated_at)
    said_late = notices.c.variant.bitwise_or(fixed(Variant.LATE.value))
    later["variant"] = case((unseen, said_late), else_=notices.c.variant)
    return update(notices).where(of_generation(off, State.CLAIMED)).values(later)


def _recording(given: FromClause) -> Executable:
    said: dict[str, Any] = {
        name: given.c[name] for name in ("state", "reason", "attempts", "doubts", "code", "words", "finished_at")
    }
    said |= {"owner": null(), "due_at": func.coalesce(given.c.due_at, notices.c.due_at)}
    return update(notices).where(of_generation(given, State.SENDING)).values(said)


def _giving_back(held: FromClause) -> Executable:
    # An intent of which nobody knew whether it was committed may have been: its letter was not handed over.
    own = of_generation(held, State.CLAIMED, State.SENDING)
    return update(notices).where(own).values(state=fixed(State.READY), owner=null())


def _gate() -> Executable:
    paused_at = select(installation.c.paused_at).scalar_subquery().label("paused_at")
    version = select(alembic_version.c.version_num).scalar_subquery().label("version")
    return select(paused_at, version, SENT_IS_WANTED.label("is_sent_wanted"))


def _entered() -> Executable:
    own = select(workers.c.id).where(workers.c.id == bindparam("owner", type_=String))
    return own.with_for_update(read=True, key_share=True)


ENTERED = Prepared(_entered)
GATE = Prepared(_gate)


@dataclass(frozen=True, slots=True)
class Claims:
    """The statements that take notices: those in their order, and those that a worker died with."""

    ordinary: Prepared
    suspect: Prepared


def _claims(*of: Any, address: Any = _ADDRESS) -> Claims:
    fresh, suspect = and_(notices.c.crashes == fixed(0), *of), and_(notices.c.crashes > fixed(0), *of)
    return Claims(Prepared(lambda: _claiming(fresh, address)), Prepared(lambda: _claiming(suspect, address)))


# Where there are no channels, what was to go by one goes by e-mail, unless it may have arrived there.
ALL = _claims(or_(notices.c.lane < fixed(LANE), notices.c.doubts == fixed(0)))
BY_MAIL = _claims(notices.c.lane < fixed(LANE))
BY_CHANNEL = _claims(notices.c.lane == fixed(LANE), address=_WAY)
PUT_OFF = Prepared(_putting_off, _PUTTING_OFF)
GIVE_BACK = Prepared(_giving_back, HELD)
_INTEND_TOLD = _both(_intending_told, HELD, _TARGETS)
_INTEND_ANSWER = _intending_standing(Status.PENDING, Status.ACTIVE)
_INTEND_SINGLE = _intending_standing(Status.ADDRESSEE)
_INTEND_OTHER = {
    Kind.WELCOME: _intending_standing(Status.ACTIVE),
    Kind.FAREWELL: _intending_standing(Status.LEFT),
    Kind.HELP: _INTEND_SINGLE,
    Kind.ADDRESS: _INTEND_SINGLE,
    Kind.INVITATION: _INTEND_SINGLE,
    Kind.MOVED: _INTEND_SINGLE,
    Kind.CHANNEL: _INTEND_SINGLE,
    Kind.DATA: _INTEND_SINGLE,
    Kind.TEST: _INTEND_SINGLE,
    Kind.ALERT: _INTEND_SINGLE,
}
RECORD = Prepared(_recording, _OUTCOMES)


def intend(kind: Kind) -> tuple[Prepared, Prepared]:
    """Give the intent of a kind of letter, to be counted and to be told of which.

    To whom one may go that remembers nothing is a matter of where they stand.
    """
    return _INTEND_TOLD if kind.remembers else _INTEND_OTHER.get(kind, _INTEND_ANSWER)
