"""Languages: numbers of years in words, dates, spans, and the texts of every catalogue."""

import pickle
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from service.domain.errors import InvalidError
from service.rendering.locales import Language, Languages
from service.rendering.messages import arguments, messages_used
from tests.unit.rendering.letters import LANGUAGES, LOCALES, TEMPLATES

EN, HY = LANGUAGES.of("en"), LANGUAGES.of("hy")


@pytest.mark.parametrize(
    ("years", "english", "armenian"),
    [
        (1, "one year ago", "մեկ տարի առաջ"),
        (2, "two years ago", "երկու տարի առաջ"),
        (4, "four years ago", "չորս տարի առաջ"),
        (5, "five years ago", "հինգ տարի առաջ"),
        (10, "ten years ago", "տասը տարի առաջ"),
        (11, "eleven years ago", "տասնմեկ տարի առաջ"),
        (21, "twenty-one years ago", "քսանմեկ տարի առաջ"),
        (100, "one hundred years ago", "հարյուր տարի առաջ"),
        (111, "one hundred and eleven years ago", "հարյուր տասնմեկ տարի առաջ"),
        (210, "two hundred and ten years ago", "երկու հարյուր տասը տարի առաջ"),
        (1700, "1,700 years ago", "1\u00a0700 տարի առաջ"),
    ],
)
def test_years_are_told_in_words_and_inflected(years: int, english: str, armenian: str) -> None:
    assert (EN.elapsed(years), HY.elapsed(years)) == (english, armenian)


def test_a_language_without_a_catalogue_of_spelled_numbers_gets_digits() -> None:
    arabic = Language("ar", "rtl", "العربية", {"{n, plural, one {{count} year} other {{count} years}}": "{count}"})
    assert arabic.years(4) == "4"


def test_hebrew_counts_years_as_feminine_and_months_as_masculine() -> None:
    hebrew = Language("he", "rtl", "עברית")
    assert (hebrew.years(5).split()[0], hebrew.months(5).split()[0]) == ("חמש", "חמישה")


def test_no_soft_hyphen_is_left_in_a_number() -> None:
    assert not any("\u00ad" in LANGUAGES.of(code).years(n) for code in LANGUAGES.codes for n in range(1, 1000))


@pytest.mark.parametrize(
    ("first", "last", "english", "armenian"),
    [
        ("2020-09-27", None, "27 September 2020", "2020 թ. սեպտեմբերի 27"),
        ("2020-09-27", "2020-11-09", "27 September – 9 November 2020", "2020 թ. սեպտեմբերի 27 – նոյեմբերի 9"),
        ("2020-09-27", "2020-09-30", "27–30 September 2020", "2020 թ. սեպտեմբերի 27–30"),
        (
            "2022-12-12",
            "2023-09-19",
            "12 December 2022 – 19 September 2023",
            "2022 թ. դեկտեմբերի 12 – 2023 թ. սեպտեմբերի 19",
        ),
        ("2024-09", None, "September 2024", "2024 թ. սեպտեմբեր"),
        ("2022", "2023", "2022–2023", "2022–2023 թթ."),
        ("2022~", None, "about 2022", "մոտ 2022 թ."),
        ("-0043-03-15", None, "15 March 44 BC", "մ.թ.ա. 44 թ. մարտի 15"),
    ],
)
def test_days_are_told_as_exactly_as_they_are_known(first: str, last: str, english: str, armenian: str) -> None:
    assert (EN.span(first, last), HY.span(first, last)) == (english, armenian)


def test_numbers_dates_and_lists_are_written_as_the_language_does() -> None:
    day = date(2024, 9, 27)
    assert EN.number(3830) == "3,830"
    assert EN.days(44) == "44 days"
    assert HY.days(44) == "44 օր"
    assert EN.date(day, "full") == "Friday, 27 September 2024"
    assert HY.date(day, "weekday") == "սեպտեմբերի 27, ուրբաթ"
    assert EN.listed(["a", "b", "c"]) == "a, b and c"
    assert HY.listed(["a", "b"]) == "a և b"
    assert (HY.direction, HY.name, HY.language_name("en")) == ("ltr", "հայերեն", "անգլերեն")


WAR = {"it": "guerra", "en": "war", "ru": "война", "fr": "guerre", "es": "la guerra"}


