"""What there is to see of the post: each fact is counted from its rows, by an index, on both databases."""

import errno
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text, update

from service.actions import posting
from service.domain.approval import Fate
from service.domain.errors import InvalidError, NotFoundError
from service.domain.notice import State
from service.domain.standing import Standing, Unapproved, Verdict
from service.rendering.verdict_words import verdict_words
from service.store import holding, installation, lanes, standstill, status
from service.store.dialect import Store
from service.store.tables import editions as editions_table
from service.store.tables import installation as installation_table
from tests.builders import a_desk, at
from tests.post import Post

NOW = at("2026-09-27T05:00")
REFUSED = "5.1.1 <reader0@example.org>: no such person"


@pytest.fixture
async def post(store: Store) -> Post:
    """A post that has just looked what is due."""
    post = Post(store, NOW)
    await post.ticked()
    return post


async def seen(post: Post, leases_at: float = 0.0) -> Standing:
    async with post.store.read() as tx:
        return await status.standing(tx, post.now, leases_at)


async def one_of_everything(post: Post) -> None:
    """Put a notice into each state, and whatever else there is to see."""
    for state in State:
        await post.notice(state, owner="w" if state in {State.CLAIMED, State.SENDING} else None)
    await post.notice(State.READY, "deferred", due_at=NOW + timedelta(minutes=5), words="4.2.1 later", code=450)
    await post.worker("w")
    await post.lane("example.net", seconds=2.0)
    await post.slot("missed")
    await post.edition(rendered=False, findings=("line 3: nothing",))


async def test_a_new_installation_has_never_ticked_and_has_nothing_due(store: Store) -> None:
    found = await seen(Post(store, NOW))
    assert (found.verdict, found.ticked_at, sum(found.counts.values())) == (Verdict.NO_TICK, None, 0)


async def test_every_state_is_counted_from_its_rows(post: Post) -> None:
    for number, state in enumerate(State, 1):
        for _ in range(number):
            await post.notice(state, owner="w" if state in {State.CLAIMED, State.SENDING} else None)
    assert (await seen(post)).counts == {state: number for number, state in enumerate(State, 1)}


async def test_what_is_due_is_told_with_the_oldest_and_what_is_for_later_apart(post: Post) -> None:
    for minutes, lane in ((-3, 1), (-7, 1), (-5, 0), (9, 1)):
        await post.notice(State.READY, due_at=NOW + timedelta(minutes=minutes), lane=lane)
    found = await seen(post)
    assert (found.due, found.ahead, found.oldest_age) == (3, 1, timedelta(minutes=7))


@pytest.mark.parametrize(
    ("put_off", "verdict", "sentence"),
    [
        (0, Verdict.RENDERING, "Nothing leaves yet; 1 letter waits for its edition."),
        (2, Verdict.WAITING, "Nothing is due now; 2 letters wait for the next attempt."),
    ],
)
async def test_what_waits_for_its_edition_is_not_called_nothing_nor_hides_what_is_put_off(
    post: Post, put_off: int, verdict: Verdict, sentence: str
) -> None:
    await post.notice(State.PLANNED)
    for _ in range(put_off):
        await post.notice(State.READY, "deferred", due_at=NOW + timedelta(minutes=5))
    found = await seen(post)
    assert (found.verdict, found.verdict.stands_still) == (verdict, False)
    assert verdict_words(found, a_desk().languages.of("en")).sentence == sentence


async def test_what_is_put_off_is_gathered_by_domain_and_reason_the_nearest_first(post: Post) -> None:
    for minutes, domain in ((30, "b.example"), (10, "a.example"), (20, "b.example")):
        await post.notice(
            State.READY, "deferred", at=domain, due_at=NOW + timedelta(minutes=minutes), words=f"in {minutes}"
        )
    found = await seen(post)
    assert [(group.domain, group.count, group.words) for group in found.put_off_groups] == [
        ("b.example", 2, "in 20"),
        ("a.example", 1, "in 10"),
    ]
    assert [line.domain for line in found.nearest] == ["a.example", "b.example", "b.example"]
    assert (found.put_off, found.verdict) == (3, Verdict.WAITING)


async def test_words_in_a_list_name_no_reader(post: Post) -> None:
    await post.notice(State.FAILED, "refused", words=f'{REFUSED}, nor "a b"@Example.org', code=550)
    (line,) = (await seen(post)).troubled
    assert line.words == "5.1.1 <…@example.org>: no such person, nor …@Example.org"


