"""What somebody remembers, each with its days ahead, and how they are written to: shown, added to, changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import managing
from service.domain.errors import InvalidError, NotFoundError
from service.domain.subscription import Wish
from service.rendering.locales import Language
from service.rendering.recount import text_in
from service.rendering.views import Text
from service.store import events
from service.store.dialect import Tx
from service.web.choices import LEAD_TEXT, choices
from service.web.forms import Typed, check, check_leads, form_of, kept_by, leads_by_target, text, typed_in, wrong
from service.web.own import Reader, go, language_of, own_page, reader_of
from service.web.own_next import NOTHING_TYPED, own_page_next
from service.web.pages import pages_of, site_of

NO_ERRORS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Remembered:
    """One thing that somebody remembers: a collection or an event, and when it is told."""

    target: str
    title: Text
    when: str


async def remembered(tx: Tx, wishes: Sequence[Wish], language: Language) -> list[Remembered]:
    """Give what somebody remembers in words; what is no longer recorded is left out."""
    leads = leads_by_target(wishes)
    titles = await events.target_titles(tx, list(leads))
    return [
        Remembered(target, text_in(titles[target], language), leads_words(leads[target], language))
        for target in sorted(titles)
    ]


def leads_words(leads: Iterable[int], language: Language) -> str:
    """Say how many days ahead: "On the day itself; 7 days before"."""
    return "; ".join(language.text(LEAD_TEXT, n=lead) for lead in leads)


async def topics(request: Request) -> Response:
    """Show what is remembered, and what else there is."""
    return await _topics_page(request, Typed())


async def chosen(request: Request) -> Response:
    """Add what was ticked, or look for events."""
    site = site_of(request)
    form = await form_of(request)
    action, typed = text(form, "action"), typed_in(form)
    if action not in {"add", "find", "next"}:
        raise HTTPException(400)
    checked = check(typed, site, with_wishes=True, with_habit=False)
    if action != "add" or checked.errors:
        return await _topics_page(request, typed, form, checked.errors if action == "add" else {})
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            if reader.is_active:
                await managing.remember(tx, reader.subscriber, checked.wishes, site.clock())
    except InvalidError:
        return await _topics_page(request, typed, form, wrong("targets"))
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    return go(request, "topics", done="saved")


async def topic(request: Request) -> Response:
    """Show one thing that is remembered, with its days ahead."""
    return await _topic_page(request)


async def timed(request: Request) -> Response:
    """Set the days ahead of one thing."""
    site = site_of(request)
    form = await form_of(request)
    typed = typed_in(form)
    if text(form, "action") == "next":
        return await _topic_page(request, typed, form)
    try:
        leads = check_leads(typed)
    except InvalidError:
        return await _topic_page(request, typed, form, wrong("lead_days"))
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            if not reader.is_active:
                return go(request)
            await managing.set_leads(tx, reader.subscriber, request.path_params["target"], leads, site.clock())
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    return go(request, "topics", done="saved")


async def habits(request: Request) -> Response:
    """Show how somebody is written to."""
    return await _habits_page(request)


async def kept(request: Request) -> Response:
    """Change how somebody is written to."""
    site = site_of(request)
    form = await form_of(request)
    typed = typed_in(form)
    if text(form, "action") == "next":
        return await _habits_page(request, typed, form)
    checked = check(typed, site)
    if checked.errors:
        return await _habits_page(request, typed, form, checked.errors)
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            if reader.is_active:
                await managing.change_habit(tx, reader.subscriber, checked.habit)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    return go(request, done="saved")


async def _topics_page(
    request: Request, typed: Typed, form: FormData = NOTHING_TYPED, errors: Mapping[str, str] = NO_ERRORS
) -> Response:
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            reader = await reader_of(tx, request)
            if not reader.is_active:
                return go(request)
            language = language_of(request, reader)
            shown = await choices(tx, site, language, typed)
            own = await remembered(tx, reader.wishes, language)
            following = await own_page_next(tx, request, reader, form, "topics")
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    have = {wish.target for wish in reader.wishes}
    offered = [
        replace(shelf, events=tuple(one for one in shelf.events if one.value not in have), have=shelf.value in have)
        for shelf in shown["shelves"]
    ]
    page = {**shown, **following, "mode": "topics", "guess": False, "remembered": own}
    page["shelves"] = [shelf for shelf in offered if shelf.events or shelf.more or not shelf.have]
    return own_page(request, reader, "manage_topics.html", page, errors)


async def _topic_page(
    request: Request,
    typed: Typed | None = None,
    form: FormData = NOTHING_TYPED,
    errors: Mapping[str, str] = NO_ERRORS,
) -> Response:
    site, target = site_of(request), request.path_params["target"]
    try:
        async with site.store.read() as tx:
            reader = await reader_of(tx, request)
            if not reader.is_active:
                return go(request)
            language = language_of(request, reader)
            own = await remembered(tx, [wish for wish in reader.wishes if wish.target == target], language)
            leads = frozenset(str(lead) for lead in leads_by_target(reader.wishes).get(target, ()))
            shown = await choices(tx, site, language, typed or Typed(lead_days=leads))
            following = await own_page_next(tx, request, reader, form, target)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    if not own:
        return go(request, "topics")
    page = {**shown, **following, "mode": "leads", "guess": False, "topic": own[0]}
    return own_page(request, reader, "manage_topic.html", page, errors)


async def _habits_page(
    request: Request,
    typed: Typed | None = None,
    form: FormData = NOTHING_TYPED,
    errors: Mapping[str, str] = NO_ERRORS,
) -> Response:
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            reader: Reader = await reader_of(tx, request)
            if not reader.is_active:
                return go(request)
            shown = await choices(tx, site, language_of(request, reader), typed or kept_by(reader.subscriber))
            following = await own_page_next(tx, request, reader, form, "habits")
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    page = {**shown, **following, "mode": "habits", "guess": False}
    return own_page(request, reader, "manage_habits.html", page, errors)
