"""What pages say to programs, in the words of schema.org: an event with its days and sources, and lists of pages."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from service.domain.calendars.calendar import BeyondTableError
from service.domain.edtf import Day, parse_day
from service.domain.event import Event, LinkKind
from service.rendering.views import EventView
from service.store.events import Kept
from service.web.about import whole
from service.web.given import Site

_MOST_ITEMS = 50


def event_data(site: Site, kept: Kept, view: EventView, code: str) -> dict[str, Any]:
    """Give an event; a day that is only kept has no date on which it happened, and is told as a page."""
    event = kept.event
    page = {"@type": "WebPage", "dateModified": kept.updated_at.isoformat(), "citation": list(_sources(event, view))}
    if event.observance:
        return {**page, "about": {"@type": "Thing", "name": view.title.text}}
    found = {
        "@type": "Event",
        "startDate": iso_of(event.first, event.calendar),
        "endDate": iso_of(event.last, event.calendar) if event.last else None,
        "location": _place(event, view),
        "superEvent": [
            {"@type": "Event", "url": whole(site, f"/events/{link.event}", {}, code)}
            for link in event.links
            if link.kind is LinkKind.PART_OF
        ],
        "subjectOf": {**page, "url": whole(site, f"/events/{event.id}", {}, code)},
    }
    return {name: value for name, value in found.items() if value}


def page_data(site: Site, items: Iterable[tuple[str, str]], code: str) -> dict[str, Any]:
    """Give a page that lists others: each with its path and what it is called."""
    listed = list(dict.fromkeys(items))
    return {
        "@type": "CollectionPage",
        "isPartOf": {"@type": "WebSite", "name": site.service_name, "url": f"{site.public_url}/"},
        "mainEntity": {
            "@type": "ItemList",
            "numberOfItems": len(listed),
            "itemListElement": [
                {"@type": "ListItem", "position": place, "url": whole(site, path, {}, code), "name": name}
                for place, (path, name) in enumerate(listed[:_MOST_ITEMS], 1)
            ],
        },
    }


def iso_of(day: Day, calendar: str) -> str | None:
    """Give a day as ISO 8601 has it, as exactly as it is known; None where that cannot say it."""
    if day.about or day.years > 1:
        return None
    if day.day is None:
        if calendar != "gregorian" or not 1 <= day.year <= date.max.year:
            return None
        return f"{day.year:04}" if day.month is None else f"{day.year:04}-{day.month:02}"
    try:
        on = day.first_possible(calendar)
    except BeyondTableError:
        return None
    return date.fromordinal(on).isoformat() if 1 <= on <= date.max.toordinal() else None


def _place(event: Event, view: EventView) -> Mapping[str, Any] | None:
    if event.place is None or view.place is None or not view.place.text:
        return None
    found: dict[str, Any] = {"@type": "Place", "name": view.place.text}
    if event.place.latitude is not None and event.place.longitude is not None:
        where = {"latitude": event.place.latitude, "longitude": event.place.longitude}
        found["geo"] = {"@type": "GeoCoordinates", **where}
    return found


def _sources(event: Event, view: EventView) -> Iterable[Mapping[str, Any]]:
    for source, seen in zip(event.sources, view.sources, strict=True):
        said = {
            "@type": "CreativeWork",
            "name": seen.title.text,
            "author": {"@type": "Person", "name": seen.author} if seen.author else None,
            "publisher": {"@type": "Organization", "name": seen.publisher} if seen.publisher else None,
            "datePublished": iso_of(parse_day(source.date), "gregorian") if source.date else None,
            "url": seen.address,
        }
        yield {name: value for name, value in said.items() if value}
