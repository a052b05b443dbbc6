"""Subscribers, subscriptions and suppressions over the API: with proof of consent, and nobody is brought back."""

import json
from typing import Any

import pytest

from service.domain.subscription import Status, Wish
from service.store import consents
from tests.unit.web.client import Answer
from tests.unit.web.given import Grounds
from tests.unit.web.programs import Program, a_program, wrong

AGREED = {"agreed_at": "2024-04-24T10:00:00+04:00", "source": "the parish's list", "wording": "Please write to me."}
WISH = {"target": "collection:wars", "lead_days": [0, 7]}


@pytest.fixture
async def program(grounds: Grounds) -> Program:
    return await a_program(grounds)


def sent(address: str = "ani@example.org", **parts: Any) -> dict[str, Any]:
    return {"address": address, "subscriptions": [WISH], **parts}


async def brought(program: Program, **parts: Any) -> str:
    answer = await program.ask("POST", "/subscribers", sent(**parts))
    assert answer.status in {200, 201}, answer.text
    return str(json.loads(answer.text)["id"])


def body(answer: Answer) -> Any:
    return json.loads(answer.text)


async def test_who_agreed_elsewhere_is_written_to_from_now_on_and_the_proof_says_how(
    grounds: Grounds, program: Program
) -> None:
    habit = {"language": "hy", "zone": "Asia/Yerevan", "hour": "20:00", "cadence": "weekly", "summary_on": 5}
    answer = await program.ask("POST", "/subscribers", sent(consent=AGREED, habit=habit))
    assert (answer.status, body(answer)["status"]) == (201, "active")
    assert "ani@" not in answer.text
    id_ = body(answer)["id"]
    assert answer.headers["location"].endswith(f"/subscribers/{id_}")
    told = await program.get(f"/subscribers/{id_}")
    assert (told["address"], told["source"], told["confirmed_at"]) == ("ani@example.org", "api", "2024-04-24T06:00:00Z")
    assert {name: told["habit"][name] for name in habit} == habit
    assert await grounds.wishes(id_) == [Wish(collection="wars"), Wish(collection="wars", lead_days=7)]
    proof = await program.get(f"/subscribers/{id_}/consents")
    (act,) = proof["acts"]
    assert (act["act"], act["source"]) == ("brought", "api")
    assert act["details"] == {
        "agreed_at": "2024-04-24T10:00:00+04:00",
        "targets": ["collection:wars"],
        "consent_source": "the parish's list",
        "consent_wording": "Please write to me.",
    }


async def test_who_did_not_say_when_they_agreed_is_asked_by_a_letter(grounds: Grounds, program: Program) -> None:
    id_ = await brought(program)
    assert await grounds.status(id_) is Status.PENDING
    assert len(await program.every(f"/notices?subscriber={id_}", 10)) == 1
    assert grounds.woken == 1
    await brought(program)
    assert len(await program.every(f"/notices?subscriber={id_}", 10)) == 1


async def test_nobody_who_left_or_was_erased_is_brought_back(grounds: Grounds, program: Program) -> None:
    left, erased = await brought(program, consent=AGREED), await brought(program, address="b@example.org")
    assert body(await program.ask("POST", f"/subscribers/{left}/leave"))["status"] == "left"
    assert (await program.ask("DELETE", f"/subscribers/{erased}")).status == 204
    for parts in ({}, {"address": "b@example.org"}, {"consent": AGREED}):
        answer = await program.ask("POST", "/subscribers", sent(**parts))
        assert (answer.status, wrong(answer)[0][0]) == (422, "#/address"), parts
    assert await grounds.status(left) is Status.LEFT
    assert (await program.ask("GET", f"/subscribers/{erased}")).status == 404
    async with grounds.store.read() as tx:
        assert (await consents.of(tx, left))[0][-1].source == "api"
    lifted = await program.ask("POST", "/suppressions/lift", {"address": "b@example.org"})
    assert (lifted.status, wrong(lifted)[0][0]) == (422, "#/address")


