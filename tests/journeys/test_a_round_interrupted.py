"""Processes that run a round at the same time, or die in the middle of one."""

import asyncio
from collections import Counter

from tests.journeys.program import ANNA, Program
from tests.smtp_server import SmtpServer, Stage

DAY = "2026-09-27T05:00:00Z"
CONNECTIONS = 4


def many(number: int) -> list[dict[str, str]]:
    return [{**ANNA, "email": f"reader{one:02}@example.org"} for one in range(number)]


async def test_two_processes_that_run_the_same_round_send_each_letter_once(posting: Program, relay: SmtpServer):
    await posting.readers(*many(40))
    one, other = await asyncio.gather(posting.tick(DAY), posting.tick(DAY))
    assert one["sent"] + other["sent"] == len(relay.received) == 40
    assert len({letter.rcpt_tos for letter in relay.received}) == 40


async def test_a_process_killed_while_it_sends_loses_no_letter(posting: Program, relay: SmtpServer):
    """What may come twice is what was in flight, one letter a connection, and it is the same bytes."""
    posting = posting.with_(CONNECTIONS=str(CONNECTIONS))
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

    assert (await posting.tick(DAY))["sent"] == 12  # its lock is free: nobody waits for its lease

    copies = Counter(letter.rcpt_tos[0] for letter in relay.received)
    assert sorted(copies) == [reader["email"] for reader in many(12)]
    assert copies.total() == 12 + in_flight
    assert len({(letter.rcpt_tos, letter.content) for letter in relay.received}) == 12