async def test_what_ended_two_days_ago_is_not_of_late_but_what_is_held_stays(post: Post) -> None:
    before = NOW - timedelta(days=3)
    old = f"{int(before.timestamp() * 1000):012x}{{:020}}"
    for number, state in enumerate((State.ACCEPTED, State.DROPPED, State.FAILED, State.HELD, State.QUARANTINE)):
        await post.notice(state, id=old.format(number), finished_at=before)
    counts = {state: count for state, count in (await seen(post)).counts.items() if count}
    assert counts == {State.HELD: 1, State.QUARANTINE: 1}


async def test_workers_are_told_with_what_they_have_in_hand_and_whether_they_live(post: Post) -> None:
    await post.worker("living", 100.0)
    await post.worker("dead", 10.0)
    await post.notice(State.SENDING, owner="dead")
    await post.notice(State.CLAIMED, owner="unknown")
    found = {one.id: (one.alive, one.claimed, one.sending) for one in (await seen(post, 50.0)).workers}
    assert found == {"living": (True, 0, 0), "dead": (False, 0, 1), "unknown": (False, 1, 0)}


async def test_editions_that_hold_letters_up_are_told_with_how_many_wait(post: Post) -> None:
    bad = await post.edition(rendered=False, findings=("line 3: nothing",))
    await post.notice(State.PLANNED, edition=bad)
    await post.notice(State.PLANNED, edition=bad)
    await post.edition()
    (found,) = (await seen(post)).editions
    assert (found.id, found.waiting, found.findings) == (bad, 2, ("line 3: nothing",))
    assert (await seen(post)).verdict is Verdict.NOT_RENDERED


async def test_slots_and_lanes_are_told(post: Post) -> None:
    await post.slot("missed")
    await post.slot("missed", hour="10:00", ran_at=NOW - timedelta(days=3))
    await post.slot("running", hour="11:00")
    await post.slot("run", hour="12:00")
    await post.lane("closed.example", closed_until=NOW + timedelta(hours=1), reason="5.7.1 policy")
    await post.lane("open.example", closed_until=NOW - timedelta(hours=1))
    await post.lane("slow.example", seconds=2.5)
    found = await seen(post)
    assert ([one.hour for one in found.slots_missed], found.missed) == (["09:00"], 1)
    assert [one.hour for one in found.slots_running] == ["11:00"]
    assert [one.domain for one in found.lanes] == ["closed.example", "slow.example"]


@pytest.mark.parametrize(
    ("minutes", "worker", "owner", "verdict"),
    [
        (1, False, None, Verdict.LEAVING),
        (5, False, None, Verdict.NOBODY_SENDS),
        (5, True, None, Verdict.STUCK),
        (5, True, "w", Verdict.LEAVING),
    ],
)
async def test_what_is_due_leaves_or_it_is_said_why_not(
    post: Post, minutes: int, *, worker: bool, owner: str | None, verdict: Verdict
) -> None:
    await post.notice(State.READY, due_at=NOW - timedelta(minutes=minutes))
    if worker:
        await post.worker("w", 100.0)
    if owner:
        await post.notice(State.SENDING, owner=owner)
    assert (await seen(post, 50.0)).verdict is verdict


@pytest.mark.parametrize("reason", ["unreached", "refused"])
async def test_a_relay_that_cannot_be_used_is_named_since_the_first_attempt(post: Post, reason: str) -> None:
    waiting = await post.notice(State.READY, reason, words="connection refused", due_at=NOW + timedelta(seconds=20))
    await post.attempt(waiting, reason, 0, "connection refused", at=NOW - timedelta(minutes=4))
    await post.attempt(waiting, reason, 0, "connection refused", generation=2, at=NOW - timedelta(minutes=2))
    found = await seen(post)
    assert found.verdict is Verdict.UNREACHED
    assert found.relay_trouble
    assert (found.relay_trouble.words, found.relay_trouble_at) == ("connection refused", NOW - timedelta(minutes=4))


async def test_a_relay_that_its_senders_cannot_reach_is_told_until_they_can(post: Post) -> None:
    await post.notice(State.READY)
    for minutes in (5, 3):
        at_ = NOW - timedelta(minutes=minutes)
        await post.store.group(lambda tx, at_=at_: lanes.tell_of_relay(tx, "refused", at_))
    found = await seen(post)
    assert found.relay_trouble
    assert (found.verdict, found.relay_trouble.words) == (Verdict.UNREACHED, "refused")
    assert (found.relay_trouble_at, found.lanes) == (NOW - timedelta(minutes=5), ())
    await post.store.group(lambda tx: lanes.tell_of_relay(tx, "", NOW))
    assert (await seen(post)).verdict is Verdict.LEAVING


