"""Puts corrections on the web copy of a letter that was sent before them."""

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


def with_corrections(html: str, found: Sequence[tuple[datetime, Words]], language: Language) -> str:
    """Give a finished page with the corrections before all else; each with the day on which it was made."""
    if not found:
        return html
    title = language.text("Correction")
    told = Markup("").join(_told(at, words, language) for at, words in found)
    block = Markup('<aside dir="{}" lang="{}" aria-label="{}" style="{}"><strong>{}</strong>{}</aside>').format(
        language.direction, language.code, title, _STYLE, title, told
    )
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
