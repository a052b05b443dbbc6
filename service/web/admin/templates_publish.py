"""What becomes of a text that is written: sent to be tried, published, or told that somebody was quicker."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from service.actions import templates as actions
from service.actions.trying import send_test
from service.domain.errors import ConflictError, InvalidError, NotFoundError, TooManyRequestsError
from service.domain.letter import Words
from service.rendering.difference import merged, rows
from service.rendering.locales import Language
from service.rendering.messages import message
from service.store.dialect import Tx
from service.web.admin.access import editor_of
from service.web.admin.templates_findings import Found, found_in, samples_checked, stopping
from service.web.admin.templates_form import Choices, Typed, chosen_in, form_of, typed_of
from service.web.admin.templates_names import named, path_of
from service.web.admin.templates_page import shown_piece, with_editor
from service.web.admin.templates_preview import NO_LETTER, TOO_MANY
from service.web.admin.templates_proofs import MOST_IN_A_MINUTE, proofs_of
from service.web.pages import pages_of, site_of

MOST_ADDRESSES: Final = 5
_WHY_MISSING: Final = message("Please say why you publish this, for those who come after you.")
_STOPPED: Final = message("It was not published: something must be mended first. It is kept as your draft.")
_ADDRESSES_MISSING: Final = message("Please give the addresses of those who are to see it.")
_ADDRESSES_MANY: Final = message("At most {n} addresses at a time.")
_TRIED_MANY: Final = message("You have sent many tests within an hour. Please wait a little.")
_OWN: Final = "own"
Again = Callable[[Mapping[str, str], tuple[Found, ...]], Awaitable[Response]]


async def tried(request: Request) -> Response:
    """Send the letter, as it is typed, to the editor or to those who are to look at it; keep the text as a draft."""
    name, form = actions.checked_name(request.path_params["name"]), await form_of(request)
    site, editor, typed = site_of(request), editor_of(request), typed_of(form)
    choices = await chosen_in(request, form, name)
    await _keep(request, name, typed)
    addresses = [editor.address] if form.get("to") == _OWN else _addresses(typed.addresses)
    language = pages_of(request).language(request, editor.language)
    if not addresses or len(addresses) > MOST_ADDRESSES:
        words = language.text(_ADDRESSES_MANY, n=MOST_ADDRESSES) if addresses else language.text(_ADDRESSES_MISSING)
        return await _again(request, name, typed, choices, {"addresses": words})
    try:
        proof = await proofs_of(request).of(editor.id, choices.wanted, {name: typed.text})
        if proof.words is None:
            found = await found_in(request, name, typed.text, [proof])
            return await _again(request, name, typed, choices, {"text": language.text(NO_LETTER)}, found)
        await _send(request, proof.words, choices.language, addresses)
    except TooManyRequestsError:
        return await _again(request, name, typed, choices, {"addresses": language.text(_TRIED_MANY)})
    except (InvalidError, NotFoundError) as error:
        field = "addresses" if getattr(error, "field", "") == "address" else "text"
        return await _again(request, name, typed, choices, {field: str(error)})
    site.wake()
    return pages_of(request).go(request, path_of(name), done="tried", **choices.query)


async def published(request: Request) -> Response:
    """Have the text in use from now on, if the checks pass and nobody has published meanwhile."""
    name, form = actions.checked_name(request.path_params["name"]), await form_of(request)
    _site, _editor, typed = site_of(request), editor_of(request), typed_of(form)
    choices = await chosen_in(request, form, name)
    await _keep(request, name, typed)

    async def again(errors: Mapping[str, str], found: tuple[Found, ...]) -> Response:
        return await _again(request, name, typed, choices, errors, found or None)

    return await publish_text(request, name, typed, choices, again)


async def publish_text(request: Request, name: str, typed: Typed, choices: Choices, again: Again) -> Response:
    """Publish a text that is kept as a draft, or say by `again`, or beside a newer version, why not."""
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    if await _number(request, name) != typed.based_on:
        return await conflict(request, name, typed, choices)
    stopped = await _stopped(request, name, typed, language)
    if stopped is not None:
        return await again(*stopped)
    try:
        async with site.store.write() as tx:
            number = await actions.publish(tx, editor, name, typed.text, typed.based_on, typed.why, site.clock())
    except ConflictError:
        return await conflict(request, name, typed, choices)
    except InvalidError as error:
        return await again({error.field or "why": str(error)}, ())
    proofs_of(request).forget()
    done = "published" if number != typed.based_on else "same"
    return pages_of(request).go(request, path_of(name), done=done, **choices.query)


async def _stopped(
    request: Request, name: str, typed: Typed, language: Language
) -> tuple[dict[str, str], tuple[Found, ...]] | None:
    """Give what keeps a text from being published, and what was found in it; None if nothing does."""
    if not typed.why:
        return {"why": language.text(_WHY_MISSING)}, ()
    try:
        found = await samples_checked(request, name, typed.text)
    except TooManyRequestsError:
        return {"text": language.text(TOO_MANY, n=MOST_IN_A_MINUTE)}, ()
    return ({"findings": language.text(_STOPPED)}, found) if stopping(found) else None


async def conflict(request: Request, name: str, typed: Typed, choices: Choices) -> Response:
    """Show what a colleague published meanwhile beside what was typed, with a text that holds both where there is one.

    What was typed is kept as a draft that still names the version it began from; to publish what stands in the form
    is to publish over the newer version, knowingly.
    """
    async with site_of(request).store.read() as tx:
        piece = await actions.piece(tx, name)
        base = await _base(tx, name, typed.based_on)
    both = merged(base, typed.text, piece.text)
    language = pages_of(request).language(request, editor_of(request).language)
    page: dict[str, Any] = {
        "piece": piece,
        "named": named(piece.name, language),
        "typed": typed,
        "choices": choices,
        "is_merged": both is not None,
        "text": typed.text if both is None else both,
        "rows": rows(piece.text, typed.text),
    }
    return with_editor(request, "admin/templates_conflict.html", page, status=409)


async def _number(request: Request, name: str) -> int:
    """Give the number of the version in use, 0 of a piece that is new."""
    async with site_of(request).store.read() as tx:
        try:
            return (await actions.piece(tx, name)).number
        except NotFoundError:
            return 0


async def _base(tx: Tx, name: str, number: int) -> str:
    try:
        return await actions.text_of(tx, name, number)
    except NotFoundError:
        return ""


async def _keep(request: Request, name: str, typed: Typed) -> None:
    """Keep what was typed as a draft, unless it says what is in use already."""
    site = site_of(request)
    async with site.store.write() as tx:
        piece = await actions.piece(tx, name)
        if typed.text != piece.text or typed.based_on != piece.number:
            await actions.save_draft(tx, editor_of(request), name, typed.text, typed.based_on, site.clock())


async def _send(request: Request, words: Words, language: str, addresses: list[str]) -> None:
    """Send to all of them, or, if one is wrong, to none."""
    site = site_of(request)
    async with site.store.write() as tx:
        for address in addresses:
            await send_test(tx, site.desk, editor_of(request), words, language, address, site.clock())


async def _again(
    request: Request,
    name: str,
    typed: Typed,
    choices: Choices,
    errors: Mapping[str, str],
    found: tuple[Found, ...] | None = None,
) -> Response:
    """Show the page once more, with what was typed and what is wrong with it."""
    async with site_of(request).store.read() as tx:
        piece = await actions.piece(tx, name)
    thorough = found is not None and "findings" in errors
    return await shown_piece(request, piece, typed, choices, errors=errors, found=found, thorough=thorough, status=422)


def _addresses(typed: str) -> list[str]:
    """Give the addresses of a text, one a line or with commas between them, each once."""
    return list(dict.fromkeys(word for word in typed.replace(",", " ").replace(";", " ").split() if word))
