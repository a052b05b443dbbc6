"""Joining: the form, the page that says "look into your mailbox", and the confirmation from the letter.

The answer to a form is the same whether or not the address is known, and takes as long: what differs is done after
it, as an errand, and an even time lies before it, in which what was left of the last one is done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from time import monotonic
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from service.actions.admitting import NO_TOLL, WAIT, WORK_BITS, Toll, admit, admit_reader, check_door, ticket_for
from service.actions.consent import asking, confirming
from service.actions.subscribing import Asked, ask, check_wishes, confirm, of_confirmation
from service.domain.errors import CrowdedError, InvalidError, NotFoundError, TooManyRequestsError
from service.domain.letter_box import For
from service.domain.subscription import Wish
from service.store import subscriptions
from service.store.dialect import Tx
from service.web.choices import choices, in_words
from service.web.foreseen import NOTHING_YET, Next, next_shown
from service.web.forms import Typed, check, form_of, guessed, text, typed_in, wrong
from service.web.networks import came_of, network_of
from service.web.pages import pages_of, site_of

_HOUR: Final = timedelta(hours=1)


async def show(request: Request) -> Response:
    """Show the form; an event or a collection named in the address is ticked."""
    pages = pages_of(request)
    named = [f"{kind}:{request.query_params[kind]}" for kind in ("collection", "event") if kind in request.query_params]
    typed = guessed(pages.language(request).code, named, request.headers.get("accept-language", ""))
    return await _form_page(request, typed, guess=True)


async def asked(request: Request) -> Response:
    """Take the form, and send the confirmation to its address."""
    site, pages = site_of(request), pages_of(request)
    form = await form_of(request)
    typed, toll = typed_in(form), Toll(text(form, "ticket"), text(form, "found"))
    if text(form, "action") == "find":
        return await _form_page(request, typed, toll=toll)
    if text(form, "action") == "next":
        return await _form_page(request, typed, toll=toll, foreseen=await next_shown(request, form))
    now = site.clock()
    checked = check(typed, site, with_address=True, with_wishes=True)
    if checked.errors:
        return await _form_page(request, typed, checked.errors, toll=toll)
    wording = asking(pages.language(request))
    taken = Asked(checked.address, checked.habit, checked.wishes, network_of(request), wording)
    try:
        await evenly(request, lambda tx: ask(tx, site.desk, taken, now), checked.wishes, toll)
    except InvalidError:
        return await _form_page(request, typed, wrong("targets"), toll=toll)
    except TooManyRequestsError as error:
        return await _form_page(
            request, typed, toll=toll, refused="crowded" if isinstance(error, CrowdedError) else "full"
        )
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
    wording = confirming(pages.language(request, subscriber.habit.language))
    page = {"address": subscriber.address, "titles": titles, "wording": wording.words}
    return pages.page(request, "confirm.html", page, speaks=subscriber.habit.language)


async def confirmed(request: Request) -> Response:
    """Confirm, and show the link by which everything can be changed."""
    site, pages = site_of(request), pages_of(request)
    try:
        async with site.store.write() as tx:
            speaks = await of_confirmation(tx, site.desk, request.path_params["token"], site.clock())
            wording = confirming(pages.language(request, speaks.habit.language))
            came = came_of(request, wording=wording)
            subscriber = await confirm(tx, site.desk, request.path_params["token"], site.clock(), came)
    except (NotFoundError, ValueError):
        return pages.token_refusal(request)
    site.wake()
    manage = f"/manage/{site.desk.manage(subscriber.id, site.clock())}"
    page = {"address": subscriber.address, "manage": manage}
    return pages.page(request, "confirmed.html", page, speaks=subscriber.habit.language)


async def evenly(
    request: Request, work: Callable[[Tx], Awaitable[object]], wishes: Sequence[Wish] = (), toll: Toll | None = None
) -> None:
    """Have something done about an address after the answer, which takes an even time and tells nothing of it.

    Without a toll it is what only readers are answered. Raises TooManyRequestsError by network and by all together,
    CrowdedError while a toll is asked for, InvalidError for an unknown wish.
    """
    site, network, begun = site_of(request), network_of(request), monotonic()
    if toll is not None:
        async with site.store.read() as tx:
            await check_wishes(tx, wishes)
            await check_door(tx, site.desk, network, toll, site.clock())
    async with site.store.write() as tx:
        if toll is None:
            await admit_reader(tx, site.desk, network, site.clock())
        else:
            await admit(tx, site.desk, network, toll, site.clock())

    async def errand() -> None:
        async with site.store.write() as tx:
            await work(tx)
        site.wake()

    await asyncio.sleep(begun + site.even_seconds - monotonic())
    site.errands.send(errand)


async def _form_page(
    request: Request,
    typed: Typed,
    errors: Mapping[str, str] = MappingProxyType({}),
    *,
    toll: Toll = NO_TOLL,
    refused: str = "",
    guess: bool = False,
    foreseen: Next = NOTHING_YET,
) -> Response:
    """Show the form with what was typed; `refused` says why it was not taken: "crowded", "full"."""
    site, pages = site_of(request), pages_of(request)
    language = pages.language(request)
    async with site.store.read() as tx:
        shown = await choices(tx, site, language, typed)
        ticket = await ticket_for(tx, site.desk, network_of(request), toll, site.clock())
    page = {
        **shown,
        **foreseen.page(),
        "errors": in_words(errors, language),
        "guess": guess,
        "mode": "join",
        "next_path": "/subscribe/next",
        "wording": asking(language).words,
        "refused": refused,
        "ticket": ticket,
        "work_bits": WORK_BITS,
        "wait_minutes": WAIT // timedelta(minutes=1),
        "mail_to": box.address(For.SUBSCRIBE) if (box := site.desk.letter_box) else "",
    }
    answer = pages.page(request, "subscribe.html", page, status=429 if refused else 422 if errors else 200)
    if refused:
        answer.headers["Retry-After"] = str((WAIT if refused == "crowded" else _HOUR) // timedelta(seconds=1))
    return answer
