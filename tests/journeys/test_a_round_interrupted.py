"""Processes that run a round at the same time, or die in the middle of one."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import func, select, update

from service.store.dialect import Store
from service.store.tables import notices
from tests.journeys.program import ANNA, Program
from tests.smtp_server import SmtpServer, Stage

DAY = "2026-09-27T05:00:00Z"
CONNECTIONS = 4


def many(number: int) -> list[dict[str, str]]:
    return [{**ANNA, "email": f"reader{one:02}@example.org"} for one in range(number)]


async def lapse(url: str) -> int:
    """Let the leases of dead workers be over; gives how many there were."""
    store = Store(url)
    async with store.write() as tx:
        held = notices.c.lease_until.is_not(None) & notices.c.state.in_(["claimed", "sending"])
        count = (await tx.execute(select(func.count()).where(held))).scalar_one()
        await tx.execute(update(notices).where(held).values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))
    await store.close()
    return int(count)


async def test_two_processes_that_run_the_same_round_send_each_letter_once(posting: Program, relay: SmtpServer):
    await posting.readers(*many(40))
    one, other = await asyncio.gather(posting.tick(DAY), posting.tick(DAY))
    assert one["sent"] + other["sent"] == len(relay.received) == 40
    assert len({letter.rcpt_tos for letter in relay.received}) == 40


async def test_a_process_killed_while_it_sends_loses_no_letter(posting: Program, relay: SmtpServer, database_url: str):
    """What may come twice is what was in flight, one letter a connection, and it is the same bytes."""
    await posting.readers(*many(12))
    relay.answers[Stage.DOT] = never = asyncio.Event()
    process = await posting.start("tick", "--now", DAY)
    await relay.reached(Stage.DOT, CONNECTIONS)
    process.kill()
    await process.communicate()
    never.set()
    del relay.answers[Stage.DOT]
    in_flight = len(relay.received)
    assert in_flight == CONNECTIONS

    assert (await posting.tick(DAY))["sent"] == 0  # as long as the lease lasts, the dead one may live
    assert await lapse(database_url) == 12
    await posting.tick(DAY)
    await posting.tick("2026-09-27T05:30:00Z")

    copies = Counter(letter.rcpt_tos[0] for letter in relay.received)
    assert sorted(copies) == [reader["email"] for reader in many(12)]
    assert copies.total() == 12 + in_flight
    assert len({letter.content for letter in relay.received}) == 12
