"""Rehearsal: every letter of the coming months for a subscriber, or for somebody who asks for a collection."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.actions import rehearsing
from service.actions.rehearsing import MONTHS, MONTHS_MOST, Rehearsal
from service.domain.errors import InvalidError, NotFoundError
from service.domain.notice import Kind
from service.domain.slot import Slot, check_hour, check_zone, zones
from service.domain.subscription import Cadence, Rhythm, Status
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.rendering.rehearsal_words import letter_words
from service.store import events
from service.store.dialect import Tx
from service.web.admin.due_words import kind_words
from service.web.admin.holder import editor_of, show
from service.web.admin.kept import room_form
from service.web.forms import text
from service.web.pages import pages_of, site_of

REHEARSAL = "/admin/rehearsal"
_PLAIN = {"collection": "", "subscriber": "", "zone": "UTC", "hour": "09:00", "cadence": "daily", "months": str(MONTHS)}
_ERRORS = {
    "zone": message("This is not a time zone. It looks like Asia/Yerevan."),
    "hour": message("This is not an hour of the day. It looks like 09:00."),
    "months": message("Please type a number of months, from 1 to {most}."),
    "cadence": message("Please choose how often letters come."),
    "collection": message("There is no such collection."),
    "subscriber": message("Nobody with this address is kept."),
}


async def shown(request: Request) -> Response:
    """Show the form, and the rehearsal of a collection if one is asked for."""
    typed = {name: request.query_params.get(name, plain) for name, plain in _PLAIN.items() if name != "subscriber"}
    return await _page(request, {**typed, "subscriber": ""})


async def of_subscriber(request: Request) -> Response:
    """Show the rehearsal of a subscriber; the address is sent as a form, so that it stands in no log."""
    form = await room_form(request)
    months = text(form, "months") or str(MONTHS)
    asked = text(form, "subscriber").strip()
    wrong = None if asked else "subscriber"
    return await _page(request, {**_PLAIN, "subscriber": asked, "months": months}, wrong)


async def _page(request: Request, typed: Mapping[str, str], wrong: str | None = None) -> Response:
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    errors = {wrong: language.text(_ERRORS[wrong])} if wrong else {}
    found: Rehearsal | None = None
    async with site.store.read() as tx:
        shelves = await events.shelves(tx)
        try:
            found = await _rehearsed(tx, typed, request)
        except InvalidError as error:
            errors[error.field] = language.text(_ERRORS.get(error.field, str(error)), most=MONTHS_MOST)
        except NotFoundError:
            field = "subscriber" if typed["subscriber"] else "collection"
            errors[field] = language.text(_ERRORS[field])
    told = {id_: kept.event for id_, kept in found.events.items()} if found else {}
    page: dict[str, Any] = {
        "typed": typed,
        "errors": errors,
        "found": found,
        "letters": [letter_words(one, told, language) for one in found.letters] if found else [],
        "is_sent": found is None or found.status is Status.ACTIVE,
        "kind_words": lambda kind: kind_words(Kind(kind), language),
        "collections": [(shelf.id, text_in(shelf.title, language)) for shelf in shelves],
        "zones": sorted(zones()),
    }
    return show(request, "admin/rehearsal.html", page, status=422 if errors else 200)


async def _rehearsed(tx: Tx, typed: Mapping[str, str], request: Request) -> Rehearsal | None:
    if not typed["subscriber"] and not typed["collection"]:
        return None
    months, now = typed["months"], site_of(request).clock()
    if not (months.isascii() and months.isdigit() and len(months) <= 4):
        raise InvalidError("", "months")
    if typed["subscriber"]:
        return await rehearsing.of_subscriber(tx, typed["subscriber"], int(months), now)
    if typed["cadence"] not in set(Cadence):
        raise InvalidError("", "cadence")
    slot, rhythm = Slot(check_zone(typed["zone"]), check_hour(typed["hour"])), Rhythm(Cadence(typed["cadence"]))
    return await rehearsing.of_collection(tx, typed["collection"], slot, rhythm, int(months), now)
