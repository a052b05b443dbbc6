"""Tables of Hebcal's yahrzeit and anniversary calendar, as its programs write them; the people are invented.

The days are of @hebcal/core 6.9.3 (`getYahrzeit`, `getBirthdayOrAnniversary`), the lines of @hebcal/rest-api 7.1.3
(`eventsToCsv`), with the subjects and descriptions of hebcal-web's `makeYahrzeitEvents`.
"""

from datetime import date

import pytest

from service.actions.private_files import Row, marked, read
from service.domain.occasion import returns

HEADER = (
    '"Subject","Start Date","Start Time","End Date","End Time","All day event","Description","Show time as","Location"'
)
JOINS = "Hebcal joins you in remembering Jane Doe; the elder; whose"
JANE = [
    (
        '"Jane Doe the elder’s 5th Yahrzeit (18th of Adar)","3/18/2025",,,,"true",'
        f'"{JOINS} 5th Yahrzeit occurs on Tuesday; March 18; corresponding to the 18th of Adar; 5785.'
        '\\n\\nIt begins at sundown on Monday; March 17","3","Personal"'
    ),
    (
        '"Jane Doe the elder’s 6th Yahrzeit (18th of Adar)","3/7/2026",,,,"true",'
        f'"{JOINS} 6th Yahrzeit occurs on Saturday; March 7; corresponding to the 18th of Adar; 5786.","3","Personal"'
    ),
]
REMINDER = '"Jane Doe Yahrzeit reminder","3/17/2025","4:30 PM","3/17/2025","4:30 PM","false","","4","Personal"'
SARA = [
    '"יארצייט ה-9 של שרה בת אברהם (כ׳ חשון)","11/21/2024",,,,"true","","3","Personal"',
    '"יארצייט ה-10 של שרה בת אברהם (כ׳ חשון)","11/11/2025",,,,"true","","3","Personal"',
    '"יארצייט ה-11 של שרה בת אברהם (כ׳ חשון)","10/31/2026",,,,"true","","3","Personal"',
]
BOB = [
    '"Bob’s 44th Hebrew Birthday","2/5/2025",,,,"true","","3","Personal"',
    '"Bob’s 45th Hebrew Birthday","21/4/2026",,,,"true","","3","Personal"',
    '"Bob’s 46th Hebrew Birthday","11/5/2027",,,,"true","","3","Personal"',
]
YIZKOR = '"Yizkor (Yom Kippur)","10/12/2024",,,,"true","","3","Personal"'
HARD = [
    (
        "Yahrzeit",
        "5763-08-30",
        (
            "20241201 20251121 20261110 20271130 20281119 20291108 20301126 20311116 20321104 20331122 "
            "20341112 20351202 20361120 20371108 20381128 20391117 20401106 20411124 20421113 20431203"
        ),
    ),
    (
        "Yahrzeit",
        "5764-09-30",
        (
            "20241231 20251220 20261210 20271230 20281218 20291206 20301226 20311215 20321202 20331222 "
            "20341212 20351231 20361218 20371208 20381227 20391217 20401204 20411223 20421213 20431231"
        ),
    ),
    (
        "Yahrzeit",
        "5760-12-30",
        (
            "20250228 20260217 20270309 20280227 20290215 20300305 20310223 20320212 20330301 20340219 "
            "20350311 20360228 20370215 20380307 20390224 20400214 20410303 20420220 20430312 20440228"
        ),
    ),
    (
        "Yahrzeit",
        "5761-12-07",
        (
            "20250307 20260224 20270214 20280305 20290222 20300210 20310302 20320219 20330206 20340226 "
            "20350216 20360306 20370222 20380212 20390303 20400221 20410208 20420227 20430217 20440306"
        ),
    ),
    (
        "Yahrzeit",
        "5760-13-07",
        (
            "20250307 20260224 20270316 20280305 20290222 20300312 20310302 20320219 20330308 20340226 "
            "20350318 20360306 20370222 20380314 20390303 20400221 20410310 20420227 20430319 20440306"
        ),
    ),
    (
        "Birthday",
        "5762-09-30",
        (
            "20241231 20251220 20261210 20271230 20281218 20291207 20301226 20311215 20321203 20331222 "
            "20341212 20351231 20361219 20371208 20381227 20391217 20401205 20411223 20421213 20440101"
        ),
    ),
    (
        "Birthday",
        "5760-12-30",
        (
            "20250330 20260319 20270309 20280328 20290317 20300305 20310325 20320313 20330301 20340321 "
            "20350311 20360329 20370317 20380307 20390326 20400315 20410303 20420322 20430312 20440329"
        ),
    ),
]


