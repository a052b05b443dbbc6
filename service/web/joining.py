"""Joining: the form, the page that says "look into your mailbox", and the confirmation from the letter.

The answer to a form is the same whether or not the address is known, and takes as long: what differs is
done in the time that every answer takes.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from service.actions.subscribing import Asked, ask, confirm, of_confirmation
from service.domain.errors import InvalidError, NotFoundError
from service.mail.tokens import Purpose
from service.store import subscriptions
from service.web.choices import choices, in_words
from service.web.forms import Typed, check, form_of, guessed, text, typed_in, wrong
from service.web.given import Site
from service.web.pages import pages_of, site_of

EVEN_SECONDS = 0.2


async def show(request: Request) -> Response:
    """Show the form; an event or a collection named in the address is ticked."""
    pages = pages_of(request)
    named = [f"{kind}:{request.query_params[kind]}" for kind in ("collection", "event") if kind in request.query_params]
    typed = guessed(pages.language(request).code, named)
    return await _form_page(request, typed, {}, guess=True)


async def asked(request: Request) -> Response:
    """Take the form, and send the confirmation to its address."""
    site, pages = site_of(request), pages_of(request)
    form = await form_of(request)
    typed = typed_in(form)
    if text(form, "action") == "find":
        return await _form_page(request, typed, {})
    now = site.clock()
    checked = check(typed, site, with_address=True, with_wishes=True)
    if checked.errors:
        return await _form_page(request, typed, checked.errors)
    taken = Asked(checked.address, checked.habit, checked.wishes, network_of(request))
    try:
        await evenly(_ask(site, taken, now))
    except InvalidError:
        return await _form_page(request, typed, wrong("targets"))
    site.wake()
    return pages.go(request, "/subscribe/asked")


async def look(request: Request) -> Response:
    """Say that a letter may be on its way."""
    return pages_of(request).page(request, "asked.html", {})


async def before_confirming(request: Request) -> Response:
    """Show the button; looking at it changes nothing, since mail scanners follow every link."""
    site, pages = site_of(request), pages_of(request)
    try:
        async with site.store.read() as tx:
            subscriber = await of_confirmation(tx, site.desk, request.path_params["token"], site.clock())
            waiting = await subscriptions.wishes_of(tx, subscriber.id, confirmed=False)
            typed = Typed(targets=frozenset(wish.target for wish in waiting))
            shown = await choices(tx, site, pages.language(request, subscriber.habit.language), typed)
    except (NotFoundError, ValueError):
        return pages.token_refusal(request)
    titles = [shelf.title for shelf in shown["shelves"] if shelf.chosen]
    titles += [one.title for shelf in shown["shelves"] for one in shelf.events if one.chosen]
    page = {"address": subscriber.address, "titles": titles}
    return pages.page(request, "confirm.html", page, speaks=subscriber.habit.language)


async def confirmed(request: Request) -> Response:
    """Confirm, and show the link by which everything can be changed."""
    site, pages = site_of(request), pages_of(request)
    try:
        async with site.store.write() as tx:
            subscriber = await confirm(tx, site.desk, request.path_params["token"], site.clock())
    except (NotFoundError, ValueError):
        return pages.token_refusal(request)
    site.wake()
    manage = f"/manage/{site.desk.tokens.sign(Purpose.MANAGE, subscriber.id)}"
    page = {"address": subscriber.address, "manage": manage}
    return pages.page(request, "confirmed.html", page, speaks=subscriber.habit.language)


async def evenly(work: Awaitable[None]) -> None:
    """Do something in no less than an even time, so that the time tells nothing of what was done."""
    await asyncio.gather(work, asyncio.sleep(EVEN_SECONDS))


def network_of(request: Request) -> str:
    """Give the address from which a request comes, as the connection says it; headers could say anything."""
    return request.client.host if request.client else ""


async def _ask(site: Site, taken: Asked, now: datetime) -> None:
    async with site.store.write() as tx:
        await ask(tx, site.desk, taken, now)


async def _form_page(request: Request, typed: Typed, errors: dict[str, str], *, guess: bool = False) -> Response:
    site, pages = site_of(request), pages_of(request)
    language = pages.language(request)
    async with site.store.read() as tx:
        shown = await choices(tx, site, language, typed)
    page = {**shown, "errors": in_words(errors, language), "guess": guess, "mode": "join"}
    return pages.page(request, "subscribe.html", page, status=422 if errors else 200)
