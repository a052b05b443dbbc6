"""The letters that somebody was sent, what became of each, and why it came."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from service.actions import remembering
from service.domain.errors import NotFoundError
from service.domain.event import Event
from service.domain.occasion import occasions
from service.domain.subscription import Subscriber, Wish
from service.domain.targets import is_private, target_of
from service.rendering.locales import Language
from service.rendering.own_words import asked_words, letter_name, story_words
from service.rendering.recount import text_in
from service.rendering.views import Text
from service.rendering.wording import ahead_words, reason_words, today_words
from service.store import events, own
from service.store.dialect import Tx
from service.store.editions import Told
from service.store.own import Sent
from service.store.private_events import Own
from service.web.choices import LEAD_TEXT
from service.web.own import language_of, own_page, reader_of
from service.web.pages import pages_of, site_of

_LISTED = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for by which a letter came; `kept` says that they still do."""

    target: str
    title: Text
    kept: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a letter told of an event: its day, which return it is, how far ahead, and what had been asked for."""

    event: str
    title: Text
    day: str
    words: str
    reasons: tuple[str, ...]
    ahead: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as its reader sees it in the list: what it is, what became of it, what it told."""

    id: str
    name: str
    day: str
    subject: str
    story: str
    because: str
    edition: str


async def sent(request: Request) -> Response:
    """List the newest letters, each with what became of it and what it came by."""
    try:
        async with site_of(request).store.read() as tx:
            reader = await reader_of(tx, request)
            listed = await letters_in_words(tx, reader.subscriber, language_of(request, reader), _LISTED)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    return own_page(request, reader, "manage_letters.html", {"letters": listed, "most": _LISTED})


async def letters_in_words(tx: Tx, reader: Subscriber, language: Language, most: int) -> list[Letter]:
    """Give somebody's newest letters, at most so many, as a page shows them."""
    found = await own.letters_of(tx, reader.id, most)
    because = sorted({target for one in found for target in one.because})
    titles = await events.target_titles(tx, because)
    titles |= {name: {language.code: own.event.name} for name, own in (await _seen(tx, reader, because)).items()}
    named = {target: text_in(words, language).text for target, words in titles.items()}
    return [_letter(one, reader, named, language) for one in found]


async def letter(request: Request) -> Response:
    """Show one letter: what became of it, and why it came."""
    try:
        async with site_of(request).store.read() as tx:
            reader = await reader_of(tx, request)
            language = language_of(request, reader)
            found = await own.letter_of(tx, reader.subscriber.id, request.path_params["notice"])
            causes = await why(tx, reader.subscriber, found, reader.wishes, language) if found else []
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    if found is None:
        return pages_of(request).refusal(request, 404)
    shown = {
        "letter": _letter(found, reader.subscriber, {}, language),
        "causes": causes,
        "asked": asked_words(found.kind, language),
    }
    return own_page(request, reader, "manage_letter.html", shown)


async def why(tx: Tx, reader: Subscriber, sent: Sent, wishes: list[Wish], language: Language) -> list[Cause]:
    """Give for each event that a letter told of why it did; what is no longer recorded, or shared, is left out."""
    kept = await events.events_named(tx, {told.event for told in sent.told})
    titles = await events.target_titles(tx, sent.because)
    have = {wish.target for wish in wishes}
    private = await _seen(tx, reader, [told.event for told in sent.told])
    causes = []
    for told in sent.told:
        if own := private.get(told.event):
            causes.append(_cause(told, own.event.told_in(own.id, language.code), (), sent, language))
        if told.event not in kept:
            continue
        record = kept[told.event]
        targets = [one for one in (f"event:{told.event}", f"collection:{record.collection}") if one in titles]
        asked = tuple(Asked(one, text_in(titles[one], language), one in have) for one in targets)
        causes.append(_cause(told, record.event, asked, sent, language))
    return causes


async def _seen(tx: Tx, reader: Subscriber, names: Iterable[str]) -> dict[str, Own]:
    """Give the private dates among these names that somebody may see today: their own, or shared with them."""
    wanted = {name for name in names if is_private(name)}
    found = await remembering.recorded(tx, reader) if wanted else []
    return {name: one.own for one in found if (name := target_of(one.own.id)) in wanted}


def _cause(told: Told, event: Event, asked: tuple[Asked, ...], sent: Sent, language: Language) -> Cause:
    words, reasons = "", tuple[str, ...]()
    for rule in event.rules:
        for one in occasions(event, rule, told.on, told.on) if rule.id == told.rule else ():
            say = today_words if told.on <= sent.day else ahead_words
            words, reasons = say(event, rule, one, language), reason_words(event, rule, one, language)
    days = (told.on - sent.day).days
    ahead = language.text(LEAD_TEXT, n=days) if sent.kind.value.startswith("notice") and days >= 0 else ""
    day = language.date(told.on, "full")
    return Cause(event.id, text_in(event.title, language), day, words, reasons, ahead, asked)


def _letter(sent: Sent, reader: Subscriber, named: dict[str, str], language: Language) -> Letter:
    story = story_words((sent.state, sent.reason), sent.due_at, sent.finished_at, reader.habit.zone, language)
    because = language.listed([named[target] for target in sent.because if target in named])
    is_public = bool(sent.subject and sent.edition) and sent.kind.remembers
    name, day = letter_name(sent.kind, language), language.date(sent.day, "full")
    return Letter(sent.id, name, day, sent.subject, story, because, sent.edition if is_public else "")
