"""What can be chosen in the form of an event, in words: calendars, kinds of rules, customs, feasts."""

from collections.abc import Mapping
from datetime import date

from service.domain.calendars import CALENDARS as KNOWN_CALENDARS
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.named_days import FEASTS, MERIDIANS, TERMS
from service.rendering.reckoned import calendar_words

Choices = tuple[tuple[str, str], ...]  # each value with its words

PLAIN: Mapping[str, Mapping[str, str]] = {
    "precision": {
        "": message("As it is written"),
        "day": message("To the day"),
        "month": message("Only the month"),
        "year": message("Only the year"),
        "about": message("About then"),
    },
    "tone": {"solemn": message("Solemn"), "festive": message("Festive")},
    "qualifier": {
        "exactly": message("Exactly"),
        "about": message("About"),
        "more_than": message("More than"),
        "at_least": message("At least"),
        "fewer_than": message("Fewer than"),
        "dozens": message("Dozens (without a number)"),
    },
    "link": {
        "part_of": message("This is part of"),
        "led_to": message("This led to"),
        "followed_by": message("This was followed by"),
    },
    "kind": {
        "": message("Choose how it returns"),
        "yearly": message("Every year on its day, in a calendar"),
        "day-count": message("Once, on the n-th day (7th, 40th, 100th)"),
        "month-count": message("Once, after so many months"),
        "weekday": message("Every year on the n-th weekday of a month"),
        "weekday-near": message("Every year on the weekday near a date"),
        "easter": message("Every year, counted from Easter"),
        "feast": message("Every year on a feast"),
        "solar-term": message("Every year at a solar term"),
        "nenki": message("The Japanese days and years of mourning"),
    },
    "anchor": {
        "first_day": message("The first day"),
        "last_day": message("The last day"),
        "every_day": message("Each day from the first to the last"),
    },
    "missing_day": {
        "clip": message("On the last day of that month"),
        "next": message("On the day after"),
        "skip": message("Not at all"),
    },
    "missing_month_day": {
        "clip": message("On the last day of that month"),
        "overflow": message("Counted on into the next month"),
    },
    "leap_month": {
        "regular": message("Always in the ordinary month"),
        "prefer_leap": message("In the leap month, for what was in one"),
        "both": message("In both"),
    },
    "custom": {"yahrzeit": message("As the day of a death"), "anniversary": message("As any other day")},
    "adar": {
        "": message("As the custom has it"),
        "adar1": message("In the first Adar"),
        "adar2": message("In the second Adar"),
        "both": message("In both"),
    },
    "reading": {
        "convert": message("Its day, converted"),
        "nominal": message("Day and month as they are written"),
    },
    "table": {"published": message("As it was published"), "kacst": message("As computed afterwards by KACST")},
    "count": {
        "inclusive": message("The day itself is the first"),
        "exclusive": message("The day itself is not counted"),
    },
    "weekday": {
        "MO": message("Monday"),
        "TU": message("Tuesday"),
        "WE": message("Wednesday"),
        "TH": message("Thursday"),
        "FR": message("Friday"),
        "SA": message("Saturday"),
        "SU": message("Sunday"),
    },
    "n": {
        "1": message("First"),
        "2": message("Second"),
        "3": message("Third"),
        "4": message("Fourth"),
        "5": message("Fifth"),
        "-1": message("Last"),
        "-2": message("Second last"),
        "-3": message("Third last"),
        "-4": message("Fourth last"),
        "-5": message("Fifth last"),
    },
    "mode": {
        "nearest": message("Nearest the date"),
        "before": message("Before the date"),
        "after": message("After the date"),
        "on_or_before": message("On the date or before"),
        "on_or_after": message("On the date or after"),
    },
    "tradition": {
        "western": message("Western"),
        "orthodox": message("Orthodox"),
        "armenian": message("Armenian"),
    },
    "counting": {
        "standard": message("From the day of the death"),
        "kansai": message("From its eve, as in Kansai"),
    },
    "observed": {
        "none": message("It stays on its day"),
        "nearest_weekday": message("From a weekend to the nearest weekday"),
        "next_monday": message("From a weekend to the Monday after"),
        "next_working_day": message("To the next working day"),
        "previous_friday": message("From a weekend to the Friday before"),
        "previous_working_day": message("To the last working day before"),
        "nearest_sunday": message("To the nearest Sunday"),
        "sunday_on_or_before": message("To the Sunday before, unless it is one"),
        "sunday_on_or_after": message("To the Sunday after, unless it is one"),
    },
}


def choices(name: str, language: Language) -> Choices:
    """Give what can be chosen under a name, in words."""
    match name:
        case "calendar":
            known = (one for one in KNOWN_CALENDARS if not one.endswith("-kacst"))
            return tuple((one, language.sentence(calendar_words(one, language))) for one in known)
        case "feast":
            first = ("", language.text("Choose a feast"))
            return (first, *((one, language.sentence(language.text(words))) for one, words in FEASTS.items()))
        case "term":
            first = ("", language.text("Choose a term"))
            return (first, *((one, language.text(words)) for one, words in TERMS.items()))
        case "meridian":
            return tuple((str(one), language.sentence(language.text(words))) for one, words in MERIDIANS.items())
        case "month":
            first = ("", language.text("Choose a month"))
            return (first, *((str(one), language.date(date(2000, one, 1), "LLLL")) for one in range(1, 13)))
        case _:
            return tuple((value, language.text(words)) for value, words in PLAIN[name].items())
