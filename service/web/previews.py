"""Pictures of pages, for who links to them: drawn when one is asked for, one at a time, and the last ones kept."""

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.domain.errors import NotFoundError
from service.rendering.asked import Links
from service.rendering.locales import Language
from service.rendering.picture import Card, drawn
from service.rendering.recount import event_view, text_in
from service.store import events
from service.web.days import bounds, day_named
from service.web.given import Site
from service.web.pages import pages_of, site_of

_KEPT = 64
_WAITING = 20
_A_DAY = "public, max-age=86400"


@dataclass(slots=True)
class Drawings:
    """Draws pictures and keeps the last ones; who comes when too many wait is asked to come again."""

    _kept: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0

    async def of(self, card: Card) -> bytes:
        """Give the picture of a card."""
        if (found := self._kept.get(card.digest)) is not None:
            self._kept.move_to_end(card.digest)
            return found
        if self._waiting >= _WAITING:
            raise HTTPException(503, headers={"Retry-After": "60"})
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                if card.digest not in self._kept:
                    self._kept[card.digest] = await run_in_threadpool(drawn, card)
        finally:
            self._waiting -= 1
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[card.digest]


async def picture(request: Request) -> Response:
    """Answer with the picture of a page; a browser that has it is told so before it is drawn."""
    site, language = site_of(request), pages_of(request).language(request)
    card = await _card(request, site, language)
    drawings: Drawings = request.app.state.drawings
    headers = {
        "ETag": f'"{card.digest}"',
        "Cache-Control": _A_DAY,
        "Vary": "Accept-Language",
        "Cross-Origin-Resource-Policy": "cross-origin",  # it is made to be shown elsewhere
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(await drawings.of(card), headers=headers, media_type="image/png")


async def _card(request: Request, site: Site, language: Language) -> Card:
    kind, id_ = request.path_params.get("kind", ""), request.path_params.get("id", "")
    first, last = bounds(site.clock().date())
    found: tuple[str, ...] = ()
    match kind:
        case "events":
            found = await _of_event(site, id_, language)
        case "collections":
            found = await _of_collection(site, id_, language)
        case "days" if (day := day_named(id_)) is not None:
            found = (language.date(day, "day"), language.text("Days of remembrance"))
        case "years" if re.fullmatch(r"[0-9]{4}", id_) and first <= int(id_) <= last:
            found = (id_, language.text("Days of remembrance"))
        case "":
            found = (language.text("Days of remembrance"),)
    if not found:
        raise NotFoundError
    title, over, below = (*found, "", "")[:3]
    return Card(title, over, below, site.service_name, language.direction)


async def _of_event(site: Site, id_: str, language: Language) -> tuple[str, ...]:
    async with site.store.read() as tx:
        kept = await events.event_named(tx, id_)
        titles = await events.target_titles(tx, [f"collection:{kept.collection}"]) if kept else {}
    if kept is None:
        return ()
    view = event_view(kept.event, language, {}, Links(""))
    over = next((text_in(words, language).text for words in titles.values()), "")
    return (view.title.text, over, " · ".join(filter(None, (view.when, view.length))))


async def _of_collection(site: Site, id_: str, language: Language) -> tuple[str, ...]:
    async with site.store.read() as tx:
        titles = await events.target_titles(tx, [f"collection:{id_}"])
    return tuple(text_in(words, language).text for words in titles.values())
