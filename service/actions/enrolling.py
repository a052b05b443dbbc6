"""Enrolling: a program of ours brings somebody who agreed elsewhere, or who wishes to be asked.

With the moment at which they agreed, it is as if a file had brought them; without it, they get the letter in which they
confirm, as often as anybody may have one. Nobody who left, complained or was erased comes back by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from service.actions.answers import is_barred
from service.actions.bringing import Tally, bring
from service.actions.subscriber_rows import Row
from service.actions.subscribing import Asked, Desk, ask, check_wishes
from service.domain.consent import Act, Came, Wording
from service.domain.errors import InvalidError
from service.domain.subscription import Habit, Status, Subscriber, Wish
from service.store import consents, subscribers, subscriptions
from service.store.dialect import Tx

SOURCE: Final = "api"
_BARRED: Final = "who left, or must not be written to, comes back by themselves alone"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Whom a program brings: how, and what it says of their consent; `agreed_at` is None for who is to be asked."""

    address: str
    habit: Habit
    wishes: tuple[Wish, ...]
    agreed_at: datetime | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    network: str = ""


async def enrol(tx: Tx, desk: Desk, whom: Enrolled, now: datetime) -> tuple[Subscriber, bool]:
    """Bring somebody in, and say whether they are new; whoever is known keeps their habits.

    Raise InvalidError for an unknown wish, a consent that is yet to come, and somebody who may not be brought back.
    """
    await check_wishes(tx, whom.wishes)
    if whom.agreed_at is not None and whom.agreed_at > now:
        raise InvalidError(f"this is yet to come (allowed: until {now:%Y-%m-%dT%H:%M:%SZ})", "consent/agreed_at")
    known = await subscribers.by_address(tx, whom.address)
    if await is_barred(tx, desk.tokens, whom.address) or (known is not None and known.status is Status.LEFT):
        raise InvalidError(_BARRED, "address")
    if whom.agreed_at is None:
        if known is not None and known.status is Status.ACTIVE and await _remembers(tx, known, whom.wishes):
            return known, False
        language, words = whom.habit.language, whom.evidence.get("consent_wording", "")
        wording = Wording(language, words) if words else None
        asked = Asked(whom.address, whom.habit, whom.wishes, whom.network, wording, SOURCE)
        await ask(tx, desk, asked, now)
    else:
        row = Row(whom.address, whom.habit, whom.wishes, whom.agreed_at, whom.evidence)
        await bring(tx, desk, [row], Tally(), now, SOURCE)
        if known is not None:
            await subscribers.move_again(tx, known.id)
    found = await subscribers.by_address(tx, whom.address)
    if found is None:
        raise InvalidError(_BARRED, "address")
    return found, known is None


async def _remembers(tx: Tx, subscriber: Subscriber, wishes: Sequence[Wish]) -> bool:
    """Say whether somebody is told of all this already: then there is nothing that they could confirm."""
    return set(wishes) <= set(await subscriptions.wishes_of(tx, subscriber.id))


async def add_wishes(
    tx: Tx,
    subscriber: Subscriber,
    wishes: Sequence[Wish],
    agreed_at: datetime,
    evidence: Mapping[str, str],
    now: datetime,
) -> None:
    """Have somebody who is written to remember more, as they agreed elsewhere; raise InvalidError."""
    if subscriber.status is not Status.ACTIVE:
        raise InvalidError(f"they are not written to: they are {subscriber.status} (allowed: active)", "subscriber")
    if agreed_at > now:
        raise InvalidError(f"this is yet to come (allowed: until {now:%Y-%m-%dT%H:%M:%SZ})", "consent/agreed_at")
    await check_wishes(tx, wishes)
    await subscriptions.add(tx, subscriber.id, wishes, agreed_at, now)
    await subscribers.move_again(tx, subscriber.id)
    told = {"agreed_at": agreed_at.isoformat(), "targets": sorted({wish.target for wish in wishes}), **evidence}
    await consents.note(tx, subscriber.id, Act.BROUGHT, Came(SOURCE), now, told)
