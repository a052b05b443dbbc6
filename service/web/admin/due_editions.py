"""One edition: what it says, how many of its letters are where, and stopping, ending, or letting the rest leave."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import approving, posting
from service.domain.editor import Role
from service.domain.errors import InvalidError, NotFoundError
from service.domain.standing import without_addresses
from service.rendering.messages import message
from service.rendering.standing_words import known_words, moment
from service.store import due, events
from service.store.due import EditionOn
from service.web.admin.days import MANY, state_words
from service.web.admin.due_words import kind_words, titles_in
from service.web.admin.holder import editor_of, show
from service.web.admin.kept import room_form
from service.web.forms import text
from service.web.pages import pages_of, site_of

EDITIONS = "/admin/editions"
_TROUBLED = 20
_DONE = {
    "stop": message(
        "Stopped. {n, plural, =0 {No letter waited.} one {One letter is held.} other {# letters are held.}}"
    ),
    "cancel": message(
        "Ended. {n, plural, =0 {No letter waited.} one {One letter will not leave.} other {# letters will not leave.}}"
    ),
    "first": message(
        "{n, plural, one {One letter leaves} other {# letters leave}} ahead. The others wait until you let them leave."
    ),
    "send": message("{n, plural, =0 {No letter was held.} one {One letter leaves now.} other {# letters leave now.}}"),
}
_COUNT = message("Please type how many letters will leave: {n}.")
_FIRST = message("Please give a number from 1 to {n}.")


async def shown(request: Request) -> Response:
    """Show an edition."""
    return await _page(request, await _edition_of(request))


async def changed(request: Request) -> Response:
    """Stop an edition, or end it."""
    site, editor, one = site_of(request), editor_of(request), await _edition_of(request)
    form = await room_form(request)
    action, why, now = text(form, "action"), text(form, "why"), site.clock()
    if action not in {"stop", "cancel"}:
        raise HTTPException(400)
    try:
        async with site.store.write() as tx:
            done = await (posting.stop_for if action == "stop" else posting.cancel_for)(tx, editor, one.id, why, now)
    except InvalidError as error:
        return await _page(request, one, errors={"why": str(error)}, typed={"why": why})
    return pages_of(request).go(request, f"{EDITIONS}/{one.id}", done=action, n=str(done.notices))


async def sent(request: Request) -> Response:
    """Let the rest leave: by who has just shown who they are and, if they are many, typed how many (case 115)."""
    site, editor, one = site_of(request), editor_of(request), await _edition_of(request)
    form = await room_form(request)
    why, count, now = text(form, "why"), text(form, "count"), site.clock()
    language = pages_of(request).language(request, editor.language)
    if one.held > MANY and count != str(one.held):
        words = language.text(_COUNT, n=one.held)
        return await _page(request, one, errors={"count": words}, typed={"why": why, "count": count})
    try:
        async with site.store.write() as tx:
            if one.waits_for_editor:
                number = await approving.approve_edition(tx, editor, one.id, why, now)
            else:
                number = (await posting.release_for(tx, editor, one.id, why, now)).notices
    except InvalidError as error:
        return await _page(request, one, errors={"why": str(error)}, typed={"why": why, "count": count})
    site.wake()
    return pages_of(request).go(request, f"{EDITIONS}/{one.id}", done="send", n=str(number))


async def first_sent(request: Request) -> Response:
    """Let a few leave ahead of the others, who wait until somebody has looked at what became of these."""
    site, editor, one = site_of(request), editor_of(request), await _edition_of(request)
    form = await room_form(request)
    why, first, now = text(form, "why"), text(form, "first"), site.clock()
    if not (first.isdecimal() and len(first) < 9 and 1 <= int(first) <= one.held):
        words = pages_of(request).language(request, editor.language).text(_FIRST, n=one.held)
        return await _page(request, one, errors={"first": words}, typed={"why_first": why, "first": first})
    try:
        async with site.store.write() as tx:
            number = (await posting.release_first_for(tx, editor, one.id, int(first), why, now)).notices
    except InvalidError as error:
        return await _page(request, one, errors={"first": str(error)}, typed={"why_first": why, "first": first})
    site.wake()
    return pages_of(request).go(request, f"{EDITIONS}/{one.id}", done="first", n=str(number))


async def _edition_of(request: Request) -> EditionOn:
    async with site_of(request).store.read() as tx:
        found = await due.edition(tx, request.path_params["id"])
    if found is None:
        raise NotFoundError
    return found


async def _page(
    request: Request, one: EditionOn, *, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> Response:
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site.store.read() as tx:
        titles = await events.titles(tx, [event for event, _ in one.told])
        troubled = await due.troubled_of(tx, one.id, one.day, _TROUBLED)
    done, number = request.query_params.get("done", ""), request.query_params.get("n", "")
    is_done = done in _DONE and number.isdecimal() and len(number) < 9 and not errors
    page: dict[str, Any] = {
        "one": one,
        "kind": kind_words(one.kind, language),
        "told": titles_in(one.told, titles, language),
        "counts": state_words(one, language),
        "stopped": known_words(one.stopped_reason, language),
        "troubled": troubled,
        "many": one.held > MANY,
        "may_approve": editor.role >= Role.APPROVER,
        "moment": lambda at: moment(at, language),
        "known": lambda said: known_words(said, language),
        "hidden": without_addresses,
        "errors": errors or {},
        "typed": {"why": "", "count": "", "why_first": "", "first": "", **(typed or {})},
        "said": language.text(_DONE[done], n=int(number)) if is_done else "",
    }
    return show(request, "admin/edition.html", page, status=422 if errors else 200)
