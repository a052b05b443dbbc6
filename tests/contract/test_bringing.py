"""Who is brought in, and who is barred since another system does not write to them, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.actions.answers import is_barred
from service.actions.bringing import Fate, Tally, bring, foreseen
from service.actions.consent import proof
from service.actions.subscriber_checks import Asked
from service.actions.subscriber_exports import Whom
from service.actions.subscriber_rows import Barred, Entry, LeftOut, Row, chunks
from service.actions.subscriber_sources import checked
from service.actions.subscribing import confirm_for
from service.domain.consent import Came
from service.domain.subscription import Status, Wish
from service.store import audit, events, subscribers
from service.store.dialect import Store
from tests.builders import a_collection, a_desk, a_habit, an_event, at

NOW = at("2026-09-01T08:00")
DESK = a_desk()
ANI, BORIS, VERA = (f"{name}@example.org" for name in ("ani", "boris", "vera"))
AGREED = at("2024-03-14T09:12")
ROW = Row(ANI, a_habit(), (Wish(collection="wars"),), AGREED)
LEFT = Barred(ANI, "left in Mailchimp", None, left=True)


@pytest.fixture(autouse=True)
async def _record(store: Store) -> None:
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), NOW)
        await events.save_event(tx, an_event(), "wars", 0, NOW)


async def brought(store: Store, *entries: Entry) -> list[Fate]:
    """Foresee what becomes of people, bring them, and see that it came so."""
    tally, expected = Tally(), Tally()
    async with store.read() as tx:
        fates = await foreseen(tx, DESK, entries, {})
    expected.add(entries, fates)
    async with store.write() as tx:
        await bring(tx, DESK, entries, tally, NOW)
    assert tally == expected
    return fates


async def stands(store: Store, address: str) -> tuple[Status | None, bool]:
    """Give where somebody stands, and whether their address is barred from what nobody asked for."""
    async with store.read() as tx:
        known = await subscribers.by_address(tx, address)
        return known.status if known else None, await is_barred(tx, DESK.tokens, address)


async def test_each_has_a_fate_and_the_same_file_again_changes_nothing(store: Store) -> None:
    people: Sequence[Entry] = (
        ROW,
        replace(ROW, address=BORIS, confirmed_at=None),
        replace(ROW, address=ANI.upper()),
        replace(LEFT, address=VERA),
        replace(ROW, address=VERA),
        LeftOut("out@example.org", "disabled in listmonk"),
    )
    first = [Fate.CONFIRMED, Fate.ASKED, Fate.KNOWN, Fate.SUPPRESSED, Fate.REFUSED, Fate.LEFT_OUT]
    assert await brought(store, *people) == first
    again = [Fate.KNOWN, Fate.KNOWN, Fate.KNOWN, Fate.KNOWN, Fate.REFUSED, Fate.LEFT_OUT]
    assert await brought(store, *people) == again
    assert await stands(store, ANI) == (Status.ACTIVE, False)
    assert await stands(store, BORIS) == (Status.PENDING, False)
    assert await stands(store, VERA) == (None, True)
    assert await stands(store, "out@example.org") == (None, False)
    async with store.read() as tx:
        told = [entry.details for entry in await audit.entries(tx, audit.Asked(action="suppressed"), 9)]
    assert told == [{"reasons": {"left in Mailchimp": 1}}]


@pytest.mark.parametrize("days", [-1, 1, None], ids=["before", "after", "unknown"])
async def test_the_later_of_somebodys_own_acts_holds(store: Store, days: int | None) -> None:
    """Somebody left there before or after they confirmed here, or nobody knows when."""
    await brought(store, replace(ROW, confirmed_at=None))
    async with store.write() as tx:
        asked = await subscribers.by_address(tx, ANI)
        assert asked is not None
        await confirm_for(tx, DESK, asked, NOW, Came("mail"))
    gone = replace(LEFT, since=None if days is None else NOW + timedelta(days=days))
    if days == -1:
        assert await brought(store, gone) == [Fate.KNOWN]
        assert await stands(store, ANI) == (Status.ACTIVE, False)
        return
    assert await brought(store, gone) == [Fate.SUPPRESSED]
    assert await stands(store, ANI) == (Status.LEFT, True)


@pytest.mark.parametrize("source", ["import", "api"])
@pytest.mark.parametrize("known", [ROW, replace(ROW, confirmed_at=None, is_vouched_for=True)], ids=["told", "vouched"])
async def test_nobodys_word_holds_against_somebodys_leaving(store: Store, known: Row, source: str) -> None:
    """They left elsewhere before the file, the program or the operator says that they agreed: they have left."""
    gone = replace(LEFT, since=AGREED - timedelta(days=1))
    async with store.write() as tx:
        await bring(tx, DESK, [known], Tally(), NOW, source)
    assert await stands(store, ANI) == (Status.ACTIVE, False)
    assert await brought(store, gone) == [Fate.SUPPRESSED]
    assert await stands(store, ANI) == (Status.LEFT, True)
    async with store.read() as tx:
        acts = (await proof(tx, DESK, ANI))["acts"]
    assert {("brought", source), ("left", "import")} == {(act["act"], act["source"]) for act in acts}
    assert [act.get("agreed_at") for act in acts if act["act"] == "brought"] == [
        known.confirmed_at.isoformat() if known.confirmed_at else None
    ]


@pytest.mark.parametrize("is_first", [True, False], ids=["who left first", "members first"])
async def test_of_two_files_the_order_does_not_matter(store: Store, tmp_path: Path, *, is_first: bool) -> None:
    members, left = tmp_path / "members.txt", tmp_path / "unsubscribed_x.csv"
    members.write_text(f"{ANI}\n")
    left.write_text(f"Email Address,LEID,EUID,UNSUB_TIME\n{ANI},1,2,2026-08-01\n")
    whom = Whom(ROW.wishes, consent="signed in 2019")
    for file in (left, members) if is_first else (members, left):
        with checked(file, Asked(("en",), ["collection:wars"], NOW, whom)) as (spool, _):
            for chunk in chunks(spool):
                await brought(store, *chunk)
    assert await stands(store, ANI) == (None if is_first else Status.LEFT, True)


async def test_a_mailbox_that_is_dead_elsewhere_is_struck_off(store: Store) -> None:
    await brought(store, ROW)
    dead = Barred(ANI, "undeliverable in Mailchimp", NOW, left=False)
    assert await brought(store, dead) == [Fate.SUPPRESSED]
    assert await stands(store, ANI) == (Status.SUPPRESSED, True)
    assert await brought(store, dead, ROW) == [Fate.KNOWN, Fate.REFUSED]