@pytest.mark.parametrize(
    ("code", "order"),
    [
        ("ar", ["en", "fr"]),
        ("en", ["en", "fr", "es"]),
        ("es", ["es", "en", "fr"]),
        ("fr", ["fr", "en", "es"]),
        ("he", ["en", "fr", "ru"]),
        ("hy", ["ru", "en"]),
        ("ru", ["ru", "en"]),
        ("sw", ["en"]),
    ],
)
def test_a_text_is_picked_in_the_readers_language_then_in_what_they_read_then_in_any(
    code: str, order: list[str]
) -> None:
    language, words = Language(code, "ltr", ""), dict(WAR)
    assert language.pick({**WAR, code: "own"}) == ("own", code)
    for expected in order:
        assert language.pick(words) == (WAR[expected], expected)
        del words[expected]
    assert language.pick(words)[1] == next(iter(words))
    assert language.pick({}) == ("", code)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("hy-AM,hy;q=0.9,en;q=0.8", "hy"),
        ("sw,en;q=0.2,hy;q=0.3", "hy"),
        ("hy;q=0,en", "en"),
        ("sw", "en"),
        ("zh-Hans-CN,zh;q=0.9", "en"),
        ("*", "en"),
        ("", "en"),
        (";;q=,,=", "en"),
        ("en;q=9", "en"),
    ],
)
def test_a_browser_gets_the_language_that_it_prefers(header: str, code: str) -> None:
    assert LANGUAGES.negotiate(header) == code


@pytest.mark.parametrize(
    ("header", "code"), [("iw", "he"), ("iw-IL,en;q=0.5", "he"), ("he", "he"), ("yi,iw;q=0", "en")]
)
def test_hebrew_is_known_by_its_older_code_too(tmp_path: Path, header: str, code: str) -> None:
    file = tmp_path / "he" / "LC_MESSAGES" / "remembrancer.po"
    file.parent.mkdir(parents=True)
    file.write_text("")
    assert Languages(tmp_path).negotiate(header) == code


def test_only_some_languages_are_spoken_where_they_are_named() -> None:
    assert Languages(LOCALES, only=["hy", "fr"]).codes == ("en", "fr", "hy")
    with pytest.raises(InvalidError, match="sw: not a language of this service"):
        Languages(LOCALES, only=["hy", "sw"])


def test_english_comes_first_and_stands_in_for_what_is_unknown() -> None:
    assert LANGUAGES.codes[0] == "en"
    assert LANGUAGES.of("tlh") is EN
    assert LANGUAGES.of("hy-AM") is HY


def test_a_value_that_is_not_given_is_said_so() -> None:
    with pytest.raises(LookupError, match="needs date"):
        EN.text("about {date}", day="x")


def test_a_translation_that_cannot_be_read_is_passed_over() -> None:
    broken = Language("hy", "ltr", "", {"about {date}": "մոտ {date", "more than {value}": "{number}"})
    assert broken.text("about {date}", date="x") == "about x"
    assert broken.text("more than {value}", value="3") == "more than 3"


def test_a_value_is_never_read_as_a_pattern() -> None:
    assert EN.text("about {date}", date="{x} 'y' {0,number}") == "about {x} 'y' {0,number}"


def test_a_language_can_be_handed_to_another_process() -> None:
    handed = pickle.loads(pickle.dumps(HY))  # noqa: S301  (our own bytes)
    assert handed.elapsed(4) == "չորս տարի առաջ"


def test_a_language_is_added_by_one_file(tmp_path: Path) -> None:
    file = tmp_path / "ru" / "LC_MESSAGES" / "remembrancer.po"
    file.parent.mkdir(parents=True)
    file.write_text(
        'msgid "{n, plural, one {{count} year} other {{count} years}}"\n'
        'msgstr "{n, plural, one {{count} год} few {{count} года} other {{count} лет}}"\n'
        'msgid "{years} ago"\n'
        'msgstr "{years} назад"\n',
        encoding="utf-8",
    )
    russian = Languages(tmp_path).of("ru")
    assert [russian.elapsed(n) for n in (1, 2, 5, 21)] == [
        "один год назад",
        "два года назад",
        "пять лет назад",
        "двадцать один год назад",
    ]


@pytest.mark.parametrize("code", [code for code in LANGUAGES.codes if code != "en"])
def test_every_text_of_the_letters_is_translated(code: str) -> None:
    catalogue = LANGUAGES.of(code).catalogue
    used = messages_used(TEMPLATES / "letters")
    assert sorted(used - catalogue.keys()) == []
    assert [message for message in used if arguments(catalogue[message]) != arguments(message)] == []


@pytest.mark.parametrize("code", [code for code in LANGUAGES.codes if code != "en"])
def test_a_catalogues_plural_header_is_that_of_cldr(code: str) -> None:
    """`pybabel init` writes one form for Armenian; CLDR has two."""
    with (LOCALES / code / "LC_MESSAGES" / "remembrancer.po").open("rb") as opened:
        text = opened.read().decode()
        opened.seek(0)
        catalogue = read_po(opened, locale=code)
    assert f"nplurals={catalogue.num_plurals};" in text
    assert catalogue.num_plurals == {"hy": 2}.get(code, catalogue.num_plurals)
