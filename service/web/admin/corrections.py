"""Corrections: what earlier letters told wrongly of an event, in every language, until it is withdrawn."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import correcting
from service.domain.editor import Role
from service.domain.errors import InvalidError, NotFoundError
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.rendering.standing_words import moment
from service.store import errata, events
from service.web.admin.holder import editor_of, show
from service.web.admin.kept import room_form
from service.web.forms import text
from service.web.pages import own_name, pages_of, site_of

CORRECTIONS = "/admin/corrections"
_LISTED = 100
_NO_WORDS = message("Please write the correction in at least one language.")
_TOO_LONG = message("This is too long: a correction is a sentence or two.")
_DONE = {
    "added": message("The correction stands on the letters that were sent, and comes with the next ones."),
    "withdrawn": message("The correction is withdrawn."),
}


async def listed(request: Request) -> Response:
    """Show the newest corrections, and the events that one can be made of."""
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site.store.read() as tx:
        newest = await errata.lately(tx, _LISTED)
        titles = await events.titles(tx)
    wanted = request.query_params.get("event", "")
    if wanted in titles:
        return pages_of(request).go(request, f"{CORRECTIONS}/{wanted}")
    page = {
        "corrections": [
            (one, text_in(one.words, language), text_in(titles[one.event], language) if one.event in titles else None)
            for one in newest
        ],
        "events": [(id_, text_in(words, language)) for id_, words in titles.items()],
        "moment": lambda at: moment(at, language),
    }
    return show(request, "admin/corrections.html", page)


async def shown(request: Request) -> Response:
    """Show an event's corrections, and the form of a new one."""
    return await _page(request)


async def added(request: Request) -> Response:
    """Keep a correction."""
    site, editor, event = site_of(request), editor_of(request), request.path_params["event"]
    form = await room_form(request)
    language = pages_of(request).language(request, editor.language)
    typed = {code: text(form, f"words-{code}") for code in site.languages.codes}
    try:
        async with site.store.write() as tx:
            await correcting.correct(tx, editor, event, typed, site.clock())
    except InvalidError as error:
        if error.field in typed:
            return await _page(request, errors={f"words-{error.field}": language.text(_TOO_LONG)}, typed=typed)
        first = f"words-{site.languages.codes[0]}"
        return await _page(request, errors={first: language.text(_NO_WORDS)}, typed=typed)
    site.wake()
    return pages_of(request).go(request, f"{CORRECTIONS}/{event}", done="added")


async def withdrawn(request: Request) -> Response:
    """Take a correction back."""
    site, editor = site_of(request), editor_of(request)
    form = await room_form(request)
    id_ = text(form, "id")
    if not id_:
        raise HTTPException(400)
    async with site.store.write() as tx:
        event = await correcting.withdraw(tx, editor, id_, site.clock())
    site.wake()
    return pages_of(request).go(request, f"{CORRECTIONS}/{event}", done="withdrawn")


async def _page(
    request: Request, *, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> Response:
    site, editor, event = site_of(request), editor_of(request), request.path_params["event"]
    language = pages_of(request).language(request, editor.language)
    async with site.store.read() as tx:
        kept = await events.event_named(tx, event)
        found = await errata.of_event(tx, event)
    if kept is None:
        raise NotFoundError
    done = _DONE.get(request.query_params.get("done", "")) if not errors else None
    page: dict[str, Any] = {
        "event": event,
        "title": text_in(kept.event.title, language),
        "found": [
            (one, [(site.languages.of(code), words) for code, words in sorted(one.words.items())]) for one in found
        ],
        "codes": [(code, own_name(site, code), site.languages.of(code).direction) for code in site.languages.codes],
        "typed": typed or {},
        "may_correct": editor.role >= Role.APPROVER,
        "moment": lambda at: moment(at, language),
        "errors": errors or {},
        "said": language.text(done) if done else "",
    }
    return show(request, "admin/correction.html", page, status=422 if errors else 200)
