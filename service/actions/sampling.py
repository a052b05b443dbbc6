"""Which letters are made before a piece is published: its kinds, in each language, of real events."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from service.domain.event import Event, Tone
from service.domain.notice import Kind
from service.domain.templates import LETTERS, LOCALES
from service.rendering.context import WRITTEN, folder_of
from service.rendering.locales import SOURCE
from service.rendering.proof import Reader, Wanted
from service.store import events, occasions
from service.store.dialect import Tx
from service.store.templates import in_use

_OF_NOTICES = {"notice": "advance"}  # the same kind, days ahead
_LOOKED_AT = 200  # the occasions to come among which events are chosen


async def samples(tx: Tx, name: str, today: date = date.min) -> tuple[Wanted, ...]:
    """Give the proofs that publishing a piece asks for; of a catalogue, those in its language.

    Events are chosen for what they have to say: the most, the least, a day that is only kept, one that celebrates; all
    of them in the first language, and the one with the most to say in the others.
    `today` is the day from which on events are looked for.
    """
    templates = await in_use(tx)
    codes = tuple(dict.fromkeys((SOURCE, *(templates.catalogues if templates else ()))))
    if name.startswith(LOCALES):
        codes = (name.removeprefix(LOCALES).removesuffix(".po"),)
    coming = [one.event for one in await occasions.following(tx, today, _LOOKED_AT)]
    known = await events.events_named(tx, set(coming))
    chosen = _telling([known[id_].event for id_ in dict.fromkeys(coming) if id_ in known])
    kinds = _kinds(name)
    most = {tone: own[:1] for tone, own in chosen.items()}
    told = [(code, chosen if code == codes[0] else most) for code in codes]
    return tuple(dict.fromkeys(wanted for code, own in told for kind in kinds for wanted in _wanted(kind, code, own)))


def _kinds(name: str) -> list[Kind]:
    """Give the kinds of letter that a piece is part of: its own folder's, or all that there are templates of."""
    folder = name.removeprefix(LETTERS).split("/")[0] if name.startswith(LETTERS) and name.count("/") == 2 else ""
    return [kind for kind in WRITTEN if not folder or folder in {folder_of(kind), folder_of(kind, is_ahead=True)}]


def _telling(known: Sequence[Event]) -> dict[Tone, list[Event]]:
    """Choose a few events of each tone, the one with the most to say first."""
    chosen: dict[Tone, list[Event]] = {}
    for tone in Tone:
        ordered = sorted((event for event in known if event.tone is tone), key=_weight, reverse=True)
        kept = [event for event in ordered if event.observance]
        chosen[tone] = list({event.id: event for event in (*ordered[:1], *ordered[-1:], *kept[:1])}.values())
    return chosen


def _weight(event: Event) -> tuple[int, str]:
    told: Iterable[Sequence[object]] = (event.figures, event.timeline, event.sources, event.links, event.unresolved)
    return sum(map(len, told)) + 10 * bool(event.narrative), event.id


def _wanted(kind: Kind, code: str, chosen: dict[Tone, list[Event]]) -> Iterator[Wanted]:
    if not kind.remembers:
        yield Wanted(kind, code)
        return
    own = chosen[Tone.FESTIVE if kind.endswith("-festive") else Tone.SOLEMN]
    if kind not in {Kind.NOTICE, Kind.NOTICE_FESTIVE}:
        own = own[:1]
    for event in own:
        yield Wanted(kind, code, event.id)
    if kind is Kind.NOTICE and own:
        yield Wanted(kind, code, own[0].id, reader=Reader.AHEAD)
        yield Wanted(kind, code, own[0].id, reader=Reader.BUSY)
