"""The commands for people and programs: what they print, and that wrong input is answered in words."""

import asyncio
import json

import pytest

from tests.journeys.program import PATIENCE_SECONDS, Program, opened

YEARLY = {"event": {"first_day": "2020-02-29"}, "rule": {"kind": "yearly"}, "from": "2023-01-01", "to": "2024-12-31"}
WRONG = [
    "tick --now 2026-09-27T05:00:00",
    "tick --now tomorrow",
    "tick --later",
    "next --days 0",
    "next --from 27.9.2026",
    "next --language tlh",
    "dates no-such-file",
    "dates .",
    "preview no-such-event",
    "preview artsakh-war-2020 --on 2024-09-28",
    "preview artsakh-war-2020 --on today",
    "preview artsakh-war-2020 --language tlh",
    "preview artsakh-war-2020 --format pdf",
    "preview artsakh-siege-2022",
    "import no-such-file.yaml",
    "export no-such-collection",
    "templates import no-such-folder --reason x",
    "subscribers add anna --collection artsakh",
    "subscribers add anna@example.org",
    "subscribers add anna@example.org --collection nothing",
    "subscribers add anna@example.org --collection artsakh --hour 24",
    "subscribers add anna@example.org --collection artsakh --zone Mars/Phobos",
    "subscribers add anna@example.org --collection artsakh --confirmed-at soon",
    "subscribers import no-such-file.csv",
    "subscribers import .",
    "subscribers erase nobody@example.org",
    "subscribers erase nobody",
    "run --roles",
    "cook",
]


@pytest.mark.parametrize("command", WRONG)
async def test_what_is_wrong_is_said_in_words_with_a_status(imported: Program, command: str):
    ended = await imported.ends(*command.split())
    assert ended.status in {1, 2}
    assert ended.err.strip()
    assert "Traceback" not in ended.err
    assert ended.out == ""


async def test_questions_about_dates_are_answered_one_by_one_as_they_come(alone: Program):
    questions = [
        json.dumps({"id": 1, **YEARLY}),
        "this is no JSON",
        json.dumps({"id": "three", **YEARLY, "to": "2022-12-31"}),
        "[]",
        json.dumps({"id": 5, **YEARLY, "rule": {"kind": "moonrise"}}),
        json.dumps({"id": 6, **YEARLY, "event": {"first_day": "2021-02-29"}}),
        json.dumps({"id": 7, **YEARLY}),
    ]
    process = await alone.anew().start("dates", "--json")
    assert process.stdin
    assert process.stdout
    answers = []
    for question in questions:
        process.stdin.write(f"{question}\n".encode())
        answers.append(json.loads(await process.stdout.readline()))  # before the next is asked
    process.stdin.close()
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert (process.returncode, out, err) == (0, b"", b"")
    assert [answer["id"] for answer in answers] == [1, None, "three", None, 5, 6, 7]
    assert [bool(answer["error"]) for answer in answers] == [False, True, True, True, True, True, False]
    assert [one["on"] for one in answers[0]["occasions"]] == ["2023-02-28", "2024-02-29"]
    assert answers[0]["occasions"] == answers[-1]["occasions"]
    assert "moonrise" in answers[4]["error"]


async def test_many_questions_are_answered_in_their_order(alone: Program):
    asked = "".join(json.dumps({"id": number, **YEARLY}) + "\n" for number in range(3000))
    answered = (await alone.does("dates", "--json", given=asked)).out.splitlines()
    assert [json.loads(line)["id"] for line in answered] == list(range(3000))


async def test_a_letter_is_seen_before_it_is_sent_in_each_form(imported: Program):
    words = ("preview", "artsakh-war-2020", "--on", "2024-09-27", "--format")
    text, html, eml = [(await imported.does(*words, kind)).out for kind in ("text", "html", "eml")]
    assert "3,830 people" in text
    assert html.lstrip().lower().startswith("<!doctype html")
    assert "3,830 people" in html
    assert opened(eml.encode())["Subject"] == "The 44-day war in Artsakh: four years ago today"
    armenian = await imported.does("preview", "artsakh-war-2020", "--on", "2024-09-27", "--language", "hy")
    assert "չորս տարի առաջ այս օրը" in armenian.out


async def test_the_coming_days_are_listed(imported: Program):
    words = ("next", "--from", "2026-09-01", "--days", "30", "--json")
    found = (await imported.does(*words)).told
    assert {("2026-09-19", "artsakh-offensive-2023"), ("2026-09-27", "artsakh-war-2020")} <= {
        (one["on"], one["event"]) for one in found
    }
    table = (await imported.does(*words[:-1])).out
    assert "2026-09-27" in table
    assert "The 44-day war in Artsakh" in table


async def test_settings_are_shown_with_their_origin_and_without_passwords(alone: Program):
    (alone.folder / "remembrancer.toml").write_text('sender = "Days <days@example.org>"\nport = 8099\n')
    secrets = ("hunter2", "tiger3", "a key that nobody may see, neither now nor ever")
    program = alone.with_(
        SMTP_URL="smtp://us:hunter2@relay.example.org:587",
        DATABASE_URL="postgresql+psycopg://us:tiger3@db.example.org/remember",
        SECRET_KEY=secrets[2],
        PORT="8081",
    )
    shown, table = await program.does("config", "show", "--json"), await program.does("config", "show")
    assert not [secret for secret in secrets if secret in shown.out + table.out]
    told = shown.told
    assert told["port"] == {"value": "8081", "origin": "REMEMBRANCER_PORT"}
    assert told["sender"] == {"value": "Days <days@example.org>", "origin": "remembrancer.toml"}
    assert told["host"]["origin"] == "default"
    assert "relay.example.org" in told["smtp_url"]["value"]
