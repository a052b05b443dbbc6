"""Where providers post what became of letters: what they vouch for is stored, then answered; all else is refused, mute.

What tells of no letter's trouble (deliveries, and the opening of letters, which nobody here wants to know) is answered
and forgotten.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.mail.hooks.known import TOLD
from service.mail.hooks.posted import Hook, Posted
from service.mail.hooks.ses import Ses
from service.observability import log
from service.store.inbox import Arrival
from service.web.given import Site

PATH = "/hooks/"
LARGEST_BODY_BYTES = 2 * 1024 * 1024  # a bounce with its content


def most_bytes(request: Request) -> int | None:
    """Say how long a body may be; None for other pages."""
    return LARGEST_BODY_BYTES if request.url.path.startswith(PATH) else None


async def posted(request: Request) -> Response:
    """Take what a provider posts."""
    site: Site = request.app.state.site
    name = request.path_params["provider"]
    hook = site.hooks.get(name)
    if hook is None:
        raise HTTPException(404)
    given = Posted(request.headers, await request.body(), site.clock())
    url = hook.certificate(given)
    certificate = await site.certificates.get(url)
    if url and not certificate:  # which says nothing of the request: a refusal would lose it
        return _not_now()
    passed = hook.check(given, certificate)
    if passed is None:
        log.warning("hook_refused", provider=name)
        return PlainTextResponse("Forbidden", 403)
    _tell_of_confirming(hook, given)
    if not _tells(name, given.body):
        return PlainTextResponse("OK")
    try:
        await site.keep([Arrival(name, "", "", given.body, passed.mark)])
    except Exception as error:  # noqa: BLE001  (whatever it is, the provider tries again)
        log.error("mail_not_stored", error=type(error).__name__)
        return _not_now()
    return PlainTextResponse("OK")


def _not_now() -> Response:
    return PlainTextResponse("Not now", 503, {"Retry-After": "60"})


def _tells(name: str, body: bytes) -> bool:
    """Say whether it is worth keeping: what tells of a letter, and what nobody can read, for somebody to look at."""
    try:
        return bool(TOLD[name](body))
    except Exception:  # noqa: BLE001  (the reader sets it aside with its error)
        return True


def _tell_of_confirming(hook: Hook, given: Posted) -> None:
    """Tell the operator where a topic is confirmed: nothing is asked of the network for what is done once."""
    if isinstance(hook, Ses) and (url := hook.to_confirm(given)):
        log.warning("hook_to_confirm", provider="ses", open_in_a_browser=url)
