"""The welcome: what somebody asked for, when it will come, and the days that are next; once it is confirmed."""

from datetime import datetime

from service.actions.answers import Says, answer
from service.domain.notice import Kind
from service.domain.subscription import Subscriber, Wish
from service.store import occasions, subscriptions
from service.store.dialect import Tx
from service.store.editions import Told
from service.store.occasions import Listed

_COMING = 3
_LOOKED_THROUGH = 1000


async def welcome(tx: Tx, subscriber: Subscriber, now: datetime) -> None:
    """Have the welcome written to somebody who has just confirmed, unless they had one lately."""
    wishes = await subscriptions.wishes_of(tx, subscriber.id)
    targets = {wish.target for wish in wishes}
    coming = await _coming(tx, targets, subscriber, now)
    says = Says(
        told=tuple(Told(one.event, one.rule, one.occasion.on, one.occasion.number) for one in coming),
        because=tuple(sorted(targets)),
        facts=when_they_come(subscriber, wishes),
        versions=tuple(one.version for one in coming),
    )
    await answer(tx, subscriber, Kind.WELCOME, now, says)


def when_they_come(subscriber: Subscriber, wishes: list[Wish]) -> dict[str, object]:
    """Give the facts of which `rendering/facts.comes_words` says when letters come."""
    habit = subscriber.habit
    leads = sorted({wish.lead_days for wish in wishes})
    return {
        "cadence": habit.cadence.value,
        "on": habit.rhythm.on,
        "hour": habit.hour,
        "zone": habit.zone,
        "variant": habit.variant.value,
        "late_hours": habit.late_hours,
        "leads": leads,
    }


async def _coming(tx: Tx, targets: set[str], subscriber: Subscriber, now: datetime) -> list[Listed]:
    """Give the next returns of what somebody asked to remember, several of one event on one day as one."""
    listed = await occasions.following(tx, subscriber.habit.slot.day_at(now), _LOOKED_THROUGH)
    own = [one for one in listed if {f"event:{one.event}", f"collection:{one.collection}"} & targets]
    days = list(dict.fromkeys((one.occasion.on, one.event) for one in own))[:_COMING]
    return [one for one in own if (one.occasion.on, one.event) in days]