async def test_all_that_is_wrong_with_a_subscriber_is_named_at_once(grounds: Grounds, program: Program) -> None:
    before = await grounds.everything()
    habit = {"language": "xx", "zone": "Mars/Base", "hour": "25:00", "late_hours": 2}
    answer = await program.ask("POST", "/subscribers", sent(address="ani", habit=habit))
    assert answer.status == 422
    places = ["#/address", "#/habit/hour", "#/habit/language", "#/habit/late_hours", "#/habit/zone"]
    assert sorted(place for place, _ in wrong(answer)) == places
    assert all("allowed" in words or "such as" in words or "ani" in words for _, words in wrong(answer))
    for parts, place in (
        ({"subscriptions": [{"target": "event:nothing"}]}, "#/subscriptions"),
        ({"subscriptions": []}, "#/subscriptions"),
        ({"subscriptions": [{"target": "private:x"}]}, "#/subscriptions/0/target"),
        ({"consent": {"agreed_at": "2030-01-01T00:00:00Z"}}, "#/consent/agreed_at"),
        ({"consent": {"agreed_at": "2024-01-01"}}, "#/consent/agreed_at"),
    ):
        answer = await program.ask("POST", "/subscribers", sent(**parts))
        assert answer.status in {400, 422}
        assert [where for where, _ in wrong(answer)] == [place], parts
    changed = {name for name, rows in (await grounds.everything()).items() if rows != before[name]}
    assert changed <= {"api_tokens"}


async def test_habits_and_a_pause_are_changed_under_their_tag(grounds: Grounds, program: Program) -> None:
    id_ = await brought(program, consent=AGREED)
    read = await program.ask("GET", f"/subscribers/{id_}")
    habit = {"language": "fr", "zone": "Europe/Paris", "hour": "07:30", "plain_text": True}
    change = {"habit": habit, "paused_until": "2024-10-01"}
    tag = read.headers["etag"]
    done = await program.ask("PUT", f"/subscribers/{id_}", change, if_match=tag)
    assert (done.status, body(done)["habit"]["plain_text"], body(done)["paused_until"]) == (200, True, "2024-10-01")
    assert (await program.ask("PUT", f"/subscribers/{id_}", change, if_match=tag)).status == 412
    assert (await program.ask("PUT", f"/subscribers/{id_}", change)).status == 428
    past = await program.ask("PUT", f"/subscribers/{id_}", {**change, "paused_until": "2024-09-20"}, if_match="*")
    assert wrong(past)[0][0] == "#/paused_until"
    await program.ask("POST", f"/subscribers/{id_}/leave")
    gone = await program.ask("PUT", f"/subscribers/{id_}", change, if_match="*")
    assert gone.status == 409


async def test_somebody_is_found_by_address_in_a_body_alone(program: Program) -> None:
    id_ = await brought(program, consent=AGREED)
    assert body(await program.ask("POST", "/subscribers/find", {"address": "ANI@example.org"}))["id"] == id_
    assert (await program.ask("POST", "/subscribers/find", {"address": "b@example.org"})).status == 404
    assert [one["id"] for one in await program.every("/subscribers?status=active", 1)] == [id_]
    assert await program.every("/subscribers?status=left", 1) == []
    assert (await program.ask("GET", "/subscribers?status=addressee&x=1")).status == 400


@pytest.mark.parametrize("stands", ["pending", "left", "suppressed"])
async def test_of_whoever_is_no_reader_one_subscription_is_ended_for_itself_too(program: Program, stands: str) -> None:
    id_ = await brought(program, **({} if stands == "pending" else {"consent": AGREED}))
    if stands == "left":
        await program.ask("POST", f"/subscribers/{id_}/leave")
    if stands == "suppressed":
        await program.ask("POST", "/suppressions", {"address": "ani@example.org", "reason": "asked"})
    (first, second) = await program.every(f"/subscriptions?subscriber={id_}", 10)
    assert (await program.ask("DELETE", f"/subscriptions/{first['id']}")).status == 204
    ended = {one["id"]: one["ended_at"] for one in await program.every(f"/subscriptions?subscriber={id_}", 10)}
    assert ended[first["id"]]
    assert ended[second["id"]] is None


