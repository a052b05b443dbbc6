"""What a public page says of itself to who links to it: description, address, other languages, picture, data.

Addresses are whole, from the settings, and never from the request. The page of a language is the one whose address
names it; the address without a language answers in the browser's, and is a page of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from service.rendering.locales import Language
from service.rendering.picture import HEIGHT, WIDTH
from service.web.given import Site

_LONGEST_DESCRIPTION = 300


@dataclass(frozen=True, slots=True)
class About:
    """A public page: its title, what it is about, its address without the language, its picture's, and its data.

    `data` is what schema.org has of it, without what every page has. A `picture` is the path of one; "" for that of
    the whole service.
    """

    title: str
    description: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    picture: str = ""
    kind: str = "website"
    data: Mapping[str, Any] = field(default_factory=dict)

    def url(self, site: Site, code: str | None) -> str:
        """Give the whole address of the page, in a language or in the browser's."""
        return whole(site, self.path, self.query, code)


def head(site: Site, about: About, language: Language, chosen: str | None) -> dict[str, Any]:
    """Give what the head of a page says; `chosen` is the language that its address names, if it names one."""
    own = about.url(site, chosen)
    description = about.description[:_LONGEST_DESCRIPTION]
    picture = whole(site, about.picture or "/previews/site.png", {}, language.code)
    common = {"@context": "https://schema.org", "inLanguage": language.code, "url": own, "image": picture}
    said = {"name": about.title, "description": description} if description else {"name": about.title}
    return {
        "title": about.title,
        "description": description,
        "canonical": own,
        "alternates": [(code, about.url(site, code)) for code in site.languages.codes],
        "default": about.url(site, None),
        "picture": picture,
        "width": WIDTH,
        "height": HEIGHT,
        "kind": about.kind,
        "data": {**common, **said, **about.data} if about.data else None,
    }


def whole(site: Site, path: str, query: Mapping[str, str], code: str | None) -> str:
    """Give a whole address of this service."""
    asked = {**query, **({"lang": code} if code else {})}
    return f"{site.public_url}{quote(path, safe='/:.~-_')}" + (f"?{urlencode(asked)}" if asked else "")
