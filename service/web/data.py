"""Somebody's address and data: a change of address, everything that is kept of them as a file, and erasure."""

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import managing, moving, taking
from service.domain.addresses import address_key, check_address
from service.domain.errors import InvalidError, NotFoundError, TooManyRequestsError
from service.domain.subscription import Subscriber
from service.mail.reading import forget
from service.rendering.messages import message
from service.store import subscriptions
from service.store.dialect import Tx
from service.web.choosing import remembered
from service.web.forms import form_of, text, wrong
from service.web.joining import evenly
from service.web.letters import letters_in_words
from service.web.networks import came_of
from service.web.own import Reader, go, language_of, own_page, reader_of
from service.web.pages import RETRY_AFTER_SECONDS, TOO_MUCH, pages_of, site_of

_FILE = "remembrancer-data"
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}
_SAME = {"address": message("Your letters go to this address already.")}
_UNSURE = {"sure": message("Please tick that you are sure. Nothing was erased.")}


async def data(request: Request) -> Response:
    """Show where letters go, and what can be done with what is kept."""
    return await _page(request, "manage_data.html", {"typed_address": ""}, {})


async def asked(request: Request) -> Response:
    """Take a new address, or have the link to the data mailed; the answer to each is always the same."""
    form = await form_of(request)
    action, typed = text(form, "action"), text(form, "address")
    if action not in {"address", "download"}:
        raise HTTPException(400)
    site, now, address = site_of(request), site_of(request).clock(), ""
    try:
        async with site.store.read() as tx:
            reader = await reader_of(tx, request)
        if action == "address":
            address = check_address(typed)
    except InvalidError:
        return await _page(request, "manage_data.html", {"typed_address": typed}, wrong("address"))
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    if address_key(address) == address_key(reader.subscriber.address):
        return await _page(request, "manage_data.html", {"typed_address": typed}, _SAME)
    try:
        if action == "download":
            await evenly(request, lambda tx: taking.ask(tx, site.desk, reader.subscriber, now))
        elif reader.is_active:
            await evenly(request, lambda tx: moving.ask(tx, site.desk, reader.subscriber, address, now))
    except TooManyRequestsError:
        answer = await _page(request, "manage_data.html", {"typed_address": typed}, {"address": TOO_MUCH})
        answer.status_code, answer.headers["Retry-After"] = 429, RETRY_AFTER_SECONDS
        return answer
    return go(request, "data", done="mailed" if action == "download" else "asked")


async def before_moving(request: Request) -> Response:
    """Show the button of the letter to a new address; looking at it changes nothing."""
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            move = await moving.of_token(tx, site.desk, request.path_params["token"], site.clock())
    except (NotFoundError, ValueError):
        return pages_of(request).token_refusal(request)
    return _told(request, "address.html", move.subscriber, {"address": move.address, "done": False})


async def moved(request: Request) -> Response:
    """Have letters go to the address that says so."""
    site = site_of(request)
    try:
        async with site.store.write() as tx:
            came = came_of(request)
            subscriber = await moving.confirm(tx, site.desk, request.path_params["token"], site.clock(), came)
    except (NotFoundError, ValueError):
        return pages_of(request).token_refusal(request)
    site.wake()
    manage = f"/manage/{site.desk.manage(subscriber.id, site.clock())}"
    page = {"address": subscriber.address, "done": True, "manage": manage}
    return _told(request, "address.html", subscriber, page)


async def before_taking(request: Request) -> Response:
    """Show the button behind which the data are; looking at it uses nothing up."""
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            subscriber, _ = await taking.of_token(tx, site.desk, request.path_params["token"], site.clock())
    except (NotFoundError, ValueError):
        return pages_of(request).token_refusal(request)
    return _told(request, "download.html", subscriber, {"address": subscriber.address})


