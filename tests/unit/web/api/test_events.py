"""Events, rules, occasions and collections over the API."""

import json
from datetime import timedelta
from typing import Any

import pytest

from service.domain.scope import Scope
from service.store import audit, events, versions
from service.web.api.events import SAMPLE
from tests.builders import an_event
from tests.unit.web.given import Grounds
from tests.unit.web.programs import Program, a_program, wrong

YEARLY = {"kind": "yearly", "id": "yearly"}


@pytest.fixture
async def program(grounds: Grounds) -> Program:
    return await a_program(grounds)


def sent(collection: str = "wars", **parts: Any) -> dict[str, Any]:
    return {"collection": collection, "event": {**SAMPLE, "id": "peace", **parts}, "why": "A record."}


async def test_an_event_is_read_with_its_version_and_not_again_if_it_is_the_same(program: Program) -> None:
    answer = await program.ask("GET", "/events/war")
    told = json.loads(answer.text)
    assert (told["collection"], told["version"], told["event"]["first_day"]) == ("wars", 1, "2020-09-27")
    assert told["event"]["rules"] == [YEARLY]
    assert answer.headers["etag"] == '"1"'
    assert (await program.ask("GET", "/events/war", if_none_match='"1"')).status == 304
    assert (await program.ask("GET", "/events/peace")).status == 404


async def test_an_event_is_recorded_with_everything_that_follows(grounds: Grounds, program: Program) -> None:
    answer = await program.ask("POST", "/events", sent())
    assert (answer.status, answer.headers["etag"]) == (201, '"1"')
    assert answer.headers["location"].endswith("/api/v1/events/peace")
    assert grounds.woken == 1
    async with grounds.store.read() as tx:
        (version,) = await versions.history(tx, "peace")
        (entry, *_) = await audit.entries(tx, audit.Asked(), 1)
    assert version.who == entry.who == "An owner (token a program) <owner@example.org>"
    assert (entry.action, entry.details["why"]) == ("recorded", "A record.")
    days = await program.every("/occasions?event=peace", 100)
    assert [one["on"] for one in days] == ["2024-09-27", "2025-09-27"]
    again = await program.ask("POST", "/events", sent())
    assert (again.status, wrong(again)[0][0]) == (409, "#/event/id")


async def test_everything_that_is_wrong_is_named_at_once_and_nothing_is_done(
    grounds: Grounds, program: Program
) -> None:
    before = await grounds.everything()
    answer = await program.ask("POST", "/events", {"event": {**SAMPLE, "title": 5, "first_day": 2020, "x": 1}})
    assert answer.status == 400
    assert {place for place, _ in wrong(answer)} == {
        "#/collection",
        "#/event/title",
        "#/event/first_day",
        "#/event/x",
    }
    answer = await program.ask("POST", "/events", sent(first_day="2020-02-30", links=[]))
    assert (answer.status, wrong(answer)[0][0]) == (422, "#/event/first_day")
    answer = await program.ask("POST", "/events", sent(first_day="yesterday"))
    assert answer.status == 422
    assert "allowed: YYYY-MM-DD" in wrong(answer)[0][1]
    links = [{"kind": "led_to", "event": "nothing"}]
    answer = await program.ask("POST", "/events", sent(links=links))
    assert wrong(answer) == [("#/event/links/0/event", "there is no event 'nothing'")]
    assert wrong(await program.ask("POST", "/events", sent("peaces")))[0][0] == "#/collection"
    title = {"en": "A\0war"}
    assert wrong(await program.ask("POST", "/events", sent(title=title)))[0][0] == "#/event/title/en"
    rule = [{"kind": "weekday", "month": 13, "weekday": "MO", "n": 1}]
    answer = await program.ask("POST", "/events", sent(rules=rule))
    assert wrong(answer) == [("#/event/rules/0", "`month` must be between 1 and 12")]
    for body in (b"", b"{", b"[1]", b"null", b'"\\ud800"', b"\xff"):
        assert (await program.ask("POST", "/events", body)).status == 400, body
    assert (await program.ask("POST", "/events", b"a=b", content_type="text/plain")).status == 415
    changed = {name for name, rows in (await grounds.everything()).items() if rows != before[name]}
    assert changed <= {"api_tokens"}


