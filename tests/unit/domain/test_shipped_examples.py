"""The shipped days of other calendars return on the days that were published for them."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.domain.documents import read_collection, write_event
from service.domain.event import Collection, Event
from service.domain.occasion import returns
from service.domain.policies import WeekdayName

COLLECTION = Path(__file__).parents[3] / "data" / "collections" / "remembrance-customs.yaml"


class _Loader(yaml.SafeLoader):
    """A loader to which a date is text."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _read() -> Collection:
    return read_collection(yaml.load(COLLECTION.read_text(encoding="utf-8"), _Loader))  # noqa: S506  (a safe loader)


SHIPPED = _read()
EVENTS: Mapping[str, Event] = {event.id: event for event in SHIPPED.events}

# Event and rule, the years that are looked at, the days that were published, and by whom: pages that the collection
# names, the library `holidays`, or the calendar in force.
PUBLISHED = [
    ("merelots", "after-theophany", "2022", "2022-01-07", "ARKA, a Friday"),
    ("merelots", "after-easter", "2024", "2024-04-01", "Easter on 31 March 2024"),
    ("merelots", "after-transfiguration", "2017", "2017-07-24", "Public Radio of Armenia"),
    ("merelots", "after-exaltation", "2017 2025", "2017-09-18 2025-09-15", "Sputnik Armenia; AntiFake.am"),
    ("vardanants", "feast", "2012 2024 2025", "2012-02-16 2024-02-08 2025-02-27", "ArmeniaNow; the Church's calendar"),
    ("yom-hashoah", "feast", "2024 2025 2026", "2024-05-06 2025-04-24 2026-04-14", "Hebcal"),
    ("maimonides-yahrzeit", "yahrzeit", "2024", "2024-01-01", "Tradition Online: the 819th"),
    ("maimonides-yahrzeit", "yahrzeit", "2026", "2026-01-09 2026-12-30", "Israel National News; 10 Tevet on the 20th"),
    ("ashura", "yearly", "2022 2024 2025", "2022-08-08 2024-07-16 2025-07-05", "Saudi Gazette; Umm al-Qura"),
    ("arbaeen", "yearly", "2024 2025", "2024-08-24 2025-08-14", "Umm al-Qura; in Iraq 25 August 2024"),
    (
        "qingming",
        "solar-term",
        "2024 2025 2026",
        "2024-04-04 2025-04-04 2026-04-05",
        "holidays of China, in `holidays`",
    ),
    ("hung-kings", "yearly", "2018", "2018-04-25", "Chau de Manche; the holiday of that year"),
    (
        "hung-kings",
        "yearly",
        "2024 2025 2026",
        "2024-04-18 2025-04-07 2026-04-26",
        "holidays of Vietnam, in `holidays`",
    ),
    (
        "radonitsa",
        "easter",
        "2024 2025 2026",
        "2024-05-14 2025-04-29 2026-04-21",
        "holidays of Belarus, in `holidays`; Onliner",
    ),
    ("demetrius-saturday", "feast", "2024 2025", "2024-11-02 2025-11-01", "parish of the Trinity; Moscow's calendar"),
    ("remembrance-sunday", "weekday", "2021 2024", "2021-11-14 2024-11-10", "Sunderland Echo; British government"),
    ("totensonntag", "weekday-near", "2020 2024", "2020-11-22 2024-11-24", "msh-online; EKD"),
    (
        "memorial-day-us",
        "weekday",
        "1971 2021 2024",
        "1971-05-31 2021-05-31 2024-05-27",
        "holidays of the United States, in `holidays`",
    ),
    ("shiba-ryotaro", "nenki", "2022 2028", "2022-02-12 2028-02-12", "temple tables: 27th and 33rd of a death in 1996"),
    ("kosovo-1389", "yearly", "2024 2099", "2024-06-28 2099-06-28", "RFE/RL"),
    ("kosovo-1389", "yearly", "2100", "2100-06-29", "a day of the Julian calendar, 14 days behind from March 2100"),
    ("ferdowsi-day", "yearly", "2023 2024 2025", "2023-05-15 2024-05-14 2025-05-15", "Iran's calendar; IRNA"),
    ("yekatit-12", "yearly", "2021 2024 2026", "2021-02-19 2024-02-20 2026-02-19", "ENA; EBC, a Tuesday; Fana"),
    ("nayrouz", "yearly", "2004 2012", "2004-09-11 2012-09-11", "Al-Ahram Weekly: 1721; MEI: 1729"),
    ("nayrouz", "yearly", "2015 2023 2024", "2015-09-12 2023-09-12 2024-09-11", "the Coptic Church"),
]


