"""Editions: what is said, planned as a set of occasions, rendered once, then frozen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, exists, or_, select, tuple_, update

from service.domain.letter import Words
from service.domain.notice import InDoubt, Kind, State
from service.store.dialect import Tx, insert_or_ignore, new_id
from service.store.prepared import fixed
from service.store.tables import editions, notices

SUPERSEDED = "superseded"  # the reason of what was to tell of an event as it was before it changed
NEVER_RENDERED = "superseded before it was rendered"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One occasion that an edition tells of, by event, rule and date."""

    event: str
    rule: str
    on: date
    number: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What an edition is to say: kind, language and local day, the occasions, and the targets they came by.

    `in_doubt` is what becomes of a letter of it that may have been taken or not; it is no part of what is said.
    `facts` are what it says beside occasions (an alert's, a welcome's), as JSON has them.
    """

    kind: Kind
    language: str
    day: date
    template_version: str
    key: str
    told: tuple[Told, ...]
    because: tuple[str, ...]
    in_doubt: InDoubt = InDoubt.RESEND
    facts: Mapping[str, Any] = field(default_factory=dict)
    reader: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The id of an edition, whether its words are there, and whether its letters are held."""

    id: str
    rendered: bool
    held: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition as it is kept; `words` once it is rendered without a fault."""

    id: str
    plan: Plan
    words: Words | None
    findings: tuple[str, ...]
    is_rendered: bool
    rendered_at: datetime | None = None


async def ensure(tx: Tx, plan: Plan, now: datetime) -> str:
    """Give the id of the edition of that plan; it is made if it is not there yet."""
    (kept,) = await ensure_all(tx, [plan], now)
    return kept.id


async def ensure_all(tx: Tx, plans: Sequence[Plan], now: datetime) -> list[Kept]:
    """Give the editions of those plans in their order; what is not there yet is made."""
    if plans:
        await tx.execute(insert_or_ignore(tx, editions), [_row(plan, now) for plan in plans])
    columns = (*_KEY, editions.c.id, editions.c.subject.is_not(None), editions.c.stopped_reason == NEVER_RENDERED)
    found: dict[tuple[Any, ...], Kept] = {}
    for start in range(0, len(plans), _AT_ONCE):
        same = tuple_(*_KEY).in_([_key(plan) for plan in plans[start : start + _AT_ONCE]])
        for *key, id_, rendered, given_up in (await tx.execute(select(*columns).where(same))).all():
            found[tuple(key)] = Kept(id_, rendered)
            if given_up:  # it is to be said after all
                again = update(editions).where(editions.c.id == id_, editions.c.stopped_reason == NEVER_RENDERED)
                await tx.execute(again.values(rendered_at=None, stopped_at=None, stopped_reason=None))
    return [found[_key(plan)] for plan in plans]


IS_PUBLIC = editions.c.subscriber_id.is_(None)
_ONE_IS_AHEAD = exists().where(
    notices.c.edition_id == editions.c.id,
    notices.c.state == fixed(State.PLANNED),
    notices.c.ahead_at == editions.c.stopped_at,
)
_WAITS = and_(editions.c.rendered_at.is_(None), or_(editions.c.stopped_at.is_(None), _ONE_IS_AHEAD))
_KEY = (editions.c.kind, editions.c.language, editions.c.day, editions.c.template_version, editions.c.key)


def _key(plan: Plan) -> tuple[Any, ...]:
    return (plan.kind.value, plan.language, plan.day, plan.template_version, plan.key)


def _row(plan: Plan, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "subscriber_id": plan.reader,
        "kind": plan.kind,
        "language": plan.language,
        "day": plan.day,
        "template_version": plan.template_version,
        "key": plan.key,
        "dues": [[told.event, told.rule, told.on.isoformat(), told.number] for told in plan.told],
        "because": list(plan.because),
        "in_doubt": plan.in_doubt,
        "facts": dict(plan.facts) or None,
        "created_at": now,
    }


async def unrendered(tx: Tx, most: int = 100) -> list[Edition]:
    """Give editions that wait to be rendered, oldest first."""
    wanted = select(editions).where(_WAITS).order_by(editions.c.id).limit(most)
    return [_read(row) for row in (await tx.execute(wanted)).all()]


async def waiting(tx: Tx, most: int = 100) -> list[str]:
    """Give the ids of editions that wait to be rendered, oldest first."""
    wanted = select(editions.c.id).where(_WAITS).order_by(editions.c.id).limit(most)
    return list((await tx.execute(wanted)).scalars())


async def freeze(tx: Tx, id_: str, words: Words | None, findings: Sequence[str], now: datetime) -> bool:
    """Keep what was rendered, once and for all; False if somebody else has."""
    values = {
        "subject": words.subject if words else None,
        "html": words.html if words else None,
        "text": words.text if words else None,
        "calendar": words.calendar or None if words else None,
        "late": words.late or None if words else None,
        "findings": list(findings),
        "rendered_at": now,
    }
    own = and_(editions.c.id == id_, editions.c.rendered_at.is_(None))
    return bool((await tx.execute(update(editions).where(own).values(values))).rowcount)


async def named(tx: Tx, id_: str) -> Edition | None:
    """Give the edition of that id; None of one that is a reader's own, as if there were none."""
    row = (await tx.execute(select(editions).where(editions.c.id == id_, IS_PUBLIC))).first()
    return _read(row) if row else None


async def to_render(tx: Tx, id_: str) -> Edition | None:
    """Give the edition of that id, whosever it is: for the press alone."""
    row = (await tx.execute(select(editions).where(editions.c.id == id_))).first()
    return _read(row) if row else None


def read_told(dues: Iterable[Sequence[Any]]) -> tuple[Told, ...]:
    """Read what an edition tells of, as its row has it."""
    return tuple(Told(event, rule, date.fromisoformat(on), number) for event, rule, on, number in dues)


async def is_kept(tx: Tx, id_: str) -> bool:
    """Say whether there is an edition of that id, whosever it is."""
    return (await tx.execute(select(editions.c.id).where(editions.c.id == id_))).first() is not None


def words_in(row: Row[Any]) -> Words:
    """Read the words of an edition that is rendered."""
    return Words(row.subject, row.html, row.text, row.calendar or "", row.late or "")


def _read(row: Row[Any]) -> Edition:
    told = read_told(row.dues)
    kind, in_doubt = Kind(row.kind), InDoubt(row.in_doubt)
    said = (told, tuple(row.because), in_doubt, row.facts or {}, row.subscriber_id)
    plan = Plan(kind, row.language, row.day, row.template_version, row.key, *said)
    words = words_in(row) if row.subject is not None else None
    return Edition(row.id, plan, words, tuple(row.findings or ()), row.rendered_at is not None, row.rendered_at)
