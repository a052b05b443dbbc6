"""The page on which somebody has notices and summaries by another way than e-mail, or by e-mail again."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import channels
from service.domain.channel import NAMES, Channel, Way, check_channel, check_to, example
from service.domain.errors import InvalidError, NotFoundError, TooManyRequestsError
from service.domain.notice import Result
from service.rendering.bidi import isolated
from service.rendering.locales import Language
from service.rendering.messages import message
from service.store import channels as kept
from service.web.forms import form_of, text
from service.web.given import Knocker
from service.web.own import go, language_of, own_page, reader_of
from service.web.pages import TOO_MUCH, pages_of, site_of

PART: Final = "channel"
_HINTS: Final = {
    Channel.NTFY: message(
        "A topic at {host} that nobody guesses, of 16 or more letters, digits, _ and -."
        " Whoever knows it reads your letters too."
    ),
    Channel.TELEGRAM: message(
        "The number of your chat. Write to our bot first: before that, it may not write to you."
        " In a group, all its members read your letters too."
    ),
    Channel.MATRIX: message(
        "The id of a room into which you have let our account, such as {example}."
        " Whoever is in it reads your letters too."
    ),
    Channel.SIGNAL: message("Your number with the code of its country, such as {example}."),
}
_NO_CHANNEL = message("Please choose one of the ways.")
_NO_FORM = message("This is not of the form that it has there. Please look at what is said beside the way you chose.")
_NOT_TAKEN = message("The message was not taken there. Please look whether it is written rightly, and try again.")
_WRONG_CODE = message("This is not the code, or it is older than a quarter of an hour.")
_TITLE = message("Your code: {code}")
_BODY = message(
    "Type it on your page within a quarter of an hour, and your notices come here. If you did not ask for it, leave"
    " this message."
)
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


async def shown(request: Request) -> Response:
    """Show the way that was chosen, and the form for another; or for the code, where one was sent."""
    return await _page(request, request.query_params.get("asked", ""))


async def changed(request: Request) -> Response:
    """Send a code, take it, or have notices come by e-mail again."""
    form = await form_of(request)
    action = text(form, "action")
    if action == "ask":
        return await _ask(request, text(form, "channel"), text(form, "to"))
    if action == "prove":
        return await _prove(request, text(form, "asked"), text(form, "code"))
    if action != "mail":
        raise HTTPException(400)
    try:
        async with site_of(request).store.write() as tx:
            reader = await reader_of(tx, request)
            await channels.by_mail(tx, reader.subscriber, site_of(request).clock())
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    site_of(request).wake()
    return go(request, done="channel-mail")


async def arrived(request: Request) -> Response:
    """Send who comes by a letter about their way to its page, or to their first where there is none any more."""
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            id_ = await channels.of_token(tx, site.desk, request.path_params["token"], site.clock())
    except (NotFoundError, ValueError):
        return pages_of(request).token_refusal(request)
    own = f"/manage/{site.desk.manage(id_, site.clock())}"
    return pages_of(request).go(request, own if site.channels is None else f"{own}/{PART}")


def _knocker(request: Request) -> Knocker:
    """Give what knows the channels; without any there is no such page."""
    knocker = site_of(request).channels
    if knocker is None:
        raise HTTPException(404)
    return knocker


async def _ask(request: Request, name: str, to: str) -> Response:
    """Send a code; no transaction is open while it is handed over."""
    site, knocker, typed = site_of(request), _knocker(request), {"channel": name, "to": to}
    try:
        channel = check_channel(name, knocker.channels.names)
        way = Way(channel, check_to(channel, to))
    except InvalidError as error:
        wrong = {"channel": _NO_CHANNEL} if error.field == "channel" else {"to": _NO_FORM}
        return await _page(request, typed=typed, errors=wrong)
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            code = await channels.ask(tx, site.desk, reader.subscriber, way, site.clock())
    except TooManyRequestsError:
        return await _page(request, typed=typed, errors={"to": TOO_MUCH})
    except InvalidError:
        return go(request)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    language = language_of(request, reader)
    title, body = language.text(_TITLE, code=code.code), language.text(_BODY)
    became = await knocker.knock(way.address, title, body)
    if became not in {Result.ACCEPTED, Result.IN_DOUBT}:
        return await _page(request, typed=typed, errors={"to": _NOT_TAKEN})
    doubt = {"doubt": "1"} if became is Result.IN_DOUBT else {}
    return go(request, PART, asked=code.token, **doubt)


async def _prove(request: Request, token: str, code: str) -> Response:
    site = site_of(request)
    _knocker(request)
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            is_right = await channels.prove(tx, site.desk, reader.subscriber, token, code, site.clock())
    except TooManyRequestsError:
        return await _page(request, token, errors={"code": TOO_MUCH})
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    if not is_right:
        return await _page(request, token, errors={"code": _WRONG_CODE})
    site.wake()
    return go(request, done="channel-chosen")


async def _page(
    request: Request,
    token: str = "",
    *,
    typed: Mapping[str, str] = _NOTHING,
    errors: Mapping[str, str] = _NOTHING,
) -> Response:
    site, knocker = site_of(request), _knocker(request)
    try:
        async with site.store.read() as tx:
            reader = await reader_of(tx, request)
            chosen = await kept.chosen(tx, reader.subscriber.id)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    if not reader.is_active:
        return go(request)
    language = language_of(request, reader)
    asked = channels.asked(site.desk, reader.subscriber, token, site.clock()) if token else None
    page: dict[str, Any] = {
        "chosen": chosen,
        "chosen_name": NAMES[chosen.way.channel] if chosen else "",
        "asked": asked,
        "asked_name": NAMES[asked.channel] if asked else "",
        "asked_token": token,
        "is_in_doubt": "doubt" in request.query_params,
        "offered": [_offered(one, knocker, language) for one in knocker.channels.names],
        "typed": {"channel": "", "to": "", **typed},
    }
    return own_page(request, reader, "manage_channel.html", page, errors)


def _offered(channel: Channel, knocker: Knocker, language: Language) -> dict[str, str]:
    shown = {"host": knocker.channels.host_of(channel), "example": example(channel)}
    hint = language.text(_HINTS[channel], **{name: isolated(one, language.direction) for name, one in shown.items()})
    return {"value": channel.value, "name": NAMES[channel], "hint": hint}
