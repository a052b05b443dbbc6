"""A few letters of a held edition leave ahead of the others, from an editor's word to the relay; on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.actions import approving
from service.actions import posting as post_office
from service.actions.approving import Said
from service.domain.approval import Approval, Verdict
from service.domain.editor import Editor, Role
from service.domain.errors import InvalidError
from service.store import editors, events, revisions
from service.store.tables import editions, notices
from tests.builders import a_collection, a_habit, an_event, at, on
from tests.contract.conftest import NOW, Posting
from tests.databases import on_either

pytestmark = on_either

READERS = 6
DAY = on("2026-09-27")
NINE = at("2026-09-27T05:00")  # in Yerevan


@pytest.fixture
async def editor(posting: Posting) -> Editor:
    """Whoever approves; six letters wait for that, planned but not rendered."""
    await posting.record()
    async with posting.app.store.write() as tx:
        await events.save_collection(tx, replace(a_collection(), approval=Approval.HOLD), NOW)
        editor = await editors.add(tx, "editor@example.org", "Ani", Role.APPROVER, "en", NOW)
    for number in range(READERS):
        await posting.reader(f"reader{number}@example.org", a_habit())
    posting.now = NINE
    await posting.app.planner.plan(NINE)
    assert await sent(posting) == 0
    return editor


async def sent(posting: Posting) -> int:
    """Send, and give how many readers have a letter by now: editors get theirs besides."""
    await posting.send()
    return len({to for to, _ in posting.letters() if to.startswith("reader")})


async def let(posting: Posting, editor: Editor, first: int) -> int:
    async with posting.app.store.write() as tx:
        edition = (await tx.execute(select(editions.c.id).where(editions.c.stopped_at.is_not(None)))).scalar_one()
        return (await post_office.release_first_for(tx, editor, edition, first, "to see them", posting.now)).notices


async def states(posting: Posting) -> dict[str, int]:
    async with posting.app.store.read() as tx:
        counted = select(notices.c.state, func.count()).where(notices.c.lane == 1).group_by(notices.c.state)
        return dict(tuple(row) for row in (await tx.execute(counted)).all())


async def test_they_are_rendered_and_leave_and_the_others_wait_for_the_approval(
    posting: Posting, editor: Editor
) -> None:
    assert await let(posting, editor, 2) == 2
    assert await sent(posting) == 2
    assert await states(posting) == {"accepted": 2, "held": 4}
    await posting.app.planner.plan(NINE + timedelta(minutes=1))
    assert await sent(posting) == 2
    async with posting.app.store.write() as tx:
        edition = (await tx.execute(select(editions.c.id).where(editions.c.stopped_at.is_not(None)))).scalar_one()
        assert await approving.approve_edition(tx, editor, edition, "they arrived", NINE) == 4
    assert await sent(posting) == READERS


async def test_a_word_of_an_editors_holds_those_ahead_too(posting: Posting, editor: Editor) -> None:
    await let(posting, editor, 3)
    await posting.app.press.render_all(NINE)
    async with posting.app.store.write() as tx:
        await approving.judge(tx, editor, Said("war", DAY, Verdict.HELD, why="a fault"), NINE)
    assert await sent(posting) == 0
    assert await states(posting) == {"held": READERS}


async def test_an_edit_takes_those_ahead_back_as_well(posting: Posting, editor: Editor) -> None:
    await let(posting, editor, 3)
    await posting.app.press.render_all(NINE)
    posting.now = NINE + timedelta(minutes=1)
    async with posting.app.store.write() as tx:
        await events.save_event(tx, an_event(title={"en": "Another name"}), "wars", 0, posting.now)
        await revisions.supersede(tx, ["war"], posting.now)
    assert await sent(posting) == 0
    with pytest.raises(InvalidError):
        await let(posting, editor, 1)
