"""What can be chosen in the form: collections with their events, languages, zones, days ahead, how often."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from service.domain.event import Words
from service.domain.slot import zones
from service.domain.subscription import LATE_HOURS, Cadence
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.rendering.views import Text
from service.store import events
from service.store.dialect import Tx
from service.web.forms import LEADS, Typed
from service.web.given import Site
from service.web.pages import own_name

_REGIONS = {
    "Africa": message("Africa"),
    "America": message("America"),
    "Antarctica": message("Antarctica"),
    "Arctic": message("Arctic"),
    "Asia": message("Asia"),
    "Atlantic": message("Atlantic"),
    "Australia": message("Australia"),
    "Europe": message("Europe"),
    "Indian": message("Indian Ocean"),
    "Pacific": message("Pacific"),
}
_CADENCES = {
    Cadence.DAILY: (
        message("On each day"),
        message("A letter for each day on which something is remembered."),
    ),
    Cadence.WEEKLY: (message("Once a week"), message("With the seven days that begin on the day chosen below.")),
    Cadence.MONTHLY: (message("Once a month"), message("From the day chosen below until the next such letter.")),
}
_MOST_LISTED = 60  # events on a page, which is to stay below 100 kB, beside those that are chosen; the others are found
_WORTH_SEARCHING = 25
LEAD_TEXT = message("{n, plural, =0 {On the day itself} =1 {The day before} other {# days before}}")
_LATE_TEXT = message(
    "{n, plural, =0 {As long as its day lasts} one {At most # hour late} other {At most # hours late}}"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be ticked, with the words beside it."""

    value: str
    text: str
    note: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection with its events, as they can be ticked."""

    value: str
    title: Text
    description: Text
    chosen: bool
    events: tuple["Single", ...]
    more: int  # how many of its events are not listed here, but can be found
    sought: bool  # whether something is looked for
    have: bool = False  # they remember it already

    @property
    def open(self) -> bool:
        """Whether one of its events is chosen by itself, or was looked for, so that the list must be seen."""
        return any(one.chosen for one in self.events) or (self.sought and bool(self.events))


@dataclass(frozen=True, slots=True)
class Single:
    """A single event, as it can be ticked."""

    value: str
    title: Text
    chosen: bool


async def choices(tx: Tx, site: Site, language: Language, typed: Typed) -> dict[str, Any]:
    """Give everything that the form needs beside what was typed."""
    return {
        "typed": typed,
        "shelves": (shelves := await _shelves(tx, language, typed)),
        "searchable": sum(len(shelf.events) + shelf.more for shelf in shelves) >= _WORTH_SEARCHING or typed.find,
        "speeches": [
            Choice(code, own_name(site, code), chosen=code == typed.language) for code in site.languages.codes
        ],
        "zones": _zones_with(typed.zone, language),
        "leads": _leads(language, typed),
        "cadences": [
            Choice(cadence, language.text(name), language.text(note), cadence == typed.cadence)
            for cadence, (name, note) in _CADENCES.items()
        ],
        "weekdays": [Choice(str(n), language.weekday(n), chosen=str(n) == typed.weekday) for n in range(1, 8)],
        "monthdays": [Choice(str(n), language.number(n), chosen=str(n) == typed.monthday) for n in range(1, 32)],
        "lates": [
            Choice(str(n), language.text(_LATE_TEXT, n=n), chosen=str(n) == typed.late_hours) for n in LATE_HOURS
        ],
    }


def in_words(errors: Mapping[str, str], language: Language) -> dict[str, str]:
    """Say what is wrong, by field."""
    return {name: language.text(words) for name, words in errors.items()}


async def _shelves(tx: Tx, language: Language, typed: Typed) -> list[Shelf]:
    listed: dict[str, list[Single]] = {}
    for id_, collection, words in await _to_choose(tx, typed):
        value = f"event:{id_}"
        listed.setdefault(collection, []).append(Single(value, text_in(words, language), value in typed.targets))
    found, room, sought = [], _MOST_LISTED, _folded(typed.find)
    for shelf in await events.shelves(tx):
        value = f"collection:{shelf.id}"
        title, description = text_in(shelf.title, language), text_in(shelf.description, language)
        own = listed.get(shelf.id, ())
        fitting = [one for one in own if sought in _folded(f"{title.text} {one.title.text}") and not one.chosen]
        near = frozenset(one.value for one in fitting[:room])
        room -= len(near)
        shown = tuple(one for one in own if one.chosen or one.value in near)
        more = len(own) - len(shown)
        found.append(Shelf(value, title, description, value in typed.targets, shown, more, bool(sought)))
    return found


async def _to_choose(tx: Tx, typed: Typed) -> list[tuple[str, str, Words]]:
    """Give the events that can be waited for, and those chosen before that do not return any more."""
    offered = await events.offered(tx)
    chosen = {target.removeprefix("event:") for target in typed.targets if target.startswith("event:")}
    missing = chosen - {id_ for id_, _, _ in offered}
    kept = await events.events_named(tx, missing) if missing else {}
    return offered + [(id_, one.collection, one.event.title) for id_, one in sorted(kept.items())]


def _folded(text: str) -> str:
    """Give a text as it is compared: without case and marks above letters."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _leads(language: Language, typed: Typed) -> list[Choice]:
    own = {int(lead) for lead in typed.lead_days if lead.isascii() and lead.isdigit() and int(lead[:4]) <= 60}
    return [
        Choice(str(lead), language.text(LEAD_TEXT, n=lead), chosen=str(lead) in typed.lead_days)
        for lead in sorted(own | set(LEADS))
    ]


def _zones_with(own: str, language: Language) -> list[tuple[str, list[Choice]]]:
    """Give the zones by region; the one that is chosen is always among them."""
    groups = [
        (language.text(_REGIONS[region]), [Choice(zone, _city(zone), chosen=zone == own) for zone in names])
        for region, names in _regions().items()
    ]
    known = any(choice.chosen for _, group in groups for choice in group)
    others = [Choice("UTC", "UTC", chosen=own == "UTC")]
    if not known and own != "UTC" and own in zones():
        others.append(Choice(own, own, chosen=True))
    return [*groups, (language.text("Other"), others)]


@cache
def _regions() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {region: [] for region in _REGIONS}
    for zone in sorted(zones()):
        region, _, city = zone.partition("/")
        if region in found and city:
            found[region].append(zone)
    return found


def _city(zone: str) -> str:
    return zone.partition("/")[2].replace("_", " ").replace("/", ", ")
