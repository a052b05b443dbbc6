"""Corrections in the store, in what is planned, and in what is approved."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.actions import correcting
from service.actions.correcting import untold_return
from service.domain.approval import Approval, Verdict
from service.domain.errors import InvalidError, NotFoundError
from service.store import errata
from service.store.dialect import Store
from service.store.tables import notices
from tests.builders import an_event, at, on
from tests.contract.test_approvals import DAY, NINE, Room

WORDS = {"en": "It was 44 days.", "hy": "44 օր էր։"}


@pytest.fixture
async def room(store: Store) -> Room:
    room = Room(store)
    await room.begin(Approval.NONE)
    await room.reader("ani")
    return room


async def _correct(room: Room) -> str:
    async with room.store.write() as tx:
        return await correcting.correct(tx, room.editor, "war", WORDS, NINE)


async def test_a_correction_stands_until_it_is_withdrawn(room: Room) -> None:
    id_ = await _correct(room)
    async with room.store.read() as tx:
        (found,) = (await errata.not_withdrawn(tx, ["war", "end"]))["war"]
        assert (found.id, found.words, found.who) == (id_, WORDS, "Ani <editor@example.org>")
        assert await errata.since(tx, ["war"], NINE - timedelta(seconds=1)) == [found]
        assert await errata.since(tx, ["war"], NINE) == []
    async with room.store.write() as tx:
        assert await correcting.withdraw(tx, room.editor, id_, NINE) == "war"
    async with room.store.write() as tx:
        assert await errata.not_withdrawn(tx, ["war"]) == {}
        with pytest.raises(NotFoundError):
            await correcting.withdraw(tx, room.editor, id_, NINE)
    assert [what for _, what in await room.done()] == ["corrected", "took back a correction"]


async def test_letters_that_have_not_started_follow_a_correction(room: Room) -> None:
    await room.plan()
    async with room.store.read() as tx:
        before = (await tx.execute(select(notices.c.edition_id))).scalar_one()
    await _correct(room)
    await room.plan(NINE + timedelta(minutes=1))
    async with room.store.read() as tx:
        row = (await tx.execute(select(notices))).one()
    assert row.edition_id != before
    assert row.state == "planned"


async def test_a_correction_after_the_approval_asks_anew(store: Store) -> None:
    room = Room(store)
    await room.begin(Approval.HOLD)
    await room.reader("ani")
    await room.plan()
    await room.say(Verdict.APPROVED)
    await _correct(room)
    await room.plan(NINE + timedelta(minutes=1))
    assert await room.states() == [("held", "stopped")]


@pytest.mark.parametrize("words", [{}, {"en": "  "}, {"en": "x" * 3000}])
async def test_a_correction_needs_words_and_not_too_many(room: Room, words: dict[str, str]) -> None:
    async with room.store.write() as tx:
        with pytest.raises(InvalidError):
            await correcting.correct(tx, room.editor, "war", words, NINE)


@pytest.mark.parametrize(
    ("today", "until"), [("2026-01-01", "2026-09-27"), ("2026-09-01", "2027-09-27"), ("2026-09-27", "2027-09-27")]
)
def test_it_comes_with_the_first_return_of_which_nobody_can_have_been_told(today: str, until: str) -> None:
    assert untold_return(an_event(), on(today), 7) == on(until)


def test_an_event_that_returns_no_more_keeps_its_correction() -> None:
    once = an_event(rules=[{"kind": "day-count", "days": 40}])
    assert untold_return(once, DAY, 0) is None
    standing = errata.Erratum("1", "war", WORDS, None, "Ani", at("2026-09-27T05:00"), None)
    assert standing.stands_on(on("2090-01-01"))
