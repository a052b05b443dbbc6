"""Turns an event's record into the view that templates see, in one language."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol, TypeVar

from babel import Locale

from service.domain.edtf import Day, parse_day
from service.domain.event import Event, Figure, Link, LinkKind, Qualifier, Source, Tone, Words
from service.domain.letter import Mark
from service.domain.reckoning import Dated
from service.rendering.asked import Links
from service.rendering.locales import Language
from service.rendering.markdown import html_of, plain_of
from service.rendering.messages import message
from service.rendering.plain import one_line
from service.rendering.reckoned import original_words
from service.rendering.views import (
    EventView,
    FigureView,
    LinkView,
    PictureView,
    Prose,
    SourceView,
    Text,
    TimelineView,
    UnresolvedView,
)

_LINKS = {
    LinkKind.PART_OF: message("Part of"),
    LinkKind.LED_TO: message("Led to"),
    LinkKind.FOLLOWED_BY: message("Followed by"),
}
_QUALIFIED = {
    Qualifier.ABOUT: message("about {value}"),
    Qualifier.MORE_THAN: message("more than {value}"),
    Qualifier.AT_LEAST: message("at least {value}"),
    Qualifier.FEWER_THAN: message("fewer than {value}"),
}


class _Attributed(Protocol):
    @property
    def attribution(self) -> str: ...


_A = TypeVar("_A", bound=_Attributed)


def event_view(event: Event, language: Language, titles: Mapping[str, Words], links: Links) -> EventView:
    """Give the view of an event; `titles` are those of the events that it is tied to, by id.

    A link to an event without a title here is left out: readers cannot follow it.
    """
    return _Recounting(event, language, titles, links).view()


def text_in(words: Words, language: Language) -> Text:
    """Give a text in the language, or in the one that there is."""
    text, code = language.pick(words)
    direction = language.direction if code == language.code else _direction(code)
    return Text(one_line(text), code, direction, foreign=code != language.code)


def when_words(event: Dated, language: Language) -> str:
    """Say the days on which an event happened, by the civil calendar."""
    if event.calendar == "gregorian":
        return language.span(event.first, event.last)
    first = date.fromordinal(max(1, event.first.first_possible(event.calendar)))
    last = date.fromordinal(max(1, (event.last or event.first).last_possible(event.calendar)))
    return language.span(first.isoformat(), last.isoformat())


class _Recounting:
    """One event being told in one language."""

    def __init__(self, event: Event, language: Language, titles: Mapping[str, Words], links: Links) -> None:
        self._event = event
        self._language = language
        self._titles = titles
        self._links = links
        self._foreign: dict[str, None] = {}
        self._sources = {source.id: self._source(number, source) for number, source in enumerate(event.sources, 1)}

    def view(self) -> EventView:
        event = self._event
        figures = self._figures()
        unresolved = tuple(self._unresolved())
        return EventView(
            id=event.id,
            url=self._links.event_url(event.id) if not event.is_private else f"{Mark.MANAGE_URL}/dates",
            title=self._text(event.title),
            summary=self._text(event.summary),
            narrative=self._prose(event.narrative),
            when="" if event.observance else when_words(event, self._language),
            original="" if event.observance else self._original(),
            length="" if event.observance else self._length(),
            place=self._text(event.place.name) if event.place else None,
            figures=figures,
            figures_attribution=_shared(figures) if not any(figure.earlier for figure in figures) else "",
            timeline=tuple(
                TimelineView(self._language.span(one.on, one.until), self._text(one.text), self._sources[one.source])
                for one in event.timeline
            ),
            unresolved=unresolved,
            unresolved_attribution=_shared(unresolved),
            links=tuple(self._link(link) for link in event.links if link.event in self._titles),
            sources=tuple(self._sources.values()),
            pictures=tuple(
                PictureView(one_line(one.file), one_line(one.credit), self._text(one.alternative))
                for one in event.pictures
            ),
            language_note=language_note(self._foreign, self._language),
            observance=event.observance,
            festive=event.tone is Tone.FESTIVE,
            private=event.is_private,
        )

    def _text(self, words: Words) -> Text:
        text = text_in(words, self._language)
        if text.foreign and text.text:
            self._foreign[text.code] = None
        return text

    def _prose(self, words: Words) -> Prose | None:
        text, code = self._language.pick(words)
        if not text.strip():
            return None
        about = self._text({code: "."})
        return Prose(html_of(text), plain_of(text), code, about.direction, about.foreign)

    def _original(self) -> str:
        event = self._event
        if event.calendar == "gregorian":
            return ""
        sunset = event.after_sunset
        return original_words(event.calendar, event.first, event.last, self._language, after_sunset=sunset)

    def _length(self) -> str:
        first, last = self._event.first, self._event.last
        if first.day is None or last is None or last.day is None or first.about or last.about:
            return ""
        calendar = self._event.calendar
        return self._language.days(last.first_possible(calendar) - first.first_possible(calendar) + 1)

    def _source(self, number: int, source: Source) -> SourceView:
        day = self._language.edtf(source.date) if source.date else ""
        address = one_line(source.address or "")
        author, publisher = one_line(source.author or ""), one_line(source.publisher or "")
        place = "" if _is_web(address) else address
        return SourceView(
            number=number,
            title=self._text(source.title),
            author=author,
            publisher=publisher,
            date=day,
            address=address if _is_web(address) else "",
            note=self._text(source.note) if source.note else None,
            line=self._language.in_a_row(filter(None, (author, publisher, day, place))),
        )

    def _figures(self) -> tuple[FigureView, ...]:
        replaced: dict[str, list[Figure]] = {}
        for figure in self._event.figures:
            if figure.superseded_by:
                replaced.setdefault(figure.superseded_by, []).append(figure)
        return tuple(self._figure(figure, replaced) for figure in self._event.figures if not figure.superseded_by)

    def _figure(self, figure: Figure, replaced: Mapping[str, list[Figure]]) -> FigureView:
        unit = self._text(figure.unit) if figure.unit else None
        value, as_of, source = self._value(figure), self._language.edtf(figure.as_of), self._sources[figure.source]
        return FigureView(
            label=self._text(figure.label),
            amount=self._amount(figure, unit) if unit else value,
            value=value,
            unit=unit,
            as_of=as_of,
            source=source,
            attribution=self._attribution(figure.as_of, source),
            earlier=tuple(self._figure(one, {}) for one in _chain(figure.id, replaced)),
        )

    def _amount(self, figure: Figure, unit: Text) -> str:
        """Say a number with its unit; where the unit runs the other way, the number runs along with it."""
        if figure.value is None or figure.qualifier is Qualifier.DOZENS:
            return self._language.text("dozens of {unit}", unit=unit.text)
        if unit.direction == self._language.direction:
            return self._language.text("{amount} {unit}", amount=self._value(figure), unit=unit.text)
        counted = f"{self._language.number(figure.value)} {unit.text}"
        return self._qualified(figure, self._language.embedded(counted))

    def _value(self, figure: Figure) -> str:
        if figure.value is None:
            return self._language.text("dozens")
        return self._qualified(figure, self._language.number(figure.value))

    def _qualified(self, figure: Figure, counted: str) -> str:
        pattern = _QUALIFIED.get(figure.qualifier)
        return self._language.text(pattern, value=counted) if pattern else counted

    def _unresolved(self) -> Iterable[UnresolvedView]:
        for one in self._event.unresolved:
            as_of, source = self._language.edtf(one.as_of), self._sources[one.source]
            yield UnresolvedView(self._text(one.text), as_of, source, self._attribution(one.as_of, source))

    def _attribution(self, as_of: str, source: SourceView) -> str:
        """Say when and by whom; `precision` is for languages in which a date's ending depends on it."""
        values = {
            "date": self._language.edtf(as_of),
            "precision": _precision(parse_day(as_of)),
            "number": str(source.number),
        }
        if source.publisher:
            return self._language.text(
                "{precision, select, other {as of {date}}}, according to {name} [{number}]",
                name=source.publisher,
                **values,
            )
        return self._language.text("{precision, select, other {as of {date}}}, source [{number}]", **values)

    def _link(self, link: Link) -> LinkView:
        kind = self._language.text(_LINKS[link.kind])
        return LinkView(kind, self._text(self._titles[link.event]), self._links.event_url(link.event))


