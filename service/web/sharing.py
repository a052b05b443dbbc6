"""Remembering together, on pages: an owner invites and ends, a relative sees who asks, accepts, and may stop."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import sharing
from service.domain.consent import Came
from service.domain.consent import network_of as network_prefix
from service.domain.errors import InvalidError, NotFoundError
from service.rendering.messages import message
from service.web.forms import form_of, text
from service.web.networks import network_of
from service.web.own import go, reader_of
from service.web.pages import pages_of, site_of
from service.web.remembered import form_page

_WRONG = message("This is not an e-mail address of somebody else. It looks like name@example.org.")


async def shared(request: Request) -> Response:
    """Invite somebody, end what is shared with one, or stop being told."""
    form, id_ = await form_of(request), request.path_params["id"]
    action, address = text(form, "action"), text(form, "address")
    if action not in {"invite", "end", "stop"}:
        raise HTTPException(400)
    try:
        # Whether an address may be written to, the time does not tell either.
        work = _do(request, action, address, text(form, "share"))
        await asyncio.gather(work, asyncio.sleep(site_of(request).even_seconds))
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    except InvalidError:
        return await form_page(request, id_, None, {"invited": _WRONG}, invited=address)
    site_of(request).wake()
    if action == "stop":
        return go(request, "dates", date="stopped")
    return go(request, f"dates/{id_}", date="invited" if action == "invite" else "ended")


async def before_accepting(request: Request) -> Response:
    """Show who asks, and the button; looking at it changes nothing, since mail scanners follow every link."""
    site, pages = site_of(request), pages_of(request)
    try:
        async with site.store.read() as tx:
            found = await sharing.invited(tx, site.desk, request.path_params["token"], site.clock())
    except (NotFoundError, ValueError):
        return pages.token_refusal(request)
    shown = {"owner": found.owner.address, "address": found.address, "accepted": found.share.reader is not None}
    return pages.page(request, "invitation.html", shown, speaks=found.owner.habit.language)


async def accepted(request: Request) -> Response:
    """Accept, and go on to the date: who holds the letter may change everything of their own, this once."""
    site, pages = site_of(request), pages_of(request)
    try:
        async with site.store.write() as tx:
            found = await sharing.invited(tx, site.desk, request.path_params["token"], site.clock())
            came = Came("invitation", network_prefix(network_of(request)))
            reader = await sharing.accept(tx, site.desk, request.path_params["token"], site.clock(), came)
    except (NotFoundError, ValueError):
        return pages.token_refusal(request)
    if reader is None:
        return await before_accepting(request)
    site.wake()
    manage = site.desk.manage(reader.id, site.clock())
    return pages.go(request, f"/manage/{manage}/dates/{found.own.id}", date="accepted")


async def _do(request: Request, action: str, address: str, share: str) -> None:
    site, id_ = site_of(request), request.path_params["id"]
    async with site.store.write() as tx:
        reader = await reader_of(tx, request)
        if action == "invite":
            await sharing.invite(tx, site.desk, reader.subscriber, id_, address, site.clock())
        elif action == "end":
            await sharing.end(tx, reader.subscriber, id_, share, site.clock())
        else:
            await sharing.stop(tx, reader.subscriber, id_, site.clock())
