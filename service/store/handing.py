"""Notices in the hands of the post: claimed, intended, recorded, many at once; the same on both databases.

Every change names the generation that it read, so that a worker that comes back late changes nothing. Each
question may be asked again after a commit of which nobody knows whether it happened (`faults.md`, cases 36, 37).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import and_, case, exists, false, func, literal, null, or_, select, update

from service.domain.letter import Variant, Words
from service.domain.notice import LATE_AFTER, Claim, Kind, Outcome, State
from service.domain.retry import Next
from service.store import statements
from service.store.dialect import GroupTx, Instant, insert_or_ignore
from service.store.editions import words_in
from service.store.prepared import fixed
from service.store.statements import Claims
from service.store.tables import attempts, editions, notices, workers

_WORDS_MOST = 1000
_CRASHES_MOST = 3
_VARIANTS = tuple(map(Variant, range(8)))  # made once: there is one for each letter


@dataclass(frozen=True, slots=True)
class Gate:
    """What a worker looks at before it claims: is the post held, is it entered, is the database of its version.

    And whether a webhook wants to be told of each letter that is sent.
    """

    paused: bool
    entered: bool
    version: str
    is_sent_wanted: bool


@dataclass(frozen=True, slots=True)
class Intents:
    """Letters of one edition that are about to be handed over, with what their readers came by."""

    kind: Kind
    because: tuple[str, ...]
    held: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """One letter that was handed over: what became of it and what follows."""

    held: Claim
    outcome: Outcome
    follows: Next


def gate(tx: GroupTx, owner: str) -> Gate:
    """Look whether claims may be made at all; nobody can strike the owner before the claim is committed."""
    entered = statements.ENTERED.run(tx, owner=owner)
    ((paused_at, version, is_sent_wanted),) = statements.GATE.run(tx)
    return Gate(paused_at is not None, bool(entered), version, bool(is_sent_wanted))


def claim(tx: GroupTx, owner: str, now: datetime, most: int, of: Claims = statements.ALL) -> list[Claim]:
    """Take up to `most` notices that are due, each a new generation; nobody else gets them while the owner lives.

    On PostgreSQL two workers skip each other's rows; SQLite, which has one writer, ignores that clause. Those
    that a worker died with are left to `claim_suspect`.
    """
    return _claimed(of.ordinary.run(tx, owner=owner, now=now, late=now - LATE_AFTER, most=most))


def claim_suspect(tx: GroupTx, owner: str, now: datetime, _most: int = 1, of: Claims = statements.ALL) -> list[Claim]:
    """Take one notice that a worker died with, alone: if it is the cause, nothing else suffers again."""
    return _claimed(of.suspect.run(tx, owner=owner, now=now, late=now - LATE_AFTER, most=1))


def put_off(tx: GroupTx, waiting: Sequence[tuple[Claim, datetime, str]]) -> None:
    """Let go of claimed notices until a later moment, for a reason."""
    if waiting:
        statements.PUT_OFF.run(tx, [[(claim.id, claim.generation, reason, until) for claim, until, reason in waiting]])


def give_back(tx: GroupTx, held: Iterable[Claim]) -> None:
    """Let go of claimed notices that were not tried."""
    statements.GIVE_BACK.run(tx, [_keys(held)])


def intend(tx: GroupTx, intents: Intents, now: datetime) -> set[str]:
    """Record that letters are about to be handed over; gives the ids of those that are still held and wanted.

    This is the moment from which a change of mind comes too late: one that was committed before wins. What is
    not wanted any more is ended here; what is of a stopped edition is held.
    """
    rows: list[list[tuple[Any, ...]]] = [[*_keys(intents.held)]]
    if intents.kind.remembers:
        rows.append([(target,) for target in intents.because])
    statement, which = statements.intend(intents.kind)
    if statement.count(tx, rows) == len(intents.held):
        return {claim.id for claim in intents.held}
    wanted = {id_ for (id_,) in which.run(tx, rows)}
    for claim in intents.held:
        if claim.id not in wanted:
            _end_unwanted(tx, claim, now)
    return wanted


def fail(tx: GroupTx, held: Claim, words: str, now: datetime) -> None:
    """End a claimed notice whose letter cannot be composed."""
    ended = {
        "state": State.FAILED,
        "reason": "not composed",
        "words": words[:_WORDS_MOST],
        "finished_at": now,
        "owner": None,
    }
    tx.execute(update(notices).where(_own(held, State.CLAIMED)).values(ended))


def set_aside(tx: GroupTx, held: Claim, words: str, now: datetime) -> None:
    """Leave a notice that the database will not have recorded to a person: it keeps no other waiting (P7)."""
    aside = {
        "state": State.QUARANTINE,
        "reason": "cannot be recorded",
        "words": words[:_WORDS_MOST],
        "finished_at": now,
        "owner": None,
    }
    tx.execute(update(notices).where(or_(_own(held, State.CLAIMED), _own(held, State.SENDING))).values(aside))


def record(tx: GroupTx, done: Sequence[Done], owner: str, now: datetime) -> set[str]:
    """Record what became of letters; gives the ids of those that somebody else has taken over meanwhile.

    Of them, what the server said late is kept as an attempt; and so is each attempt that another will follow. Of
    what was erased meanwhile, nothing is kept.
    """
    if not done:
        return set()
    late = set[str]()
    if statements.RECORD.count(tx, [[_row(one, now) for one in done]]) < len(done):
        late = {one.held.id for one in done} - _recorded(tx, done)
    kept = _kept(tx, late) if late else set()
    told = [_attempt(one, "late", owner, now) for one in done if one.held.id in kept]
    told += [
        _attempt(one, one.outcome.result, owner, now) for one in done if one.follows.due_at and one.held.id not in late
    ]
    if told:
        tx.execute(insert_or_ignore(tx, attempts), told)
    return late


def orphans(tx: GroupTx) -> list[str]:
    """Give the owners of notices who are no workers any more."""
    held = or_(notices.c.state == fixed(State.CLAIMED), notices.c.state == fixed(State.SENDING))
    strangers = notices.c.owner.not_in(select(workers.c.id))
    return list(tx.execute(select(notices.c.owner).where(held, strangers).distinct()).scalars())


def free(tx: GroupTx, owner: str, now: datetime, *, blames: bool = True) -> int:
    """Free what a dead worker held, and give how many there were.

    What was being handed over is in doubt: it is sent again, or held where its collections want that. Whoever
    was held alone may be what the worker died of: at the third time it is set aside (case 64).
    """
    held = or_(notices.c.state == fixed(State.CLAIMED), notices.c.state == fixed(State.SENDING))
    own = and_(notices.c.owner == owner, held)
    count = int(tx.execute(select(func.count()).where(own)).scalar_one())
    if not count:
        return 0
    sending = notices.c.state == State.SENDING
    lost = select(
        notices.c.id,
        notices.c.generation,
        literal("lost"),
        literal(0),
        literal("its worker died"),
        notices.c.owner,
        literal(now, Instant),
    )
    columns = ["notice_id", "generation", "result", "code", "words", "owner", "at"]
    tx.execute(insert_or_ignore(tx, attempts).from_select(columns, lost.where(own, sending)))
    is_alone = blames and count == 1
    suspect = notices.c.crashes + 1 if is_alone else case((notices.c.crashes > 1, notices.c.crashes), else_=1)
    crashes = suspect if blames else notices.c.crashes
    poison = notices.c.crashes >= _CRASHES_MOST - 1 if is_alone else false()
    holds = and_(sending, exists().where(editions.c.id == notices.c.edition_id, editions.c.in_doubt == "hold"))
    freed = {
        "state": case((poison, State.QUARANTINE), (holds, State.HELD), else_=State.READY),
        "reason": case((poison, "its workers died"), (sending, "in doubt"), else_=""),
        "finished_at": case((or_(poison, holds), literal(now, Instant)), else_=null()),
        "doubts": notices.c.doubts + case((sending, 1), else_=0),
        "crashes": crashes,
        "owner": None,
    }
    tx.execute(update(notices).where(own).values(freed))
    return count


def words_of(tx: GroupTx, edition: str) -> tuple[Words, tuple[str, ...]] | None:
    """Give what an edition says and what its readers came by; None if it is not rendered."""
    row = tx.execute(select(editions).where(editions.c.id == edition)).first()
    if row is None or row.subject is None:
        return None
    return words_in(row), tuple(row.because)


def _keys(held: Iterable[Claim]) -> list[tuple[str, int]]:
    return [(claim.id, claim.generation) for claim in held]


def _row(done: Done, now: datetime) -> tuple[Any, ...]:
    held, outcome, follows = done.held, done.outcome, done.follows
    finished_at = None if follows.due_at else now
    what = (follows.state.value, follows.reason, follows.due_at, follows.attempts, follows.doubts)
    return (held.id, held.generation, *what, outcome.code, outcome.words[:_WORDS_MOST], finished_at)


def _attempt(done: Done, result: str, owner: str, now: datetime) -> dict[str, Any]:
    return {
        "notice_id": done.held.id,
        "generation": done.held.generation,
        "result": result,
        "code": done.outcome.code,
        "words": done.outcome.words[:_WORDS_MOST],
        "owner": owner,
        "at": now,
    }


def _own(held: Claim, state: State) -> Any:
    return and_(notices.c.id == held.id, notices.c.generation == held.generation, notices.c.state == state)


def _end_unwanted(tx: GroupTx, held: Claim, now: datetime) -> None:
    ended = {
        "state": case((statements.running(), State.DROPPED), else_=State.HELD),
        "reason": case((statements.running(), "no longer wanted"), else_="stopped"),
        "finished_at": now,
        "owner": None,
    }
    # Of a commit that happened unnoticed, the row may say that it is being sent: asked again, it was not.
    tx.execute(update(notices).where(or_(_own(held, State.CLAIMED), _own(held, State.SENDING))).values(ended))


def _kept(tx: GroupTx, ids: set[str]) -> set[str]:
    return set(tx.execute(select(notices.c.id).where(notices.c.id.in_(ids))).scalars())


def _recorded(tx: GroupTx, done: Sequence[Done]) -> set[str]:
    """Give those whose row says what was to be recorded: by now, or since a commit that happened after all."""
    return {
        one.held.id
        for one in done
        if tx.execute(select(notices.c.id).where(_own(one.held, one.follows.state), notices.c.owner.is_(None))).first()
    }


def _claimed(taken: list[Any]) -> list[Claim]:
    """Read what was taken, in the order in which it is to go: by lane, moment and id."""
    claims = []
    for (
        _,
        _,
        id_,
        generation,
        kind,
        *named,
        dated_at,
        expires_at,
        tries,
        doubts,
        crashes,
        in_doubt,
        paced_for,
        variant,
    ) in sorted(taken, key=itemgetter(0, 1, 2)):
        edition, subscriber, address = named
        counts = (tries, doubts, crashes)
        claims.append(
            Claim(
                id_,
                generation,
                Kind(kind),
                edition,
                subscriber,
                address,
                dated_at,
                expires_at,
                *counts,
                in_doubt == "hold",
                paced_for,
                _VARIANTS[variant],
            )
        )
    return claims
