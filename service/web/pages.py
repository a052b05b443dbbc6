"""Pages: a template with what it shows becomes an answer; an error becomes a status and words.

Nothing else turns `RemembrancerError` into a status code.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.domain.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    RemembrancerError,
    TooManyRequestsError,
)
from service.observability import log
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import language_note
from service.web.about import About, head
from service.web.assets import Assets
from service.web.given import Site

_STATUS: tuple[tuple[type[RemembrancerError], int], ...] = (
    (NotFoundError, 404),
    (InvalidError, 400),
    (NotAllowedError, 403),
    (ConflictError, 409),
    (TooManyRequestsError, 429),
)
_TITLES = {
    400: message("This could not be read"),
    403: message("This came from another site"),
    404: message("There is nothing here"),
    405: message("This cannot be done here"),
    409: message("Somebody else has changed this"),
    408: message("This took too long"),
    413: message("This is too much at once"),
    429: message("Too many requests"),
    500: message("Something went wrong"),
    503: message("The service is not ready"),
}
TOO_MUCH = message("Too much was asked for from your network within an hour. Please try again later.")
_WORDS = {
    400: message("What was sent is not what this page expects. Nothing was changed. Please go back and try again."),
    403: message("The request did not come from a page of this service, so nothing was changed."),
    404: message("The address may be mistyped, or what was here is no longer kept."),
    405: message("This page cannot do what was asked of it. Nothing was changed."),
    409: message(
        "It was changed by somebody else in the meantime. Nothing of theirs was overwritten. Please look at it."
    ),
    408: message("What was sent did not arrive in time. Nothing was changed. Please try again."),
    413: message("More was sent than this page can take. Nothing was changed."),
    429: TOO_MUCH,
    500: message("The error is ours and has been noted. What you sent may not have been kept; please try again later."),
    503: message("Please try again in a few minutes."),
}
_TOKEN_WORDS = message(
    "This link is not valid, or no longer valid. You can have a new one sent to your address, or subscribe again."
)
RETRY_AFTER_SECONDS = "3600"
_KEPT = frozenset(
    {"event", "collection", "year", "page", "language"}
)  # what an address goes on to say in another language


class Pages:
    """Makes pages: it holds the templates, and knows how links are written."""

    def __init__(self, site: Site, assets: Assets) -> None:
        self._site = site
        self._assets = assets
        self._templates = templates_in(site.templates / "pages")

    def page(
        self,
        request: Request,
        name: str,
        shown: Mapping[str, Any],
        *,
        status: int = 200,
        speaks: str | None = None,
        about: About | None = None,
    ) -> Response:
        """Give a page; `speaks` is the language of the person it is for, if the address says nothing else.

        A page that says what it is `about` is the same for everybody, and has a tag: who has it already is told so.
        """
        language = self.language(request, speaks)
        frame = self._frame(request, language)
        said = {"about": head(self._site, about, language, chosen_language(request, self._site)) if about else None}
        html = self._templates.get_template(name).render({**frame, **said, **shown})
        headers = {"Content-Language": language.code, "Vary": "Accept-Language"}
        if about is not None:
            headers["Cache-Control"] = "public, no-cache"
            headers["ETag"] = f'"{hashlib.sha256(html.encode()).hexdigest()[:20]}"'
        page = Response(html, status, headers, media_type="text/html; charset=utf-8")
        return self.unchanged(request, page) or page

    def unchanged(self, request: Request, page: Response) -> Response | None:
        """Give the answer to who has a page already as it is; None to who has it not."""
        tag = page.headers.get("etag")
        if tag is None or request.headers.get("if-none-match") != tag:
            return None
        kept = ("ETag", "Cache-Control", "Content-Language", "Vary")
        return Response(status_code=304, headers={name: page.headers[name] for name in kept})

    def refusal(self, request: Request, status: int, words: str | None = None) -> Response:
        """Give the page that says why not, in words; it needs nothing but the templates."""
        known = status if status in _TITLES else 400 if status < 500 else 500
        language = self.language(request)
        shown = {"title": language.text(_TITLES[known]), "words": language.text(words or _WORDS[known])}
        response = self.page(request, "refusal.html", shown, status=status)
        if status == 429:
            response.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return response

    def token_refusal(self, request: Request) -> Response:
        """Give the same answer for every link that is wrong, too old, or of somebody who is no longer kept."""
        return self.refusal(request, 404, _TOKEN_WORDS)

    def of_error(self, request: Request, error: Exception) -> Response:
        """Give the page for an error of ours."""
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        if status == 500:
            log.error("page_refused", error=type(error).__name__)
        return self.refusal(request, status)

    def of_http_error(self, request: Request, error: Exception) -> Response:
        """Give the page for what the framework refuses: an unknown address, a method, a form that is none."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        response = self.refusal(request, status)
        for name, value in ((error.headers if isinstance(error, HTTPException) else None) or {}).items():
            response.headers[name] = value
        return response

    def language(self, request: Request, speaks: str | None = None) -> Language:
        """Give the language of a page: the one chosen in its address, that of its reader, or the browser's."""
        chosen = chosen_language(request, self._site)
        code = chosen or speaks or self._site.languages.negotiate(request.headers.get("accept-language", ""))
        return self._site.languages.of(code)

    def link(self, request: Request, path: str, **query: str) -> str:
        """Give the address of another page, which keeps the language that was chosen."""
        chosen = chosen_language(request, self._site)
        asked = {**({"lang": chosen} if chosen else {}), **query}
        return f"{self._site.prefix}{_written(path)}" + (f"?{urlencode(asked)}" if asked else "")

    def go(self, request: Request, path: str, **query: str) -> Response:
        """Send the browser on, after something was done (303); never to an address that it gave."""
        return RedirectResponse(self.link(request, path, **query), 303)

    def _frame(self, request: Request, language: Language) -> dict[str, Any]:
        """Give what every template may use."""
        path = request.url.path
        query = {name: value for name, value in request.query_params.items() if name in _KEPT}

        def link(to: str, **asked: str) -> str:
            return self.link(request, to, **asked)

        def webcal(to: str, **asked: str) -> str:
            return f"webcal://{urlsplit(self._site.origin).netloc}{self.link(request, to, **asked)}"

        def day(value: date, form: str = "long") -> str:
            return language.date(value, form)

        switch = [
            {"code": code, "name": own_name(self._site, code), "url": self._in(path, code, query)}
            for code in self._site.languages.codes
        ]
        return {
            "t": language.text,
            "foreign": Foreign(language),
            "day": day,
            "language": language,
            "switch": switch if len(switch) > 1 else [],
            "link": link,
            "webcal": webcal,
            "asset": self._assets.url,
            "path": path,
            "chosen": chosen_language(request, self._site),
            "this_year": self._site.clock().year,
            "service_name": self._site.service_name,
        }

    def _in(self, path: str, code: str, query: Mapping[str, str]) -> str:
        return f"{self._site.prefix}{_written(path)}?{urlencode({**query, 'lang': code})}"


