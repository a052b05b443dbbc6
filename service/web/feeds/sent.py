"""The archive as a feed: the letters that were sent, in one language or in all, newest first."""

from datetime import UTC, datetime, time
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from service.domain.errors import NotFoundError
from service.rendering.asked import Links
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.news import ATOM, JSON_FEED, Item, News, atom, json_feed, tag
from service.store import archive
from service.store.archive import Sent
from service.web.feeds.answers import answer, made
from service.web.feeds.public import LONG_AGO
from service.web.pages import own_name, pages_of, site_of

_MOST: Final = 50
_TITLE: Final = message("Letters sent")
_TOLD: Final = message("Each letter is kept here as it went out, without anybody's name or address.")
_CORRECTED: Final = message("Corrected since")


async def sent_atom(request: Request) -> Response:
    """Give the letters that were sent as Atom; `language` in the address leaves out those in others."""
    return await _sent(request, as_json=False)


async def sent_json(request: Request) -> Response:
    """Give the letters that were sent as JSON Feed; `language` in the address leaves out those in others."""
    return await _sent(request, as_json=True)


async def _sent(request: Request, *, as_json: bool) -> Response:
    site, language = site_of(request), pages_of(request).language(request)
    only, links = request.query_params.get("language"), Links(site.public_url)
    if only is not None and only not in site.languages.codes:
        raise NotFoundError
    async with site.store.read() as tx:
        listed = await archive.listed(tx, only, None, _MOST)
        corrected = await archive.corrected_among(tx, [one.id for one in listed])
    ending, media_type = ("json", JSON_FEED) if as_json else ("atom", ATOM)
    asked = urlencode({**({"language": only} if only else {}), "lang": language.code})
    title = language.text(_TITLE)
    news = News(
        path=f"editions/{only}" if only else "editions",
        title=f"{title}: {own_name(site, only)}" if only else title,
        told=language.text(_TOLD),
        page=f"{site.public_url}/editions?{asked}",
        own=f"{site.public_url}/editions.{ending}?{asked}",
        author=site.service_name,
        language=language.code,
        updated=LONG_AGO,
    )
    items = [_item(one, language, links, corrected.get(one.id)) for one in listed]
    feed = made(json_feed(news, items) if as_json else atom(news, items, links))
    return answer(request, feed, media_type, f"letters.{ending}")


def _item(one: Sent, language: Language, links: Links, corrected: datetime | None) -> Item:
    """Name a letter and where it stands: its words are there, with what was corrected since."""
    day = datetime.combine(one.day, time(), UTC)
    note = language.text(_CORRECTED) if corrected else ""
    return Item(
        id=tag(f"editions/{one.id}", one.language, links),
        url=f"{links.public_url}/editions/{one.id}",
        title=one.subject,
        summary=note,
        html="",
        published=day,
        updated=corrected or day,
        language=one.language,
    )
