"""Entries of calendar files: whole days with stable names, which other programs read as they were meant."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from icalendar import Calendar
from icalendar import Event as CalendarEvent

from service.domain.documents import read_collection
from service.domain.event import Event
from service.domain.occasion import Occasion, returns
from service.rendering.asked import Links
from service.rendering.ical import About, calendar_file, entry, path_of
from tests.builders import an_event, at
from tests.unit.rendering.letters import LANGUAGES, ROOT, _Loader

LINKS = Links("https://remember.example.org")
WRITTEN = at("2024-03-01T10:00")
ABOUT = About("Wars", "Some.", "https://remember.example.org/collections/wars")


def lines_of(event: Event, first: str = "2024-01-01", last: str = "2024-12-31", language: str = "en") -> list[bytes]:
    rules = {rule.id: rule for rule in event.rules}
    found = returns(event, date.fromisoformat(first), date.fromisoformat(last))
    spoken = LANGUAGES.of(language)
    return [entry(event, rules[rule], occasion, spoken, LINKS, WRITTEN) for rule, occasion in found]


def read_back(lines: bytes) -> Any:
    """The entry as the library that made it reads it; independent readers are in `tests/journeys/test_feeds.py`."""
    return CalendarEvent.from_ical(lines)


def test_an_entry_is_a_whole_day_with_how_long_it_has_been() -> None:
    (lines,) = lines_of(an_event())
    read = read_back(lines)
    assert b"DTSTART;VALUE=DATE:20240927\r\n" in lines
    assert b"DTEND;VALUE=DATE:20240928\r\n" in lines
    assert read["SUMMARY"] == "A war"
    assert read["DESCRIPTION"] == ("Four years since that day\nIt began.\n\nhttps://remember.example.org/events/war")
    assert read["URL"] == "https://remember.example.org/events/war"
    assert b"TRANSP:TRANSPARENT\r\n" in lines
    assert b"CLASS:PUBLIC\r\n" in lines
    assert b"STATUS:CONFIRMED\r\n" in lines
    assert b"RRULE" not in lines


def test_the_days_that_a_year_lacks_stand_where_our_rules_put_them_and_say_why() -> None:
    leap = an_event(first_day="2016-02-29")
    entries = lines_of(leap, "2023-01-01", "2024-12-31")
    assert [read_back(one)["DTSTART"].dt for one in entries] == [date(2023, 2, 28), date(2024, 2, 29)]
    assert "The month lacks the day" in read_back(entries[0])["DESCRIPTION"]
    assert "The month lacks the day" not in read_back(entries[1])["DESCRIPTION"]


def test_a_day_of_another_calendar_says_when_it_begins() -> None:
    rules = [{"kind": "yearly", "calendar": "hebrew"}]
    death = an_event(first_day="5700-01-25", calendar="hebrew", after_sunset=True, rules=rules)
    (one,) = lines_of(death)
    assert read_back(one)["DTSTART"].dt == date(2024, 5, 3)
    assert "It begins at sunset on Thursday" in read_back(one)["DESCRIPTION"]


def test_a_day_that_may_still_change_is_tentative() -> None:
    event, occasion = an_event(), Occasion(date(2024, 9, 27), 4, provisional=True)
    lines = entry(event, event.rules[0], occasion, LANGUAGES.of("en"), LINKS, WRITTEN)
    assert b"STATUS:TENTATIVE\r\n" in lines


def test_the_name_of_a_return_stays_when_its_day_its_words_and_its_language_change() -> None:
    before, after = an_event(), an_event(first_day="2020-09-28", title={"en": "Another name", "hy": "Պատերազմ"})
    uids = {
        read_back(one)["UID"]
        for event in (before, after)
        for language in ("en", "hy")
        for one in lines_of(event, language=language)
    }
    assert uids == {"war/yearly/4/1@remember.example.org"}


def test_every_return_of_an_event_has_a_name_of_its_own() -> None:
    rules = [{"kind": "yearly", "anchor": "every_day"}, {"kind": "day-count", "days": 40, "id": "a b"}]
    event = an_event(last_day="2020-11-09", rules=rules)
    uids = [read_back(one)["UID"] for one in lines_of(event, "2020-01-01", "2022-12-31")]
    assert len(uids) == len(set(uids)) == 2 * 44 + 1
    assert "war/a%20b/40/1@remember.example.org" in uids


def test_a_version_is_told_by_when_the_record_was_written_and_a_later_one_is_greater() -> None:
    event = an_event()
    ((_, occasion),) = returns(event, date(2024, 1, 1), date(2024, 12, 31))
    read = [
        read_back(entry(event, event.rules[0], occasion, LANGUAGES.of("en"), LINKS, when))
        for when in (WRITTEN, replace_seconds(WRITTEN, 1), datetime(2019, 1, 1, tzinfo=UTC))
    ]
    assert read[0]["DTSTAMP"].dt == read[0]["LAST-MODIFIED"].dt == WRITTEN
    assert read[2]["SEQUENCE"] == 0 < read[0]["SEQUENCE"] < read[1]["SEQUENCE"] < 2**31


def replace_seconds(moment: datetime, seconds: int) -> datetime:
    return moment.replace(second=seconds)


def test_a_private_entry_names_no_page_and_is_hidden_from_those_who_see_the_calendar() -> None:
    event = an_event()
    ((_, occasion),) = returns(event, date(2024, 1, 1), date(2024, 12, 31))
    lines = entry(event, event.rules[0], occasion, LANGUAGES.of("en"), LINKS, WRITTEN, private=True)
    assert b"CLASS:PRIVATE\r\n" in lines
    assert b"https://" not in lines


def test_the_language_of_each_text_is_told_and_no_line_is_longer_than_75_octets() -> None:
    title = "Սեպտեմբերի 27-ի պատերազմը, որ տևեց քառասունչորս օր"
    event = an_event(title={"hy": title}, summary={"en": "It began.", "hy": title * 9})
    (lines,) = lines_of(event, language="hy")
    assert b"SUMMARY;LANGUAGE=hy:" in lines
    assert b"DESCRIPTION;LANGUAGE=hy:" in lines
    assert b"SUMMARY;LANGUAGE=hy:" in lines_of(event)[0]  # there is no English title
    for line in lines.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no letter is cut in two
    assert read_back(lines)["SUMMARY"] == title


HOSTILE = ("A war\r\nATTACH:http://evil.example/x\r\nEND:VEVENT", "a;b,c\\n\\d:e", "\x00\x1b[2J\u2028\u202eevil", '"^n')


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_one_text_of_one_entry(text: str) -> None:
    (lines,) = lines_of(an_event(title={"en": text}, summary={"en": text}))
    read = Calendar.from_ical(calendar_file(replace(ABOUT, name=text, told=text), [lines]))
    (event,) = read.walk("VEVENT")
    assert set(event) == {
        *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "URL"),
        *("CLASS", "STATUS", "TRANSP"),
    }
    assert "\x1b" not in event["SUMMARY"]
    assert "\x00" not in event["SUMMARY"]
    if text.startswith("a;"):
        assert event["SUMMARY"] == text


def test_the_last_day_that_there_is_has_no_day_after() -> None:
    event = an_event()
    lines = entry(event, event.rules[0], Occasion(date.max, 4), LANGUAGES.of("en"), LINKS, WRITTEN)
    assert b"DTSTART;VALUE=DATE:99991231\r\n" in lines
    assert b"DTEND" not in lines


def test_a_file_says_what_it_is_how_often_to_look_and_is_the_same_each_time() -> None:
    entries = lines_of(an_event())
    content = calendar_file(ABOUT, entries)
    for line in (
        b"BEGIN:VCALENDAR",
        b"VERSION:2.0",
        b"REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        b"X-PUBLISHED-TTL:PT12H",
        b"NAME:Wars",
        b"X-WR-CALNAME:Wars",
        b"URL:https://remember.example.org/collections/wars",
    ):
        assert line + b"\r\n" in content
    assert b"METHOD" not in content
    assert b"UID" not in content.partition(b"BEGIN:VEVENT")[0]
    assert content.endswith(b"END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert content == calendar_file(ABOUT, lines_of(an_event()))


def test_a_file_without_entries_is_one_too() -> None:
    read: Any = Calendar.from_ical(calendar_file(ABOUT, []))
    assert read["NAME"] == "Wars"
    assert not read.walk("VEVENT")


def test_a_file_that_a_letter_carries_publishes_its_days() -> None:
    content = calendar_file(ABOUT, lines_of(an_event()), method="PUBLISH")
    assert b"METHOD:PUBLISH\r\n" in content
    assert b"REFRESH-INTERVAL" not in content


def test_a_name_of_a_return_has_the_machine_of_the_address_alone() -> None:
    event, at_home = an_event(), Links("http://localhost:8000/remember")
    lines = entry(event, event.rules[0], Occasion(date(2024, 9, 27), 4), LANGUAGES.of("en"), at_home, WRITTEN)
    assert read_back(lines)["UID"] == "war/yearly/4/1@localhost"


def test_a_feast_that_comes_twice_in_a_year_has_two_names() -> None:
    fast = an_event(first_day="1900-01-01", rules=[{"kind": "feast", "name": "jewish-tenth-of-tevet"}])
    uids = [read_back(one)["UID"] for one in lines_of(fast, "2001-01-01", "2001-12-31")]
    assert uids == ["war/feast/2001-01-05@remember.example.org", "war/feast/2001-12-25@remember.example.org"]


def test_no_two_returns_of_what_ships_have_one_name() -> None:
    for file in sorted((ROOT / "data" / "collections").glob("*.yaml")):
        for event in read_collection(yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)).events:  # noqa: S506
            rules = {rule.id: rule for rule in event.rules}
            found = returns(event, date(1995, 1, 1), date(2040, 12, 31))
            names = [path_of(event.id, rules[rule], occasion) for rule, occasion in found]
            assert len(names) == len(set(names)), event.id
