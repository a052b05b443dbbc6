"""How a request is answered: the token, what it says, what is done in one transaction, what is told of it.

Nothing is half done: a refusal anywhere ends the transaction. A body is read before one is opened.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from service.actions.api_tokens import acting
from service.domain.documents import DocumentError
from service.domain.errors import RemembrancerError
from service.observability import log
from service.store import api_answers
from service.store.api_answers import Kept
from service.store.dialect import Tx
from service.web.api import shapes
from service.web.api.holders import admitted, holding
from service.web.api.operations import Answer, Call, Operation
from service.web.api.problems import ROOT, Problem, Wrong, of_error, respond
from service.web.pages import site_of

KEY: Final = "Idempotency-Key"
_KEY_FORM: Final = re.compile(r"[\x21-\x7e]{1,200}")
_TOLD: Final = frozenset({"unauthorized", "forbidden", "too-many"})  # what a log tells (ASVS 5.0, 16.3.1 and 2)
_TAG_FORM: Final = re.compile(r'"([\x21\x23-\x7e]{1,80})"')


@dataclass(frozen=True, slots=True)
class Read:
    """What a request says, checked."""

    query: Any
    body: Any
    content: bytes
    key: str | None
    based_on: str
    is_new: bool


async def answer(request: Request, operation: Operation) -> Response:
    """Answer a request by an operation; whatever is wrong is answered in the form of RFC 9457."""
    try:
        await admitted(request, operation.scope)
        read = await _read(request, operation)
        if operation.before is not None:
            await operation.before(request, read)
        return await (_done(request, operation, read) if operation.writes else _looked(request, operation, read))
    except Problem as problem:
        if problem.kind in _TOLD:
            token = getattr(request.state, "token", None)
            log.warning("api_refused", operation=operation.name, kind=problem.kind, token=token.id if token else None)
        return respond(request, problem)
    except (DocumentError, RemembrancerError) as error:
        return respond(request, of_error(error))


async def _looked(request: Request, operation: Operation, read: Read) -> Response:
    async with site_of(request).store.read() as tx:
        found = await operation.does(await _call(tx, request, operation, read))
        kept = _kept(request, operation, found, "")
    tag = kept.headers.get("ETag")
    if tag is not None and request.headers.get("if-none-match", "").strip() in {tag, "*"}:
        return Response(status_code=304, headers={"ETag": tag})
    return _response(kept)


async def _done(request: Request, operation: Operation, read: Read) -> Response:
    site = site_of(request)
    told = None
    async with site.store.write() as tx:
        call = await _call(tx, request, operation, read)
        kept = await _answered_before(tx, request, read, call) if read.key else None
        if kept is None:
            told = await operation.does(call)
            kept = _kept(request, operation, told, _asked(request, read))
            if read.key:
                await api_answers.keep(tx, call.token.id, read.key, kept, call.now)
    if told is not None:
        site.wake()
        if told.after is not None:
            await told.after(site)
    return _response(kept)


async def _call(tx: Tx, request: Request, operation: Operation, read: Read) -> Call[Any, Any]:
    """Make the call, by the token as it stands now: it may have ended since the body began to come."""
    site = site_of(request)
    now = site.clock()
    token = await holding(tx, request, operation.scope, now)
    said = (read.query, read.body, read.based_on, read.is_new)
    return Call(tx, site, token, acting(token), now, request.path_params, *said)


async def _answered_before(tx: Tx, request: Request, read: Read, call: Call[Any, Any]) -> Kept | None:
    kept = await api_answers.of(tx, call.token.id, read.key or "", call.now)
    if kept is not None and kept.asked != _asked(request, read):
        wrong = Wrong("this key was used for another request within a day", header=KEY)
        raise Problem("meaning", errors=[wrong])
    return kept


def _asked(request: Request, read: Read) -> str:
    """Give what tells a request from another, by a key of ours: a body may hold an address."""
    said = f"{request.method} {request.url.path}?{request.url.query}\n{hashlib.sha256(read.content).hexdigest()}"
    return site_of(request).desk.tokens.address_hash(said)


def _kept(request: Request, operation: Operation, told: Answer, asked: str) -> Kept:
    """Write what is answered."""
    status = told.status or operation.status
    headers = {"ETag": f'"{told.tag}"'} if told.tag else {}
    if told.location:
        headers["Location"] = f"{site_of(request).public_url}{ROOT}{told.location}"
    body = "" if operation.answers is None else shapes.written(operation.answers, told.body).decode()
    return Kept(asked, status, headers, body)


def _response(kept: Kept) -> Response:
    response = Response(kept.body, kept.status, kept.headers)
    if kept.body:
        response.headers["Content-Type"] = "application/json"
    return response


async def _read(request: Request, operation: Operation) -> Read:
    """Read everything that a request says; raise Problem."""
    query = shapes.read_query(operation.query or shapes.Nothing, request.query_params.multi_items())
    content = await request.body()
    body = _body(request, operation, content) if operation.body is not None else None
    key = request.headers.get(KEY) if operation.keyed else None
    if key is not None and not _KEY_FORM.fullmatch(key):
        raise Problem("form", errors=[Wrong("allowed: 1 to 200 printable characters without spaces", header=KEY)])
    return Read(query, body, content, key, *_versions(request, operation))


def _body(request: Request, operation: Operation, content: bytes) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem("media-type", f"The body is {kind or 'of no kind'} (allowed: application/json).")
    return shapes.read_body(operation.body, content)


def _versions(request: Request, operation: Operation) -> tuple[str, bool]:
    """Read on which version a change is based, and whether it is to be a new one; raise Problem."""
    if not operation.matched:
        return "", False
    given: Mapping[str, str] = request.headers
    old, new = given.get("if-match"), given.get("if-none-match")
    if new is not None and new.strip() != "*":
        raise Problem("changed", errors=[Wrong("allowed: * for what is not there yet", header="If-None-Match")])
    if old is None:
        if new is None:
            allowed = "allowed: the ETag of what you read, or *; or If-None-Match: * for what is new"
            raise Problem("precondition", errors=[Wrong(allowed, header="If-Match")])
        return "", True
    tag = _TAG_FORM.fullmatch(old.strip())
    if old.strip() != "*" and tag is None:
        raise Problem("changed", errors=[Wrong('allowed: one ETag as it was given ("…"), or *', header="If-Match")])
    return (tag[1] if tag else "*"), new is not None
