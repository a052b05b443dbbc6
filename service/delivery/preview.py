"""A letter as it would be sent, made by the same steps, for those who want to see it before."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from service.delivery.editions import Press
from service.domain.errors import InvalidError, NotFoundError
from service.domain.event import Event
from service.domain.letter import Letter
from service.domain.notice import Claim
from service.domain.occasion import returns
from service.domain.subscription import Cadence, check_language
from service.domain.window import kind_of
from service.mail.compose import Composer, skeleton
from service.rendering.context import Due
from service.store import errata, events

_LOOK_AHEAD = timedelta(days=366 * 8)  # a 29 February may be that far
_READER = "reader@example.org"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which day is to be seen: `on`, or, if that is None, the next one from `today`."""

    today: date
    on: date | None


async def preview(press: Press, composer: Composer, event_id: str, language: str, wanted: Wanted) -> Letter:
    """Give the letter of one event to a made-up reader; raise InvalidError for a day or language without one."""
    check_language(language, press.languages.codes)
    async with press.store.read() as tx:
        kept = await events.event_named(tx, event_id)
        if kept is None:
            raise NotFoundError(f"There is no event {event_id!r}.")
        titles = await events.titles(tx, {link.event for link in kept.event.links})
        because = await events.target_titles(tx, [f"collection:{kept.collection}"])
        corrected = (await errata.not_withdrawn(tx, [event_id])).get(event_id, [])
    due = _due(kept.event, wanted)
    due = replace(due, errata=errata.standing_words(corrected, due.on))
    kind = kind_of(Cadence.DAILY, kept.event.tone)
    rendered = press.words(kind, language, due.on, [due], [*because.values()], titles, "preview")
    if rendered.words is None:
        raise InvalidError("\n".join(map(str, rendered.findings)))
    at = datetime.combine(due.on, time(9), UTC)
    return composer.compose(
        Claim("preview", 1, kind, "preview", "preview", _READER, at, at, 0, 0), skeleton(rendered.words)
    )


def _due(event: Event, wanted: Wanted) -> Due:
    """Find what is told of an event on a day, or on the next day that has something to tell."""
    start = wanted.on or wanted.today
    coming = returns(event, start, start + _LOOK_AHEAD)
    days = sorted({occasion.on for _, occasion in coming})
    if not days or (wanted.on and days[0] != wanted.on):
        hint = f"its next days are {', '.join(map(str, days[:3]))}" if days else "no rule of it gives a day"
        raise InvalidError(f"{event.id} does not fall on {start}; {hint}", "on")
    rules = {rule.id: rule for rule in event.rules}
    return Due(event, tuple((rules[id_], occasion) for id_, occasion in coming if occasion.on == days[0]))