async def taken(request: Request) -> Response:
    """Give everything that is kept of somebody as a file, once: for programs as JSON, for people as a page."""
    site = site_of(request)
    try:
        async with site.store.write() as tx:
            subscriber, kept = await taking.take(tx, site.desk, request.path_params["token"], site.clock())
            shown = await _in_words(tx, request, subscriber, kept)
    except (NotFoundError, ValueError):
        return pages_of(request).token_refusal(request)
    content = await run_in_threadpool(_packed, request, subscriber, kept, shown, site.clock())
    headers = {"Content-Disposition": f'attachment; filename="{_FILE}.zip"'}
    return Response(content, headers=headers, media_type="application/zip")


async def before_erasing(request: Request) -> Response:
    """Say what would be removed and what would stay, and ask."""
    return await _page(request, "manage_erase.html", {}, {})


async def erased(request: Request) -> Response:
    """Remove somebody, and say what was removed and what stays."""
    site = site_of(request)
    if not text(await form_of(request), "sure"):
        return await _page(request, "manage_erase.html", {}, _UNSURE)
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            known = await managing.erase(tx, site.desk, reader.subscriber.address, site.clock())
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    if site.outbox is not None:
        await run_in_threadpool(forget, site.outbox, known)
    await site.store.settle()
    return _told(request, "erased.html", reader.subscriber, {})


async def _page(request: Request, name: str, shown: Mapping[str, Any], errors: Mapping[str, str]) -> Response:
    try:
        async with site_of(request).store.read() as tx:
            reader = await reader_of(tx, request)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    return own_page(request, reader, name, shown, errors)


def _told(request: Request, name: str, subscriber: Subscriber, shown: Mapping[str, Any]) -> Response:
    return pages_of(request).page(request, name, shown, speaks=subscriber.habit.language)


async def _in_words(tx: Tx, request: Request, subscriber: Subscriber, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a page shows of what is kept, but for what has no words of its own."""
    wishes = await subscriptions.wishes_of(tx, subscriber.id)
    language = language_of(request, Reader(subscriber, wishes))
    return {
        "address": subscriber.address,
        "subscriber": kept["subscriber"],
        "remembered": await remembered(tx, wishes, language),
        "letters": await letters_in_words(tx, subscriber, language, len(kept["letters"])),
    }


def _packed(
    request: Request, subscriber: Subscriber, kept: Mapping[str, Any], shown: Mapping[str, Any], now: datetime
) -> bytes:
    """Write what is kept as JSON, as a page that needs nothing else, and its pictures as they are, and pack it all."""
    pictures, rows_of = _pictures_apart(kept)
    said = {"letters", "subscriptions"}
    others = {name: _json(rows) for name, rows in rows_of.items() if name not in said and rows}
    page = bytes(_told(request, "data.html", subscriber, {**shown, "others": others}).body)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in {"data.json": _json(rows_of).encode(), "data.html": page, **pictures}.items():
            how = zipfile.ZIP_STORED if name in pictures else zipfile.ZIP_DEFLATED  # a picture grows no smaller
            archive.writestr(zipfile.ZipInfo(f"{_FILE}/{name}", now.timetuple()[:6]), content, how)
    return written.getvalue()


def _pictures_apart(kept: Mapping[str, Any]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Take all bytes out of the rows: each becomes a file, and its name stands in its place."""
    files: dict[str, bytes] = {}
    rows_of = dict(kept)
    for table, rows in kept.items():
        if isinstance(rows, list):
            rows_of[table] = [_named(row, table, files) for row in rows]
    return files, rows_of


def _named(row: Mapping[str, Any], table: str, files: dict[str, bytes]) -> dict[str, Any]:
    named = dict(row)
    for key, value in row.items():
        if isinstance(value, bytes):
            named[key] = f"{table}/{len(files) + 1}.{_ENDINGS.get(row.get('media_type', ''), 'bin')}"
            files[named[key]] = value
    return named


def _json(kept: object) -> str:
    return json.dumps(kept, ensure_ascii=False, indent=2)
