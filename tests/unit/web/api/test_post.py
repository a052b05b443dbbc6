"""Notices, editions, templates and imports over the API."""

import json

import pytest

from service.domain.approval import Fate
from service.domain.notice import Kind, State
from service.domain.subscription import Status
from service.store import audit, holding, notices, templates
from service.store.tables import notices as rows
from tests.printers import shipped_set
from tests.unit.web.given import NOW, Grounds
from tests.unit.web.programs import Program, a_program, wrong

NAME = "letters/notice/subject.txt"


@pytest.fixture
async def program(grounds: Grounds) -> Program:
    return await a_program(grounds)


async def noticed(grounds: Grounds, address: str = "ani@example.org") -> tuple[str, str]:
    """Have somebody who is to get an edition that tells of the war; gives the notice and the edition."""
    reader = await grounds.reader(address, Status.ACTIVE)
    edition = await grounds.edition("<p>It began.</p>", sent=False, events=("war",))
    single = notices.Single(reader, Kind.NOTICE, NOW.date(), edition, NOW, NOW.replace(hour=20), is_ready=True)
    async with grounds.store.write() as tx:
        await notices.add_single(tx, single)
    return single.id, edition


async def state(grounds: Grounds, notice: str) -> State:
    async with grounds.store.read() as tx:
        return State((await tx.execute(rows.select().where(rows.c.id == notice))).one().state)


async def test_a_notice_tells_what_became_of_it_and_no_address(grounds: Grounds, program: Program) -> None:
    notice, edition = await noticed(grounds)
    async with grounds.store.write() as tx:
        await tx.execute(rows.update().values(code=451, words="4.7.1 <ani@example.org> later"))
    (told,) = await program.every("/notices?state=ready&day=2024-09-20", 10)
    assert (told["id"], told["edition"], told["kind"]) == (notice, edition, "notice")
    assert (told["code"], "ani" in told["words"]) == (451, False)
    whole = await program.get(f"/notices/{notice}")
    assert (whole["notice"], whole["attempts"]) == (told, [])
    assert await program.every("/notices?day=2024-09-21", 10) == []
    assert (await program.ask("GET", "/notices/none")).status == 404


async def test_an_edition_is_read_stopped_let_go_and_cancelled(grounds: Grounds, program: Program) -> None:
    notice, edition = await noticed(grounds)
    whole = await program.get(f"/editions/{edition}")
    assert (whole["html"], whole["letters"]) == ("<p>It began.</p>", {"ready": 1})
    assert whole["edition"]["told"] == [{"event": "war", "rule": "yearly", "on": "2024-09-20", "number": 4}]
    assert await program.every("/editions?language=en", 1) == [whole["edition"]]
    stopped = await program.ask("POST", f"/editions/{edition}/stop", {"why": "A wrong name."})
    assert json.loads(stopped.text) == {"id": edition, "letters": 1}
    assert await state(grounds, notice) is State.HELD
    assert (await program.ask("POST", f"/notices/{notice}/release", {})).status == 409
    assert json.loads((await program.ask("POST", f"/editions/{edition}/release", {})).text)["letters"] == 1
    assert await state(grounds, notice) is State.READY
    assert (await program.ask("POST", f"/editions/{edition}/cancel", {"why": "Enough."})).status == 200
    assert await state(grounds, notice) is State.DROPPED
    async with grounds.store.read() as tx:
        done = await audit.entries(tx, audit.Asked(subject=edition), 10)
    assert [(one.action, one.details["why"]) for one in done][::2] == [
        ("cancelled", "Enough."),
        ("stopped", "A wrong name."),
    ]
    assert {one.who for one in done} == {"An owner (token a program) <owner@example.org>"}


async def test_an_edition_that_waits_is_approved_and_another_cannot_be(grounds: Grounds, program: Program) -> None:
    notice, edition = await noticed(grounds)
    assert (await program.ask("POST", f"/editions/{edition}/approve", {})).status == 409
    async with grounds.store.write() as tx:
        await holding.stop(tx, edition, Fate.AWAITING, NOW)
    approved = await program.ask("POST", f"/editions/{edition}/approve", {"why": "Read."})
    assert (approved.status, json.loads(approved.text)["id"]) == (200, edition)
    assert notice


async def test_a_template_is_read_in_its_versions_and_published_if_its_letters_are_right(
    grounds: Grounds, program: Program
) -> None:
    async with grounds.store.write() as tx:
        await templates.ensure_shipped(tx, shipped_set(), NOW)
    names = [one["name"] for one in await program.every("/templates", 50)]
    assert names == sorted(shipped_set().pieces)
    read = await program.ask("GET", f"/templates/{NAME}")
    text, tag = json.loads(read.text)["text"], read.headers["etag"]
    assert tag == '"0"'
    broken = await program.ask("PUT", f"/templates/{NAME}", {"text": "{% if %}", "why": "x"}, if_match=tag)
    assert (broken.status, wrong(broken)[0][0]) == (422, "#/text")
    assert f"{NAME}:1" in wrong(broken)[0][1]
    silent = await program.ask("PUT", f"/templates/{NAME}", {"text": text + " ", "why": " "}, if_match=tag)
    assert (silent.status, wrong(silent)[0][0]) == (422, "#/why")
    done = await program.ask("PUT", f"/templates/{NAME}", {"text": "In memory: " + text, "why": "Said."}, if_match=tag)
    assert (done.status, done.headers["etag"]) == (200, '"1"')
    assert [one["number"] for one in json.loads(done.text)["versions"]] == [1, 0]
    late = await program.ask("PUT", f"/templates/{NAME}", {"text": text, "why": "Back."}, if_match=tag)
    assert late.status == 412
    assert (await program.get(f"/templates/{NAME}?version=0"))["text"] == text
    assert (await program.ask("GET", f"/templates/{NAME}?version=7")).status == 404
    assert (await program.ask("GET", "/templates/../../etc/passwd")).status == 404


async def test_a_file_is_tried_row_by_row_and_brought_in_whole_or_not_at_all(
    grounds: Grounds, program: Program
) -> None:
    content = """
id: peaces
title: {en: Peaces}
description: {en: Some.}
events:
  - id: peace
    title: {en: A peace}
    summary: {en: It was made.}
    first_day: 2020-11-10
    sources: [{id: book, title: {en: A book}}]
    rules: [{kind: yearly}]
"""
    sent = {"form": "yaml", "content": content}
    tried = await program.ask("POST", "/imports", {**sent, "dry_run": True})
    told = json.loads(tried.text)
    assert [(one["name"], one["fate"]) for one in told["rows"]] == [("peaces", "new"), ("peace", "new")]
    assert (await program.ask("GET", "/events/peace")).status == 404
    done = await program.ask("POST", "/imports", sent)
    assert json.loads(done.text)["changed"] == 1
    assert (await program.get("/events/peace"))["collection"] == "peaces"
    wrongly = content.replace("2020-11-10", "2020-13-10").replace("id: peace\n", "id: peace2\n")
    refused = await program.ask("POST", "/imports", {**sent, "content": wrongly})
    assert refused.status == 422
    assert "sent.yaml:9" in wrong(refused)[0][1]
    dry = await program.ask("POST", "/imports", {**sent, "content": wrongly, "dry_run": True})
    assert (dry.status, {one["fate"] for one in json.loads(dry.text)["rows"]}) == (200, {"refused"})
    assert (await program.ask("POST", "/imports", {**sent, "language": "xx"})).status == 422
    assert (await program.ask("POST", "/imports", {**sent, "form": "exe"})).status == 400
