"""The languages that letters and pages speak: texts, dates, numbers and elapsed time in each.

A message's name is its English text, an ICU MessageFormat pattern; its translation stands in
`data/locales/<code>/LC_MESSAGES/remembrancer.po`, read at start. A language is added by that file alone.
Babel knows the dates, ICU (`icu.py`) the plurals and the numbers in words.
"""

import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal

from service.domain.edtf import Day, parse_day
from service.domain.templates import Templates
from service.rendering.icu import said

SOURCE = "en"
_DOMAIN = "remembrancer.po"

# The source language is written as in Britain: the day before the month.
_LOCALES = {"en": "en_GB"}

# ICU rule sets for years and for months in words; a language that is not here gets digits. Arabic stays
# out: ICU gives 3 to 10 the wrong gender before "years". Hebrew counts years and months differently.
_SPELLED = {
    "en": ("%spellout-cardinal-verbose", "%spellout-cardinal-verbose"),
    "es": ("%spellout-cardinal-masculine", "%spellout-cardinal-masculine"),
    "fr": ("%spellout-cardinal-masculine", "%spellout-cardinal-masculine"),
    "he": ("%spellout-cardinal-feminine", "%spellout-cardinal-masculine"),
    "hy": ("%spellout-cardinal", "%spellout-cardinal"),
    "ru": ("%spellout-cardinal-masculine", "%spellout-cardinal-masculine"),
}
_LAST_SPELLED = 999

# CLDR's Armenian long form ("27 սեպտեմբերի, 2020 թ.") is nobody's; these are the forms of its full dates.
_PATTERNS = {"hy": {"long": "y 'թ'. MMMM d", "day": "MMMM d", "month": "y 'թ'. LLLL", "year": "y 'թ'."}}
_SKELETONS = {"day": "MMMMd", "month": "yMMMM", "year": "y"}


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
            return said(pattern, self._locale, values)
        except (ValueError, LookupError):
            return said(message, _LOCALES[SOURCE], values)

    def sentence(self, text: str) -> str:
        """Give the text with its first letter as a sentence begins."""
        first = text[:1].upper()
        return first + text[1:] if len(first) == 1 else text

    def number(self, value: int) -> str:
        """Give a number in digits, grouped as the language does: 3,830."""
        return format_decimal(value, locale=self._locale)

    def date(self, day: dt.date, form: str = "long") -> str:
        """Give a day: `long`, `full` (with the weekday), `day` (without the year), `weekday`, `month`, `year`."""
        if form == "weekday":
            weekday = format_date(day, "EEEE", locale=self._locale)
            return self.text("{weekday}, {date}", weekday=weekday, date=self.date(day, "day"))
        own = _PATTERNS.get(self.code, {}).get(form)
        if own is None and form in _SKELETONS:
            return format_skeleton(_SKELETONS[form], day, locale=self._locale)
        return format_date(day, own or form, locale=self._locale)

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
            return self._days_of_a_year(_civil(start), _civil(end))
        return f"{self.edtf(start)} – {self.edtf(end)}"

    def years(self, count: int) -> str:
        """Give a number of years in words: "four years"."""
        number = self._count(count, 0)
        return self.text("{n, plural, one {{count} year} other {{count} years}}", n=count, count=number)

    def months(self, count: int) -> str:
        """Give a number of months in words: "six months"."""
        number = self._count(count, 1)
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
        return format_list(list(texts), locale=self._locale)

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
        """Give the text in this language and its code; else in English, else in any; ("", own code) if none."""
        for code in (self.code, SOURCE, *words):
            if words.get(code):
                return words[code], code
        return "", self.code

    @property
    def _locale(self) -> str:
        return _LOCALES.get(self.code, self.code.replace("-", "_"))

    def _count(self, number: int, what: int) -> str:
        rules = _SPELLED.get(self.code)
        if rules is None or not 0 <= number <= _LAST_SPELLED:
            return self.number(number)
        spelled = said(f"{{n,spellout,{rules[what]}}}", self._locale, {"n": number})
        return _armenian(spelled) if self.code == "hy" else spelled

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

    def _days_of_a_year(self, first: dt.date, last: dt.date) -> str:
        """Name the year once, and the month too where the language puts the day at the edge."""
        pattern = _PATTERNS.get(self.code, {}).get("long") or _long_pattern(self._locale)
        same_month = first.month == last.month
        if same_month and pattern.endswith(" d"):
            return f"{self.date(first)}–{last.day}"
        if same_month and pattern.startswith("d MMMM"):
            return f"{first.day}–{self.date(last)}"
        if pattern.startswith("y"):
            return f"{self.date(first)} – {self.date(last, 'day')}"
        return f"{self.date(first, 'day')} – {self.date(last)}"


