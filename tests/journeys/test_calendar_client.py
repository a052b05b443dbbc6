"""A calendar that people use subscribes to ours, over HTTP, and shows the dates that the program gives for the rules.

The client is khal, which reads what vdirsyncer fetched. Both are programs of other people, so a fault in how we write
calendar files is not hidden by the same fault in how we read them.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from tests.journeys.program import Program

SOURCE = {"id": "book", "title": {"en": "A book"}}
YEAR = datetime.now(UTC).year
FIRST, LAST = date(YEAR, 1, 1), date(YEAR + 5, 12, 31)
HEBREW = {"first_day": "5700-12-30", "calendar": "hebrew", "after_sunset": True}
RECORDED: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "Plain": ({"first_day": "2020-09-27"}, [{"kind": "yearly"}]),
    "Kept on the 28th": ({"first_day": "2016-02-29"}, [{"kind": "yearly"}]),
    "Kept on the first of March": ({"first_day": "2016-02-29"}, [{"kind": "yearly", "missing_day": "next"}]),
    "Only in leap years": ({"first_day": "2016-02-29"}, [{"kind": "yearly", "missing_day": "skip"}]),
    "Yahrzeit": (HEBREW, [{"kind": "yearly", "calendar": "hebrew"}]),
    "Moved to a Sunday": ({"first_day": "2000-06-14"}, [{"kind": "yearly", "observed": "sunday_on_or_after"}]),
    "By the moon": (
        {"first_day": "1445-01-10", "calendar": "islamic-umalqura"},
        [{"kind": "yearly", "calendar": "islamic-umalqura"}],
    ),
    "A feast": ({"first_day": "1915-04-24"}, [{"kind": "feast", "name": "armenian-theophany-merelots"}]),
    'Ա war, of 3 days; \\ "so", it is': (
        {"first_day": "2021-01-01", "last_day": "2021-01-03"},
        [{"kind": "yearly", "anchor": "every_day"}],
    ),
}


async def ran(*command: str, folder: Path) -> str:
    """Run a program of the client, with nothing of ours around it."""
    environment = {"HOME": str(folder), "LANG": "C.UTF-8", "TZ": "UTC", "PATH": os.environ["PATH"]}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command),
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    return out.decode()


async def subscribed(folder: Path, address: str) -> set[tuple[str, str]]:
    """Subscribe to a calendar by its address, and give what the client shows: days with titles."""
    (folder / "sync").write_text(
        f'[general]\nstatus_path = "{folder}/status"\n[pair days]\na = "here"\nb = "there"\ncollections = null\n'
        f'[storage here]\ntype = "filesystem"\npath = "{folder}/days"\nfileext = ".ics"\n'
        f'[storage there]\ntype = "http"\nurl = "{address}"\n'
    )
    (folder / "khal").write_text(
        f"[calendars]\n[[days]]\npath = {folder}/days\nreadonly = True\n[default]\nhighlight_event_days = False\n"
        "[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "timeformat = %H:%M\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {folder}/khal.db\n"
    )
    (folder / "days").mkdir(parents=True)
    await ran("vdirsyncer", "-c", str(folder / "sync"), "discover", folder=folder)
    await ran("vdirsyncer", "-c", str(folder / "sync"), "sync", folder=folder)
    asked = ("--day-format", "", "--format", "{start-date}\t{title}", FIRST.isoformat(), LAST.isoformat())
    shown = await ran("khal", "-c", str(folder / "khal"), "list", *asked, folder=folder)
    return {(day, title) for day, _, title in (line.partition("\t") for line in shown.splitlines()) if title}


async def dates(program: Program) -> set[tuple[str, str]]:
    """Give the days with titles that `remembrancer dates` gives for the same events and rules."""
    asked = [
        {"id": title, "event": event, "rule": rule, "from": FIRST.isoformat(), "to": LAST.isoformat()}
        for title, (event, rules) in RECORDED.items()
        for rule in rules
    ]
    answered = (await program.does("dates", "--json", given="\n".join(map(json.dumps, asked)))).out.splitlines()
    told = [json.loads(line) for line in answered]
    assert [one["error"] for one in told] == [None] * len(RECORDED)
    return {(occasion["on"], one["id"]) for one in told for occasion in one["occasions"]}


async def test_a_calendar_that_subscribed_shows_the_dates_that_the_program_gives(
    alone: Program, tmp_path: Path
) -> None:
    recorded = [
        {"id": f"e{place}", "title": {"en": title}, "summary": {"en": "It was."}, "sources": [SOURCE], "rules": rules}
        | event
        for place, (title, (event, rules)) in enumerate(RECORDED.items())
    ]
    file = tmp_path / "days.yaml"
    shelf = {"id": "days", "title": {"en": "Days"}, "description": {"en": "All kinds."}, "events": recorded}
    file.write_text(yaml.safe_dump(shelf, allow_unicode=True), encoding="utf-8")
    await alone.does("import", str(file))
    (tmp_path / "client").mkdir()
    async with alone.running() as service:
        shown = await subscribed(tmp_path / "client", f"{service.address}collections/days.ics?lang=en")
    expected = await dates(alone)
    assert len(expected) > 40
    assert shown == expected
