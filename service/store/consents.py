"""Consents: what a person did about being written to, in rows that are only added."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from service.domain.consent import Act, Came, Done, Wording
from service.store.consent_tables import consents, wordings
from service.store.dialect import Tx, insert_or_ignore, new_id


async def note(
    tx: Tx, subscriber: str, act: Act, came: Came, now: datetime, details: Mapping[str, Any] | None = None
) -> None:
    """Add what somebody did, in the transaction in which it was done: neither is kept without the other."""
    wording = await _version(tx, came.wording, now) if came.wording else None
    await tx.execute(insert(consents).values({**_row(subscriber, act, came, now, details or {}), "wording": wording}))


async def note_many(
    tx: Tx, act: Act, came: Came, now: datetime, details: Iterable[tuple[str, Mapping[str, Any]]]
) -> None:
    """Add the same of many, each with its subscriber's id and its own details; what is kept already, no second time."""
    told = {(subscriber, _written(own)): own for subscriber, own in details}
    if not told:
        return
    same = consents.c.act == act.value, consents.c.source == came.source
    before = select(consents.c.subscriber_id, consents.c.details).where(
        consents.c.subscriber_id.in_({subscriber for subscriber, _ in told}), *same
    )
    kept = {(row.subscriber_id, _written(row.details)) for row in (await tx.execute(before)).all()}
    rows = [_row(key[0], act, came, now, own) for key, own in told.items() if key not in kept]
    if rows:
        await tx.execute(insert(consents), rows)


async def of(tx: Tx, subscriber: str) -> tuple[list[Done], dict[str, Wording]]:
    """Give what a subscriber did, the first first, and the words that it names, by their version."""
    wanted = select(consents).where(consents.c.subscriber_id == subscriber).order_by(consents.c.at, consents.c.id)
    done = [
        Done(Act(row.act), row.at, row.source, row.network or "", row.wording or "", row.details)
        for row in (await tx.execute(wanted)).all()
    ]
    named = select(wordings).where(wordings.c.version.in_({one.wording for one in done}))
    return done, {row.version: Wording(row.language, row.words) for row in (await tx.execute(named)).all()}


async def last(tx: Tx, subscriber: str, act: Act) -> datetime | None:
    """Give when a subscriber last did something; None if never."""
    own = select(func.max(consents.c.at)).where(consents.c.subscriber_id == subscriber, consents.c.act == act.value)
    found: datetime | None = (await tx.execute(own)).scalar_one()
    return found


async def last_of(tx: Tx, ids: Collection[str], acts: Collection[Act]) -> dict[str, datetime]:
    """Give when each of the subscribers last did one of these; who never did is left out."""
    done = consents.c.subscriber_id.in_(ids), consents.c.act.in_([act.value for act in acts])
    last = select(consents.c.subscriber_id, func.max(consents.c.at)).where(*done).group_by(consents.c.subscriber_id)
    return dict((await tx.execute(last)).all()) if ids else {}


async def forget_networks(tx: Tx, before: datetime) -> None:
    """Forget from which networks was done what was done before a moment."""
    old = update(consents).where(consents.c.at < before, consents.c.network.is_not(None))
    await tx.execute(old.values(network=None))


async def _version(tx: Tx, wording: Wording, now: datetime) -> str:
    """Give the version of these words, which are kept once."""
    version = hashlib.sha256(f"{wording.language}\0{wording.words}".encode()).hexdigest()[:16]
    row = {"version": version, "language": wording.language, "words": wording.words, "first_at": now}
    await tx.execute(insert_or_ignore(tx, wordings).values(row))
    return version


def _written(details: Mapping[str, Any]) -> str:
    return json.dumps(details, sort_keys=True)


def _row(subscriber: str, act: Act, came: Came, now: datetime, details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "subscriber_id": subscriber,
        "act": act.value,
        "at": now,
        "source": came.source,
        "network": came.network or None,
        "details": dict(details),
    }