class Languages:
    """The languages of some catalogues; English, in which the messages are written, comes first."""

    def __init__(self, source: Path | Templates) -> None:
        """Take a folder of catalogues, or the set of templates of which they are pieces."""
        texts = source.catalogues if isinstance(source, Templates) else _files_of(source)
        catalogues = {code: _catalogue(code, text) for code, text in sorted(texts.items()) if is_language(code)}
        catalogues = {SOURCE: catalogues.pop(SOURCE, {}), **catalogues}
        self._languages = {code: _language(code, catalogue) for code, catalogue in catalogues.items()}
        self.codes: tuple[str, ...] = tuple(self._languages)

    def of(self, code: str) -> Language:
        """Give the language of a code; the one without its region if there is no such; else English."""
        return (
            self._languages.get(code) or self._languages.get(code.split("-", maxsplit=1)[0]) or self._languages[SOURCE]
        )

    def negotiate(self, accept_language_header: str) -> str:
        """Give the code that a browser prefers (RFC 9110, section 12.5.4); English if it names none of ours."""
        wanted: list[tuple[float, str]] = []
        for part in accept_language_header[:1000].split(","):
            code, _, weight = part.strip().partition(";")
            quality = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", weight)
            wanted.append((float(quality[1]) if quality else 0.0 if weight else 1.0, code.strip().lower()))
        ours = {code.lower(): code for code in self.codes}
        for quality_value, code in sorted(wanted, key=lambda pair: -pair[0]):
            found = ours.get(code) or ours.get(code.split("-", maxsplit=1)[0])
            if found and quality_value > 0:
                return found
        return SOURCE


def language_in(catalogues: Mapping[str, str], code: str) -> Language:
    """Give the language of a code as `Languages.of` does, from the texts of catalogues (.po)."""
    near = next((one for one in (code, code.split("-", maxsplit=1)[0]) if one in catalogues), SOURCE)
    return _language(near, _catalogue(near, catalogues.get(near, "")))


@lru_cache(maxsize=512)
def load(code: str) -> None:
    """Read the files of a language, if it has any, for what is written in it or tells of it later."""
    with suppress(ValueError, LookupError, UnknownLocaleError):
        language, day = _language(code, {}), dt.date(2020, 9, 27)
        for form in ("long", "full", "weekday", *_SKELETONS):
            language.date(day, form)
        language.listed(["1", "2", "3"])
        language.years(2)
        language.territory(language.language_name(code))


def _language(code: str, catalogue: Mapping[str, str]) -> Language:
    locale = Locale.parse(code, sep="-")
    name = locale.get_display_name(code.replace("-", "_")) or code
    return Language(code, locale.text_direction, name, catalogue)


def _files_of(folder: Path) -> dict[str, str]:
    files = folder.glob(f"*/LC_MESSAGES/{_DOMAIN}")
    return {file.parent.parent.name: file.read_text(encoding="utf-8") for file in files}


def is_language(code: str) -> bool:
    """Say whether a code is that of a language of which dates and names are known."""
    try:
        Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


@lru_cache(maxsize=32)
def _catalogue(code: str, text: str) -> Mapping[str, str]:
    """Read a catalogue; one that cannot be read says nothing, so that letters are in English and do not fail."""
    try:
        read = read_po(io.StringIO(text), locale=code.replace("-", "_"), abort_invalid=True)
    except (PoFileError, ValueError, UnknownLocaleError):
        return {}
    return {
        message.id: message.string
        for message in read
        if isinstance(message.id, str) and isinstance(message.string, str) and message.string and not message.fuzzy
    }


def _civil(day: Day) -> dt.date:
    return dt.date(day.year, day.month or 1, day.day or 1)


def _armenian(spelled: str) -> str:
    """Mend what CLDR gives: hundreds stand apart and the first without "one"; ten that ends a number is տասը."""
    spelled = re.sub(r"(?<=\S)հարյուր", " հարյուր", spelled).removeprefix("մեկ ")
    return re.sub(r"\bտասն$", "տասը", spelled)


@lru_cache(maxsize=64)
def _long_pattern(locale: str) -> str:
    return str(Locale.parse(locale).date_formats["long"].pattern)