def _written(path: str) -> str:
    """Write the path of a page of ours: with one slash at a time, for what begins with two is another host's."""
    return quote(re.sub("/{2,}", "/", f"/{path}"), safe="/:.~-_")


class Foreign:
    """What a page tells in other languages than its own, noted as it is told: the page says so at its end."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._codes: dict[str, None] = {}

    def noted(self, code: str) -> str:
        """Note a language, and add nothing to the page."""
        self._codes[code] = None
        return ""

    @property
    def words(self) -> str:
        """The sentence that names them; "" if there are none."""
        return language_note(self._codes, self._language)


@cache
def templates_in(folder: Path) -> Environment:
    """Give the templates of a folder, each compiled once in a process."""
    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.policies["json.dumps_kwargs"] = {"ensure_ascii": False}  # a letter is a letter, not six
    return templates


def own_name(site: Site, code: str) -> str:
    """Give a language's own name as it stands alone: Հայերեն."""
    language = site.languages.of(code)
    return language.sentence(language.name)


def chosen_language(request: Request, site: Site) -> str | None:
    """Give the language that the address names, if it is one of ours."""
    code = request.query_params.get("lang")
    return code if code in site.languages.codes else None


def pages_of(request: Request) -> Pages:
    """Give the pages of the application."""
    pages: Pages = request.app.state.pages
    return pages


def site_of(request: Request) -> Site:
    """Give what the pages were given."""
    site: Site = request.app.state.site
    return site
