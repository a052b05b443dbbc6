"""A day: what is told of which event, in any year; each edition that is or will be; and what an editor says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import approving, foreseeing
from service.actions.approving import Said
from service.actions.foreseeing import DayAhead
from service.domain.approval import Fate, Leave, Verdict
from service.domain.editor import Role
from service.domain.errors import ConflictError, InvalidError, NotFoundError
from service.domain.event import Words
from service.domain.occasion import returns
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.standing_words import known_words, moment
from service.store import approvals, asking, due, events, occasions
from service.store.approvals import Judged, Pair
from service.store.asking import Awaited
from service.store.dialect import Tx
from service.store.due import EditionOn
from service.store.events import Kept
from service.web.admin.due_words import fate_words, judged_words, kind_words, language_words, seen_of, titles_in
from service.web.admin.holder import editor_of, show
from service.web.admin.kept import room_form
from service.web.forms import text
from service.web.pages import pages_of, site_of

DAYS = "/admin/days"
MANY = 20  # so many letters leave at one word only if who says it shows who they are, and types how many
_DONE = {
    "approve": message(
        "Approved. {n, plural, =0 {No letter waited.} one {One letter leaves now.} other {# letters leave now.}}"
    ),
    "hold": message("Held: nothing of it leaves until it is let go on."),
    "cancel": message("Cancelled: no further letter tells of it."),
    "back": message("Taken back. {n, plural, =0 {} one {One letter leaves now.} other {# letters leave now.}}"),
}
_VERDICTS = {"approve": Verdict.APPROVED, "hold": Verdict.HELD, "cancel": Verdict.CANCELLED, "back": None}
_CHANGED = message(
    "It has been changed since you looked at it. This is how it is now: please look again, then approve."
)
_COUNT = message("Please type how many letters will leave: {n}.")
_GONE = message("Nothing is told of this event on this day any more.")


@dataclass(frozen=True, slots=True)
class _Found:
    told: list[Awaited]
    kept: dict[str, Kept]
    judged: dict[Pair, Judged]
    ahead: DayAhead | None
    editions: list[EditionOn]
    titles: dict[str, Words]
    is_planned: bool  # the day lies within what is reckoned for planning


async def shown(request: Request) -> Response:
    """Show a day."""
    return await _page(request, day_of(request))


async def judged(request: Request) -> Response:
    """Do what an editor says, if it sends no more than a few letters at once; more are asked for by their number."""
    return await _judge(request, is_proved=False)


async def many_judged(request: Request) -> Response:
    """Do what an editor says who has just shown who they are; many letters leave only by their typed number."""
    return await _judge(request, is_proved=True)


async def _judge(request: Request, *, is_proved: bool) -> Response:
    site, editor, day = site_of(request), editor_of(request), day_of(request)
    form = await room_form(request)
    action, event, now = text(form, "action"), text(form, "event"), site.clock()
    if action not in _VERDICTS:
        raise HTTPException(400)
    language = pages_of(request).language(request, editor.language)
    said = Said(event, day, _VERDICTS[action], text(form, "version"), text(form, "why"))
    waits = await _waiting_for(request, (event, day)) if action in {"approve", "back"} else 0
    if waits > MANY and not (is_proved and text(form, "count") == str(waits)):
        words = language.text(_COUNT, n=waits)
        return await _page(request, day, errors={f"count-{event}": words}, ask=(event, action, waits, said.why))
    try:
        async with site.store.write() as tx:
            count = await approving.judge(tx, editor, said, now)
    except ConflictError:
        return await _page(request, day, errors={f"said-{event}": language.text(_CHANGED)}, status=409)
    except NotFoundError:
        return await _page(request, day, errors={f"said-{event}": language.text(_GONE)})
    except InvalidError as error:
        return await _page(request, day, errors={f"said-{event}": str(error)})
    site.wake()
    return pages_of(request).go(request, f"{DAYS}/{day.isoformat()}", done=action, n=str(count))


async def _waiting_for(request: Request, pair: Pair) -> int:
    """Count the letters that are held and tell of an event on a day."""
    site = site_of(request)
    async with site.store.read() as tx:
        held = await due.held_editions(tx, site.clock())
    return sum(one.held for one in held if pair in one.told and one.waits_for_editor)


async def _page(
    request: Request,
    day: date,
    *,
    errors: dict[str, str] | None = None,
    ask: tuple[str, str, int, str] | None = None,
    status: int = 422,
) -> Response:
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site.store.read() as tx:
        found = await _find(tx, day, site.clock().date())
    seen = [
        seen_of(one, found.kept[one.event].event, found.judged.get((one.event, one.on)), site.languages.codes, language)
        for one in found.told
        if one.event in found.kept
    ]
    page: dict[str, Any] = {
        "on": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "told": seen,
        "judged_words": lambda said: judged_words(said, language),
        "ahead": [_ahead(letter, found.titles, language) for letter in found.ahead.letters] if found.ahead else [],
        "editions": [
            _edition(one, found.titles, language) for one in found.editions if one.letters or not one.stopped_at
        ],
        "is_planned": found.is_planned,
        "is_past": day < site.clock().date() - timedelta(days=1),
        "may_approve": editor.role >= Role.APPROVER,
        "moment": lambda at: moment(at, language),
        "errors": errors or {},
        "ask": ask,
        "said": _said(request, language) if not errors else "",
    }
    return show(request, "admin/day.html", page, status=status if errors else 200)


async def _find(tx: Tx, day: date, today: date) -> _Found:
    horizon = await occasions.horizon_of(tx)
    is_planned = horizon is not None and horizon[0] <= day <= horizon[1]
    told = await asking.told_between(tx, day, day) if is_planned else await _reckoned(tx, day)
    kept = await events.events_named(tx, [one.event for one in told])
    ahead = await foreseeing.day_ahead(tx, day) if is_planned and day >= today - timedelta(days=1) else None
    listed = await due.editions_on(tx, day)
    named = {event for letter in (ahead.letters if ahead else ()) for event, _ in letter.told}
    titles = await events.titles(tx, named | {event for one in listed for event, _ in one.told})
    return _Found(told, kept, await approvals.between(tx, day, day), ahead, listed, titles, is_planned)


async def _reckoned(tx: Tx, day: date) -> list[Awaited]:
    """Reckon what falls on a day of any year, near or far: only to be looked at."""
    return [
        Awaited(kept.event.id, day, kept.collection, "", Leave(), Fate.LEAVES, day, day)
        async for kept in events.all_events(tx)
        if returns(kept.event, day, day)
    ]


def _ahead(letter: foreseeing.LetterAhead, titles: dict[str, Words], language: Language) -> dict[str, Any]:
    return {
        "kind": kind_words(letter.kind, language),
        "count": letter.count,
        "languages": language_words(letter.readers, language),
        "told": titles_in(letter.told, titles, language),
        "fate_words": fate_words(letter.fate, language),
    }


def _edition(one: EditionOn, titles: dict[str, Words], language: Language) -> dict[str, Any]:
    return {
        "id": one.id,
        "subject": one.subject,
        "kind": kind_words(one.kind, language),
        "language": language.language_name(one.language),
        "told": titles_in(one.told, titles, language),
        "counts": state_words(one, language),
        "stopped": known_words(one.stopped_reason, language) if one.stopped_at else "",
    }


def state_words(one: EditionOn, language: Language) -> Sequence[tuple[str, int]]:
    """Give how many notices are in each state, in words."""
    return [(known_words(state.value, language), count) for state, count in one.counts.items() if count]


def _said(request: Request, language: Language) -> str:
    done, number = request.query_params.get("done", ""), request.query_params.get("n", "")
    return language.text(_DONE[done], n=int(number)) if done in _DONE and number.isdecimal() and len(number) < 9 else ""


def day_of(request: Request) -> date:
    """Read the day in an address; raise the answer that there is none."""
    try:
        return date.fromisoformat(request.path_params["day"])
    except ValueError:
        raise HTTPException(404) from None
