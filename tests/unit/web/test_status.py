"""The operator's page: only for who has the link, changing nothing, naming no reader; and what watches a process."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service import metrics as counted
from service.actions.posting import status_token
from service.domain.notice import State
from service.mail.tokens import Purpose, stamp
from service.store import installation
from service.store.dialect import Store
from service.web import metrics
from tests.post import Post
from tests.unit.web.client import Client
from tests.unit.web.given import Grounds

WORDS = "5.1.1 <reader0@example.org>: no such person"


@pytest.fixture
def post(grounds: Grounds) -> Post:
    """The post behind the pages."""
    return Post(grounds.store, grounds.now)


@pytest.fixture
def link(grounds: Grounds) -> str:
    """The address of the page."""
    return f"/status/{status_token(grounds.tokens, grounds.now + timedelta(days=30))}"


@pytest.fixture
def watched(grounds: Grounds) -> Client:
    """What asks a process with the clock how it is."""
    return Client(metrics.pages(grounds.store, lambda: grounds.now, lambda: 0.0, ticks=True))


def numbers(text: str) -> dict[str, float]:
    """Read metrics as Prometheus does: each number by its name and its labels' values."""
    return {
        ":".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_the_page_says_where_the_post_stands_and_what_needs_somebody(
    grounds: Grounds, post: Post, link: str
) -> None:
    await post.ticked()
    failed = await post.notice(State.FAILED, "refused", words=WORDS, code=550)
    await post.notice(State.READY, "deferred", at="slow.example", due_at=grounds.now + timedelta(minutes=5))
    bad = await post.edition(rendered=False, findings=("body.mjml:3: <b>nothing</b>",))
    await post.notice(State.PLANNED, edition=bad)
    page = await grounds.client().get(link)
    assert page.status == 200
    for said in ("Mail stands still", "slow.example", "refused by the server", f"{link}/notices/{failed}"):
        assert said in page.text
    assert "body.mjml:3: &lt;b&gt;nothing" in page.text
    assert "reader0" not in page.text
    assert "…@example.org" in page.text
    assert (page.headers["x-robots-tag"], page.headers["cache-control"]) == ("noindex", "no-store")
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_the_history_of_a_notice_names_no_reader_either(grounds: Grounds, post: Post, link: str) -> None:
    notice = await post.notice(State.FAILED, "refused", words=WORDS, code=550)
    await post.attempt(notice, "deferred", 450, "4.2.1 <reader0@example.org> later")
    page = await grounds.client().get(f"{link}/notices/{notice}")
    assert page.status == 200
    assert page.text.index("4.2.1 &lt;…@example.org&gt; later") < page.text.index("5.1.1 &lt;…@example.org&gt;")
    assert "reader0" not in page.text
    assert page.headers["x-robots-tag"] == "noindex"


async def test_a_pause_is_the_first_that_is_said_in_each_language(grounds: Grounds, link: str) -> None:
    async with grounds.store.write() as tx:
        await installation.pause(tx, "the <relay> moves", grounds.now)
    page, armenian = [await grounds.client().get(f"{link}?lang={code}") for code in ("en", "hy")]
    assert "the post is paused since 20 September 2024, 08:00 UTC, because: the &lt;relay&gt; moves" in page.text
    assert "առաքումը դադարեցված է" in armenian.text


async def test_looking_changes_nothing(grounds: Grounds, post: Post, link: str) -> None:
    notice = await post.notice(State.HELD)
    before = await grounds.everything()
    for path in (link, f"{link}?watch=1", f"{link}/notices/{notice}"):
        assert (await grounds.client().get(path)).status == 200
        assert (await grounds.client().post(path)).status == 405
    assert await grounds.everything() == before


async def test_it_looks_again_by_itself_only_when_it_is_asked_to(grounds: Grounds, link: str) -> None:
    page, watching = [await grounds.client().get(path) for path in (link, f"{link}?watch=1")]
    assert 'http-equiv="refresh"' not in page.text
    assert '<meta http-equiv="refresh" content="30">' in watching.text


async def test_a_wrong_link_is_answered_like_any_address_at_which_there_is_nothing(
    grounds: Grounds, post: Post, link: str
) -> None:
    notice = await post.notice(State.HELD)
    until = stamp(grounds.now + timedelta(days=1))
    old = status_token(grounds.tokens, grounds.now)
    wrong = [
        "x",
        link.rpartition("/")[2][:-1] + "_",
        old,
        grounds.tokens.sign(Purpose.MANAGE, "operator", until),
        grounds.tokens.sign(Purpose.STATUS, "somebody", until),
        grounds.tokens.sign(Purpose.STATUS, "operator"),
        grounds.tokens.sign(Purpose.STATUS, "operator", "never"),
    ]
    nothing = await grounds.client().get("/status/")
    for token in wrong:
        for path in (f"/status/{token}", f"/status/{token}/notices/{notice}"):
            answer = await grounds.client().get(path)
            assert (answer.status, "There is nothing here" in answer.text) == (404, True)
    assert nothing.status == 404
    assert (await grounds.client().get(f"{link}/notices/none")).status == 404


async def test_the_numbers_can_be_read_and_are_those_of_the_rows(grounds: Grounds, post: Post, watched: Client) -> None:
    await post.ticked(grounds.now - timedelta(seconds=20))
    await post.notice(State.READY, due_at=grounds.now - timedelta(minutes=3))
    await post.notice(State.READY, "unreached", due_at=grounds.now + timedelta(minutes=3))
    for _ in range(2):
        await post.notice(State.ACCEPTED)
    await post.worker("w")
    await post.lane("closed.example", closed_until=grounds.now + timedelta(hours=1))
    before = numbers((await watched.get("/metrics")).text)
    counted.handed_over(["accepted"])
    counted.committed(7)
    answer = await watched.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = numbers(answer.text)
    expected = {
        "notices:ready": 2,
        "notices:accepted": 2,
        "notices_due": 1,
        "oldest_due_age_seconds": 180,
        "relay_usable": 0,
        "stands_still": 1,
        "last_tick_age_seconds": 20,
        "workers_alive": 1,
        "lanes_closed": 1,
        "editions_unrendered": 0,
    }
    assert {name: found[f"remembrancer_{name}"] for name in expected} == expected
    handed = "remembrancer_letters_handed_over_total:accepted"
    assert found[handed] - before[handed] == 1
    assert found["remembrancer_commit_group_size_sum"] - before["remembrancer_commit_group_size_sum"] == 7
    assert "process_cpu_seconds_total" in found


async def test_every_number_has_a_text_that_says_what_it_is(watched: Client) -> None:
    families = list(text_string_to_metric_families((await watched.get("/metrics")).text))
    own = [family for family in families if family.name.startswith("remembrancer_")]
    assert len(own) >= 14
    assert [family.name for family in own if not family.documentation.endswith(".")] == []


async def test_a_process_is_ready_when_its_clock_has_ticked_lately(
    grounds: Grounds, post: Post, watched: Client
) -> None:
    assert (await watched.get("/health/live")).status == 200
    answer = await watched.get("/health/ready")
    assert (answer.status, "has not ticked yet" in answer.text) == (503, True)
    await post.ticked(grounds.now - timedelta(minutes=4))
    assert "has not ticked since 2024-09-20 07:56:00 UTC" in (await watched.get("/health/ready")).text
    await post.ticked(grounds.now - timedelta(minutes=1))
    answers = await asyncio.gather(*(watched.get("/health/ready") for _ in range(3)))
    assert [(answer.status, answer.text) for answer in answers] == [(200, '{"status":"ready"}')] * 3


async def test_without_its_database_a_process_lives_and_is_not_ready(grounds: Grounds) -> None:
    empty = Store(f"sqlite+aiosqlite:///{grounds.folder / 'empty.db'}")
    watched = Client(metrics.pages(empty, lambda: grounds.now, lambda: 0.0, ticks=False))
    assert (await watched.get("/health/live")).status == 200
    answer = await watched.get("/health/ready")
    assert (answer.status, "older version" in answer.text) == (503, True)
    assert (await watched.get("/metrics")).status == 503
    await empty.close()
