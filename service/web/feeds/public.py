"""Feeds for everybody: the days of a collection, of all collections, and of one event."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from service.domain.errors import NotFoundError
from service.rendering.ical import MEDIA_TYPE, About
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.news import ATOM, JSON_FEED, News
from service.rendering.recount import text_in
from service.store import events
from service.web.feeds.answers import answer
from service.web.feeds.making import Feeds
from service.web.pages import pages_of, site_of

LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)  # when a feed without events was last renewed
_EVERYTHING: Final = message("The days of all collections, each told on its day.")


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What feeds tell of in one language: a collection, all, or one event; `file` is their name if they are saved."""

    path: str
    title: str
    told: str
    language: Language
    targets: tuple[str, ...]
    file: str


async def collection_calendar(request: Request) -> Response:
    """Give the days of a collection as a calendar file."""
    return await _calendar(request, await _shelf(request))


async def whole_calendar(request: Request) -> Response:
    """Give the days of all collections as one calendar file."""
    return await _calendar(request, await _everything(request))


async def event_calendar(request: Request) -> Response:
    """Give the days of one event as a calendar file."""
    return await _calendar(request, await _event(request))


async def event_atom(request: Request) -> Response:
    """Give the days of one event that have come, as Atom."""
    return await _news(request, await _event(request), as_json=False)


async def event_json(request: Request) -> Response:
    """Give the days of one event that have come, as JSON Feed."""
    return await _news(request, await _event(request), as_json=True)


async def collection_atom(request: Request) -> Response:
    """Give the days of a collection that have come, as Atom."""
    return await _news(request, await _shelf(request), as_json=False)


async def collection_json(request: Request) -> Response:
    """Give the days of a collection that have come, as JSON Feed."""
    return await _news(request, await _shelf(request), as_json=True)


async def whole_atom(request: Request) -> Response:
    """Give the days of all collections that have come, as Atom."""
    return await _news(request, await _everything(request), as_json=False)


async def whole_json(request: Request) -> Response:
    """Give the days of all collections that have come, as JSON Feed."""
    return await _news(request, await _everything(request), as_json=True)


async def _calendar(request: Request, shelf: _Shelf) -> Response:
    about = About(shelf.title, shelf.told, f"{site_of(request).public_url}/{shelf.path}")
    feed = await feeds_of(request).calendar(shelf.targets, about, shelf.language)
    return answer(request, feed, MEDIA_TYPE, f"{shelf.file}.ics")


async def _news(request: Request, shelf: _Shelf, *, as_json: bool) -> Response:
    site = site_of(request)
    ending, media_type = ("json", JSON_FEED) if as_json else ("atom", ATOM)
    page, asked = f"{site.public_url}/{shelf.path}", urlencode({"lang": shelf.language.code})
    news = News(
        path=shelf.path,
        title=shelf.title,
        told=shelf.told,
        page=f"{page}?{asked}",
        own=f"{page}.{ending}?{asked}",
        author=site.service_name,
        language=shelf.language.code,
        updated=LONG_AGO,
    )
    feed = await feeds_of(request).news(shelf.targets, news, shelf.language, as_json=as_json)
    return answer(request, feed, media_type, f"{shelf.file}.{ending}")


async def _shelf(request: Request) -> _Shelf:
    site, language, id_ = site_of(request), pages_of(request).language(request), request.path_params["id"]
    async with site.store.read() as tx:
        found = next((one for one in await events.shelves(tx) if one.id == id_), None)
    if found is None:
        raise NotFoundError
    title, told = text_in(found.title, language).text, text_in(found.description, language).text
    return _Shelf(f"collections/{quote(id_, safe='')}", title, told, language, (f"collection:{id_}",), id_)


async def _event(request: Request) -> _Shelf:
    site, language, id_ = site_of(request), pages_of(request).language(request), request.path_params["id"]
    async with site.store.read() as tx:
        title = (await events.titles(tx, [id_])).get(id_)
    if title is None:
        raise NotFoundError
    return _Shelf(f"events/{quote(id_, safe='')}", text_in(title, language).text, "", language, (f"event:{id_}",), id_)


async def _everything(request: Request) -> _Shelf:
    site, language = site_of(request), pages_of(request).language(request)
    async with site.store.read() as tx:
        targets = tuple(f"collection:{one.id}" for one in await events.shelves(tx))
    return _Shelf("collections", site.service_name, language.text(_EVERYTHING), language, targets, "all")


def feeds_of(request: Request) -> Feeds:
    """Give the feeds of the application."""
    feeds: Feeds = request.app.state.feeds
    return feeds
