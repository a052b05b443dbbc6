"""Days of other calendars in words: the names of their months, and a date as it was written down.

The East Asian calendars number their months. Those of the others are messages in the nominative; a language in
which a month takes an ending before a day chooses it by the name's last letter, `ending`.
"""

from datetime import date

from service.domain.calendars.calendar import Date
from service.domain.calendars.hebrew import ADAR, is_leap
from service.domain.edtf import Day
from service.rendering.locales import Language
from service.rendering.messages import message

CALENDARS = {
    "gregorian": message("the Gregorian calendar"),
    "julian": message("the Julian calendar"),
    "hebrew": message("the Hebrew calendar"),
    "islamic-umalqura": message("the Umm al-Qura calendar"),
    "islamic-umalqura-kacst": message("the Umm al-Qura calendar computed by KACST"),
    "islamic-civil": message("the civil Islamic calendar"),
    "islamic-tabular": message("the tabular Islamic calendar"),
    "chinese": message("the Chinese calendar"),
    "korean": message("the Korean calendar"),
    "vietnamese": message("the Vietnamese calendar"),
    "persian": message("the Persian calendar"),
    "coptic": message("the Coptic calendar"),
    "ethiopic": message("the Ethiopian calendar"),
    "armenian": message("the old Armenian calendar"),
}
_HEBREW = (
    message("Nisan"),
    message("Iyar"),
    message("Sivan"),
    message("Tammuz"),
    message("Av"),
    message("Elul"),
    message("Tishri"),
    message("Cheshvan"),
    message("Kislev"),
    message("Tevet"),
    message("Shevat"),
    message("Adar"),
    message("Adar II"),
)
_ADAR_I = message("Adar I")
_ISLAMIC = (
    message("Muharram"),
    message("Safar"),
    message("Rabi I"),
    message("Rabi II"),
    message("Jumada I"),
    message("Jumada II"),
    message("Rajab"),
    message("Shaban"),
    message("Ramadan"),
    message("Shawwal"),
    message("Dhu al-Qada"),
    message("Dhu al-Hijja"),
)
_PERSIAN = (
    message("Farvardin"),
    message("Ordibehesht"),
    message("Khordad"),
    message("Tir"),
    message("Mordad"),
    message("Shahrivar"),
    message("Mehr"),
    message("Aban"),
    message("Azar"),
    message("Dey"),
    message("Bahman"),
    message("Esfand"),
)
_COPTIC = (
    message("Thout"),
    message("Paopi"),
    message("Hathor"),
    message("Koiak"),
    message("Tobi"),
    message("Meshir"),
    message("Paremhat"),
    message("Parmouti"),
    message("Pashons"),
    message("Paoni"),
    message("Epip"),
    message("Mesori"),
    message("Nasie"),
)
_ETHIOPIC = (
    message("Meskerem"),
    message("Tikimt"),
    message("Hidar"),
    message("Tahsas"),
    message("Ter"),
    message("Yekatit"),
    message("Megabit"),
    message("Miazia"),
    message("Ginbot"),
    message("Sene"),
    message("Hamle"),
    message("Nehase"),
    message("Pagume"),
)
_ARMENIAN = (
    message("Navasard"),
    message("Hori"),
    message("Sahmi"),
    message("Tre"),
    message("Kaghots"),
    message("Arats"),
    message("Mehekan"),
    message("Areg"),
    message("Ahekan"),
    message("Mareri"),
    message("Margats"),
    message("Hrotits"),
    message("Aveleats"),
)
MONTHS = {
    "hebrew": _HEBREW,
    "islamic-umalqura": _ISLAMIC,
    "islamic-umalqura-kacst": _ISLAMIC,
    "islamic-civil": _ISLAMIC,
    "islamic-tabular": _ISLAMIC,
    "persian": _PERSIAN,
    "coptic": _COPTIC,
    "ethiopic": _ETHIOPIC,
    "armenian": _ARMENIAN,
}
_ROMAN = frozenset({"gregorian", "julian"})


def calendar_words(calendar: str, language: Language) -> str:
    """Name a calendar, in a sentence: "the Hebrew calendar"."""
    return language.text(CALENDARS[calendar])


def day_words(calendar: str, day: Date, language: Language) -> str:
    """Give day and month: "27 September", "25 Nisan", "the 9th day of the 9th month"."""
    _, month, of_month = day
    if calendar in _ROMAN:
        return language.date(date(2000, month, of_month), "day")
    if calendar in MONTHS:
        name = month_words(calendar, day, language)
        return language.text("{ending, select, other {{day} {month}}}", ending=name[-1], day=str(of_month), month=name)
    return language.text(
        "{kind, select, leap {"
        "the {day, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} day of "
        "the leap {month, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} month"
        "} other {"
        "the {day, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} day of "
        "the {month, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} month}}",
        kind="leap" if month < 0 else "regular",
        day=of_month,
        month=abs(month),
    )


def in_calendar(words: str, calendar: str, language: Language) -> str:
    """Say in which calendar a day is meant, where it is not the Gregorian: "25 Nisan of the Hebrew calendar"."""
    if calendar == "gregorian":
        return words
    return language.text("{date} of {calendar}", date=words, calendar=calendar_words(calendar, language))


def by_calendar(words: str, calendar: str, language: Language) -> str:
    """Say by which calendar time is counted, where it is not the Gregorian: "two years by the Hebrew calendar"."""
    if calendar == "gregorian":
        return words
    return language.text("{words} by {calendar}", words=words, calendar=calendar_words(calendar, language))


def original_words(calendar: str, first: Day, last: Day | None, language: Language, *, after_sunset: bool) -> str:
    """Give a day as it was written down: "30 Kislev 5700 of the Hebrew calendar, after sunset"."""
    said = _known(calendar, first, language)
    if last is not None and last != first:
        said = f"{said} – {_known(calendar, last, language)}"
    said = in_calendar(said, calendar, language)
    return language.text("{date}, after sunset", date=said) if after_sunset else said


def _known(calendar: str, known: Day, language: Language) -> str:
    said = _with_year(calendar, known, language)
    return language.text("about {date}", date=said) if known.about else said


def _with_year(calendar: str, known: Day, language: Language) -> str:
    year = str(known.year)
    if known.month is None:
        return language.text("the year {year}", year=year)
    numbered = calendar not in _ROMAN and calendar not in MONTHS
    if known.day is None:
        month = month_words(calendar, (known.year, known.month, 1), language)
        if numbered:
            return language.text("{date} of the year {year}", date=month, year=year)
        return language.text("{month} {year}", month=month, year=year)
    said = day_words(calendar, (known.year, known.month, known.day), language)
    if calendar in _ROMAN and known.year < 1:
        return language.text("{day} {year}", day=said, year=language.text("{year} BC", year=str(1 - known.year)))
    if numbered:
        return language.text("{date} of the year {year}", date=said, year=year)
    return language.text("{date} {year}", date=said, year=year)


def month_words(calendar: str, day: Date, language: Language) -> str:
    """Name the month of a day by itself."""
    year, month, _ = day
    if calendar in _ROMAN:
        return language.date(date(2000, month, 1), "LLLL")
    if calendar in MONTHS:
        two_adars = calendar == "hebrew" and month == ADAR and is_leap(year)
        return language.text(_ADAR_I if two_adars else MONTHS[calendar][month - 1])
    return language.text(
        "{kind, select, leap {the leap {month, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} month} "
        "other {the {month, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} month}}",
        kind="leap" if month < 0 else "regular",
        month=abs(month),
    )
