"""Collections: the list of them, and each with its coming days and its events, so many on a page."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.domain.errors import NotFoundError
from service.rendering.messages import message
from service.rendering.recount import text_in, when_words
from service.store import events, occasions, returning
from service.web.about import About
from service.web.pages import pages_of, site_of
from service.web.seen import next_of, shelf_view, told
from service.web.structured import page_data

_AT_ONCE = 50
_COMING = 10
_MOST_PAGES = 10_000
_NO_PAGE = message("There is no such page of this collection.")


async def listing(request: Request) -> Response:
    """Show every collection."""
    site, pages = site_of(request), pages_of(request)
    language = pages.language(request)
    async with site.store.read() as tx:
        shelves = await events.shelves(tx)
    shown = [shelf_view(one, language) for one in shelves]
    listed = [(f"/collections/{one['id']}", one["title"].text) for one in shown]
    about = About(
        title=language.text("Collections"),
        description=language.listed([name for _, name in listed]),
        path="/collections",
        data=page_data(site, listed, language.code),
    )
    return pages.page(request, "collections.html", {"collections": shown}, about=about)


async def collection(request: Request) -> Response:
    """Show a collection: its coming days, and its events in their order."""
    site, pages = site_of(request), pages_of(request)
    language = pages.language(request)
    now = site.clock().date()
    number = _page(request.query_params.get("page", "1"))
    async with site.store.read() as tx:
        shelf = next((one for one in await events.shelves(tx) if one.id == request.path_params["id"]), None)
        if shelf is None:
            raise NotFoundError
        last = max(1, -(-shelf.events // _AT_ONCE))
        if number is None or number > last:
            return pages.refusal(request, 404, _NO_PAGE)
        ids = await events.ids_of(tx, shelf.id, (number - 1) * _AT_ONCE, _AT_ONCE)
        kept = await returning.named(tx, ids)
        coming = await told(tx, await occasions.following(tx, now, _COMING, shelf.id), language, now)
    listed: list[dict[str, Any]] = [
        {
            "id": id_,
            "title": text_in(kept[id_].title, language),
            "when": "" if kept[id_].observance else when_words(kept[id_], language),
            "next": next_of(kept[id_], language, now, 1),
        }
        for id_ in ids
        if id_ in kept
    ]
    shown: dict[str, Any] = {
        "collection": shelf_view(shelf, language),
        "events": listed,
        "coming": coming if number == 1 else [],
        "number": number,
        "last": last,
    }
    about = About(
        title=shown["collection"]["title"].text,
        description=shown["collection"]["description"].text,
        path=f"/collections/{shelf.id}",
        query={"page": str(number)} if number > 1 else {},
        picture=f"/previews/collections/{shelf.id}.png",
        data=page_data(site, [(f"/events/{one['id']}", one["title"].text) for one in listed], language.code),
    )
    return pages.page(request, "collection.html", shown, about=about)


def _page(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 0
    return number if 1 <= number <= _MOST_PAGES else None
