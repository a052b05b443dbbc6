"""The first page: what is remembered today and in the coming weeks."""

from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from service.mail.reading import Filed, letters
from service.rendering.messages import message
from service.store import events, occasions
from service.web.about import About
from service.web.given import Site
from service.web.pages import pages_of, site_of
from service.web.security import on_this_machine
from service.web.seen import shelf_view, told
from service.web.structured import page_data

_AHEAD = timedelta(days=60)
_LEAST_COMING = 12
_MOST_COMING = 60
_LETTERS = 30
_SAMPLES = 2
_WHAT_IT_IS = message(
    "Here is kept what people want to remember. On its day a letter goes to everyone who asked for it: "
    "what happened, how long ago, what it cost, what followed, and where the facts come from."
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
    shown: dict[str, Any] = {
        "now": now,
        "what_it_is": language.text(_WHAT_IT_IS),
        "today": [one for one in coming if one.today],
        "coming": [one for one in coming if not one.today],
        "collections": [shelf_view(shelf, language) for shelf in shelves],
        **await _mailbox(request, site),
    }
    about = About(
        title=language.text("Days of remembrance"),
        description=shown["what_it_is"],
        path="/",
        data=page_data(site, [(f"/events/{one.event}", one.title.text) for one in coming], language.code),
    )
    response = pages.page(request, "today.html", shown, about=about)
    if shown["has_mailbox"]:
        response.headers["Cache-Control"] = "no-store"  # what only this machine may see is nobody's to keep
    return response


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
