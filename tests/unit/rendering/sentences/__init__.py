"""Golden sentences with numbers, a file for each language, for people to read.

`python -m tests.unit.rendering.sentences` writes them anew; what changed is then read before it is committed.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from service.domain.occasion import Occasion
from service.rendering.locales import Language
from service.rendering.rules_in_words import rule_words
from service.rendering.wording import ahead_words, lead_words, occasion_words, today_words
from tests.builders import a_rule, an_event

NUMBERS = (1, 2, 4, 5, 11, 21, 111)
FOLDER = Path(__file__).parent
_DAY, _ON = date(2024, 9, 20), date(2024, 9, 27)
_ONE = an_event()
_LONG = an_event(last_day="2020-11-09")


def sentences(language: Language) -> str:
    """Give all sentences of a language, those of each number under it."""
    parts = {str(number): _lines(number, language) for number in NUMBERS} | {"dates": _dates(language)}
    told = ["\n".join([head, *(f"  {line}" for line in lines)]) for head, lines in parts.items()]
    return "\n\n".join([f"{language.code}, {language.name}", *told]) + "\n"


def _lines(number: int, language: Language) -> Iterator[str]:
    yearly, hebrew = a_rule(), a_rule(calendar="hebrew")
    once, plain = Occasion(_ON, number), Occasion(_ON, number, reason="clipped")
    yield language.years(number)
    yield language.months(number)
    yield language.days(number)
    yield today_words(_ONE, yearly, once, language)
    yield today_words(_ONE, yearly, plain, language)
    yield today_words(_ONE, yearly, Occasion(_ON, number, reason="month-known"), language)
    yield today_words(_ONE, hebrew, once, language)
    yield today_words(_ONE, a_rule("month-count", months=number), once, language)
    yield ahead_words(_ONE, yearly, once, language)
    yield ahead_words(_LONG, yearly, once, language)
    yield ahead_words(_LONG, a_rule(anchor="last_day"), once, language)
    yield ahead_words(_ONE, a_rule("month-count", months=number), once, language)
    yield today_words(_LONG, a_rule(anchor="every_day"), Occasion(_ON, number, number, 120), language)
    yield today_words(_ONE, a_rule("day-count", days=number), once, language)
    yield occasion_words(_ONE, a_rule("nenki", numbers=[number if number == 1 else 13]), once, language)
    yield lead_words(date.fromordinal(_ON.toordinal() - number), _ON, language)
    yield rule_words(_ONE, a_rule("day-count", days=number), language)
    yield rule_words(_ONE, a_rule("month-count", months=number), language)
    yield rule_words(_ONE, a_rule(only={"every": number + 1, "numbers": [number]}), language)
    yield rule_words(_ONE, a_rule("easter", offset=number), language)


def _dates(language: Language) -> Iterator[str]:
    for form in ("full", "long", "weekday", "day", "month", "year", "LLLL"):
        yield "; ".join(language.date(day, form) for day in (date(2024, 5, 1), date(2020, 9, 27)))
    for first, last in (
        ("2020-09-27", "2020-09-30"),
        ("2020-09-27", "2020-11-09"),
        ("2020-09-01", "2020-09-03"),
        ("2022", "2023"),
        ("2022~", None),
        ("-0043-03-15", None),
    ):
        yield language.span(first, last)
    yield language.number(3830)
    yield language.listed(["1", "2", "3"])
    for weekday, number in (("MO", 1), ("WE", 2), ("FR", -1), ("SA", 3), ("SU", 4)):
        yield rule_words(_ONE, a_rule("weekday", month=8, weekday=weekday, n=number), language)
    for known, calendar in (("5700-09", "hebrew"), ("2020-09", "chinese"), ("2020-09", "gregorian")):
        event = an_event(first_day=known, calendar=calendar)
        yield rule_words(event, a_rule(calendar=calendar), language)
    yield rule_words(an_event(first_day="5700-01-15", calendar="hebrew"), a_rule(calendar="hebrew"), language)
    yield rule_words(_ONE, a_rule("weekday-near", month_day="11-26", weekday="SU", mode="on_or_before"), language)
    yield rule_words(_ONE, a_rule("feast", name="armenian-vardanants"), language)
