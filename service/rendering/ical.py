"""Occasions as entries of calendar files (RFC 5545, RFC 7986): whole days, each with its own date and words.

No entry repeats. RRULE knows neither what to do in a year that lacks the 29 February nor any calendar but the
Gregorian, and its one text cannot say how many years it has been; so each return is written out.

Everything in a file comes from the record, nothing from the hour at which it is made: equal records, equal bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, urlsplit

from icalendar import Calendar, vText
from icalendar import Event as CalendarEvent

from service.domain.event import Event
from service.domain.occasion import Occasion
from service.domain.rule import FeastDay, Rule
from service.rendering.asked import Links
from service.rendering.locales import Language
from service.rendering.plain import one_line
from service.rendering.recount import text_in
from service.rendering.wording import ahead_words, reason_words

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
_MAKER = "-//Remembrancer//Days of remembrance//EN"
_REFRESH = timedelta(hours=12)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # SEQUENCE has 31 bits (RFC 5545, 3.3.8), enough for 68 years from here
_LAST_LINE = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself: a name, what is in it, and the page that shows the same.

    It has no UID of its own (RFC 7986, 5.3): vdirsyncer takes that for the UID of every entry, and keeps one of them.
    """

    name: str
    told: str = ""
    page: str = ""


def path_of(event: str, rule: Rule, occasion: Occasion) -> str:
    """Give what names a return for ever, whatever the language: it stays when its day is corrected.

    A feast is named by its date: the record cannot move it, and some come twice in a civil year, with one number.
    """
    which = (occasion.on.isoformat(),) if isinstance(rule, FeastDay) else (str(occasion.number), str(occasion.day))
    return "/".join(quote(part, safe="") for part in (event, rule.id, *which))


def entry(
    event: Event,
    rule: Rule,
    occasion: Occasion,
    language: Language,
    links: Links,
    written_at: datetime,
    *,
    private: bool = False,
) -> bytes:
    """Give one return as the lines of its VEVENT.

    `written_at` is when the record was last changed: its DTSTAMP and LAST-MODIFIED, and, in seconds, its SEQUENCE.
    A private one has no page, so none is named, and other people who see the calendar are not to see it.
    """
    title = text_in(event.title, language)
    address = "" if private else links.event_url(event.id)
    made = CalendarEvent()
    made.add("uid", f"{path_of(event.id, rule, occasion)}@{_host(links)}")
    made.add("dtstamp", _to_the_second(written_at))
    made.add("last-modified", _to_the_second(written_at))
    made.add("sequence", max(0, int((written_at - _EPOCH).total_seconds())))
    made.add("dtstart", occasion.on)
    if occasion.on.toordinal() < occasion.on.max.toordinal():
        made.add("dtend", occasion.on + timedelta(days=1))  # the day after: it is not of the entry
    made.add("summary", title.text, parameters={"LANGUAGE": title.code})
    told = _told(event, rule, occasion, language, address)
    made.add("description", told, parameters={"LANGUAGE": language.code})
    if address:
        made.add("url", address)
    made.add("class", "PRIVATE" if private else "PUBLIC")
    made.add("status", "TENTATIVE" if occasion.provisional else "CONFIRMED")
    made.add("transp", "TRANSPARENT")  # nobody is busy by remembering
    return bytes(made.to_ical())


def calendar_file(about: About, entries: Iterable[bytes], *, method: str = "") -> bytes:
    """Give a whole file; `method` (PUBLISH) is for one that a letter carries, a feed has none."""
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", _MAKER)
    made.add("calscale", "GREGORIAN")
    if method:
        made.add("method", method)
    else:
        texts = {"name": about.name, "x-wr-calname": about.name, "description": about.told, "x-wr-caldesc": about.told}
        for name, text in texts.items():
            if text:
                made.add(name, vText(one_line(text)))  # of names that it does not know, the library escapes nothing
        if about.page:
            made.add("url", about.page)
        made.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})  # RFC 7986, 5.7 asks for it
        made.add("x-published-ttl", "PT12H")
    whole: bytes = made.to_ical()
    return b"".join((whole.removesuffix(_LAST_LINE), *entries, _LAST_LINE))


def _told(event: Event, rule: Rule, occasion: Occasion, language: Language, address: str) -> str:
    """Say how long it has been, what it was, why the day is what it is, and where more stands."""
    since = language.sentence(ahead_words(event, rule, occasion, language))
    summary = text_in(event.summary, language)
    first = "\n".join(filter(None, (since, summary.text)))
    return "\n\n".join(filter(None, (first, "\n".join(reason_words(event, rule, occasion, language)), address)))


def _host(links: Links) -> str:
    return (urlsplit(links.public_url).hostname or "localhost").lower()


def _to_the_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
