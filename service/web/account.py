"""What a subscriber sees and changes by the link in their letters; there is no password.

This is the first page: what is coming, what they remember, how they are written to; and pausing and leaving. The
others are in `choosing`, `letters` and `data`.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import managing, rehearsing
from service.actions.subscribing import send_link
from service.actions.welcoming import when_they_come
from service.domain.addresses import check_address
from service.domain.channel import NAMES
from service.domain.errors import InvalidError, NotFoundError, TooManyRequestsError
from service.rendering.facts import comes_words
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.rehearsal_words import LetterSeen, letter_words
from service.store import channels
from service.store.dialect import Tx
from service.web.choosing import remembered
from service.web.forms import check_pause, form_of, text, wrong
from service.web.joining import evenly
from service.web.networks import came_of
from service.web.own import Reader, go, language_of, own_page, reader_of
from service.web.pages import RETRY_AFTER_SECONDS, TOO_MUCH, pages_of, site_of
from service.web.undoing import read_undo, undo_of

_LETTERS_AHEAD = 6
_MONTHS_AHEAD = 13  # so that what comes once a year is always among them
_ADDRESS_WRONG = message("This is not an e-mail address. It looks like name@example.org.")
_DONE = {"leave": "left", "leave-one": "ended", "come-back": "back", "resume": "resumed"}


async def lost(request: Request) -> Response:
    """Show the form by which the link is sent again."""
    return pages_of(request).page(request, "lost.html", {"address": "", "error": ""})


async def found(request: Request) -> Response:
    """Send the link again; the answer is the same for every address."""
    site, pages = site_of(request), pages_of(request)
    typed = text(await form_of(request), "address")
    try:
        address = check_address(typed)
    except InvalidError:
        words = pages.language(request).text(_ADDRESS_WRONG)
        return pages.page(request, "lost.html", {"address": typed, "error": words}, status=422)
    now, came = site.clock(), came_of(request)
    try:
        await evenly(request, lambda tx: send_link(tx, site.desk, address, came, now))
    except TooManyRequestsError:
        words = pages.language(request).text(TOO_MUCH)
        answer = pages.page(request, "lost.html", {"address": typed, "error": words}, status=429)
        answer.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return answer
    return pages.go(request, "/manage/asked")


async def look(request: Request) -> Response:
    """Say that the link may be on its way."""
    return pages_of(request).page(request, "link_asked.html", {})


async def manage(request: Request) -> Response:
    """Show how everything stands, and what is coming."""
    try:
        async with site_of(request).store.read() as tx:
            reader = await reader_of(tx, request)
            return await _page(tx, request, reader)
    except NotFoundError:
        return pages_of(request).token_refusal(request)


async def managed(request: Request) -> Response:
    """Do what one of the page's buttons says."""
    site = site_of(request)
    form = await form_of(request)
    action, until = text(form, "action"), text(form, "paused_until")
    if action == "pause":
        return await _pause(request, until)
    if action not in _DONE:
        raise HTTPException(400)
    now, target, undo = site.clock(), text(form, "target"), ""
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            if action == "leave":
                await managing.leave(tx, reader.subscriber, now, came_of(request))
            elif action == "leave-one":
                undo = undo_of(site, reader.subscriber, reader.wishes, target, now)
                await managing.leave_one(tx, reader.subscriber, target, now, came_of(request))
            elif action == "come-back":
                again = read_undo(site, reader.subscriber, text(form, "undo"), now)
                await managing.come_back(tx, reader.subscriber, again, now, came_of(request))
            elif reader.is_active:
                await managing.pause(tx, reader.subscriber, None)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    return go(request, done=_DONE[action], **({"undo": undo} if undo else {}))


async def _pause(request: Request, written: str) -> Response:
    site = site_of(request)
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            if not reader.is_active:
                return go(request)
            try:
                until = check_pause(written, reader.subscriber.habit.slot.day_at(site.clock()))
            except InvalidError:
                return await _page(tx, request, reader, written)
            await managing.pause(tx, reader.subscriber, until)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    return go(request, done="paused")


async def _page(tx: Tx, request: Request, reader: Reader, paused_until: str | None = None) -> Response:
    """Show the first page; with what was typed for a pause if that cannot be taken."""
    language = language_of(request, reader)
    habit = reader.subscriber.habit
    chosen = await channels.chosen(tx, reader.subscriber.id)
    shown: dict[str, Any] = {
        "typed_pause": paused_until or "",
        "paused_until": reader.subscriber.paused_until,
        "remembered": await remembered(tx, reader.wishes, language),
        "comes": comes_words({**when_they_come(reader.subscriber, reader.wishes), "leads": []}, language),
        "written_in": language.language_name(habit.language),
        "channels": site_of(request).channels is not None,
        "chosen": chosen,
        "chosen_name": NAMES[chosen.way.channel] if chosen else "",
        "coming": await _coming(tx, request, reader, language),
    }
    return own_page(request, reader, "manage.html", shown, {} if paused_until is None else wrong("paused_until"))


async def _coming(tx: Tx, request: Request, reader: Reader, language: Language) -> list[LetterSeen]:
    """Give the next letters that will come, by the functions that plan them."""
    if not reader.is_active:
        return []
    found = await rehearsing.of_reader(tx, reader.subscriber, _MONTHS_AHEAD, site_of(request).clock(), private=True)
    events = {id_: kept.event for id_, kept in found.events.items()}
    sent = [letter for letter in found.letters if not letter.paused]
    return [letter_words(letter, events, language, from_afar=True) for letter in sent[:_LETTERS_AHEAD]]
