"""What was done and by whom, for owners: filtered, page by page, whether it is whole, and as lines of JSON."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from service.rendering.standing_words import moment
from service.store import audit
from service.store.audit import Asked, Entry
from service.web.admin.holder import editor_of, show
from service.web.given import Site
from service.web.pages import pages_of, site_of

AUDIT = "/admin/audit"
_A_PAGE = 50
_AT_ONCE = 500
_CHECKED_UNASKED = 2000
_LARGEST_NUMBER = 2**62


async def shown(request: Request) -> Response:
    """Show a page of entries, the newest first."""
    site = site_of(request)
    asked = asked_of(request)
    language = pages_of(request).language(request, editor_of(request).language)
    async with site.store.read() as tx:
        found = await audit.entries(tx, asked, _A_PAGE + 1)
        last, _ = await audit.end(tx)
        checked = last <= _CHECKED_UNASKED or request.query_params.get("check") == "1"
        broken = await audit.broken_at(tx) if checked else None
        actions = await audit.actions(tx)
    page: dict[str, Any] = {
        "entries": [(entry, list(_told(entry))) for entry in found[:_A_PAGE]],
        "older": found[_A_PAGE - 1].number if len(found) > _A_PAGE else None,
        "asked": asked,
        "query": {name: value for name in ("who", "action", "subject") if (value := getattr(asked, name))},
        "actions": actions,
        "last": last,
        "checked": checked,
        "broken": broken,
        "moment": lambda at: moment(at, language),
    }
    return show(request, "admin/audit.html", page)


async def exported(request: Request) -> Response:
    """Give what was asked for as lines of JSON, the newest first."""
    lines = _lines(site_of(request), asked_of(request))
    headers = {"Content-Disposition": 'attachment; filename="what-was-done.jsonl"'}
    return StreamingResponse(lines, headers=headers, media_type="application/jsonl; charset=utf-8")


def asked_of(request: Request) -> Asked:
    """Read what entries are wanted from an address; what cannot be read is not asked for."""
    given = {
        name: request.query_params.get(name, "").replace("\0", "").strip()[:400]
        for name in ("who", "action", "subject")
    }
    before = request.query_params.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    return Asked(**given, before=min(number, _LARGEST_NUMBER) if number is not None else None)


async def _lines(site: Site, asked: Asked) -> AsyncIterator[bytes]:
    while True:
        async with site.store.read() as tx:
            found = await audit.entries(tx, asked, _AT_ONCE)
        for entry in found:
            yield json.dumps(_plain(entry), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        if len(found) < _AT_ONCE:
            return
        asked = replace(asked, before=found[-1].number)


def _plain(entry: Entry) -> dict[str, Any]:
    at = entry.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {
        "number": entry.number,
        "at": at,
        "editor": entry.editor,
        "who": entry.who,
        "action": entry.action,
        "subject": entry.subject,
        "details": dict(entry.details),
    }


def _told(entry: Entry) -> Any:
    """Give an entry's details as pairs of words."""
    for name, value in entry.details.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        if text:
            yield name, text
