"""Puts corrections on the web copy of a letter that was sent before them, and where it is in other languages."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup, escape

from service.domain.event import Words
from service.rendering.locales import Language
from service.rendering.recount import text_in

_STYLE = (
    "margin:0 auto;max-width:600px;padding:16px 20px;border:2px solid #8a1c1c;background:#fff8f2;color:#1c1a17;"
    "font:16px/1.5 Georgia,serif;text-align:start"
)
_NAV = "margin:0 auto;max-width:600px;padding:12px 20px;font:14px/1.7 sans-serif;text-align:start"
_LINK = "color:inherit;display:inline-block;padding:4px 0"


def with_corrections(html: str, found: Sequence[tuple[datetime, Words]], language: Language) -> str:
    """Give a finished page with the corrections before all else; each with the day on which it was made."""
    if not found:
        return html
    title = language.text("Correction")
    told = Markup("").join(_told(at, words, language) for at, words in found)
    block = Markup('<aside dir="{}" lang="{}" aria-label="{}" style="{}"><strong>{}</strong>{}</aside>').format(
        language.direction, language.code, title, _STYLE, title, told
    )
    return _before_all(html, block)


def with_others(html: str, others: Sequence[tuple[str, str, str]], archive: str, language: Language) -> str:
    """Give a finished page with links to the same in other languages (code, name, address), and to the archive."""
    links = [
        Markup('<a href="{}" lang="{}" hreflang="{}" style="{}">{}</a>').format(url, code, code, _LINK, name)
        for code, name, url in others
    ]
    links.append(Markup('<a href="{}" style="{}">{}</a>').format(archive, _LINK, language.text("Letters sent")))
    block = Markup('<nav dir="{}" lang="{}" aria-label="{}" style="{}">{}</nav>').format(
        language.direction, language.code, language.text("Other letters"), _NAV, Markup(" · ").join(links)
    )
    return _before_all(html, block)


def _before_all(html: str, block: Markup) -> str:
    head, body, rest = html.partition("<body")
    if not body:
        return f"{block}{html}"
    opening, end, inside = rest.partition(">")
    return f"{head}{body}{opening}{end}{block}{inside}"


def _told(at: datetime, words: Words, language: Language) -> Markup:
    text = text_in(words, language)
    day = escape(language.date(at.date()))
    return Markup('<p style="margin:8px 0 0">{}: <span lang="{}" dir="{}">{}</span></p>').format(
        day, text.code, text.direction, text.text
    )