def table(*lines: str, name: str = "yahrzeit_usa.csv") -> list[Row]:
    """Read a table as it is downloaded."""
    return read(name, "\r\n".join((HEADER, *lines, "")).encode())


def test_the_years_of_one_death_are_one_date_with_its_hebrew_day_and_rule() -> None:
    sara, jane = table(*SARA, REMINDER, *JANE)
    assert sara.told is not None
    assert jane.told is not None
    event = jane.told.event
    assert (jane.where, event.name, event.calendar) == ("yahrzeit_usa.csv:6", "Jane Doe, the elder", "hebrew")
    assert (event.first_day, event.tone, [rule.id for rule in event.rules]) == ("5780-12-18", "solemn", ["yahrzeit"])
    assert (sara.told.event.name, sara.told.event.first_day) == ("שרה בת אברהם", "5776-08-20")
    coming = returns(event.told_in("", "en"), date(2025, 1, 1), date(2027, 12, 31))
    assert [(one.on.isoformat(), one.number) for _, one in coming][:2] == [("2025-03-18", 5), ("2026-03-07", 6)]


def test_what_is_known_is_not_brought_in_again() -> None:
    rows = table(*JANE)
    again = marked(table(*JANE), [row.told.event for row in rows if row.told])
    assert [row.is_known for row in again] == [True]


def test_european_dates_are_told_by_their_days_and_by_the_name_of_the_file() -> None:
    for name in ("birthday_eur.csv", "mine.csv"):
        (bob,) = table(*BOB, name=name)
        assert bob.told is not None
        assert (bob.told.event.first_day, bob.told.event.tone) == ("5741-02-04", "festive")
        assert [(rule.id, rule.kind) for rule in bob.told.event.rules] == [("yearly", "yearly")]
    (bob,) = table(BOB[0], name="birthday_eur.csv")
    assert bob.told is not None
    assert bob.told.event.first_day == "5741-02-04"
    (mixed,) = table(*BOB, *JANE)
    assert "neither all month/day/year nor all day/month/year" in mixed.why


@pytest.mark.parametrize(("kind", "first_day", "days"), HARD)
def test_hard_days_are_found_again_from_twenty_years_of_them(kind: str, first_day: str, days: str) -> None:
    began = int(first_day[:4])
    name = "Ani’s {}th Yahrzeit" if kind == "Yahrzeit" else "Ani’s {}th Hebrew Birthday"
    lines = [
        f'"{name.format(5785 + number - began)}","{int(day[4:6])}/{int(day[6:])}/{day[:4]}",,,,"true","","3","Personal"'
        for number, day in enumerate(days.split())
    ]
    (row,) = table(*lines)
    assert row.told is not None, row.why
    assert row.told.event.first_day == first_day
    found = returns(row.told.event.told_in("", "en"), date(2024, 9, 1), date(2044, 8, 31))
    assert [f"{one.on:%Y%m%d}" for _, one in found] == days.split()


def test_days_that_no_day_gives_are_refused_and_what_is_nobodys_is_left_out() -> None:
    wrong = JANE[1].replace("3/7/2026", "3/8/2026").replace("March 7", "March 8")
    yizkor, refused = table(YIZKOR, JANE[0], wrong)
    assert (yizkor.left_out, "no yahrzeit" in yizkor.why) == (True, True)
    assert (refused.told, refused.left_out, refused.where) == (None, False, "yahrzeit_usa.csv:3")
    assert "no day of the Hebrew year 5780 returns on the 2 days" in refused.why
    (other,) = table('"My Event (24th of Tevet)","1/24/2025",,,,"true","My Event occurs on Friday","3","Personal"')
    assert other.left_out


def test_a_subject_that_is_a_whole_file_is_no_more_work_than_a_short_one() -> None:
    """Within the time that a test has: a form that goes back and forth in it would need hours."""
    for subject in ("יארצייט ה-9 של " + " (" * 60_000, "a’s 1st " * 15_000):
        (row,) = table(f'"{subject}","1/24/2025",,,,"true","","3","Personal"')
        assert row.told is None


def test_a_table_too_short_to_tell_two_days_apart_is_left_out_with_both() -> None:
    (row,) = table('"Ani’s 21st Yahrzeit","12/13/2023",,,,"true","","3","Personal"')
    assert row.left_out
    assert "5763-09-30 or 5763-10-01" in row.why