def days_of(event: Event, rule: str, first: date, last: date) -> list[str]:
    """The days on which an event returns by one of its rules."""
    return [occasion.on.isoformat() for id_, occasion in returns(event, first, last) if id_ == rule]


@pytest.mark.parametrize(("event", "rule", "years", "expected", "source"), PUBLISHED)
def test_the_days_are_those_that_were_published(event: str, rule: str, years: str, expected: str, source: str) -> None:
    asked = [int(year) for year in years.split()]
    found = [day for year in asked for day in days_of(EVENTS[event], rule, date(year, 1, 1), date(year, 12, 31))]
    assert found == expected.split(), source


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027, 2028])
def test_merelots_are_on_7_january_and_on_four_mondays(year: int) -> None:
    theophany, *others = (
        one.on
        for _, one in sorted(
            returns(EVENTS["merelots"], date(year, 1, 1), date(year, 12, 31)), key=lambda pair: pair[1].on
        )
    )
    assert theophany == date(year, 1, 7)
    assert [day.weekday() for day in others] == [WeekdayName.MO.number] * 4


@pytest.mark.parametrize(
    ("event", "civil"),
    [
        ("vardanants", "0451-05-27"),  # 26 May, Julian
        ("yom-hashoah", "1951-05-03"),
        ("maimonides-yahrzeit", "1204-12-20"),  # 13 December, Julian; its evening was the 12th
        ("ashura", "0680-10-13"),  # 10 October, Julian
        ("arbaeen", "0680-11-22"),  # as WikiShia has it
        ("hung-kings", "2007-04-26"),
        ("kosovo-1389", "1389-06-23"),  # 15 June, Julian
        ("ferdowsi-day", "2022-05-15"),
        ("yekatit-12", "1937-02-19"),
        ("nayrouz", "0284-08-29"),  # the same in both calendars then
    ],
)
def test_what_is_dated_in_its_own_calendar_has_its_known_civil_date(event: str, civil: str) -> None:
    shipped = EVENTS[event]
    assert date.fromordinal(shipped.first.first_possible(shipped.calendar)).isoformat() == civil


def test_the_number_of_a_yahrzeit_counts_hebrew_years() -> None:
    ((_, yahrzeit),) = returns(EVENTS["maimonides-yahrzeit"], date(2024, 1, 1), date(2024, 12, 31))
    assert yahrzeit.number == 819


def test_every_event_has_its_day_from_2024_to_2028_and_none_is_moved_for_want_of_a_day() -> None:
    found = {id_: returns(event, date(2024, 1, 1), date(2028, 12, 31)) for id_, event in EVENTS.items()}
    assert all(len(occasions) >= 5 for occasions in found.values())
    reasons = {occasion.reason for occasions in found.values() for _, occasion in occasions}
    assert reasons == {None, "jewish-after-shabbat", "jewish-before-shabbat"}


def test_at_least_eight_calendars_and_customs_are_kept() -> None:
    kept = {
        rule.get("calendar") or rule.get("tradition") or rule.get("name") or rule["kind"]
        for event in SHIPPED.events
        for rule in write_event(event)["rules"]
    }
    assert len(kept) >= 8


def texts(part: Any) -> list[Mapping[str, str]]:
    """All texts in several languages, wherever they stand in a document."""
    if isinstance(part, Mapping):
        return [part] if "en" in part or "hy" in part else [text for value in part.values() for text in texts(value)]
    return [text for value in part for text in texts(value)] if isinstance(part, list) else []


def test_every_text_is_in_english_and_in_armenian() -> None:
    document = yaml.load(COLLECTION.read_text(encoding="utf-8"), _Loader)  # noqa: S506  (a safe loader)
    found = texts(document)
    assert len(found) > 3 * len(SHIPPED.events)
    assert [text for text in found if set(text) != {"en", "hy"} or not all(text.values())] == []


def test_a_title_leaves_room_in_the_subject_of_a_mail() -> None:
    assert [title for event in SHIPPED.events for title in event.title.values() if len(title) >= 45] == []
