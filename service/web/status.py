"""The operator's page: where the post stands, and what became of one notice; only for who has the link.

It changes nothing, and names no reader: of an address it shows what is behind the @.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions.posting import may_see
from service.domain.standing import without_addresses
from service.rendering.standing_words import age, figures, known_words, moment, tick_words
from service.rendering.verdict_words import verdict_words
from service.store import status
from service.web.pages import pages_of, site_of

_WATCH_SECONDS = 30


async def standing(request: Request) -> Response:
    """Show where the post stands; with `?watch=1` the page looks again every half minute."""
    _check(request)
    site, pages = site_of(request), pages_of(request)
    seen = await status.look(site.store, site.clock(), site.boot())
    language = pages.language(request)
    shown = {
        **_saying(request),
        "seen": seen,
        "said": verdict_words(seen, language),
        "figures": figures(seen, language),
        "ticked": tick_words(seen, language),
        "age": lambda duration: age(duration, language),
        "watch_seconds": _WATCH_SECONDS if request.query_params.get("watch") == "1" else 0,
        "here": f"/status/{request.path_params['token']}",
    }
    return pages.page(request, "status.html", shown)


async def notice(request: Request) -> Response:
    """Show one notice with everything that became of it."""
    _check(request)
    async with site_of(request).store.read() as tx:
        found = await status.history(tx, request.path_params["id"])
    if found is None:
        raise HTTPException(404)
    shown = {
        **_saying(request),
        "found": found,
        "hidden": without_addresses,
        "here": f"/status/{request.path_params['token']}",
    }
    return pages_of(request).page(request, "status_notice.html", shown)


def _saying(request: Request) -> dict[str, object]:
    language = pages_of(request).language(request)
    return {
        "moment": lambda at: moment(at, language),
        "known": lambda text: known_words(text, language),
    }


def _check(request: Request) -> None:
    """Answer a wrong link, or one that is too old, as any address at which there is nothing."""
    site = site_of(request)
    if not may_see(site.desk.tokens, request.path_params["token"], site.clock()):
        raise HTTPException(404)
