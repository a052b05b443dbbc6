"""Erasing a person: every row that names them goes, and what became of their letters stays without a name."""

from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update

from service.domain.notice import TERMINAL
from service.domain.subscription import Habit, Status
from service.store import webhook_messages
from service.store.dialect import Tx, new_id
from service.store.subscribers import Arrival, arrival_row
from service.store.tables import attempts, editions, notices, requests, subscribers

SOURCE = "erased"


async def remove(tx: Tx, subscriber: str, now: datetime) -> None:
    """Remove a person with all rows of theirs: habits, subscriptions, consent, editions and private events.

    Their letters that have ended are kept under a row that is nobody's, made for them alone, as figures need them:
    without the servers' words, in which addresses stand. What had an edition of its own, or has not ended, goes.
    """
    own_editions = select(editions.c.id).where(editions.c.subscriber_id == subscriber)
    over = or_(*[notices.c.state == state for state in TERMINAL])
    ended = and_(notices.c.subscriber_id == subscriber, over, notices.c.edition_id.not_in(own_editions))
    if (await tx.execute(select(notices.c.id).where(ended).limit(1))).first():
        nobody = arrival_row(Arrival("", Habit(), Status.ADDRESSEE, SOURCE), now)
        nobody |= {"address_key": f"{SOURCE}:{new_id()}", "moved": False}
        await tx.execute(subscribers.insert().values(nobody))
        of_theirs = attempts.c.notice_id.in_(select(notices.c.id).where(ended))
        await tx.execute(update(attempts).where(of_theirs).values(words=""))
        await tx.execute(update(notices).where(ended).values(subscriber_id=nobody["id"], words=""))
    await tx.execute(delete(notices).where(notices.c.subscriber_id == subscriber))
    await tx.execute(delete(editions).where(editions.c.subscriber_id == subscriber))
    await tx.execute(delete(requests).where(requests.c.key == subscriber))
    await webhook_messages.forget_of(tx, subscriber)
    await tx.execute(delete(subscribers).where(subscribers.c.id == subscriber))
