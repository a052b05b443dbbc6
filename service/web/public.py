"""The first page: what is remembered today and in the coming weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from service.mail.reading import Filed, letters
from service.rendering.messages import message
from service.store import events, occasions, returning
from service.web.about import About
from service.web.given import Site
from service.web.pages import pages_of, site_of
from service.web.security import on_this_machine
from service.web.seen import Coming, shelf_view, told
from service.web.structured import page_data

_AHEAD = timedelta(days=60)
_LEAST_COMING = 12
_MOST_COMING = 40
_LETTERS = 30
_SAMPLES = 2
_MOST_MADE, _LONGEST_NAME = 40, 60
_WHAT_IT_IS = message(
    "Here is kept what people want to remember. On its day a letter goes to everyone who asked for it: "
    "what happened, how long ago, what it cost, what followed, and where the facts come from."
)


@dataclass(slots=True)
class Made:
    """The page of today as it was made, in each language, while nothing that it tells has changed."""

    stamp: object = None
    pages: dict[str, Response] = field(default_factory=dict)

    def of(self, stamp: object) -> dict[str, Response]:
        """Give what was made as of a stamp; of another one nothing is kept."""
        if stamp != self.stamp:
            self.stamp, self.pages = stamp, {}
        return self.pages


async def today(request: Request) -> Response:
    """Show what is remembered today and in the coming weeks."""
    site, pages = site_of(request), pages_of(request)
    language, now = pages.language(request), site.clock().date()
    box = await _mailbox(request, site)
    made: Made = request.app.state.made
    async with site.store.read() as tx:
        kept = made.of((now, await returning.stamp(tx)))
        # Its links keep what the address says: only that of a language, and the plain one, are made for many.
        name = f"{language.code} {request.query_params}"
        is_shared = not box["has_mailbox"] and set(request.query_params) <= {"lang"} and len(name) < _LONGEST_NAME
        if is_shared and name in kept:
            return pages.unchanged(request, kept[name]) or kept[name]
        listed = await occasions.following(tx, now, _MOST_COMING)
        near = [one for one in listed if one.occasion.on <= now + _AHEAD]
        coming = await told(tx, listed[: max(len(near), _LEAST_COMING)], language, now)
        shelves = await events.shelves(tx)
    response = _page(request, coming, [shelf_view(shelf, language) for shelf in shelves], box)
    if box["has_mailbox"]:
        response.headers["Cache-Control"] = "no-store"  # what only this machine may see is nobody's to keep
    if is_shared and response.status_code == 200 and len(kept) < _MOST_MADE:
        kept[name] = response
    return response


def _page(
    request: Request, coming: Sequence[Coming], shelves: Sequence[Mapping[str, Any]], box: Mapping[str, Any]
) -> Response:
    site, pages = site_of(request), pages_of(request)
    language = pages.language(request)
    what_it_is = language.text(_WHAT_IT_IS)
    shown = {
        "now": site.clock().date(),
        "what_it_is": what_it_is,
        "today": [one for one in coming if one.today],
        "coming": [one for one in coming if not one.today],
        "collections": shelves,
        **box,
    }
    about = About(
        title=language.text("Days of remembrance"),
        description=what_it_is,
        path="/",
        data=page_data(site, [(f"/events/{one.event}", one.title.text) for one in coming], language.code),
    )
    return pages.page(request, "today.html", shown, about=about)


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
