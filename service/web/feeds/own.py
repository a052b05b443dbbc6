"""A subscriber's own calendar, and the page on which they make, see and end its address."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import own_calendar
from service.domain.errors import NotFoundError
from service.rendering.ical import MEDIA_TYPE, About
from service.rendering.messages import message
from service.store import own_calendars, subscriptions
from service.web.feeds.answers import answer
from service.web.feeds.public import feeds_of
from service.web.forms import form_of, text
from service.web.own import go, own_page, reader_of
from service.web.pages import pages_of, site_of

_NAME: Final = message("Your days of remembrance")


async def calendar(request: Request) -> Response:
    """Give the days of all that somebody remembers; nothing in it says whose they are."""
    site = site_of(request)
    async with site.store.read() as tx:
        subscriber = await own_calendar.of_token(tx, site.desk, request.path_params["token"])
        language = pages_of(request).language(request, subscriber.habit.language)
        wishes = await subscriptions.wishes_of(tx, subscriber.id)
        own = await subscriptions.leads_private(tx, subscriber.id)
        private = await own_calendars.private_named(tx, own, language.code)
    about = About(language.text(_NAME))
    feed = await feeds_of(request).calendar({wish.target for wish in wishes}, about, language, private)
    return answer(request, feed, MEDIA_TYPE, "remembrance.ics", own=True)


async def address(request: Request) -> Response:
    """Show the address of somebody's calendar, or how to have one."""
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            reader = await reader_of(tx, request)
            token = await own_calendar.token_of(tx, site.desk, reader.subscriber)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    if not reader.is_active:
        return go(request)
    path = f"/calendar/{token}.ics" if token else ""
    return own_page(request, reader, "manage_calendar.html", {"calendar": path, "whole": f"{site.public_url}{path}"})


async def changed(request: Request) -> Response:
    """Make, renew or end the address."""
    site = site_of(request)
    action = text(await form_of(request), "action")
    if action not in {"renew", "end"}:
        raise HTTPException(400)
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            if not reader.is_active:
                return go(request)
            had = bool(await own_calendar.token_of(tx, site.desk, reader.subscriber))
            if action == "end":
                await own_calendar.end(tx, reader.subscriber)
            else:
                await own_calendar.renew(tx, reader.subscriber)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    done = "ended" if action == "end" else "renewed" if had else "made"
    return go(request, "calendar", done=f"calendar-{done}")
