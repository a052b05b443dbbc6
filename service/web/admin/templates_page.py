"""The page on which a piece is written: source on one side, the letter on the other, and what is wrong with it."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from service.actions.templates import Piece, in_use
from service.domain.editor import Role
from service.domain.errors import TooManyRequestsError
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.store import events
from service.store.dialect import Tx
from service.web.admin.access import editor_of, show
from service.web.admin.templates_findings import Found, of_the_text, samples_checked
from service.web.admin.templates_form import LOOKS, READERS, VIEWS, WIDTHS, Choices, Typed, kinds_of, spoken_in
from service.web.admin.templates_guide import guide, macros
from service.web.admin.templates_names import KINDS, named
from service.web.choices import Choice
from service.web.given import Site
from service.web.pages import own_name, pages_of, site_of
from service.web.seen import next_of

DONE: Final = {
    "saved": message("Your draft is kept. Only you see it, and no letter is made of it."),
    "dropped": message("Your draft is gone. This is what letters are made of now."),
    "tried": message("The letter is on its way, marked as a test. It is counted nowhere."),
    "published": message("It is published. The next letters are made of it."),
    "returned": message("The earlier version is in use again. The next letters are made of it."),
    "same": message("This is what is in use already. Nothing was changed."),
}
_COMING = 8


def policy(nonce: str) -> str:
    """Give the policy of a page with the editor: its own files, its own frame, and styles that carry the nonce."""
    return (
        f"default-src 'none'; style-src 'self' 'nonce-{nonce}'; script-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def with_editor(request: Request, name: str, shown: Mapping[str, Any], *, status: int = 200) -> Response:
    """Give a page that has the editor in it."""
    nonce = secrets.token_urlsafe(16)
    response = show(request, name, {**shown, "nonce": nonce}, status=status)
    response.headers["Content-Security-Policy"] = policy(nonce)
    return response


async def shown_piece(
    request: Request,
    piece: Piece,
    typed: Typed,
    choices: Choices,
    *,
    errors: Mapping[str, str] | None = None,
    found: tuple[Found, ...] | None = None,
    thorough: bool = False,
    status: int = 200,
) -> Response:
    """Give the page with what was typed, whatever it is; `thorough` checks every letter that publishing asks for."""
    editor = editor_of(request)
    language = pages_of(request).language(request, editor.language)
    if found is None:
        found, thorough = await _checked(request, piece.name, typed.text, thorough=thorough)
    done = request.query_params.get("done", "")
    page = {
        "piece": piece,
        "named": named(piece.name, language),
        "typed": typed,
        "choices": choices,
        "found": found,
        "thorough": thorough,
        "errors": dict(errors or {}),
        "said": language.text(DONE[done]) if done in DONE and not errors else "",
        "may_write": editor.role >= Role.EDITOR,
        "may_publish": editor.role >= Role.APPROVER,
        "line": _line(request),
        "guide": guide({}),
        "macros": await _macros(request),
        **await choosable(request, piece.name, choices, language),
    }
    return with_editor(request, "admin/templates_piece.html", page, status=status)


async def _checked(request: Request, name: str, text: str, *, thorough: bool) -> tuple[tuple[Found, ...], bool]:
    """Give what is wrong with a text, and whether letters were looked at too: not when too many were asked for."""
    if thorough:
        with suppress(TooManyRequestsError):
            return await samples_checked(request, name, text), True
    return await of_the_text(request, name, text), False


async def choosable(request: Request, name: str, choices: Choices, language: Language) -> dict[str, Any]:
    """Give everything that can be chosen about the letter that is shown."""
    site = site_of(request)
    kinds = kinds_of(name)
    async with site.store.read() as tx:
        shelves = await _shelves(tx, choices, language)
        codes = spoken_in(await in_use(tx))
        days = await days_of(tx, choices, language, site.clock().date())
    return {
        "kinds": [Choice(kind.value, language.text(KINDS[kind]), "", kind == choices.kind) for kind in kinds],
        "speeches": [
            Choice(code, _own_name(site, code, language), "", code == choices.language)
            for code in dict.fromkeys((*codes, choices.language))
        ],
        "readers": [Choice(code, language.text(words), "", code == choices.reader) for code, words in READERS.items()],
        "looks": [Choice(code, language.text(words), "", code == choices.look) for code, words in LOOKS.items()],
        "views": [Choice(code, language.text(words), "", code == choices.view) for code, words in VIEWS.items()],
        "widths": [Choice(width, width, "", width == choices.width) for width in WIDTHS],
        "shelves": shelves if any(kind.remembers for kind in kinds) else [],
        "days": days,
    }


async def _shelves(tx: Tx, choices: Choices, language: Language) -> list[tuple[str, list[Choice]]]:
    """Give the events that return, by collection."""
    found = []
    for shelf in await events.shelves(tx):
        kept = [one.event for one in await events.events_in(tx, shelf.id)]
        own = [
            Choice(event.id, text_in(event.title, language).text, "", event.id == choices.event)
            for event in kept
            if event.rules
        ]
        if own:
            found.append((text_in(shelf.title, language).text, own))
    return found


async def days_of(tx: Tx, choices: Choices, language: Language, today: date) -> list[Choice]:
    """Give the next days of the chosen event, each with its anniversary in words."""
    kept = await events.event_named(tx, choices.event) if choices.event else None
    coming = next_of(kept.event, language, today, _COMING) if kept else []
    days = dict.fromkeys(one.on.isoformat() for one in coming)
    words = {one.on.isoformat(): f"{one.when} {one.on.year}: {one.words}" for one in reversed(coming)}
    found = [Choice(day, words[day], "", day == choices.on) for day in days]
    if choices.on and choices.on not in days:
        found.append(Choice(choices.on, language.date(date.fromisoformat(choices.on)), "", chosen=True))
    return found


async def _macros(request: Request) -> list[dict[str, str]]:
    async with site_of(request).store.read() as tx:
        return macros((await in_use(tx)).pieces)


def _own_name(site: Site, code: str, language: Language) -> str:
    """Give a language's own name, or, where only letters speak it, its name in the page's language."""
    return own_name(site, code) if code in site.languages.codes else language.sentence(language.language_name(code))


def _line(request: Request) -> int:
    asked = request.query_params.get("line", "")
    return int(asked[:6]) if asked.isascii() and asked.isdigit() else 0
