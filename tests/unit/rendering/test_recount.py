"""The view of an event: figures as they are to be read, what they replaced, other languages, safe texts."""

from typing import Any

import pytest

from service.domain.event import Event
from service.rendering.context import event_view
from service.rendering.locales import Language
from service.rendering.views import EventView
from tests.builders import SOURCE, an_event
from tests.unit.rendering.letters import LANGUAGES, LINKS, shipped

EN, HY = LANGUAGES.of("en"), LANGUAGES.of("hy")


def view(event: Event, language: Language = EN) -> EventView:
    return event_view(event, language, {one.id: one.title for one in shipped().events}, LINKS)


def a_figure(**parts: Any) -> dict[str, Any]:
    return {"id": "a", "label": {"en": "Killed"}, "as_of": "2024-09", "source": "book", "value": 100000} | parts


def amounts(language: Language, **parts: Any) -> list[str]:
    qualifiers = ("exactly", "about", "more_than", "at_least", "fewer_than")
    event = an_event(figures=[a_figure(id=one, qualifier=one, **parts) for one in qualifiers])
    return [figure.amount for figure in view(event, language).figures]


def test_figures_are_told_with_their_qualifier_and_unit() -> None:
    people = {"en": "people", "hy": "մարդ"}
    assert amounts(EN, unit=people) == [
        "100,000 people",
        "about 100,000 people",
        "more than 100,000 people",
        "at least 100,000 people",
        "fewer than 100,000 people",
    ]
    assert amounts(HY, unit=people)[2] == "ավելի քան 100\u00a0000 մարդ"


def test_a_number_runs_with_its_unit_where_that_runs_the_other_way() -> None:
    counted = "\u2068100,000 people\u2069"
    exactly, _, more_than, *_ = amounts(LANGUAGES.of("he"), unit={"en": "people"})
    assert (exactly, more_than) == (counted, f"יותר מ־{counted}")
    assert amounts(LANGUAGES.of("he"), unit={"he": "איש"})[2] == "יותר מ־\u2068100,000\u2069 איש"


def test_dozens_stand_alone() -> None:
    event = an_event(figures=[a_figure(value=None, qualifier="dozens", unit={"en": "people"})])
    assert (view(event).figures[0].value, view(event).figures[0].amount) == ("dozens", "dozens of people")


def test_an_earlier_figure_is_kept_as_history() -> None:
    figures = [
        a_figure(id="first", value=2783, as_of="2020-12", superseded_by="second"),
        a_figure(id="second", value=3800, as_of="2021", superseded_by="third"),
        a_figure(id="third", value=3830),
    ]
    (figure,) = view(an_event(figures=figures)).figures
    assert figure.value == "3,830"
    assert [(one.value, one.as_of) for one in figure.earlier] == [("3,800", "2021"), ("2,783", "December 2020")]


def test_every_figure_says_when_and_who() -> None:
    publisher = SOURCE | {"publisher": "The Weekly"}
    named = view(an_event(figures=[a_figure()], sources=[publisher])).figures[0]
    unnamed = view(an_event(figures=[a_figure()]), HY).figures[0]
    assert named.attribution == "as of September 2024, according to The Weekly [1]"
    assert unnamed.attribution == "2024 թ. սեպտեմբերի դրությամբ, աղբյուր [1]"


def test_what_all_figures_share_is_said_once() -> None:
    war = view(shipped().events[0])
    assert war.figures_attribution == "as of September 2024, source [1]"
    assert view(an_event(figures=[a_figure()])).figures_attribution == ""


def test_the_span_and_its_length_are_told() -> None:
    war = view(shipped().events[0])
    assert (war.when, war.length) == ("27 September – 9 November 2020", "44 days")
    assert view(an_event(observance=True)).when == ""


def test_links_say_what_kind_they_are_and_leave_out_what_cannot_be_followed() -> None:
    links = [{"kind": "led_to", "event": "artsakh-war-2020"}, {"kind": "part_of", "event": "nowhere"}]
    (link,) = view(an_event(links=links)).links
    assert (link.kind, str(link.title)) == ("Led to", "The 44-day war in Artsakh")
    assert link.url == "https://remember.example/events/artsakh-war-2020"


def test_another_language_is_marked_and_told_of() -> None:
    shown = view(an_event(title={"en": "A war", "hy": "Պատերազմ"}), HY)
    assert (shown.title.code, shown.title.foreign) == ("hy", False)
    assert (shown.summary.code, shown.summary.direction, shown.summary.foreign) == ("en", "ltr", True)
    assert "անգլերեն" in shown.language_note
    assert view(an_event()).language_note == ""


def test_a_text_from_right_to_left_says_so() -> None:
    assert view(an_event(title={"he": "מלחמה"})).title.direction == "rtl"


def test_control_characters_overrides_and_marks_do_not_come_through() -> None:
    title = view(an_event(title={"en": "A\r\n\x00war\u202e RMBRzMANAGEzURLz4f1c\u2028x"})).title.text
    assert title == "A \ufffdwar\ufffd rmbrzMANAGEzURLz4f1c x"


def test_an_address_that_is_not_on_the_web_is_no_link() -> None:
    sources = [SOURCE | {"address": "javascript:alert(1)", "author": "Somebody", "date": "2024~"}]
    (source,) = view(an_event(sources=sources)).sources
    assert source.address == ""
    assert source.line == "Somebody, about 2024, javascript:alert(1)"


@pytest.mark.parametrize(
    ("parts", "english", "armenian"),
    [
        ({}, "", ""),
        (
            {"first_day": "5700-09-30", "calendar": "hebrew", "after_sunset": True},
            "30 Kislev 5700 of the Hebrew calendar, after sunset",
            "հրեական օրացույցով 5700 թ. քիսլևի 30, մայրամուտից հետո",
        ),
        (
            {"first_day": "1915-04-11", "last_day": "1915-04-12", "calendar": "julian"},
            "11 April 1915 – 12 April 1915 of the Julian calendar",
            "հուլյան օրացույցով 1915 թ. ապրիլի 11 – 1915 թ. ապրիլի 12",
        ),
        (
            {"first_day": "-0043-03-15", "calendar": "julian", "rules": []},
            "15 March 44 BC of the Julian calendar",
            "հուլյան օրացույցով մ.թ.ա. 44 թ. մարտի 15",
        ),
        (
            {"first_day": "5700-07~", "calendar": "hebrew"},
            "about Tishri 5700 of the Hebrew calendar",
            "հրեական օրացույցով մոտ 5700 թ. թիշրի",
        ),
        ({"first_day": "1445", "calendar": "islamic-civil"}, "the year 1445 of the civil Islamic calendar", None),
        (
            {"first_day": "2020-04L-08", "calendar": "chinese"},
            "the 8th day of the leap 4th month of the year 2020 of the Chinese calendar",
            "չինական օրացույցով 2020 թ. հավելյալ 4-րդ ամսի 8",
        ),
    ],
)
def test_a_day_of_another_calendar_is_told_as_it_was_written(
    parts: dict[str, Any], english: str, armenian: str | None
) -> None:
    assert view(an_event(**parts)).original == english
    if armenian is not None:
        assert view(an_event(**parts), HY).original == armenian