async def test_a_subscription_is_added_with_consent_and_ended_for_itself(grounds: Grounds, program: Program) -> None:
    id_ = await brought(program, consent=AGREED)
    asked = {"subscriber": id_, "target": "event:war", "lead_days": 3, "consent": AGREED}
    made = await program.ask("POST", "/subscriptions", asked)
    assert (made.status, body(made)["target"]) == (201, "event:war")
    assert [one["lead_days"] for one in await program.every(f"/subscriptions?subscriber={id_}", 1)] == [0, 7, 3]
    (first, second) = await program.every("/subscriptions?target=collection:wars", 1)
    assert (await program.ask("DELETE", f"/subscriptions/{second['id']}")).status == 204
    assert (await program.ask("DELETE", f"/subscriptions/{second['id']}")).status == 204
    assert [wish.lead_days for wish in await grounds.wishes(id_)] == [0, 3]
    for one in (first, body(made)):
        assert (await program.ask("DELETE", f"/subscriptions/{one['id']}")).status == 204
    assert await grounds.status(id_) is Status.LEFT
    again = await program.ask("POST", "/subscriptions", asked)
    assert (again.status, wrong(again)[0][0]) == (422, "#/subscriber")
    nobody = await program.ask("POST", "/subscriptions", {**asked, "subscriber": "none"})
    assert wrong(nobody)[0][0] == "#/subscriber"
    other = await brought(program, address="b@example.org", consent=AGREED)
    nothing = await program.ask("POST", "/subscriptions", {**asked, "subscriber": other, "target": "event:none"})
    assert wrong(nothing)[0][0] == "#/target"


async def test_an_address_is_suppressed_for_everybody_and_lifted_for_a_question_alone(
    grounds: Grounds, program: Program
) -> None:
    id_ = await brought(program, consent=AGREED)
    made = await program.ask("POST", "/suppressions", {"address": "ani@example.org", "reason": "asked by telephone"})
    assert (made.status, body(made)["reason"]) == (201, "asked by telephone")
    assert await grounds.status(id_) is Status.SUPPRESSED
    found = await program.ask("POST", "/suppressions/find", {"address": "Ani@example.org"})
    assert body(found) == body(made)
    assert await program.every("/suppressions", 1) == [body(made)]
    assert (await program.ask("POST", "/subscribers", sent(consent=AGREED))).status == 422
    assert (await program.ask("POST", "/suppressions/lift", {"address": "ani@example.org"})).status == 204
    assert await grounds.status(id_) is Status.LEFT
    assert (await program.ask("POST", "/suppressions/find", {"address": "ani@example.org"})).status == 404
    assert (await program.ask("POST", "/suppressions/lift", {"address": "ani@example.org"})).status == 404
    assert wrong(await program.ask("POST", "/suppressions", {"address": "ani"}))[0][0] == "#/address"
    refused = await program.ask("POST", "/suppressions", {"address": "a@example.org", "reason": "erased"})
    assert wrong(refused)[0][0] == "#/reason"


async def test_what_is_kept_of_a_request_under_a_key_holds_no_address(grounds: Grounds, program: Program) -> None:
    first = await program.ask("POST", "/subscribers", sent(consent=AGREED), idempotency_key="one")
    second = await program.ask("POST", "/subscribers", sent(consent=AGREED), idempotency_key="one")
    assert (second.status, second.body) == (201, first.body)
    kept = (await grounds.everything())["api_answers"]
    assert len(kept) == 1
    assert "ani" not in repr(kept)
