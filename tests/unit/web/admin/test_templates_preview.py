"""How a text will look as a letter: what is served, under what policy, and how often."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta

from service.domain.editor import Role
from service.domain.notice import Kind
from service.rendering.proof import Proof, Wanted
from service.web.admin.templates_proofs import MOST_IN_A_MINUTE
from tests.unit.web.admin.bench import AT, BODY, Bench

PREVIEW = f"/preview/{BODY}"


async def test_case_091_the_letter_comes_from_its_own_address_without_power_or_cookies(bench: Bench):
    text = (await bench.text()).replace("{% block body %}", "{% block body %}<script>alert(1)</script>")
    for answer in (
        await bench.get(PREVIEW),
        await bench.post(PREVIEW, {"text": await bench.text()}),
        await bench.post(PREVIEW, {"text": text}),
        await bench.post(PREVIEW, {"text": await bench.text(), "view": "headers"}),
    ):
        assert answer.status == 200
        policy = answer.headers["content-security-policy"]
        directives = {"sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"}
        assert directives | {"frame-ancestors 'self'"} <= set(policy.split("; "))
        assert "allow-" not in policy
        assert "set-cookie" not in answer.headers
        assert "<script" not in answer.text
    page = (await bench.get(f"/edit/{BODY}")).text
    assert re.search(r'<iframe[^>]* sandbox=""', page)
    assert "srcdoc" not in page


async def test_the_letter_that_is_shown_is_the_one_that_would_leave(bench: Bench):
    proof = await bench.grounds.site().prove(Wanted(Kind.NOTICE, "en"), {})
    assert proof.words is not None
    shown = (await bench.post(PREVIEW, {"text": await bench.text()})).text
    title = re.search(r"<h1[^>]*>(.*?)</h1>", proof.words.html, re.DOTALL)
    assert title
    assert title[0] in shown
    assert "/leave/" in shown  # the reader's own link stands where it will stand
    text = (await bench.post(PREVIEW, {"text": await bench.text(), "view": "text"})).text
    assert "Unsubscribe" in text
    assert "List-Unsubscribe" in (await bench.post(PREVIEW, {"text": await bench.text(), "view": "headers"})).text
    assert "bytes" in (await bench.post(PREVIEW, {"text": await bench.text(), "view": "size"})).text


async def test_the_text_of_a_letter_is_shown_as_text_beside_its_template(bench: Bench):
    shown = 'name="view" value="text" checked'
    assert shown in (await bench.get("/edit/letters/notice/body.txt")).text
    assert shown not in (await bench.get(f"/edit/{BODY}")).text


async def test_by_night_the_letters_own_rules_hold_and_by_day_they_do_not(bench: Bench):
    night = (await bench.post(PREVIEW, {"text": await bench.text(), "look": "dark"})).text
    day = (await bench.post(PREVIEW, {"text": await bench.text(), "look": "light"})).text
    assert "@media (min-width: 0)" in night
    assert 'content="dark"' in night
    assert "@media (max-width: 0)" in day
    assert 'content="light"' in day
    assert "prefers-color-scheme" not in night + day


async def test_what_is_wrong_comes_with_line_and_column_in_words(bench: Bench):
    text = "{# a remark #}\n" + (await bench.text()).replace("first.short", "first.shrot")
    told = json.loads((await bench.post(f"/findings/{BODY}", {"text": text})).body)
    (found,) = [one for one in told["found"] if "shrot" in one["words"]][:1]
    assert found["stops"]
    assert found["here"]
    assert found["line"] == 5
    assert found["column"] > 1
    assert found["where"] == f"Line 5, column {found['column']}"
    assert "first.shrot" in found["excerpt"]


async def test_a_day_without_the_event_is_told_and_nothing_fails(bench: Bench):
    (event,) = [row[0] for row in await bench.rows("events")]
    answer = await bench.post(PREVIEW, {"text": await bench.text(), "event": event, "on": "2024-01-01"})
    assert answer.status == 200
    assert "does not fall on 2024-01-01" in answer.text
    told = json.loads((await bench.post(f"/findings/{BODY}", {"text": "x", "event": event, "on": "2024-01-01"})).body)
    assert "does not fall on 2024-01-01" in told["told"]


async def test_case_094_who_asks_for_more_than_anybody_types_is_told_to_wait(bench: Bench):
    made: list[str] = []

    async def prove(wanted: Wanted, drafts: Mapping[str, str]) -> Proof:
        made.extend(drafts.values())
        return Proof(wanted, bench.grounds.now.date(), None, (), b"", 0.0)

    bench.client = bench.grounds.client(prove=prove)
    for number in range(MOST_IN_A_MINUTE):
        assert (await bench.post(PREVIEW, {"text": f"bad {number}"})).status == 200
    refused = await bench.post(PREVIEW, {"text": "one too many"})
    assert refused.status == 429
    assert "nothing that you typed is lost" in refused.text
    assert "sandbox" in refused.headers["content-security-policy"]
    assert (await bench.post(f"/findings/{BODY}", {"text": "another"})).status == 429
    assert (await bench.post(f"/save/{BODY}", {"text": "one too many", "based_on": "0"})).status == 303
    assert (await bench.post(PREVIEW, {"text": "mine"}, Role.APPROVER)).status == 200
    bench.grounds.now += timedelta(minutes=1)
    assert (await bench.post(PREVIEW, {"text": "a minute later"})).status == 200
    assert len(made) == MOST_IN_A_MINUTE + 2


async def test_the_page_asks_twice_and_the_letter_is_made_once(bench: Bench):
    made = 0
    own = bench.grounds.site().prove

    async def prove(wanted: Wanted, drafts: Mapping[str, str]) -> Proof:
        nonlocal made
        made += 1
        return await own(wanted, drafts)

    bench.client = bench.grounds.client(prove=prove)
    fields = {"text": await bench.text()}
    await bench.post(PREVIEW, fields)
    await bench.post(f"/findings/{BODY}", fields)
    assert made == 1
    await bench.post(PREVIEW, {**fields, "speaks": "hy"})
    assert made == 2


async def test_a_viewer_sees_what_is_in_use_and_sends_no_text(bench: Bench):
    await bench.post(f"/save/{BODY}", {"text": "half a thought", "based_on": "0"})
    assert "half a thought" in (await bench.get(f"/edit/{BODY}")).text
    assert "<h1" in (await bench.get(PREVIEW, Role.VIEWER)).text
    assert (await bench.post(PREVIEW, {"text": "x"}, Role.VIEWER)).status == 403
    assert (await bench.client.get(f"{AT}{PREVIEW}")).status == 303
