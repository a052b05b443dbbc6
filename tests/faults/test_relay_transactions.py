"""No transaction of ours is open while a socket waits: looked at from outside, while the relay holds its answers."""

import asyncio
from collections.abc import Callable
from contextlib import closing

import psycopg
from sqlalchemy import make_url, text

from service.store.sqlite import driver
from tests.faults.post import Post
from tests.faults.script import Rule, Stage
from tests.faults.wire import Wire

HELD = (Stage.GREETING, Stage.EHLO, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT, Stage.QUIT)
PATIENCE_SECONDS = 20.0
_OPEN = """
SELECT state, query FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
AND (state LIKE 'idle in transaction%' OR (state = 'active' AND xact_start IS NOT NULL))
"""
Relay = Callable[..., Wire]


def open_transactions(url: str) -> list[str]:
    """Say what is open, as another connection sees it: nothing, if it may write at once and nothing pins the log."""
    parsed = make_url(url)
    if parsed.drivername.startswith("postgresql"):
        plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            return [f"{state}: {query}" for state, query in connection.execute(_OPEN)]
    with closing(driver.connect(parsed.database, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        except driver.OperationalError as error:
            return [str(error)]
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return ["a reader pins the log"] if busy else []


async def none_stays_open(url: str) -> None:
    """Wait until none is open. One that waits for the relay would stay; those of other work end by themselves."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await asyncio.to_thread(open_transactions, url):
            pass


async def test_no_transaction_is_open_while_a_socket_waits(post: Post, relay: Relay) -> None:
    """Done when, 6: while the server holds its reply to MAIL, to DATA and to the final dot, and to all else."""
    answers = {stage: asyncio.Event() for stage in HELD}
    async with relay(*(Rule(stage, until=answer, times=1) for stage, answer in answers.items())) as wire:
        await post.opens(wire.url)
        await post.fill(3)
        sending = asyncio.create_task(post.drain())
        for stage, answer in answers.items():
            await wire.reached(stage)
            await none_stays_open(post.url)
            assert not sending.done()
            answer.set()
        await sending
    assert await post.states() == {"accepted": 3}


async def test_an_open_transaction_is_seen(post: Post) -> None:
    """What the test above looks with is not blind: neither to a writer nor to a reader."""
    await post.opens("smtp://relay.invalid")
    await post.fill(1)
    assert open_transactions(post.url) == []
    async with post.app.store.write() as tx:
        await tx.execute(text("UPDATE notices SET words = 'changed'"))
        assert await asyncio.to_thread(open_transactions, post.url)
    async with post.app.store.read() as tx:
        await tx.execute(text("SELECT count(*) FROM notices"))
        async with post.app.store.write() as other:
            await other.execute(text("UPDATE notices SET words = 'changed again'"))
        assert await asyncio.to_thread(open_transactions, post.url)
    assert open_transactions(post.url) == []