def language_note(codes: Iterable[str], language: Language) -> str:
    """Name the languages of what has not been written in the reader's; "" if there is nothing like that."""
    names = [language.language_name(code) for code in codes]
    if not names:
        return ""
    return language.text(
        "Not all of this has been written in this language; the rest is in {names}.", names=language.listed(names)
    )


def _shared(parts: tuple[_A, ...]) -> str:
    """Give the attribution that all parts have in common, if there are several and they have one."""
    said = {part.attribution for part in parts}
    return said.pop() if len(said) == 1 and len(parts) > 1 else ""


def _chain(id_: str, replaced: Mapping[str, list[Figure]]) -> list[Figure]:
    """Give the figures that one replaced, and those that they replaced, newest first."""
    found: list[Figure] = []
    waiting = [id_]
    while waiting:
        for figure in replaced.get(waiting.pop(), ()):
            if figure not in found:
                found.append(figure)
                waiting.append(figure.id)
    return sorted(found, key=lambda figure: figure.as_of, reverse=True)


def _is_web(address: str) -> bool:
    return address.startswith(("https://", "http://")) and " " not in address


def _precision(day: Day) -> str:
    if day.about:
        return "about"
    return "day" if day.day else "month" if day.month else "year"


def _direction(code: str) -> str:
    try:
        return str(Locale.parse(code, sep="-").text_direction)
    except (ValueError, LookupError):
        return "ltr"
