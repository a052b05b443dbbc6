"""End to end: notices that are ready, claimed, composed, handed over by SMTP to a sink, and their outcomes stored.

The peer is `aiosmtplib.SMTP.sendmail` of one ready message over as many connections: it reads no database,
composes nothing and stores nothing. Both are processes of their own, and so is the sink; what is measured
is from the first claim to the last outcome, without the start of Python.
"""

import asyncio
import json
import statistics
import sys
from pathlib import Path
from typing import Any

import aiosmtplib

from service import observability
from service.mail.compose import skeleton
from tests.benchmarks import seed
from tests.benchmarks.harness import Report, Run, child, peak_megabytes, stopwatch
from tests.benchmarks.sink import listening

LETTERS = 2000
_GOAL = 4  # goal 6
_GOAL_CPU = 0.2  # goal 5: ms a letter
_DONE = "SELECT count(*) FROM notices WHERE state = 'accepted'"


def measure(folder: Path, *, large: bool) -> Report:
    """Compare, and tell the sending process's memory and processor time."""
    seeded, work = folder / "ready", folder / "run"
    seed.record(seeded, LETTERS, languages=("en",), ready=True)  # so that the peer's letter is as long
    app, _, words = seed.letter_of_the_day(seeded)
    (folder / "letter.eml").write_bytes(app.composer.compose(seed.a_claim(1), skeleton(words)).content)
    connections = app.sender.connections
    told: dict[str, list[dict[str, Any]]] = {"ours": [], "peer": []}

    def ours() -> Run:
        seed.copied(seeded, work)
        return _measured("ours", work)

    def theirs() -> Run:
        return _measured("peer", folder / "letter.eml")

    def _measured(who: str, source: Path) -> Run:
        with listening() as (port, counts):
            done = child("sending", who, source, port, connections)
        told[who].append(done | counts)
        assert counts["letters"] == done["count"] == LETTERS, (counts, done)
        return Run(counts["letters"], done["seconds"], done["cpu"])

    report = Report()
    report.compare(
        "sending, end to end", f"aiosmtplib.sendmail, {connections} connections", ours, theirs, goal=_GOAL, warm_up=0
    )
    assert all(one["recipients"] == LETTERS for one in told["ours"])
    report.facts += _facts(told, connections)
    return report


def _facts(told: dict[str, list[dict[str, Any]]], connections: int) -> list[str]:
    cpu = {who: statistics.median(one["cpu"] / one["count"] * 1000 for one in runs) for who, runs in told.items()}
    peak = {who: max(one["peak"] for one in runs) for who, runs in told.items()}
    octets = {who: runs[-1]["octets"] // runs[-1]["letters"] for who, runs in told.items()}
    goal = "met" if cpu["ours"] <= _GOAL_CPU else "MISSED"
    sent = (
        f"A run sent {LETTERS:,} letters to {LETTERS:,} different recipients over {connections} connections; the sink"
        f" counted {octets['ours']:,} octets a letter, of the peer's {octets['peer']:,}."
    )
    cost = (
        f"Processor time of the sending process: {cpu['ours']:.2f} ms a letter (goal 5: ≤ {_GOAL_CPU} {goal}),"
        f" the peer's {cpu['peer']:.2f} ms. Most memory: {peak['ours']:.0f} MB, the peer's {peak['peer']:.0f} MB."
    )
    return [sent, cost]


async def _send(folder: Path, port: int, connections: int) -> Run:
    app = seed.app_in(folder, f"smtp://127.0.0.1:{port}?starttls=never")
    assert app.sender.connections == connections
    async with app.store.read():
        pass  # the connection is there
    with stopwatch() as watch:
        tally = await app.sender.drain()
    await app.store.close()
    stored = seed.rows_in(seed.database_of(folder), _DONE)
    assert tally.accepted == stored, tally
    return watch.run(stored)


async def _send_ready(content: bytes, port: int, connections: int) -> Run:
    waiting = iter(range(LETTERS))

    async def work() -> int:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        count = 0
        for number in waiting:
            await client.sendmail("remember@example.org", [f"reader{number}@example.org"], content)
            count += 1
        await client.quit()
        return count

    with stopwatch() as watch:
        counts = await asyncio.gather(*(work() for _ in range(connections)))
    return watch.run(sum(counts))


def _child(who: str, source: str, port: str, connections: str) -> None:
    observability.set_up()
    way = (int(port), int(connections))
    run = asyncio.run(_send(Path(source), *way) if who == "ours" else _send_ready(Path(source).read_bytes(), *way))
    print(json.dumps({"count": run.count, "seconds": run.seconds, "cpu": run.cpu, "peak": peak_megabytes()}))


if __name__ == "__main__":
    _child(*sys.argv[1:])
