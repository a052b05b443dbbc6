"""Private dates: what somebody remembers for themselves, with its coming days, behind the link in their letters.

Nothing here is shown to anybody but them and whom they share it with; no editor has a page on which it stands.
"""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import remembering
from service.actions.remembering import Recorded
from service.domain.errors import InvalidError, NotFoundError
from service.domain.picture import MOST_BYTES
from service.mail.tokens import Purpose
from service.rendering.locales import Language
from service.rendering.messages import message
from service.store import private_events, private_shares
from service.store.dialect import Tx
from service.web.forms import form_of, text
from service.web.given import Site
from service.web.own import Reader, go, here, language_of, own_page, reader_of
from service.web.pages import pages_of, site_of
from service.web.remembered_form import (
    ERRORS,
    Checked,
    Typed,
    check,
    image_of,
    typed_in,
    typed_of,
)
from service.web.remembered_views import form_choices, line, looked, next_days

_NEXT = 10
_BODY_BYTES = 3 * MOST_BYTES  # a picture that is too large is refused at its field, not with the whole form
_FIELD_BYTES = 20_000
DONE = {
    "kept": message("The date is kept."),
    "removed": message("The date is removed, and no more letters tell of it."),
    "back": message("The date is as it was."),
    "stopped": message("It is no longer shared with you, and no more letters tell you of it."),
    "invited": message("If letters may go to that address, an invitation is on its way there."),
    "ended": message("It is no longer shared with that address."),
    "accepted": message("You remember this together now."),
    "brought": message("Everything in the file is brought in."),
}


async def listed(request: Request) -> Response:
    """Show what somebody recorded, and what is shared with them."""
    return await _list(request, {})


async def changed(request: Request) -> Response:
    """Remove one, have it back, or stop being told of one that is shared."""
    site, form = site_of(request), await form_of(request)
    action, id_ = text(form, "action"), text(form, "id")
    if action not in {"remove", "back"}:
        raise HTTPException(400)
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            if not reader.is_active:
                return go(request)
            if action == "remove":
                await remembering.remove(tx, reader.subscriber, id_, site.clock())
            else:
                await remembering.bring_back(tx, reader.subscriber, id_, site.clock())
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    except InvalidError:
        return await _list(request, {"number": ERRORS["number"]})
    site.wake()
    return go(request, "dates", **({"date": "removed", "id": id_} if action == "remove" else {"date": "back"}))


async def new(request: Request) -> Response:
    """Show the form of a new one."""
    return await form_page(request, None, Typed(), {})


async def one(request: Request) -> Response:
    """Show one: to its owner as a form, to whom it is shared with as it is."""
    return await form_page(request, request.path_params["id"], None, {})


async def kept(request: Request) -> Response:
    """Keep what was typed, or show what would come of it."""
    site, id_ = site_of(request), request.path_params.get("id")
    form = await form_of(request, longest=_FIELD_BYTES, files=1)
    try:
        typed, upload = typed_in(form), await _upload(form)
    finally:
        await form.close()
    if text(form, "action") != "keep":
        return await form_page(request, id_, typed, {})
    now, sent = site.clock(), await run_in_threadpool(image_of, upload)
    try:
        async with site.store.write() as tx:
            reader = await reader_of(tx, request)
            if not reader.is_active:
                return go(request)
            before = await _before(tx, reader, id_)
            checked = check(typed, before.own.event if before else None, sent)
            if checked.told is not None and id_ is None:
                id_ = await remembering.record(tx, reader.subscriber, checked.told, now)
            elif checked.told is not None and id_ is not None:
                await remembering.change(tx, reader.subscriber, id_, checked.told, now)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    except InvalidError as error:
        field = "number" if error.field == "number" else "picture"
        checked = Checked(errors={field: ERRORS["pictures" if field == "picture" else field]})
    if checked.errors:
        return await form_page(request, request.path_params.get("id"), typed, checked.errors)
    site.wake()
    return go(request, f"dates/{id_}", date="kept")


