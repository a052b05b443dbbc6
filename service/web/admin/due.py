"""What is due: what leaves today and in the coming days, what waits for somebody, and whether mail is leaving."""

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import approving, foreseeing, posting
from service.actions.foreseeing import DayAhead
from service.domain.editor import Role
from service.domain.errors import InvalidError
from service.domain.event import Words
from service.domain.standing import without_addresses
from service.rendering.heard_words import lately_words
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.rendering.standing_words import known_words, moment, tick_words
from service.rendering.verdict_words import verdict_words
from service.store import asking, due, events, holding, installation, pauses, status
from service.store.asking import Awaited
from service.store.dialect import Tx
from service.store.due import Drawn, EditionOn
from service.store.pauses import Pause
from service.web.admin import drawing
from service.web.admin.due_words import fate_words, kind_words, language_words, titles_in
from service.web.admin.holder import editor_of, show
from service.web.admin.kept import room_form
from service.web.forms import text
from service.web.pages import pages_of, site_of

DUE = "/admin"
_LISTED = 6
_DONE = {
    "paused": message("The post is paused: nothing more is begun until it is let go on."),
    "resumed": message("The post goes on."),
    "stopped": message("It is paused: nothing of it leaves until it is let go on."),
    "started": message("It goes on."),
}


@dataclass(frozen=True, slots=True)
class _Found:
    days: list[DayAhead]
    awaited: list[Awaited]
    held: list[EditionOn]
    drawn: list[Drawn]
    paused: list[Pause]
    targets: dict[str, Words]
    titles: dict[str, Words]


async def shown(request: Request) -> Response:
    """Show what is due."""
    return await _page(request)


async def switched(request: Request) -> Response:
    """Pause the whole post, or let it go on."""
    site, editor = site_of(request), editor_of(request)
    form = await room_form(request)
    action, now = text(form, "action"), site.clock()
    if action not in {"pause", "resume"}:
        raise HTTPException(400)
    try:
        async with site.store.write() as tx:
            if action == "pause":
                await posting.pause_for(tx, editor, text(form, "why"), now)
            else:
                await posting.resume_for(tx, editor, now)
    except InvalidError as error:
        return await _page(request, errors={error.field or "why": str(error)})
    site.wake()
    return pages_of(request).go(request, DUE, done="paused" if action == "pause" else "resumed")


async def target_switched(request: Request) -> Response:
    """Pause one event or collection, or let it go on."""
    site, editor = site_of(request), editor_of(request)
    form = await room_form(request)
    action, target, now = text(form, "action"), text(form, "target"), site.clock()
    if action not in {"pause", "resume"}:
        raise HTTPException(400)
    try:
        async with site.store.write() as tx:
            if action == "pause":
                await approving.pause(tx, editor, target, text(form, "why"), now)
            else:
                await approving.resume(tx, editor, target, now)
    except InvalidError as error:
        return await _page(request, errors={error.field or "target": str(error)})
    site.wake()
    return pages_of(request).go(request, DUE, done="stopped" if action == "pause" else "started")


async def _page(request: Request, *, errors: dict[str, str] | None = None) -> Response:
    site, editor = site_of(request), editor_of(request)
    language, now = pages_of(request).language(request, editor.language), site.clock()
    seen = await status.look(site.store, now, site.boot())
    async with site.store.read() as tx:
        found = await _find(tx, request)
        post = await installation.state(tx)
    # What is held with its edition is told of once, with the edition.
    troubled = [line for line in seen.troubled if line.reason != holding.STOPPED]
    aside = sum(group.count for group in (*seen.failed, *seen.held) if group.reason != holding.STOPPED)
    done = _DONE.get(request.query_params.get("done", "")) if not errors else None
    page: dict[str, Any] = {
        "seen": seen,
        "troubled": troubled[:_LISTED],
        "troubled_more": aside + seen.quarantined - len(troubled[:_LISTED]),
        "verdict": verdict_words(seen, language),
        "ticked": tick_words(seen, language),
        "heard": lately_words(seen.heard, language),
        "is_paused": bool(post and post.paused_at),
        "days": [_day(one, found.titles, language) for one in found.days],
        "awaited": [
            (one, title, fate_words(one.fate, language))
            for one in found.awaited
            for _, _, title in titles_in([(one.event, one.on)], found.titles, language)
        ],
        "held": [(one, titles_in(one.told, found.titles, language), _why(one, language)) for one in found.held],
        "drawn": found.drawn,
        "rows": drawing.rows_of(found.drawn),
        "drawing": (drawing.WIDTH, drawing.height()),
        "paused": [
            (one, text_in(found.targets[one.target], language)) for one in found.paused if one.target in found.targets
        ],
        "targets": {target: text_in(words, language) for target, words in found.targets.items()},
        "moment": lambda at: moment(at, language),
        "known": lambda said: known_words(said, language),
        "hidden": without_addresses,
        "may_approve": editor.role >= Role.APPROVER,
        "errors": errors or {},
        "said": language.text(done) if done else "",
    }
    return show(request, "admin/due.html", page, status=422 if errors else 200)


async def _find(tx: Tx, request: Request) -> _Found:
    now = site_of(request).clock()
    today = now.date()
    days = await foreseeing.days_ahead(tx, today)
    awaited = await asking.awaited(tx, today)
    held = await due.held_editions(tx, now)
    told = {event for day in days for letter in day.letters for event, _ in letter.told}
    told |= {one.event for one in awaited} | {event for one in held for event, _ in one.told}
    targets = await events.target_titles(tx, sorted(await events.targets(tx)))
    return _Found(
        days=days,
        awaited=awaited,
        held=held,
        drawn=await due.drawn(tx, today),
        paused=await pauses.standing(tx),
        targets=targets,
        titles=await events.titles(tx, told),
    )


def _day(one: DayAhead, titles: dict[str, Words], language: Language) -> dict[str, Any]:
    letters = [
        {
            "kind": kind_words(letter.kind, language),
            "count": letter.count,
            "languages": language_words(letter.readers, language),
            "told": titles_in(letter.told, titles, language),
            "fate": letter.fate,
            "fate_words": fate_words(letter.fate, language),
        }
        for letter in one.letters
    ]
    return {"day": one.day, "count": one.count, "letters": letters}


def _why(one: EditionOn, language: Language) -> str:
    return known_words(one.stopped_reason, language)
