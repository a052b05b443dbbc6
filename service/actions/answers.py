"""Letters that answer somebody: a confirmation, a welcome, the manage link. They are notices like any other."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service.domain.letter import Variant
from service.domain.notice import Kind
from service.domain.subscription import Status, Subscriber
from service.mail.tokens import Tokens
from service.store import editions, notices, subscribers
from service.store.dialect import Tx
from service.store.templates import version_in_use

_PER_DAY = timedelta(hours=24)
_PER_MONTH = timedelta(days=30)
_MOST_IN_MONTH = {Kind.CONFIRMATION: 3, Kind.LINK: 10, Kind.WELCOME: 3, Kind.FAREWELL: 3, Kind.LEAVING: 5}
USEFUL = timedelta(days=7)  # as long as the links in them


@dataclass(frozen=True, slots=True)
class Says:
    """What an answer says beside what all of its kind say: occasions, what was asked for, other facts."""

    told: tuple[editions.Told, ...] = ()
    because: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    versions: tuple[str, ...] = ()  # of the events told

    def key(self, kind: Kind) -> str:
        """Give what tells its edition from others of the kind."""
        if not (self.because or self.facts):
            return kind.value
        told = [[one.event, one.rule, one.on.isoformat(), one.number] for one in self.told]
        said = json.dumps([told, self.versions, self.because, dict(self.facts)], sort_keys=True)
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


NOTHING_ELSE = Says()


async def answer(tx: Tx, subscriber: Subscriber, kind: Kind, now: datetime, says: Says = NOTHING_ELSE) -> str:
    """Have one letter written to a subscriber, and give its notice; "" if they had one in a day, or several in a month.

    The limit protects people whose address somebody else keeps typing into the form.
    """
    if await notices.count_since(tx, subscriber.id, kind, now - _PER_DAY):
        return ""
    if await notices.count_since(tx, subscriber.id, kind, now - _PER_MONTH) >= _MOST_IN_MONTH[kind]:
        return ""
    edition = await edition_for(tx, kind, subscriber.habit.language, now, says)
    notice = single(subscriber.id, kind, edition, now, subscriber.habit.variant)
    return notice.id if await notices.add_single(tx, notice) else ""


async def edition_for(tx: Tx, kind: Kind, language: str, now: datetime, says: Says = NOTHING_ELSE) -> str:
    """Give the edition of an answer, the same for all of whom the same is true on a day, in the words in use."""
    words = await version_in_use(tx)
    said = (says.key(kind), says.told, says.because)
    plan = editions.Plan(kind, language, now.date(), words, *said, facts=says.facts)
    return await editions.ensure(tx, plan, now)


async def is_barred(tx: Tx, tokens: Tokens, address: str) -> bool:
    """Say whether an address must not be written to: it is suppressed, or its reader was erased."""
    known = await subscribers.by_address(tx, address)
    if known is not None and known.status is Status.SUPPRESSED:
        return True
    return bool(await subscribers.suppressed(tx, [tokens.address_hash(address)]))


def single(
    subscriber: str, kind: Kind, edition: str, now: datetime, variant: Variant = Variant.BOTH_PARTS
) -> notices.Single:
    """Make the notice of an answer."""
    return notices.Single(subscriber, kind, now.date(), edition, now, now + USEFUL, variant=variant)