async def look(request: Request) -> Response:
    """Give what would come of what is typed, for the page to put in its place; nothing is kept."""
    form = await form_of(request, longest=_FIELD_BYTES)
    try:
        async with site_of(request).store.read() as tx:
            reader = await reader_of(tx, request)
            before = await _before(tx, reader, text(form, "id") or None)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    language = language_of(request, reader)
    shown = looked(site_of(request), language, typed_in(form), before.own.event if before else None)
    return pages_of(request).page(request, "manage_date_look.html", shown, speaks=language.code)


async def picture(request: Request) -> Response:
    """Give the picture of one to whom it belongs or is shared with."""
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            reader = await reader_of(tx, request)
            image = await remembering.picture(tx, reader.subscriber, request.path_params["id"])
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    headers = {"Content-Disposition": "inline", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(image.content, media_type=image.media_type, headers=headers)


def most_bytes(request: Request, site: Site) -> int | None:
    """Say how long a body may be that brings a picture or a file; None for others, and for a link that is not ours."""
    steps = request.url.path.split("/")
    if len(steps) != 5 or steps[1] != "manage" or steps[3] != "dates":
        return None
    return _BODY_BYTES if site.desk.tokens.read(Purpose.MANAGE, steps[2]) else None


async def _upload(form: FormData) -> bytes | None:
    file = form.get("picture")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return await file.read()


async def _before(tx: Tx, reader: Reader, id_: str | None) -> Recorded | None:
    if id_ is None:
        return None
    found = await remembering.one_recorded(tx, reader.subscriber, id_)
    if not found.is_owner:
        raise NotFoundError
    return found


async def _list(request: Request, errors: dict[str, str]) -> Response:
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            reader = await reader_of(tx, request)
            found = await remembering.recorded(tx, reader.subscriber)
            gone = (await private_events.named(tx, [request.query_params.get("id", "")])).values()
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    if not reader.is_active:
        return go(request)
    language, today = language_of(request, reader), site.clock().date()
    back = [one.id for one in gone if one.owner == reader.subscriber.id and one.removed_at is not None]
    shown = {
        "dates": [line(one, language) | {"next": next_days(one, language, site, 1)} for one in found],
        "back": back[0] if back else "",
        "said": said(request, language),
        "today": today,
    }
    return own_page(request, reader, "manage_dates.html", shown, errors)


async def form_page(
    request: Request, id_: str | None, typed: Typed | None, errors: dict[str, str], *, invited: str = ""
) -> Response:
    """Show one private date with its form, or what is wrong with what was typed."""
    site = site_of(request)
    try:
        async with site.store.read() as tx:
            reader = await reader_of(tx, request)
            before = await remembering.one_recorded(tx, reader.subscriber, id_) if id_ else None
            shares = await private_shares.of_event(tx, id_) if id_ and before and before.is_owner else []
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    if not reader.is_active:
        return go(request)
    language = language_of(request, reader)
    if before is not None and not before.is_owner:
        shared = {"date": line(before, language), "coming": next_days(before, language, site, _NEXT)}
        return own_page(request, reader, "manage_date_shared.html", shared | {"said": said(request, language)})
    typed = typed or (typed_of(before) if before else Typed())
    event = before.own.event if before else None
    shown = {
        "typed": typed,
        "id": id_ or "",
        "title": event.name if event else language.text("A new private date"),
        "picture": event.picture is not None if event else False,
        "said": said(request, language),
        "shares": shares,
        "invited": invited,
        "look": here(request, "dates/look"),
        **form_choices(typed, event, language),
        **looked(site, language, typed, event),
    }
    return own_page(request, reader, "manage_date.html", shown, errors)


def said(request: Request, language: Language) -> str:
    """Say what was just done with a private date; anything else that the address may say is passed over."""
    done = request.query_params.get("date", "")
    return language.text(DONE[done]) if done in DONE else ""
