"""An event's page: everything that is recorded of it, when it comes, what was corrected, and where it was told."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.domain.errors import NotFoundError
from service.domain.event import Link, LinkKind, Words
from service.rendering.asked import Links
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import event_view, text_in
from service.rendering.rules_in_words import rule_words
from service.rendering.strip import strip_of
from service.rendering.views import LinkView
from service.store import archive, errata, events, links
from service.store.dialect import Tx
from service.store.errata import Erratum
from service.web.about import About
from service.web.pages import pages_of, site_of
from service.web.seen import next_of, shelf_view
from service.web.structured import event_data

_NEXT = 10
_TOLD = 12
_LINKED = 60
_FROM_THERE = {
    LinkKind.PART_OF: message("A part of it"),
    LinkKind.LED_TO: message("What led to it"),
    LinkKind.FOLLOWED_BY: message("Before it"),
}


async def event(request: Request) -> Response:
    """Show everything that is recorded of one event."""
    site, pages = site_of(request), pages_of(request)
    language = pages.language(request)
    async with site.store.read() as tx:
        kept = await events.event_named(tx, request.path_params["id"])
        if kept is None:
            raise NotFoundError
        back = await links.leading_to(tx, kept.event.id, _LINKED)
        titles = await events.titles(tx, [link.event for link in (*kept.event.links, *back)])
        shelf = next((one for one in await events.shelves(tx) if one.id == kept.collection), None)
        corrected = await errata.of_event(tx, kept.event.id)
        told = await _told(tx, kept.event.id, language)
    where = Links(site.prefix)
    view = event_view(kept.event, language, titles, where)
    own = [link.event for link in kept.event.links if link.event in titles]
    shown = {
        "event": view,
        "linked": [*zip(view.links, own, strict=True), *_back(back, titles, language, where)],
        "collection": shelf_view(shelf, language) if shelf else None,
        "rules": [rule_words(kept.event, rule, language) for rule in kept.event.rules],
        "coming": next_of(kept.event, language, site.clock().date(), _NEXT),
        "strip": strip_of(kept.event, language),
        "corrections": _corrections(corrected, language),
        "told": told,
    }
    about = About(
        title=view.title.text,
        description=view.summary.text,
        path=f"/events/{view.id}",
        picture=f"/previews/events/{view.id}.png",
        kind="article",
        data=event_data(site, kept, view, language.code),
    )
    return pages.page(request, "event.html", shown, about=about)


async def _told(tx: Tx, event: str, language: Language) -> list[archive.Sent]:
    """Give the newest editions in which it was told, in the reader's language if there are any in it."""
    own = await archive.telling_of(tx, event, language.code, _TOLD)
    return own or await archive.telling_of(tx, event, None, _TOLD)


def _back(
    back: Sequence[Link], titles: Mapping[str, Words], language: Language, where: Links
) -> list[tuple[LinkView, str]]:
    """Give the events whose records tie them to this one, with what they are to it."""
    return [
        (
            LinkView(
                language.text(_FROM_THERE[one.kind]), text_in(titles[one.event], language), where.event_url(one.event)
            ),
            one.event,
        )
        for one in back
        if one.event in titles
    ]


def _corrections(found: Sequence[Erratum], language: Language) -> list[dict[str, Any]]:
    return [{"on": one.at.date(), "words": text_in(one.words, language)} for one in found if one.withdrawn_at is None]
