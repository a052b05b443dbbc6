"""What the relay answers, and of whom it speaks (`faults.md`, B.1, cases 8 to 14, 23, 24 and 28)."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from service.store import lanes
from service.store.tables import subscribers
from tests.databases import on_either
from tests.faults.post import BEGINNING, Post
from tests.faults.script import Rule, Stage
from tests.faults.wire import Wire

pytestmark = on_either

Relay = Callable[..., Wire]


def errors(noted: list[Any]) -> list[str]:
    """Give what somebody is told at once."""
    return [one["event"] for one in noted if one["log_level"] in {"error", "critical"}]


async def test_case_008_a_greylisted_letter_is_tried_again_ever_more_rarely_and_is_the_same(
    post: Post, relay: Relay
) -> None:
    """`450/451/452` at RCPT: next try 5 min ± 20 %, then 15, 30, 60 min, 2 h, 4 h; same id."""
    codes = [450, 451, 452, 450, 451, 452]
    rules = [Rule(Stage.RCPT, f"{code} 4.2.0 come again", times=1) for code in codes]
    async with relay(*rules) as wire:
        await post.opens(wire.url)
        (before,) = await post.fill(1)
        for tries, minutes in enumerate((5, 15, 30, 60, 120, 240), 1):
            await post.drain()
            row = await post.row()
            assert (row.state, row.reason, row.attempts, row.doubts) == ("ready", "deferred", tries, 0)
            assert 0.8 <= (row.due_at - post.now) / timedelta(minutes=minutes) <= 1.2
            post.now = row.due_at - timedelta(seconds=1)
            await post.drain()
            assert wire.times(Stage.RCPT) == tries, "not before it is due"
            post.now = row.due_at
        await post.drain()
    after = await post.row()
    assert (after.id, after.state, after.attempts, after.doubts) == (before.id, "accepted", 7, 0)
    assert await post.tried() == [("deferred", code) for code in codes]
    (content,) = wire.contents
    assert f"Date: {BEGINNING:%a, %d %b %Y %H:%M:%S +0000}\r\n".encode() in content, "the same as of the first try"
    assert (await post.lanes(), await post.suppressed()) == ({}, [])


async def test_case_009_an_address_that_does_not_exist_is_suppressed_and_the_others_are_untouched(
    post: Post, relay: Relay
) -> None:
    """`550 5.1.1` at RCPT: failed, address suppressed, other recipients untouched, connection reused."""
    async with relay() as wire:
        await post.opens(wire.url)
        nobody = (await post.fill(4))[1]
        wire.script.add(Rule(Stage.RCPT, "550 5.1.1 no such user", recipient=nobody.address))
        await post.drain()
    rows = await post.rows()
    assert [row.state for row in rows] == ["accepted", "failed", "accepted", "accepted"]
    assert [row.status for row in rows] == ["active", "suppressed", "active", "active"]
    assert (rows[1].reason, rows[1].code, rows[1].words) == ("no such mailbox", 550, "5.1.1 no such user")
    assert (await post.suppressed(), await post.tried()) == (["no such mailbox"], [])
    assert (wire.connections, len(wire.journal.read())) == (1, 3)


@pytest.mark.parametrize(("days", "suppressed"), [(6, ["refused twice"]), (8, [])])
async def test_case_010_a_refusal_without_a_reason_counts_and_the_second_in_a_week_suppresses(
    post: Post, relay: Relay, days: int, suppressed: list[str]
) -> None:
    """`550` without enhanced code: failed, score + 1, suppressed at 2 within 7 days, not at once."""
    async with relay(Rule(Stage.RCPT, "550 no")) as wire:
        await post.opens(wire.url)
        (first,) = await post.fill(1)
        await post.drain()
        row = await post.row()
        assert (row.state, row.reason, row.code, row.status) == ("failed", "refused", 550, "active")
        assert await post.suppressed() == []
        post.turn(days=days)
        await post.again(first)
        await post.drain()
    assert [row.state for row in await post.rows()] == ["failed", "failed"]
    assert await post.suppressed() == suppressed
    assert {row.status for row in await post.rows()} == {"suppressed" if suppressed else "active"}


async def test_case_011_a_full_mailbox_is_nobody_who_does_not_exist(post: Post, relay: Relay) -> None:
    """`5.2.2` / `4.2.2`: soft; nobody is suppressed for it, and no edition is stopped (552 is the code of size too)."""
    async with relay() as wire:
        app = await post.opens(wire.url)
        full, fuller, other = await post.fill(3)
        wire.script.add(
            Rule(Stage.RCPT, "552 5.2.2 mailbox full", recipient=full.address),
            Rule(Stage.RCPT, "452 4.2.2 mailbox full", recipient=fuller.address),
        )
        await post.drain()
        for _ in range(2):
            post.turn(days=1)
            await post.again(full)
            await post.drain()
    rows = await post.rows()
    by_state = Counter((row.address, row.state, row.reason) for row in rows)
    assert by_state[full.address, "failed", "mailbox full"] == 3
    assert by_state[other.address, "accepted", ""] == 1
    (waiting,) = [row for row in rows if row.address == fuller.address]
    assert (waiting.state, waiting.attempts) == ("ready", 1)
    assert (await post.suppressed(), (await post.edition()).stopped_at) == ([], None)
    assert app.sender.circuit.failures == 0


@pytest.mark.parametrize(
    ("stage", "reply"),
    [(Stage.RCPT, "550 5.7.1 policy"), (Stage.RCPT, "550 5.7.515 denied"), (Stage.DOT, "550 5.7.26 unauthenticated")],
)
async def test_case_012_a_domain_that_refuses_us_by_policy_is_left_alone_and_nobody_is_suppressed(
    post: Post, relay: Relay, stage: Stage, reply: str
) -> None:
    """`5.7.x`: the lane of that domain is paused, an alert given, nobody suppressed; the other domains go on."""
    async with relay(Rule(stage, reply, recipient="@example.com")) as wire:
        await post.opens(wire.url)
        await post.fill(60, domains=["example.com", "example.org"])
        with capture_logs() as noted:
            await post.drain()
        rows = await post.rows()
        refused = [row for row in rows if row.state == "failed"]
        waiting = [row for row in rows if row.state == "ready"]
        assert {(row.reason, row.address.rpartition("@")[2]) for row in refused} == {("policy", "example.com")}
        assert len(refused) <= 2, "the first, and one whose envelope was on its way"
        assert Counter(row.address.rpartition("@")[2] for row in waiting) == {"example.com": 30 - len(refused)}
        assert sum(row.state == "accepted" for row in rows) == 30
        lane = (await post.lanes())["example.com"]
        assert lane.closed_until == post.now + timedelta(hours=1)
        assert {(row.due_at, row.attempts, row.owner) for row in waiting} == {(lane.closed_until, 0, None)}
        assert errors(noted) == ["lane_closed"]
        assert (await post.suppressed(), (await post.edition()).stopped_at) == ([], None)
        wire.script.clear()
        post.turn(hours=1)
        await post.drain()
    assert await post.states() == {"accepted": 60 - len(refused), "failed": len(refused)}


async def test_case_012_a_lane_that_another_process_found_open_is_open_here_too(post: Post, relay: Relay) -> None:
    """What is remembered of a closed lane is not truer than the database."""
    async with relay(Rule(Stage.RCPT, "550 5.7.1 policy", times=1)) as wire:
        app = await post.opens(wire.url)
        await post.fill(1)
        await post.drain()
        assert (await post.lanes())["example.org"].closed_until > post.now
        await app.store.group(lambda tx: lanes.keep(tx, lanes.Lane("example.org"), post.now))
        await post.fill(5)
        await post.drain()
    assert await post.states() == {"failed": 1, "accepted": 5}


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.DATA, Stage.DOT])
async def test_case_013_a_letter_that_is_too_big_stops_its_edition_after_the_first(
    post: Post, relay: Relay, stage: Stage
) -> None:
    """`552 5.3.4`: the occurrence is stopped after the first, not 100 000 rejections."""
    async with relay(Rule(stage, "552 5.3.4 too big")) as wire:
        app = await post.opens(wire.url)
        await post.fill(60)
        with capture_logs() as noted:
            await post.drain()
    rows = await post.rows()
    assert Counter((row.state, row.reason) for row in rows) == {("failed", "too large"): 1, ("held", "stopped"): 59}
    edition = await post.edition()
    assert (edition.stopped_at, edition.stopped_reason) == (post.now, "5.3.4 too big")
    assert errors(noted) == ["edition_stopped"]
    assert (wire.times(Stage.DOT), wire.journal.read()) == (int(stage is Stage.DOT), [])
    assert (await post.suppressed(), await post.lanes(), app.sender.circuit.failures) == ([], {}, 0)


async def test_case_013_the_other_editions_go_on(post: Post, relay: Relay) -> None:
    """Only the occurrence that is too big is stopped."""
    async with relay(Rule(Stage.DOT, "552 5.3.4 too big", times=1)) as wire:
        await post.opens(wire.url)
        await post.fill(40, different=2)
        await post.drain()
    assert await post.states() == {"failed": 1, "held": 19, "accepted": 20}
    assert len(wire.journal.read()) == 20


@pytest.mark.parametrize("stage", [Stage.DATA, Stage.DOT])
async def test_case_014_451_after_data_is_tried_again(post: Post, relay: Relay, stage: Stage) -> None:
    """`451` after DATA: retry, on the connection that goes on."""
    async with relay(Rule(stage, "451 4.3.0 try again", times=1)) as wire:
        await post.opens(wire.url)
        await post.fill(3)
        await post.drain()
        waiting = next(row for row in await post.rows() if row.state == "ready")
        assert (waiting.attempts, waiting.reason, waiting.code) == (1, "deferred", 451)
        assert 4 <= (waiting.due_at - post.now) / timedelta(minutes=1) <= 6
        assert wire.connections == 1
        post.now = waiting.due_at
        await post.drain()
    assert await post.states() == {"accepted": 3}
    assert await post.tried() == [("deferred", 451)]
    assert len(wire.journal.read()) == 3


@pytest.mark.parametrize("stage", [Stage.DATA, Stage.DOT])
async def test_case_014_content_that_is_refused_three_times_in_a_row_stops_its_edition(
    post: Post, relay: Relay, stage: Stage
) -> None:
    """`554` after DATA: failed(content); three in a row stop the occurrence."""
    async with relay(Rule(stage, "554 no")) as wire:
        await post.opens(wire.url)
        await post.fill(50)
        await post.drain()
    rows = await post.rows()
    assert Counter((row.state, row.reason) for row in rows) == {("failed", "content"): 3, ("held", "stopped"): 47}
    assert (await post.edition()).stopped_at == post.now
    assert (await post.suppressed(), wire.times(Stage.MAIL) <= 4) == ([], True)


async def test_case_014_three_refusals_with_a_letter_taken_between_stop_nothing(post: Post, relay: Relay) -> None:
    """Three in a row, not three."""
    async with relay(Rule(Stage.DOT, "554 no", times=2), Rule(Stage.DOT, "554 no", skip=1, times=2)) as wire:
        await post.opens(wire.url)
        await post.fill(10)
        await post.drain()
    assert await post.states() == {"failed": 4, "accepted": 6}
    assert (await post.edition()).stopped_at is None


async def test_case_023_a_letter_beyond_the_size_that_the_server_names_is_not_begun(post: Post, relay: Relay) -> None:
    """`SIZE` smaller than the letter: not sent, as case 13, before MAIL."""
    async with relay(extensions=("8BITMIME", "SIZE 300")) as wire:
        await post.opens(wire.url)
        await post.fill(30)
        await post.drain()
    rows = await post.rows()
    assert Counter((row.state, row.reason) for row in rows) == {("failed", "too large"): 1, ("held", "stopped"): 29}
    assert (await post.edition()).stopped_at == post.now
    assert wire.times(Stage.MAIL) == wire.times(Stage.DATA) == 0


async def test_case_024_an_address_beyond_ascii_is_told_of_where_the_server_cannot_have_it(
    post: Post, relay: Relay
) -> None:
    """No SMTPUTF8: failed in words, not an exception; the lane, the connection and the others go on."""
    async with relay(extensions=("8BITMIME",)) as wire:
        await post.opens(wire.url)
        rows = await post.fill(5)
        await post.change(subscribers, rows[2].subscriber_id, address="անի@example.org")
        await post.drain()
    states = [(row.state, row.reason) for row in await post.rows()]
    assert states == [
        ("accepted", ""),
        ("accepted", ""),
        ("failed", "needs SMTPUTF8"),
        ("accepted", ""),
        ("accepted", ""),
    ]
    assert (wire.connections, len(wire.journal.read())) == (1, 4)
    assert (await post.suppressed(), await post.lanes()) == ([], {})


async def test_case_024_an_address_beyond_ascii_goes_where_the_server_takes_it(post: Post, relay: Relay) -> None:
    """With SMTPUTF8 it is said in MAIL, and the address is on the wire as it is stored."""
    async with relay() as wire:
        await post.opens(wire.url)
        (row,) = await post.fill(1)
        await post.change(subscribers, row.subscriber_id, address="անի@example.org")
        await post.drain()
    assert [kept.recipients for kept in wire.journal.read()] == [("անի@example.org",)]
    assert [line.endswith(" SMTPUTF8") for _, line in wire.commands if line.startswith("MAIL")] == [True]


async def test_case_028_a_domain_that_says_later_to_all_for_six_hours_keeps_nobody_else_waiting(
    post: Post, relay: Relay
) -> None:
    """Its lane backs off; the letters of other domains leave at the moment at which they are due, all of them.

    So the 95th of a hundred waits as long as without that domain: not at all, by the clock that the test turns.
    """
    later = Rule(Stage.RCPT, "451 4.7.1 later", recipient="@slow.example.com")
    async with relay(later) as wire:
        await post.opens(wire.url, connections=2)
        await post.fill(40, domains=["slow.example.com"])
        tries = []
        for _ in range(24):
            before = wire.times(Stage.RCPT)
            fresh = await post.fill(4)
            tally = await post.drain()
            assert tally.accepted == 4
            tries.append(wire.times(Stage.RCPT) - before - 4)
            assert {row.address for row in fresh} >= {kept.recipients[0] for kept in wire.journal.read()[-4:]}
            post.turn(minutes=15)
        lane = (await post.lanes())["slow.example.com"]
        assert lane.closed_until >= post.now
        assert max(tries) <= 14, "ten in a row; then what is in flight, and what is announced, on two connections"
        assert sum(map(bool, tries)) <= 6, "15 min, then twice as long each time"
        fast = [row for row in await post.rows() if row.address.endswith("@example.org")]
        assert {(row.state, row.finished_at - row.due_at, row.attempts) for row in fast} == {
            ("accepted", timedelta(0), 1)
        }
        wire.script.clear()
        post.turn(hours=4)
        await post.drain()
        post.turn(hours=4)
        await post.drain()
    slow = [row for row in await post.rows() if row.address.endswith("@slow.example.com")]
    assert {row.state for row in slow} == {"accepted"}
    assert (await post.lanes())["slow.example.com"].closed_until is None
