"""Leaving by the link in a letter: one click in the mail program (RFC 8058), or a button on the page.

The one-click request carries no cookie, comes from anywhere, and is answered at once, without a redirect.
It is known by its body alone, so that a scanner that opens or posts to every link ends nothing.
"""

from collections.abc import Sequence

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions.managing import come_back, leave, leave_one, of_link
from service.domain.errors import NotFoundError
from service.domain.subscription import Status, Subscriber, Wish
from service.mail.tokens import Purpose
from service.store import own, subscribers, subscriptions
from service.store.dialect import Tx
from service.web.choosing import remembered
from service.web.forms import form_of, text, texts
from service.web.letters import why
from service.web.networks import came_of
from service.web.pages import pages_of, site_of
from service.web.security import from_here
from service.web.undoing import read_undo, undo_of


async def before_leaving(request: Request) -> Response:
    """Show the buttons; looking at them changes nothing."""
    site, pages = site_of(request), pages_of(request)
    try:
        async with site.store.read() as tx:
            subscriber = await _whose(tx, request)
            return await _page(tx, request, subscriber)
    except NotFoundError:
        return pages.token_refusal(request)


async def left(request: Request) -> Response:
    """End everything by one click, or what the page's button says."""
    site, pages = site_of(request), pages_of(request)
    form = await form_of(request)
    one_click = is_one_click(form)
    if not one_click and not from_here(request, site):
        raise HTTPException(403)
    action, target = text(form, "action"), text(form, "target")
    if not one_click and (action not in {"leave", "leave-one"} or (action == "leave-one") != bool(target)):
        raise HTTPException(400)
    now, undo = site.clock(), ""
    came = came_of(request, "one click" if one_click else "page")
    try:
        async with site.store.write() as tx:
            subscriber = await _whose(tx, request)
            if one_click or action == "leave":
                await leave(tx, subscriber, now, came)
            else:
                undo = undo_of(site, subscriber, await subscriptions.wishes_of(tx, subscriber.id), target, now)
                await leave_one(tx, subscriber, target, now, came)
            return await _page(tx, request, await _again(tx, subscriber), ended=bool(undo), undo=undo)
    except NotFoundError:
        return pages.token_refusal(request)


async def undone(request: Request) -> Response:
    """Bring back what was ended: everything, or the one thing that the button names."""
    site, pages = site_of(request), pages_of(request)
    form = await form_of(request)
    if text(form, "action") != "undo":
        raise HTTPException(400)
    if not from_here(request, site):
        raise HTTPException(403)
    now = site.clock()
    try:
        async with site.store.write() as tx:
            subscriber = await _whose(tx, request)
            wishes = read_undo(site, subscriber, text(form, "undo"), now)
            await come_back(tx, subscriber, wishes, now, came_of(request))
            return await _page(tx, request, await _again(tx, subscriber), back=True)
    except NotFoundError:
        return pages.token_refusal(request)


def is_one_click(form: FormData) -> bool:
    """Say whether a body is the one of RFC 8058, section 3.1, and nothing else."""
    return list(form.keys()) == ["List-Unsubscribe"] and texts(form, "List-Unsubscribe") == ["One-Click"]


async def _whose(tx: Tx, request: Request) -> Subscriber:
    return await of_link(tx, site_of(request).desk, Purpose.LEAVE, request.path_params["token"])


async def _again(tx: Tx, subscriber: Subscriber) -> Subscriber:
    return await subscribers.by_id(tx, subscriber.id) or subscriber


async def _page(
    tx: Tx, request: Request, subscriber: Subscriber, *, ended: bool = False, back: bool = False, undo: str = ""
) -> Response:
    pages = pages_of(request)
    speaks = subscriber.habit.language
    language = pages.language(request, speaks)
    wishes: Sequence[Wish] = await subscriptions.wishes_of(tx, subscriber.id)
    notice = (site_of(request).desk.tokens.read(Purpose.LEAVE, request.path_params["token"]) or ("",))[-1]
    sent = await own.letter_of(tx, subscriber.id, notice)
    shown = {
        "causes": await why(tx, subscriber, sent, list(wishes), language) if sent else [],
        "token": request.path_params["token"],
        "address": subscriber.address,
        "left": subscriber.status is not Status.ACTIVE,
        "can_return": subscriber.status is Status.LEFT,
        "remembered": await remembered(tx, wishes, language),
        "ended": ended,
        "back": back and subscriber.status is Status.ACTIVE,
        "undo": undo,
    }
    return pages.page(request, "leave.html", shown, speaks=speaks)
