"""What is answered where something cannot be done: problem details (RFC 9457), every field that is wrong at once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from service.domain.documents import DocumentError, Finding
from service.domain.errors import (
    ConflictError,
    ImportRefusedError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    RemembrancerError,
    TooManyRequestsError,
)
from service.web.pages import site_of

MEDIA_TYPE: Final = "application/problem+json"
ROOT: Final = "/api/v1"
TITLES: Final[Mapping[str, tuple[int, str]]] = {
    "form": (400, "What was sent does not have the form of the description."),
    "unauthorized": (401, "A valid token is needed."),
    "forbidden": (403, "The token does not allow this."),
    "not-found": (404, "There is nothing here by that name."),
    "method": (405, "This cannot be done here."),
    "timeout": (408, "What was sent did not arrive in time."),
    "conflict": (409, "This contradicts what is kept."),
    "changed": (412, "Somebody else has changed this in the meantime; nothing of theirs was overwritten."),
    "too-large": (413, "More was sent than can be taken."),
    "media-type": (415, "This is not JSON."),
    "meaning": (422, "What was sent has the right form, and cannot be used all the same."),
    "precondition": (428, "Please say in If-Match which version you change."),
    "too-many": (429, "Too many requests with this token; please try again later."),
    "ours": (500, "The error is ours and has been noted. Nothing was changed."),
    "unavailable": (503, "The service is not ready."),
}
_BY_STATUS: Final = {status: kind for kind, (status, _) in TITLES.items()}
_KINDS: Final[tuple[tuple[type[RemembrancerError], str], ...]] = (
    (NotFoundError, "not-found"),
    (NotAllowedError, "forbidden"),
    (ConflictError, "conflict"),
    (TooManyRequestsError, "too-many"),
    (InvalidError, "meaning"),
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: in the body (`pointer`, RFC 6901), a parameter of the address, or a header."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """What every refusal says. `errors` names each field that is wrong, with the allowed form."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: tuple[Wrong, ...] = ()


@dataclass(slots=True)
class Problem(Exception):  # noqa: N818  (RFC 9457 calls it so)
    """A refusal on its way to the client."""

    kind: str
    detail: str = ""
    errors: Sequence[Wrong] = ()
    headers: dict[str, str] = field(default_factory=dict)


def respond(request: Request, problem: Problem) -> Response:
    """Write a refusal."""
    status, title = TITLES[problem.kind]
    told: dict[str, Any] = {
        "type": f"{site_of(request).public_url}{ROOT}#{problem.kind}",
        "title": title,
        "status": status,
        **({"detail": problem.detail} if problem.detail else {}),
        **({"errors": [_told(one) for one in problem.errors]} if problem.errors else {}),
    }
    content = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, problem.headers, MEDIA_TYPE)


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """Give the refusal of what the framework, or what stands before every page, refuses."""
    kind = _BY_STATUS.get(status, "form" if status < 500 else "ours")
    return Problem(kind, headers=dict(headers or {}))


def of_error(error: DocumentError | RemembrancerError) -> Problem:
    """Give the refusal that an error of ours means; raise one that should not have come here."""
    match error:
        case DocumentError():
            return Problem("meaning", errors=wrongs(error.findings))
        case ImportRefusedError():
            return Problem("meaning", errors=[Wrong(one, "#/content") for one in error.findings])
        case InvalidError() if error.field:
            return Problem("meaning", errors=[Wrong(str(error), f"#/{error.field}")])
    kind = next((kind for one, kind in _KINDS if isinstance(error, one)), None)
    if kind is None:
        raise error
    return Problem(kind, str(error), headers={"Retry-After": "60"} if kind == "too-many" else {})


def wrongs(findings: Sequence[Finding], *before: str) -> list[Wrong]:
    """Give findings in a document as errors, each with the pointer to its place below `before`."""
    return [Wrong(one.message, pointer(*before, *one.place)) for one in findings]


def pointer(*place: str | int) -> str:
    """Write a place as the fragment of a JSON Pointer (RFC 6901, section 6)."""
    return "#" + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def _told(one: Wrong) -> dict[str, str]:
    told = {"detail": one.detail, "pointer": one.pointer, "parameter": one.parameter, "header": one.header}
    return {name: value for name, value in told.items() if value is not None}
