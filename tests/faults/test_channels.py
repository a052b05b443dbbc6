"""Channels when processes die: nothing is missing, what is doubled is few, explained, and on the same way."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from service.delivery.channels import AT_ONCE
from service.domain.channel import LANE
from service.domain.notice import State
from service.store.channel_tables import channels
from service.store.dialect import Store
from service.store.tables import attempts, notices
from tests.faults import stock
from tests.faults.crew import Crew, all_done, crew, left
from tests.faults.wire import Wire
from tests.http_peer import HttpPeer

MANY = 24


@pytest.fixture
async def peer() -> AsyncIterator[HttpPeer]:
    """An ntfy server that takes everything."""
    async with HttpPeer() as peer:
        yield peer


@pytest.fixture
async def hands(database_url: str, wire: Wire, peer: HttpPeer, tmp_path: Path) -> AsyncIterator[Crew]:
    """A crew without workers, on that store, a relay, and that ntfy server."""
    async with crew(database_url, wire.url, tmp_path / "home", CONNECTIONS="4", CHANNELS=peer.ntfy) as hands:
        yield hands


async def filled(store: Store) -> dict[str, str]:
    """Put ready notices into the store whose readers have chosen ntfy; give their topics, and whose notice each is."""
    now = datetime.now(UTC)
    await stock.fill(store, MANY, now=now)
    async with store.write() as tx:
        rows = (await tx.execute(select(notices.c.id, notices.c.subscriber_id))).all()
        chosen = [
            {"reader_id": row.subscriber_id, "name": "ntfy", "target": row.id, "since": now, "failures": 0}
            for row in rows
        ]
        await tx.execute(channels.insert(), chosen)
        await tx.execute(update(notices).values(lane=LANE))
    return {row.id: row.subscriber_id for row in rows}


async def judged(store: Store, hands: Crew, peer: HttpPeer, wire: Wire, topics: dict[str, str]) -> int:
    """See that each came there, a second copy is explained, and nothing by the relay; give how many were doubled."""
    await all_done(store)
    assert await left(store) == [], hands.log[-3000:]
    await hands.finish()
    copies = Counter(told["topic"] for told in peer.told)
    assert set(copies) == set(topics)
    assert wire.journal.read() == []
    async with store.read() as tx:
        states = set((await tx.execute(select(notices.c.state))).scalars())
        lost = Counter((await tx.execute(select(attempts.c.notice_id).where(attempts.c.result == "lost"))).scalars())
    assert states == {State.ACCEPTED}
    assert not [topic for topic, count in copies.items() if count - 1 > lost[topic]]
    first: dict[str, object] = {}
    for told in peer.told:
        assert first.setdefault(told["topic"], told) == told
    return sum(count - 1 for count in copies.values())


@pytest.mark.parametrize("point", ["after_intent", "after_reply", "after_record"])
async def test_killed_at_a_point_nothing_is_missing_and_few_are_doubled(
    hands: Crew, store: Store, peer: HttpPeer, wire: Wire, point: str
) -> None:
    topics = await filled(store)
    worker = await hands.start({point: (6, "SIGKILL")})
    assert await worker.dies() == -9
    await hands.start()
    assert await judged(store, hands, peer, wire, topics) <= AT_ONCE


async def test_two_processes_hand_each_over_once(hands: Crew, store: Store, peer: HttpPeer, wire: Wire) -> None:
    topics = await filled(store)
    await hands.start()
    await hands.start()
    assert await judged(store, hands, peer, wire, topics) == 0
