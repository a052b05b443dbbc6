"""What came back: mail and providers' reports, in words, with what was done; and how it is undone, or read again."""

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.actions import hearing_undo
from service.domain.editor import Role
from service.domain.errors import InvalidError, NotFoundError
from service.domain.heard import What
from service.domain.standing import without_addresses
from service.rendering.heard_words import by_words, did_words, lately_words, reason_words, what_words
from service.rendering.messages import message
from service.rendering.standing_words import moment
from service.store import audit, heard_seen, inbox
from service.store.heard_seen import Seen
from service.web.admin.due_words import kind_words
from service.web.admin.holder import editor_of, show
from service.web.admin.kept import room_form
from service.web.forms import text
from service.web.pages import pages_of, site_of

HEARD = "/admin/heard"
MAILS = f"{HEARD}/mails"
_A_PAGE = 50
_SOURCE_MOST = 1_000_000
_VIEWS: dict[str, tuple[str, tuple[What, ...]]] = {
    "": (message("Everything"), ()),
    "bounces": (message("Letters that came back"), (What.BOUNCED, What.DELAYED, What.PASSED_ON)),
    "complaints": (message("Complaints"), (What.COMPLAINT,)),
    "automatic": (message("Answers that nobody wrote"), (What.AUTOMATIC, What.LISTED)),
    "people": (message("Mail from people"), (What.PERSON,)),
    "aside": (message("Set aside"), (What.UNREADABLE,)),
}
_DONE = {
    "undone": message("The reader is written to again, as before."),
    "again": message("The mail is read again now."),
}


_ERRORS = {
    "why": message("Please say why: it is kept for good."),
    "reason": message("This reason is too long: 500 characters are allowed."),
    "sure": message("Please say that you are sure: this reader has complained."),
    "cause": message("This address is struck off for another cause as well, which is not undone here."),
}


async def listed(request: Request) -> Response:
    """Show a page of what came back, the newest first."""
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    view = request.query_params.get("view", "")
    view = view if view in _VIEWS else ""
    before = request.query_params.get("before", "").replace("\0", "")[:40]
    async with site.store.read() as tx:
        found = await heard_seen.listed(tx, _A_PAGE + 1, before, _VIEWS[view][1])
        put_aside = await heard_seen.aside(tx, _A_PAGE) if view == "aside" else []
        lately = await heard_seen.lately(tx, site.clock())
    done = _DONE.get(request.query_params.get("done", ""))
    page: dict[str, Any] = {
        "found": [_said(request, one) for one in found[:_A_PAGE]],
        "older": found[_A_PAGE - 1].entry.id if len(found) > _A_PAGE else None,
        "aside": put_aside,
        "lately": lately_words(lately, language),
        "view": view,
        "views": {name: language.text(words) for name, (words, _) in _VIEWS.items()},
        "may_undo": editor.role >= Role.APPROVER,
        "sees_mail": editor.role >= Role.OWNER,
        "moment": lambda at: moment(at, language),
        "said": language.text(done) if done else "",
    }
    return show(request, "admin/heard.html", page)


async def shown(request: Request) -> Response:
    """Show one entry."""
    return await _page(request)


async def undone(request: Request) -> Response:
    """Undo what an entry did to its reader."""
    site, editor = site_of(request), editor_of(request)
    form = await room_form(request)
    why, is_sure = text(form, "why"), text(form, "sure") == "1"
    try:
        async with site.store.write() as tx:
            await hearing_undo.undo(
                tx, site.desk, editor, request.path_params["id"], why, site.clock(), is_sure=is_sure
            )
    except InvalidError as error:
        return await _page(request, error=error.field, why=why)
    return pages_of(request).go(request, HEARD, done="undone")


async def source(request: Request) -> Response:
    """Give a mail as it arrived, as plain text; who looked stands in the audit, as it may hold what is private."""
    site, editor = site_of(request), editor_of(request)
    async with site.store.write() as tx:
        mail = await inbox.by_id(tx, request.path_params["id"])
        if mail is None:
            raise NotFoundError
        await audit.note(tx, editor, "read the mail", f"mail {mail.id}", site.clock())
    told = mail.content[:_SOURCE_MOST].decode("utf-8", "replace")
    return PlainTextResponse(told)


async def read_again(request: Request) -> Response:
    """Have a mail read again that was set aside."""
    site, editor = site_of(request), editor_of(request)
    async with site.store.write() as tx:
        await hearing_undo.read_again(tx, editor, request.path_params["id"], site.clock())
    return pages_of(request).go(request, HEARD, view="aside", done="again")


async def _page(request: Request, *, error: str = "", why: str = "") -> Response:
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site.store.read() as tx:
        seen = await heard_seen.by_id(tx, request.path_params["id"])
        causes = await heard_seen.causes(tx, seen.entry.subscriber) if seen and seen.entry.subscriber else []
    if seen is None:
        raise NotFoundError
    page: dict[str, Any] = {
        "one": _said(request, seen),
        "by": by_words(seen.entry.by, language),
        "may_undo": editor.role >= Role.APPROVER and seen.can_be_undone,
        "has_complained": hearing_undo.has_complained(causes),
        "sees_mail": editor.role >= Role.OWNER and seen.mail_kept,
        "moment": lambda at: moment(at, language),
        "errors": {"sure" if error == "sure" else "why": language.text(_ERRORS[error])} if error else {},
        "given": why,
    }
    return show(request, "admin/heard_one.html", page, status=422 if error else 200)


def _said(request: Request, seen: Seen) -> dict[str, Any]:
    """Say an entry in words; of its reader's address, to all but owners, what is behind the @."""
    editor = editor_of(request)
    language, entry = pages_of(request).language(request, editor.language), seen.entry
    return {
        "entry": entry,
        "seen": seen,
        "what": what_words(entry.what, language),
        "did": did_words(entry.did, language),
        "reason": reason_words(entry.reason, language) if entry.reason else "",
        "letter": kind_words(seen.kind, language) if seen.kind else "",
        "address": seen.address if editor.role >= Role.OWNER else without_addresses(seen.address),
        "words": f"{entry.status} {entry.words}".strip(),
    }