async def test_who_changes_an_event_says_which_version_and_overwrites_nobody(
    grounds: Grounds, program: Program
) -> None:
    changed = {**SAMPLE, "id": "war"}
    body = {"collection": "wars", "event": changed}
    assert (await program.ask("PUT", "/events/war", body)).status == 428
    assert (await program.ask("PUT", "/events/war", body, if_match="1")).status == 412
    first = await program.ask("PUT", "/events/war", body, if_match='"1"')
    assert (first.status, first.headers["etag"]) == (200, '"2"')
    late = await program.ask("PUT", "/events/war", {**body, "event": {**changed, "tone": "festive"}}, if_match='"1"')
    assert late.status == 412
    assert (await program.ask("DELETE", "/events/war", if_match='"1"')).status == 412
    assert (await program.get("/events/war"))["event"] == {**changed, "rules": [YEARLY]}
    other = await program.ask("PUT", "/events/peace", body, if_match="*")
    assert wrong(other) == [("#/event/id", "an id never changes (allowed: peace)")]
    assert (await program.ask("PUT", "/events/war", body, if_none_match="*")).status == 412
    assert (await program.ask("DELETE", "/events/war?why=Wrong.", if_match='"2"')).status == 204
    async with grounds.store.read() as tx:
        assert await events.event_named(tx, "war") is None
    assert (await program.ask("DELETE", "/events/war", if_match="*")).status == 404


async def test_what_was_read_can_be_sent_back_as_it_is(program: Program) -> None:
    read = await program.ask("GET", "/events/war")
    sent_back = await program.ask("PUT", "/events/war", read.body, if_match=read.headers["etag"])
    assert (sent_back.status, sent_back.body) == (200, read.body)


async def test_an_event_is_made_by_its_address_too(program: Program) -> None:
    answer = await program.ask("PUT", "/events/peace", sent(), if_none_match="*")
    assert (answer.status, answer.headers["location"][-13:]) == (201, "/events/peace")


async def test_a_request_under_a_key_is_done_once_and_answered_alike(grounds: Grounds, program: Program) -> None:
    first = await program.ask("POST", "/events", sent(), idempotency_key="k-1")
    second = await program.ask("POST", "/events", sent(), idempotency_key="k-1")
    assert (second.status, second.body, second.headers) == (first.status, first.body, first.headers)
    other = await program.ask("POST", "/events", sent(id="truce"), idempotency_key="k-1")
    assert (other.status, wrong(other)[0][0]) == (422, "Idempotency-Key")
    refused = await program.ask("POST", "/events", sent("peaces"), idempotency_key="k-2")
    assert refused.status == 422
    assert (await program.ask("POST", "/events", sent(id="truce"), idempotency_key="k-2")).status == 201
    for key in ("a b", "", "k" * 201):
        assert (await program.ask("POST", "/events", sent(), idempotency_key=key)).status == 400
    grounds.now += timedelta(hours=24)
    assert (await program.ask("POST", "/events", sent(), idempotency_key="k-1")).status == 409


async def test_rules_are_replaced_together_under_the_version_of_their_event(program: Program) -> None:
    answer = await program.ask("GET", "/events/war/rules")
    assert json.loads(answer.text) == {"event": "war", "version": 1, "rules": [YEARLY]}
    rules = [YEARLY, {"kind": "day-count", "id": "day-count", "days": 40}]
    tag = answer.headers["etag"]
    assert (await program.ask("PUT", "/events/war/rules", {"rules": [{"days": 40}]}, if_match=tag)).status == 400
    twice = await program.ask("PUT", "/events/war/rules", {"rules": [rules[0], rules[0]]}, if_match=tag)
    assert (twice.status, wrong(twice)[0][0]) == (422, "#/rules/1")
    done = await program.ask("PUT", "/events/war/rules", {"rules": rules}, if_match=tag)
    assert (done.status, json.loads(done.text)["rules"]) == (200, rules)
    assert (await program.ask("PUT", "/events/peace/rules", {"rules": rules}, if_match="*")).status == 404