async def test_a_pause_is_told_with_its_reason_and_ends(post: Post) -> None:
    async with post.store.write() as tx:
        assert await installation.pause(tx, "the relay moves", NOW)
        assert not await installation.pause(tx, "it still moves", NOW + timedelta(minutes=1))
    found = await seen(post)
    assert (found.verdict, found.paused_at, found.paused_reason) == (Verdict.PAUSED, NOW, "the relay moves")
    async with post.store.write() as tx:
        assert await posting.resume(tx, NOW, take_over=False)
    assert (await seen(post)).verdict is Verdict.NOTHING_DUE


async def test_a_copy_that_was_held_goes_on_only_when_it_takes_over(post: Post) -> None:
    async with post.store.write() as tx:
        await installation.pause(tx, "a copy", NOW)
        await tx.execute(update(installation_table).values(fingerprint="elsewhere"))
        with pytest.raises(InvalidError, match="--take-over"):
            await posting.resume(tx, NOW, take_over=False)
        assert await posting.resume(tx, NOW, take_over=True)
        found = await installation.state(tx)
        assert found
        assert (found.paused_at, found.fingerprint) == (None, await installation.here(tx))


async def test_a_clock_that_stopped_is_told(post: Post) -> None:
    await post.ticked(NOW - timedelta(minutes=4))
    assert (await seen(post)).verdict is Verdict.NO_TICK


async def test_letters_that_wait_for_an_approval_stand_still_once_their_moment_has_come(post: Post) -> None:
    asked, paused = await post.edition(), await post.edition()
    first, later = NOW - timedelta(minutes=3), NOW + timedelta(hours=1)
    for edition, due_at in ((asked, first), (asked, NOW), (asked, later), (paused, NOW)):
        await post.notice(State.READY, edition=edition, due_at=due_at)
    await post.notice(State.READY, edition=asked, due_at=first, expires_at=NOW)
    async with post.store.write() as tx:
        await posting.stop(tx, asked, Fate.AWAITING, NOW)
        await posting.stop(tx, paused, "by hand", NOW)
        await tx.execute(update(editions_table).values(day=NOW.date()))
    found = await seen(post)
    assert (found.verdict, found.unapproved) == (Verdict.UNAPPROVED, Unapproved(2, first))
    assert replace(found, no_room="No space left on device").verdict is Verdict.NO_ROOM


async def test_whether_there_is_room_for_changes_is_tried_and_nothing_is_kept_of_it(post: Post) -> None:
    for _ in range(2):
        assert await standstill.no_room(post.store, is_asked=True) == ""
    assert (await status.look(post.store, NOW, 0.0)).verdict is Verdict.NOTHING_DUE


@pytest.mark.parametrize(
    ("number", "is_told"),
    [
        (errno.ENOSPC, True),
        (errno.EDQUOT, True),
        (errno.EROFS, True),
        (errno.EIO, True),
        (errno.EOPNOTSUPP, False),  # a file system that reserves nothing takes what is written nevertheless
        (errno.EINVAL, False),
        (errno.EMFILE, False),
        (errno.EACCES, False),
    ],
    ids=lambda value: errno.errorcode.get(value, "") if value > 1 else str(value),
)
def test_only_a_disk_that_takes_nothing_has_no_room(number: int, *, is_told: bool) -> None:
    told = standstill.why_no_room(OSError(number, os.strerror(number)), Path("/srv/post"))
    assert told == (f"{os.strerror(number)} (/srv/post)" if is_told else "")


async def test_a_notice_is_told_with_its_attempts_in_order_and_the_servers_words(post: Post) -> None:
    id_ = await post.notice(State.FAILED, "refused", words=REFUSED, code=550, generation=3)
    await post.attempt(id_, "lost", 0, "its worker died", generation=2, at=NOW - timedelta(minutes=1))
    await post.attempt(id_, "deferred", 450, "4.2.1 later", at=NOW - timedelta(minutes=5))
    async with post.store.read() as tx:
        found = await status.history(tx, id_)
        nothing = await status.history(tx, "none")
    assert found
    assert nothing is None
    assert [(one.result, one.code, one.words) for one in found.attempts] == [
        ("deferred", 450, "4.2.1 later"),
        ("lost", 0, "its worker died"),
    ]
    assert (found.address, found.line.words, found.subject) == ("reader0@example.org", REFUSED, "A war")


