"""The archive: every letter that was sent to somebody, in every language, as it went out and with its corrections."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.domain.errors import NotFoundError
from service.domain.letter import Mark
from service.rendering.corrected import with_corrections, with_others
from service.rendering.messages import message
from service.store import archive, editions, errata
from service.store.archive import Sent
from service.web.about import About
from service.web.given import Site
from service.web.pages import own_name, pages_of, site_of
from service.web.structured import page_data

_AT_ONCE = 50
_PLACE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})_([0-9A-Za-z-]{1,64})")
_NO_PLACE = message("This is no place in the list of letters. The list begins at its newest letter.")
_COPY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' {origin}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)


async def listing(request: Request) -> Response:
    """Show the letters that were sent, the newest first, in one language or in all, so many on a page."""
    site, pages = site_of(request), pages_of(request)
    asked, place = request.query_params.get("language", ""), request.query_params.get("before", "")
    before = _place(place) if place else None
    if place and before is None:
        return pages.refusal(request, 400, _NO_PLACE)
    async with site.store.read() as tx:
        codes = await archive.languages(tx)
        only = asked if asked in codes else None
        found = await archive.listed(tx, only, before, _AT_ONCE + 1)
        shown = found[:_AT_ONCE]
        corrected = await archive.corrected_among(tx, [one.id for one in shown])
    last = shown[-1] if len(found) > _AT_ONCE else None
    parts: dict[str, Any] = {
        "editions": shown,
        "corrected": corrected,
        "only": only,
        "codes": [(code, own_name(site, code)) for code in codes] if len(codes) > 1 else [],
        "older": f"{last.day.isoformat()}_{last.id}" if last else "",
        "is_first": before is None,
    }
    language = pages.language(request)
    about = About(
        title=language.text("Letters sent"),
        description=language.text("Each letter is kept here as it went out, without anybody's name or address."),
        path="/editions",
        query={**({"language": only} if only else {}), **({"before": place} if place else {})},
        data=page_data(site, [(f"/editions/{one.id}", one.subject) for one in shown], language.code),
    )
    return pages.page(request, "archive.html", parts, about=about)


async def edition(request: Request) -> Response:
    """Show the web copy of a letter, with general links where a reader's own were."""
    site = site_of(request)
    async with site.store.read() as tx:
        found = await editions.named(tx, request.path_params["id"])
        if found is None or found.words is None or not archive.is_public(found):
            raise NotFoundError
        corrected = await errata.since(tx, {one.event for one in found.plan.told}, found.rendered_at)
        others = await archive.others(tx, found)
    language = site.languages.of(found.plan.language)
    replaced = {
        Mark.MANAGE_URL: f"{site.public_url}/manage",
        Mark.LEAVE_URL: f"{site.public_url}/manage",
        Mark.CONFIRM_URL: f"{site.public_url}/subscribe",
        Mark.ADDRESS: language.text("the reader"),
    }
    html = found.words.html
    for mark, value in replaced.items():
        html = html.replace(mark, value)
    html = with_others(html, _links(site, others), f"{site.prefix}/editions", language)
    html = with_corrections(html, [(one.at, one.words) for one in corrected], language)
    headers = {
        "Content-Security-Policy": _COPY_POLICY.format(origin=site.origin),
        "Content-Language": found.plan.language,
        "Cross-Origin-Opener-Policy": "unsafe-none",  # it has no origin of its own, so it may not ask for more
    }
    return Response(html, headers=headers, media_type="text/html; charset=utf-8")


def _links(site: Site, others: Sequence[Sent]) -> list[tuple[str, str, str]]:
    """Give for each language its code, its own name, and where the letter is in it."""
    return [(one.language, own_name(site, one.language), f"{site.prefix}/editions/{one.id}") for one in others]


def _place(text: str) -> tuple[date, str] | None:
    """Read behind which letter a page of the list begins."""
    found = _PLACE.fullmatch(text)
    try:
        return (date.fromisoformat(found[1]), found[2]) if found else None
    except ValueError:
        return None