async def test_no_page_of_events_misses_one_or_tells_one_twice_while_others_are_added(
    grounds: Grounds, program: Program
) -> None:
    await grounds.record(*(an_event(id=f"e-{number:03}") for number in range(0, 100, 2)))
    found: list[str] = []
    cursor, added = "", 0
    while True:
        page = await program.get(f"/events?limit=7{cursor}")
        found += [one["event"]["id"] for one in page["data"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        for id_ in (f"a-{added}", f"e-{added * 2 + 1:03}", f"e-{99 - added * 2:03}x"):
            await program.ask("POST", "/events", sent(id=id_))
        added += 1
    assert found == sorted(set(found))
    assert {f"e-{number:03}" for number in range(0, 100, 2)} <= set(found)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "WzFd", "W10", "WyJhIiwiYiJd", "WyJcdWQ4MDAiXQ", "bnVsbA", "%C3%A9"])
async def test_what_is_no_cursor_of_ours_is_refused(program: Program, cursor: str) -> None:
    for path in ("/events", "/occasions"):
        answer = await program.ask("GET", f"{path}?cursor={cursor}")
        assert answer.status == 422
        assert wrong(answer)[0][0] == "cursor"


async def test_parameters_are_read_strictly_and_every_wrong_one_is_named(program: Program) -> None:
    answer = await program.ask("GET", "/events?limit=501&limt=2")
    assert (answer.status, sorted(place for place, _ in wrong(answer))) == (400, ["limit", "limt"])
    for query in ("limit=0", "limit=x", "limit=1.5", "limit=+5", "limit=1&limit=2", "limit="):
        assert (await program.ask("GET", f"/events?{query}")).status == 400, query
    for query in ("first=yesterday", "first=0", "first=1700000000", "last=20240101"):
        assert (await program.ask("GET", f"/occasions?{query}")).status == 400, query
    assert (await program.ask("GET", "/occasions?first=2024-02-30")).status == 422
    late = await program.ask("GET", "/occasions?first=2025-01-02&last=2025-01-01")
    assert (late.status, wrong(late)[0][0]) == (422, "last")
    assert (await program.ask("GET", "/occasions?first=9999-12-31")).status == 200


async def test_collections_are_made_changed_and_put_in_order(grounds: Grounds, program: Program) -> None:
    words = {"title": {"en": "Peaces"}, "description": {"en": "Some."}}
    made = await program.ask("PUT", "/collections/peaces", words, if_none_match="*")
    assert made.status == 201
    assert (await program.ask("PUT", "/collections/peaces", words, if_none_match="*")).status == 412
    for id_ in ("a", "b"):
        assert (await program.ask("POST", "/events", sent("peaces", id=id_))).status == 201
    tag = (await program.ask("GET", "/collections/peaces")).headers["etag"]
    unknown = await program.ask("PUT", "/collections/peaces", {**words, "order": ["b", "war"]}, if_match=tag)
    assert wrong(unknown) == [("#/order/1", "there is no event 'war' in this collection")]
    ordered = await program.ask("PUT", "/collections/peaces", {**words, "order": ["b", "a"]}, if_match=tag)
    assert (ordered.status, json.loads(ordered.text)["events"]) == (200, 2)
    assert (await program.ask("PUT", "/collections/peaces", words, if_match=tag)).status == 412
    async with grounds.store.read() as tx:
        assert [kept.event.id for kept in await events.events_in(tx, "peaces")] == ["b", "a"]
    assert [one["id"] for one in await program.every("/collections", 1)] == ["peaces", "wars"]
    wrongs = await program.ask("PUT", "/collections/x", {"title": {}, "description": {"en": "A"}}, if_none_match="*")
    assert wrong(wrongs)[0][0] == "#/title"
    assert (await program.ask("GET", "/collections/none")).status == 404


async def test_the_horizon_says_how_far_occasions_are_reckoned(program: Program) -> None:
    assert await program.get("/horizon") == {"first": "2024-09-20", "last": "2025-10-25"}


async def test_a_token_that_may_only_read_changes_nothing(grounds: Grounds) -> None:
    reading = await a_program(grounds, [Scope.READ_EVENTS])
    assert (await reading.ask("POST", "/events", sent())).status == 403
