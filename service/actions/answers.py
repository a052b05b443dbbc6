"""Letters that answer somebody: a confirmation, the manage link. They are notices like any other."""

from datetime import datetime, timedelta

from service.domain.notice import Kind
from service.domain.subscription import Subscriber
from service.store import editions, notices
from service.store.dialect import Tx
from service.store.templates import version_in_use

_PER_DAY = timedelta(hours=24)
_PER_MONTH = timedelta(days=30)
_MOST_IN_MONTH = {Kind.CONFIRMATION: 3, Kind.LINK: 10}
USEFUL = timedelta(days=7)  # as long as the links in them


async def answer(tx: Tx, subscriber: Subscriber, kind: Kind, now: datetime) -> bool:
    """Have one letter written to a subscriber; False if they had one a day ago, or several this month.

    The limit protects people whose address somebody else keeps typing into the form.
    """
    if await notices.count_since(tx, subscriber.id, kind, now - _PER_DAY):
        return False
    if await notices.count_since(tx, subscriber.id, kind, now - _PER_MONTH) >= _MOST_IN_MONTH[kind]:
        return False
    edition = await edition_for(tx, kind, subscriber.habit.language, now)
    return await notices.add_single(tx, single(subscriber.id, kind, edition, now))


async def edition_for(tx: Tx, kind: Kind, language: str, now: datetime) -> str:
    """Give the edition of an answer, which says the same to everybody on a day, in the words in use."""
    words = await version_in_use(tx)
    plan = editions.Plan(kind, language, now.date(), words, key=kind.value, told=(), because=())
    return await editions.ensure(tx, plan, now)


def single(subscriber: str, kind: Kind, edition: str, now: datetime) -> notices.Single:
    """Make the notice of an answer."""
    return notices.Single(subscriber, kind, now.date(), edition, due_at=now, expires_at=now + USEFUL)
