"""Private dates in files, on pages: tried first, row by row, then brought in whole or not at all; and taken out."""

import base64
import binascii
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from service.actions import private_files, remembering
from service.actions.private_files import Row
from service.domain.consent import network_of as network_prefix
from service.domain.errors import InvalidError, NotFoundError
from service.rendering.locales import Language
from service.rendering.messages import message
from service.store import private_events
from service.web.foreseen import foreseen_of
from service.web.forms import form_of, text
from service.web.networks import network_of
from service.web.own import Reader, go, language_of, own_page, reader_of
from service.web.pages import pages_of, site_of
from service.web.seen import next_of

_FILES_BY_NETWORK = 12  # in a minute
_NONE = message("Please choose a file.")
_LARGE = message("The file is too large. One of up to a megabyte is read.")
_REFUSED = message("Nothing was brought in, since a row is refused.")
_MANY = message("There is no room for so many.")


async def exported(request: Request) -> Response:
    """Give all that is somebody's own as a file, by the ending of the address."""
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            reader = await reader_of(tx, request)
            found = [one for one in await remembering.recorded(tx, reader.subscriber) if one.is_owner]
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    language, now = language_of(request, reader), site.clock()
    if request.path_params["ending"] == "csv":
        content, kind = private_files.write_table(found).encode(), "text/csv; charset=utf-8"
    elif request.path_params["ending"] == "ics":
        days = {
            one.own.id: [
                coming.on
                for coming in next_of(
                    one.own.event.told_in(one.own.id, language.code), language, now.date(), private_files.DAYS_WRITTEN
                )
            ]
            for one in found
        }
        content, kind = private_files.write_calendar(found, days, site.host, now), "text/calendar; charset=utf-8"
    else:
        return pages_of(request).token_refusal(request)
    name = f"private-dates.{request.path_params['ending']}"
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def asked(request: Request) -> Response:
    """Ask for a file."""
    return await _page(request, None, [], "")


async def sent(request: Request) -> Response:
    """Show what would become of a file, or bring it in; what was shown travels with the page, and is read again."""
    site = site_of(request)
    form = await form_of(request, longest=2 * private_files.MOST_BYTES, files=1)
    try:
        name, content = await _file(form)
    finally:
        await form.close()
    if not name or content is None:
        return await _page(request, None, [], _NONE)
    if len(content) > private_files.MOST_BYTES:
        return await _page(request, None, [], _LARGE)
    foreseen_of(request).count(("file", network_prefix(network_of(request))), _FILES_BY_NETWORK)
    wrong, brings = "", text(form, "action") == "bring"
    rows = await run_in_threadpool(private_files.read, name, content)
    try:
        async with site.store.write() if brings else site.store.read() as tx:
            reader = await reader_of(tx, request)
            if not reader.is_active:
                return go(request)
            known = [one.event for one in await private_events.of_owner(tx, reader.subscriber.id)]
            rows = private_files.marked(rows, known)
            if brings:
                await remembering.record_all(tx, reader.subscriber, private_files.to_bring_in(rows), site.clock())
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    except InvalidError as error:
        wrong = _MANY if error.field == "number" else _REFUSED
    if brings and not wrong:
        site.wake()
        return go(request, "dates", date="brought")
    return await _page(request, (name, content), rows, wrong)


async def _file(form: FormData) -> tuple[str, bytes | None]:
    """Give the name and content of the file: as it comes, or as the page that showed it has kept it."""
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        return file.filename.rpartition("/")[2][:100], await file.read()
    try:
        return text(form, "name"), base64.b64decode(text(form, "content"), validate=True) or None
    except (binascii.Error, ValueError):
        return "", None


async def _page(request: Request, file: tuple[str, bytes] | None, rows: list[Row], wrong: str) -> Response:
    try:
        async with site_of(request).store.read() as tx:
            reader: Reader = await reader_of(tx, request)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    if not reader.is_active:
        return go(request)
    language = language_of(request, reader)
    refused = [row for row in rows if row.told is None and not row.left_out]
    new = [row for row in rows if row.told is not None and not row.is_known]
    shown = {
        "file": file[0] if file else "",
        "content": base64.b64encode(file[1]).decode() if file and new and not refused else "",
        "rows": [_row(row, language) for row in sorted(rows, key=lambda row: (row.told is not None, row.left_out))],
        "can_bring": bool(new) and not refused,
        "count": len(new),
    }
    return own_page(request, reader, "manage_dates_import.html", shown, {"file": wrong} if wrong else None)


def _row(row: Row, language: Language) -> dict[str, Any]:
    if row.told is None:
        fate = language.text("Left out") if row.left_out else language.text("Refused")
    else:
        fate = language.text("Already there") if row.is_known else language.text("New")
    day = language.edtf(row.told.event.told_in("", "").first) if row.told and _is_civil(row) else ""
    return {"where": row.where, "name": row.name, "fate": fate, "why": row.why, "day": day}


def _is_civil(row: Row) -> bool:
    return row.told is not None and row.told.event.calendar == "gregorian"
