"""What can be chosen in the form: collections with their events, languages, zones, days ahead, how often."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from service.domain.slot import zones
from service.domain.subscription import Cadence
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
    Cadence.WEEKLY: (message("Once a week"), message("On Mondays, with the seven days that begin then.")),
    Cadence.MONTHLY: (message("Once a month"), message("On the first day, with the whole month.")),
}
_LEAD_TEXT = message("{n, plural, =0 {On the day itself} =1 {The day before} other {# days before}}")


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
    events: tuple[tuple[str, Text, bool], ...]

    @property
    def open(self) -> bool:
        """Whether one of its events is chosen by itself, so that the list must be seen."""
        return any(chosen for _, _, chosen in self.events)


async def choices(tx: Tx, site: Site, language: Language, typed: Typed) -> dict[str, Any]:
    """Give everything that the form needs beside what was typed."""
    return {
        "typed": typed,
        "shelves": await _shelves(tx, language, typed),
        "speeches": [
            Choice(code, own_name(site, code), chosen=code == typed.language) for code in site.languages.codes
        ],
        "zones": _zones_with(typed.zone, language),
        "leads": _leads(language, typed),
        "cadences": [
            Choice(cadence, language.text(name), language.text(note), cadence == typed.cadence)
            for cadence, (name, note) in _CADENCES.items()
        ],
    }


def in_words(errors: Mapping[str, str], language: Language) -> dict[str, str]:
    """Say what is wrong, by field."""
    return {name: language.text(words) for name, words in errors.items()}


async def _shelves(tx: Tx, language: Language, typed: Typed) -> list[Shelf]:
    titles = await events.titles(tx)
    found = []
    for shelf in await events.shelves(tx):
        kept = [one.event for one in await events.events_in(tx, shelf.id)]
        own = tuple(
            (value, text_in(titles.get(event.id, event.title), language), value in typed.targets)
            for event in kept
            if (value := f"event:{event.id}")
            and (event.rules or value in typed.targets)  # what never returns cannot be waited for
        )
        value = f"collection:{shelf.id}"
        title, description = text_in(shelf.title, language), text_in(shelf.description, language)
        found.append(Shelf(value, title, description, value in typed.targets, own))
    return found


def _leads(language: Language, typed: Typed) -> list[Choice]:
    own = {int(lead) for lead in typed.lead_days if lead.isascii() and lead.isdigit() and int(lead[:4]) <= 60}
    return [
        Choice(str(lead), language.text(_LEAD_TEXT, n=lead), chosen=str(lead) in typed.lead_days)
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