async def test_stopping_an_edition_holds_what_waits_for_it_and_releasing_it_lets_it_go_on(post: Post) -> None:
    edition, other = await post.edition(), await post.edition()
    ids = {state: await post.notice(state, edition=edition) for state in State}
    gone = await post.notice(State.READY, edition=edition, expires_at=NOW + timedelta(minutes=1))
    elsewhere = await post.notice(State.READY, edition=other)
    async with post.store.write() as tx:
        assert (await posting.stop(tx, edition, " a wrong\nname ", NOW)).notices == 4
    (found,) = (await seen(post)).editions
    assert (found.stopped_at, found.stopped_reason) == (NOW, "a wrong name")
    stopped = [await post.row(ids[state]) for state in (State.PLANNED, State.READY, State.CLAIMED)]
    assert {(row.state, row.reason, row.finished_at) for row in stopped} == {("held", "stopped", NOW)}
    assert (await post.row(ids[State.SENDING])).state == "sending"
    assert (await post.row(elsewhere)).state == "ready"

    later = NOW + timedelta(minutes=2)
    async with post.store.write() as tx:
        assert (await posting.release(tx, edition, later)).notices == 3
    row = await post.row(ids[State.READY])
    assert (row.state, row.reason, row.due_at, row.finished_at, row.generation) == ("ready", "", later, None, 2)
    assert (await post.row(gone)).state == "held"
    assert (await post.row(ids[State.HELD])).state == "held"
    assert (await seen(post)).editions == ()
    async with post.store.read() as tx:
        history = await status.history(tx, ids[State.READY])
    assert history
    assert [(one.result, one.generation, one.at) for one in history.attempts] == [("released", 1, later)]


async def test_a_notice_that_was_set_aside_goes_on_with_a_clean_count_of_crashes_and_its_doubts(post: Post) -> None:
    id_ = await post.notice(State.QUARANTINE, "crashed", crashes=3, doubts=1, words="its worker died")
    async with post.store.write() as tx:
        assert (await posting.release(tx, id_, NOW)).notices == 1
    row = await post.row(id_)
    assert (row.state, row.crashes, row.doubts, row.generation) == ("ready", 0, 1, 2)


async def test_what_cannot_be_released_says_why(post: Post) -> None:
    edition = await post.edition()
    stopped = await post.notice(State.READY, edition=edition)
    late = await post.notice(State.HELD, expires_at=NOW)
    sent = await post.notice(State.ACCEPTED)
    async with post.store.write() as tx:
        await posting.stop(tx, edition, "", NOW)
        for id_, words in (
            (sent, "it is accepted"),
            (late, "not sent late"),
            (stopped, f"release the edition: {edition}"),
        ):
            with pytest.raises(InvalidError, match=words):
                await posting.release(tx, id_, NOW)
        with pytest.raises(NotFoundError):
            await posting.release(tx, "none", NOW)
        with pytest.raises(NotFoundError):
            await posting.stop(tx, "none", "", NOW)
        with pytest.raises(InvalidError, match="too long"):
            await posting.stop(tx, edition, "x" * 501, NOW)


async def test_no_question_reads_all_notices(post: Post) -> None:
    """Each statement about notices is planned anew, with their table being too dear to read whole."""
    await one_of_everything(post)
    asked = await statements_of(post)
    assert len(asked) > 15
    async with post.store.write() as tx:
        if not post.store.embedded:
            await tx.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, parameters in asked:
            explain = "EXPLAIN QUERY PLAN " if post.store.embedded else "EXPLAIN "
            rows = (await tx.exec_driver_sql(explain + statement, parameters)).all()
            plan = "\n".join(str(row[-1]) for row in rows)
            assert "Seq Scan on notices" not in plan, statement
            reading = [line for line in plan.splitlines() if line.startswith("SCAN notices")]
            assert all("USING" in line and "INDEX ix_notices_" in line for line in reading), f"{statement}\n{plan}"


async def statements_of(post: Post) -> list[tuple[str, Any]]:
    """Give the statements about notices that the whole standing is made of."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: object) -> None:
        if "notices" in statement and statement.startswith(("SELECT", "UPDATE", "INSERT INTO attempts")):
            asked.append((statement, parameters))

    engine = post.store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await seen(post)
        async with post.store.read() as tx:
            await status.unfinished(tx, NOW)
            await status.history(tx, "none")
        async with post.store.write() as tx:
            await holding.stop(tx, "none", "", NOW)
            await holding.release_edition(tx, "none", NOW)
            await holding.release_notice(tx, "none", NOW)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return asked
