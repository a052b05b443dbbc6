"""Calendar files: what returns every year on a whole day is read; all else is named by its line and UID."""

import pytest

from service.actions import calendar_files
from service.actions.event_files import Reading
from service.domain.event import Event

FRAME = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//Y//EN\r\n{}END:VCALENDAR\r\n"


def an_entry(*lines: str, uid: str = "a@example.org") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20200101T000000Z", *lines, "END:VEVENT"]) + "\r\n"


def read(*entries: str) -> Reading:
    return calendar_files.read("family.ics", FRAME.format("".join(entries)), "wars", "en")


def the_event(*lines: str) -> Event:
    reading = read(an_entry(*lines))
    assert (reading.refused, reading.left_out) == ((), ())
    return reading.entries[0].event


YEARLY = ("SUMMARY:The harbour fire", "DTSTART;VALUE=DATE:19110303", "RRULE:FREQ=YEARLY")


def test_a_day_of_every_year_becomes_an_event_that_names_the_file_as_its_source() -> None:
    event = the_event(*YEARLY, "DESCRIPTION:It burned.\\n\\nFor days.", "LOCATION:The harbour")
    assert (event.title, event.summary) == ({"en": "The harbour fire"}, {"en": "It burned."})
    assert dict(event.narrative) == {"en": "It burned.\n\nFor days."}
    assert event.place is not None
    assert (event.first_day, event.last_day, event.place.name) == ("1911-03-03", None, {"en": "The harbour"})
    assert [rule.kind for rule in event.rules] == ["yearly"]
    assert [dict(source.title) for source in event.sources] == [{"en": "family.ics"}]


def test_the_same_entry_is_the_same_event_again() -> None:
    assert the_event(*YEARLY).id == the_event(*YEARLY, "DESCRIPTION:Anything else").id


def test_several_days_end_before_their_dtend() -> None:
    assert the_event(*YEARLY, "DTEND;VALUE=DATE:19110306").last_day == "1911-03-05"
    assert the_event(*YEARLY, "DTEND;VALUE=DATE:19110304").last_day is None


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        ("FREQ=YEARLY;INTERVAL=10", {"kind": "yearly", "only": {"every": 10}}),
        ("FREQ=YEARLY;COUNT=3", {"kind": "yearly", "until": "1913-12-31"}),
        ("FREQ=YEARLY;UNTIL=19200303", {"kind": "yearly", "until": "1920-03-03"}),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3;WKST=MO", {"kind": "yearly"}),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=-1SA", {"kind": "weekday", "month": 11, "weekday": "SA", "n": -1}),
    ],
)
def test_a_rule_is_taken_over(rule: str, written: dict[str, object]) -> None:
    event = the_event(*YEARLY[:2], f"RRULE:{rule}")
    found = event.rules[0]
    assert {key: getattr(found, key) for key in written if key != "only"} == {
        key: value for key, value in written.items() if key != "only"
    }
    assert ("only" in written) == (found.only is not None)


def test_a_29_february_is_left_out_in_other_years_as_calendars_do() -> None:
    event = the_event("SUMMARY:Leap", "DTSTART;VALUE=DATE:20000229", "RRULE:FREQ=YEARLY")
    assert getattr(event.rules[0], "missing_day", None) == "skip"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("SUMMARY:Tea", "DTSTART:20200101T150000Z", "RRULE:FREQ=YEARLY"), "at an hour"),
        (YEARLY[:2], "does not return"),
        ((*YEARLY[:2], "RRULE:FREQ=MONTHLY"), "not return every year"),
        ((*YEARLY[:2], "RRULE:EVERY NOW AND THEN"), "not return every year"),
        ((*YEARLY, "EXDATE;VALUE=DATE:19200303"), "taken out or added by hand"),
        ((*YEARLY[:2], "RRULE:FREQ=YEARLY;BYMONTH=4"), "on another day than its first"),
        ((*YEARLY[:2], "RRULE:FREQ=YEARLY;BYSETPOS=1;BYMONTH=3"), "BYSETPOS"),
        ((*YEARLY, "RECURRENCE-ID;VALUE=DATE:19200303"), "a single return"),
    ],
)
def test_what_is_no_day_of_the_year_is_left_out_by_name(lines: tuple[str, ...], why: str) -> None:
    reading = read(an_entry(*YEARLY), an_entry(*lines, uid="b@example.org"))
    assert (len(reading.entries), reading.refused) == (1, ())
    (one,) = reading.left_out
    assert (one.where, one.name) == ("family.ics:11", "b@example.org")
    assert why in one.why


@pytest.mark.parametrize(
    "lines",
    [
        ("SUMMARY:X", "RRULE:FREQ=YEARLY"),
        ("DTSTART;VALUE=DATE:19110303", "RRULE:FREQ=YEARLY"),
        ("SUMMARY:X", "DTSTART;VALUE=DATE:19111303", "RRULE:FREQ=YEARLY"),
        ("SUMMARY:X\u0007", "DTSTART;VALUE=DATE:19110303", "RRULE:FREQ=YEARLY"),
    ],
    ids=["no day", "no title", "no such day", "no character in a title"],
)
def test_what_cannot_be_read_is_refused_by_line_and_uid_and_hides_no_other(lines: tuple[str, ...]) -> None:
    reading = read(an_entry(*lines), an_entry(*YEARLY, uid="b@example.org"))
    assert len(reading.entries) == 1
    assert {(one.where, one.name) for one in reading.refused} == {("family.ics:4", "a@example.org")}


def test_what_is_no_calendar_is_refused() -> None:
    assert "BEGIN:VCALENDAR" in calendar_files.read("x.ics", "hello", "wars", "en").refused[0].why
