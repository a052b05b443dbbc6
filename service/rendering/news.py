"""Days that have come, for feed readers: Atom (RFC 4287) and JSON Feed 1.1, of the same items.

An item is named by a tag (RFC 4151) that never changes: its event, its rule, its number and its language.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import escape

from service.domain.event import Event
from service.domain.occasion import Occasion
from service.domain.rule import Rule
from service.rendering.asked import Links
from service.rendering.ical import path_of
from service.rendering.locales import Language
from service.rendering.recount import event_view
from service.rendering.views import EventView
from service.rendering.wording import reason_words, today_words

ATOM: Final = "application/atom+xml; charset=utf-8"
JSON_FEED: Final = "application/feed+json; charset=utf-8"
_SPACE = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TAGGED = "2026"  # a tag names its domain and a year in which it was ours; with another year all items would be new


@dataclass(frozen=True, slots=True)
class Item:
    """One return of an event, as it is told on its day, or a letter that was sent.

    `html` is safe, "" if what is told stands at `url` alone; `language` is named where it is not that of the feed.
    """

    id: str
    url: str
    title: str
    summary: str
    html: str
    published: datetime
    updated: datetime
    language: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What a feed says of itself: its name for ever, where its page is, and where it is itself."""

    path: str
    title: str
    told: str
    page: str
    own: str
    author: str
    language: str
    updated: datetime


def tag(path: str, language: str, links: Links) -> str:
    """Give the name of a feed or an item in one language."""
    host = (urlsplit(links.public_url).hostname or "localhost").lower()
    return f"tag:{host},{_TAGGED}:{path}/{language}"


def item(event: Event, rule: Rule, occasion: Occasion, language: Language, links: Links, written_at: datetime) -> Item:
    """Tell of one return as on its day; it is renewed when the record is written again later."""
    view = event_view(event, language, {}, links)
    day = datetime.combine(occasion.on, time(), UTC)
    words = today_words(event, rule, occasion, language)
    first = (language.sentence(words), language.date(occasion.on, "full"))
    return Item(
        id=tag(path_of(event.id, rule, occasion), language.code, links),
        url=view.url,
        title=language.text("{title}: {words}", title=view.title.text, words=words),
        summary=view.summary.text,
        html=_html(view, first, reason_words(event, rule, occasion, language)),
        published=day,
        updated=max(day, written_at.astimezone(UTC).replace(microsecond=0)),
    )


def atom(news: News, items: Sequence[Item], links: Links) -> bytes:
    """Give the feed as Atom."""
    feed = Element("feed", {"xmlns": _SPACE, _XML_LANG: news.language})
    _add(feed, "id", tag(news.path, news.language, links))
    _add(feed, "title", news.title)
    if news.told:
        _add(feed, "subtitle", news.told)
    _add(feed, "updated", _instant(_newest(news, items)))
    _add(SubElement(feed, "author"), "name", news.author)
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": news.own})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": news.page})
    for one in items:
        told = SubElement(feed, "entry", {_XML_LANG: one.language} if one.language else {})
        _add(told, "id", one.id)
        _add(told, "title", one.title)
        _add(told, "published", _instant(one.published))
        _add(told, "updated", _instant(one.updated))
        SubElement(told, "link", {"rel": "alternate", "type": "text/html", "href": one.url})
        if one.summary:
            _add(told, "summary", one.summary)
        if one.html:
            _add(told, "content", one.html, type="html")
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def json_feed(news: News, items: Sequence[Item]) -> bytes:
    """Give the feed as JSON Feed 1.1."""
    told: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": news.title,
        "home_page_url": news.page,
        "feed_url": news.own,
        "description": news.told,
        "language": news.language,
        "authors": [{"name": news.author}],
        "items": [
            {
                "id": one.id,
                "url": one.url,
                "title": one.title,
                "summary": one.summary,
                **({"content_html": one.html} if one.html else {"content_text": one.summary or one.title}),
                "date_published": _instant(one.published),
                "date_modified": _instant(one.updated),
                "language": one.language or news.language,
            }
            for one in items
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def _newest(news: News, items: Iterable[Item]) -> datetime:
    return max([news.updated.astimezone(UTC).replace(microsecond=0), *(one.updated for one in items)])


def _html(view: EventView, first: Iterable[str], reasons: Iterable[str]) -> str:
    parts = [f"<p>{escape(' · '.join(filter(None, first)))}</p>", f"<p>{escape(view.summary.text)}</p>"]
    parts += [f"<p>{escape(reason)}</p>" for reason in reasons]
    if view.narrative is not None:
        parts.append(str(view.narrative.html))
    return "".join(parts)


def _add(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
