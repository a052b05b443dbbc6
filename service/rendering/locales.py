"""The languages that letters and pages speak: texts, dates, numbers and elapsed time in each.

A message's name is its English text, an ICU MessageFormat pattern; its translation stands in
`data/locales/<code>/LC_MESSAGES/remembrancer.po`. A language is added by that file alone.
Babel knows the dates, ICU (`icu.py`) the plurals and the numbers in words.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from service.domain.edtf import Day, parse_day
from service.domain.errors import InvalidError
from service.domain.templates import Templates
from service.rendering.bidi import isolated
from service.rendering.dates import FORMS, within_a_year, written
from service.rendering.icu import said
from service.rendering.messages import choosing
from service.rendering.spelled import spelled_months, spelled_years
from service.rendering.translations import Translations, files_of

SOURCE = "en"

# The source language is written as in Britain: the day before the month.
_LOCALES = {"en": "en_GB"}

_COMMAS = {"ar": "\u060c "}
_ONCE_CALLED = {"iw": "he"}  # by older browsers

# Texts that are not in a reader's language are shown in the next of these, then in English, then in any: what most
# who read the first also read.
FALLBACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "ar": ("en", "fr"),
    "en": ("fr", "es"),
    "es": ("en", "fr"),
    "fr": ("en", "es"),
    "he": ("en", "fr", "ru"),
    "hy": ("ru", "en"),
    "ru": ("en",),
}


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code (BCP 47), its direction, its own name, and everything it can say."""

    code: str
    direction: str
    name: str
    catalogue: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def text(self, message: str, **values: object) -> str:
        """Say a message; with values it is an ICU pattern, and each of its arguments must be given.

        A translation that ICU cannot read is passed over for the English text: no letter fails for it.
        """
        pattern = self.catalogue.get(message) or message
        if not values:
            return pattern
        try:
            return said(pattern, self._locale, self._embedding(pattern, values))
        except (ValueError, LookupError):
            return said(message, _LOCALES[SOURCE], values)

    def sentence(self, text: str) -> str:
        """Give the text with its first letter as a sentence begins."""
        first = text[:1].upper()
        return first + text[1:] if len(first) == 1 else text

    def number(self, value: int) -> str:
        """Give a number in digits, grouped as the language does: 3,830."""
        return format_decimal(value, locale=self._locale).replace("\u202f", "\u00a0")

    def percent(self, value: float) -> str:
        """Give a part of the whole, from 0 to 1, to a hundredth of a percent: 0.12%."""
        told = format_percent(round(value, 4), locale=self._locale, decimal_quantization=False)
        return str(told).replace("\u202f", "\u00a0")

    def date(self, day: dt.date, form: str = "long") -> str:
        """Give a day: `long`, `full` (with the weekday), `day` (without the year), `weekday`, `month`, `year`."""
        if form == "weekday":
            return self.text("{weekday}, {date}", weekday=self.date(day, "EEEE"), date=self.date(day, "day"))
        return written(self.code, self._locale, day, form)

    def weekday(self, number: int) -> str:
        """Give the name of a day of the week, 1 for Monday to 7, as it stands alone: "Monday"."""
        return self.date(dt.date(2024, 1, number), "EEEE")  # a month that began on a Monday

    def edtf(self, known: str | Day) -> str:
        """Give a day as exactly as it is known: "27 September 2020", "September 2024", "about 2022"."""
        day = parse_day(known) if isinstance(known, str) else known
        said = self._exactly(day)
        return self.text("about {date}", date=said) if day.about else said

    def span(self, first: str | Day, last: str | Day | None) -> str:
        """Give the days from a first to a last: "27 September – 9 November 2020"."""
        start = parse_day(first) if isinstance(first, str) else first
        end = parse_day(last) if isinstance(last, str) else last
        if end is None or end == start:
            return self.edtf(start)
        if start.about or end.about or not 1 <= start.year <= end.year <= 9999:
            return f"{self.edtf(start)} – {self.edtf(end)}"
        if start.month is None and end.month is None:
            return self.text("{first}–{last}", first=str(start.year), last=str(end.year))
        if start.day and end.day and start.year == end.year:
            return within_a_year(self.code, self._locale, _civil(start), _civil(end))
        return f"{self.edtf(start)} – {self.edtf(end)}"

    def years(self, count: int) -> str:
        """Give a number of years in words: "four years"."""
        number = spelled_years(count, self.code, self._locale) or self.number(count)
        return self.text("{n, plural, one {{count} year} other {{count} years}}", n=count, count=number)

    def months(self, count: int) -> str:
        """Give a number of months in words: "six months"."""
        number = spelled_months(count, self.code, self._locale) or self.number(count)
        return self.text("{n, plural, one {{count} month} other {{count} months}}", n=count, count=number)

    def days(self, count: int) -> str:
        """Give a number of days: "44 days"."""
        return self.text("{n, plural, one {# day} other {# days}}", n=count)

    def elapsed(self, years: int) -> str:
        """Say how long ago: "four years ago"."""
        return self.text("{years} ago", years=self.years(years))

    def months_elapsed(self, months: int) -> str:
        """Say how long ago: "six months ago"."""
        return self.text("{months} ago", months=self.months(months))

    def listed(self, texts: Iterable[str]) -> str:
        """Give texts as a list in a sentence: "a, b and c"."""
        parts = [self.embedded(text) for text in texts]
        if self.code == "he" and len(parts) > 1 and not "א" <= parts[-1][:1] <= "ת":
            parts[-1] = f"־{parts[-1]}"  # "and" is a letter before the word; before anything else a hyphen follows it
        return format_list(parts, locale=self._locale)

    def in_a_row(self, texts: Iterable[str]) -> str:
        """Give texts side by side, parted by the language's comma: "a, b, c"."""
        return _COMMAS.get(self.code, ", ").join(map(self.embedded, texts))

    def embedded(self, text: str) -> str:
        """Give a name, an address, a number as it stands within a sentence: where it runs the other way, isolated."""
        return isolated(text, self.direction)

    def language_name(self, code: str) -> str:
        """Give the name of a language, in this one: "Armenian"."""
        try:
            return Locale.parse(code, sep="-").get_display_name(self._locale) or code
        except (ValueError, UnknownLocaleError):
            return code

    def territory(self, code: str) -> str:
        """Give the name of a country, in this language; a part of it keeps its code: "United States (CA)"."""
        country, _, part = code.partition("-")
        name = Locale.parse(self._locale).territories.get(country, country)
        return f"{name} ({part})" if part else name

    def pick(self, words: Mapping[str, str]) -> tuple[str, str]:
        """Give the text in this language and its code; else in one that its readers read; ("", own code) if none."""
        for code in (self.code, *FALLBACKS.get(self.code, ()), SOURCE, *words):
            if words.get(code):
                return words[code], code
        return "", self.code

    def _embedding(self, pattern: str, values: Mapping[str, object]) -> Mapping[str, object]:
        """Isolate what is printed and may run the other way; what a choice is made by stays as it is."""
        shown = {name: str(value) for name, value in values.items() if not isinstance(value, int)}
        marked = {name: text for name, text in shown.items() if self.embedded(text) != text}
        if not marked:
            return values
        asked = choosing(pattern)
        return {**values, **{name: self.embedded(text) for name, text in marked.items() if name not in asked}}

    @property
    def _locale(self) -> str:
        return _LOCALES.get(self.code, self.code.replace("-", "_"))

    def _exactly(self, day: Day) -> str:
        if day.years > 1:
            return self.text("{first}–{last}", first=str(day.year), last=str(day.year + day.years - 1))
        if day.year < 1:
            year = self.text("{year} BC", year=str(1 - day.year))
            rest = self.date(dt.date(2000, day.month, day.day), "day") if day.month and day.day else ""
            return self.text("{day} {year}", day=rest, year=year) if rest else year
        if day.year > 9999:
            return str(day.year)
        form = "long" if day.day else "month" if day.month else "year"
        return self.date(_civil(day), form)


