"""Pages for everybody: what is coming, an event, a collection, and the letters that were sent."""

from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from service.domain.errors import NotFoundError
from service.domain.letter import Mark
from service.mail.reading import Filed, letters
from service.rendering.asked import Links
from service.rendering.recount import event_view, text_in
from service.rendering.rules_in_words import rule_words
from service.store import editions, events, occasions
from service.store.dialect import Tx
from service.web.given import Site
from service.web.pages import pages_of, site_of
from service.web.security import on_this_machine
from service.web.seen import next_of, told

_AHEAD = timedelta(days=60)
_LEAST_COMING = 12
_MOST_COMING = 60
_NEXT = 10
_ARCHIVED = 200
_LETTERS = 30
_SAMPLES = 2
_COPY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' {origin}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)


async def today(request: Request) -> Response:
    """Show what is remembered today and in the coming weeks."""
    site, pages = site_of(request), pages_of(request)
    language = pages.language(request)
    now = site.clock().date()
    async with site.store.read() as tx:
        listed = await occasions.following(tx, now, _MOST_COMING)
        near = [one for one in listed if one.occasion.on <= now + _AHEAD]
        coming = await told(tx, listed[: max(len(near), _LEAST_COMING)], language, now)
        shelves = await events.shelves(tx)
    shown = {
        "now": now,
        "today": [one for one in coming if one.today],
        "coming": [one for one in coming if not one.today],
        "collections": [_shelf(shelf, language) for shelf in shelves],
        **await _mailbox(request, site),
    }
    return pages.page(request, "today.html", shown)


async def event(request: Request) -> Response:
    """Show everything that is recorded of one event."""
    site, pages = site_of(request), pages_of(request)
    language = pages.language(request)
    now = site.clock().date()
    async with site.store.read() as tx:
        kept = await events.event_named(tx, request.path_params["id"])
        if kept is None:
            raise NotFoundError
        titles = await events.titles(tx, [link.event for link in kept.event.links])
        shelf = next((one for one in await events.shelves(tx) if one.id == kept.collection), None)
    view = event_view(kept.event, language, titles, Links(site.prefix))
    shown = {
        "event": view,
        "linked": [(link, one.event) for link, one in zip(view.links, kept.event.links, strict=True)],
        "collection": _shelf(shelf, language) if shelf else None,
        "rules": [rule_words(kept.event, rule, language) for rule in kept.event.rules],
        "coming": next_of(kept.event, language, now, _NEXT),
    }
    return pages.page(request, "event.html", shown)


async def collection(request: Request) -> Response:
    """Show a collection and its events."""
    site, pages = site_of(request), pages_of(request)
    language = pages.language(request)
    now = site.clock().date()
    async with site.store.read() as tx:
        shelf = await _shelf_named(tx, request.path_params["id"])
        kept = await events.events_in(tx, shelf.id)
    listed = [
        {"view": event_view(one.event, language, {}, Links(site.prefix)), "next": next_of(one.event, language, now, 1)}
        for one in kept
    ]
    return pages.page(request, "collection.html", {"collection": _shelf(shelf, language), "events": listed})


async def archive(request: Request) -> Response:
    """Show the list of letters that were sent."""
    site, pages = site_of(request), pages_of(request)
    async with site.store.read() as tx:
        found = await editions.lately(tx, _ARCHIVED)
    listed = [
        {"id": one.id, "day": one.plan.day, "subject": one.words.subject, "code": one.plan.language}
        for one in found
        if one.words is not None
    ]
    return pages.page(request, "archive.html", {"editions": listed})


async def edition(request: Request) -> Response:
    """Show the web copy of a letter, with general links where a reader's own were."""
    site = site_of(request)
    async with site.store.read() as tx:
        found = await editions.named(tx, request.path_params["id"])
    if found is None or found.words is None or not found.plan.kind.remembers:
        raise NotFoundError
    language = site.languages.of(found.plan.language)
    replaced = {
        Mark.MANAGE_URL: f"{site.public_url}/manage",
        Mark.LEAVE_URL: f"{site.public_url}/manage",
        Mark.CONFIRM_URL: f"{site.public_url}/subscribe",
        Mark.ADDRESS: language.text("the reader"),
    }
    html = found.words.html
    for mark, value in replaced.items():
        html = html.replace(mark, value)
    headers = {
        "Content-Security-Policy": _COPY_POLICY.format(origin=site.origin),
        "Content-Language": found.plan.language,
        "Cross-Origin-Opener-Policy": "unsafe-none",  # it has no origin of its own, so it may not ask for more
    }
    return Response(html, headers=headers, media_type="text/html; charset=utf-8")


def _shelf(shelf: events.Shelf, language: Any) -> dict[str, Any]:
    return {
        "id": shelf.id,
        "title": text_in(shelf.title, language),
        "description": text_in(shelf.description, language),
        "events": shelf.events,
    }


async def _shelf_named(tx: Tx, id_: str) -> events.Shelf:
    for shelf in await events.shelves(tx):
        if shelf.id == id_:
            return shelf
    raise NotFoundError


async def _mailbox(request: Request, site: Site) -> dict[str, Any]:
    """Give the newest letters of the local mailbox, and the finished notices among them, if they may be seen."""
    if site.outbox is None or not on_this_machine(request, site):
        return {"letters": [], "finished": [], "has_mailbox": False}
    filed = await run_in_threadpool(letters, site.outbox, _LETTERS)
    finished: dict[str, Filed] = {}
    for one in filed:
        names = {name.lower() for name, _ in one.opened.headers}
        if "list-unsubscribe" in names:
            finished.setdefault(one.opened.to, one)
    return {"letters": filed[:5], "finished": list(finished.values())[:_SAMPLES], "has_mailbox": True}