class Languages:
    """The languages of some catalogues; English, in which the messages are written, comes first."""

    def __init__(self, source: Path | Templates, *, only: Collection[str] = ()) -> None:
        """Take a folder of catalogues, or the set of templates of which they are pieces; only some, if they are named.

        Raise InvalidError for the name of one that is not there.
        """
        texts = source.catalogues if isinstance(source, Templates) else files_of(source)
        if unknown := sorted(set(only) - {SOURCE} - texts.keys()):
            known = ", ".join([SOURCE, *sorted(texts)])
            raise InvalidError(f"{', '.join(unknown)}: not a language of this service (allowed: {known})", "languages")
        spoken = sorted(code for code in texts if (not only or code in only) and is_language(code))
        self._texts = {SOURCE: texts.get(SOURCE, ""), **{code: texts[code] for code in spoken}}
        self.codes: tuple[str, ...] = tuple(self._texts)

    def of(self, code: str) -> Language:
        """Give the language of a code; the one without its region if there is no such; else English."""
        return language_in(self._texts, code)

    def negotiate(self, accept_language_header: str) -> str:
        """Give the code that a browser prefers (RFC 9110, section 12.5.4); English if it names none of ours."""
        wanted: list[tuple[float, str]] = []
        for part in accept_language_header[:1000].split(","):
            code, _, weight = part.strip().partition(";")
            quality = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", weight)
            wanted.append((float(quality[1]) if quality else 0.0 if weight else 1.0, code.strip().lower()))
        ours = {code.lower(): code for code in self.codes}
        ours |= {old: ours[new] for old, new in _ONCE_CALLED.items() if new in ours}
        for quality_value, code in sorted(wanted, key=lambda pair: -pair[0]):
            found = ours.get(code) or ours.get(code.split("-", maxsplit=1)[0])
            if found and quality_value > 0:
                return found
        return SOURCE


def language_in(catalogues: Mapping[str, str], code: str) -> Language:
    """Give the language of a code as `Languages.of` does, from the texts of catalogues (.po)."""
    near = next((one for one in (code, code.split("-", maxsplit=1)[0]) if one in catalogues), SOURCE)
    return _language(near, catalogues.get(near, ""))


@lru_cache(maxsize=512)
def load(code: str) -> None:
    """Read the files of a language, if it has any, for what is written in it or tells of it later."""
    with suppress(ValueError, LookupError, UnknownLocaleError):
        language, day = _language(code, ""), dt.date(2020, 9, 27)
        for form in (*FORMS, "weekday", "EEEE", "LLLL"):
            language.date(day, form)
        language.listed(["1", "2", "3"])
        language.years(2)
        language.territory(language.language_name(code))


@lru_cache(maxsize=32)
def _language(code: str, text: str) -> Language:
    locale = Locale.parse(code, sep="-")
    name = locale.get_display_name(code.replace("-", "_")) or code
    return Language(code, locale.text_direction, name, Translations(code, text) if text else {})


def is_language(code: str) -> bool:
    """Say whether a code is that of a language of which dates and names are known."""
    try:
        Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


def _civil(day: Day) -> dt.date:
    return dt.date(day.year, day.month or 1, day.day or 1)
