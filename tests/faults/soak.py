"""A soak: workers send for an hour while they are killed and stopped, and clocks, database and relay make trouble.

    python -m tests.faults.soak --minutes 60 --notices 100000 [--database sqlite] [--seed N] [--json]

Notices come all the time, so that there is always something in hand. In the end the troubles stop, what was set aside
is released as a person would do it, the rest is sent, and the oracle judges every notice. The bound on letters that
arrive twice is the sum of what each trouble may cost (`Troubles.costs`). The status is 1 if anything is wrong, and
then the folder is kept, with the relay's journal, the workers' log and the rows of the notices concerned.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, make_url, select
from sqlalchemy.exc import OperationalError

from service.actions import posting
from service.domain.notice import State
from service.store import schema
from service.store.dialect import Store
from service.store.tables import attempts, notices
from tests.faults import stock
from tests.faults.crew import Crew, all_done, crew, unfinished, until
from tests.faults.oracle import judge
from tests.faults.script import Rule
from tests.faults.soak_report import Plan, Report, Seen, standstills
from tests.faults.soak_troubles import SLOW, Troubles
from tests.faults.wire import Journal, Wire
from tests.peers import postgresql

_FIRST_NOTICES = 60  # sent before there is any trouble, to see what a worker holds then
_USEFUL = timedelta(days=60)  # however the clocks are turned
_FEEDINGS = 600
_FED_BY = 0.95  # of the time
_LOOKS = 8
_TURN_SECONDS = 5 * 3600  # longer than any wait for a retry
_TURN_EVERY_SECONDS = 10
_REST_PATIENCE_SECONDS = 1200
_QUIET_PATIENCE_SECONDS = 30
_SET_ASIDE = (State.HELD, State.QUARANTINE)


@dataclass(slots=True)
class Soak:
    """One soak: the plan, and what takes part in it."""

    plan: Plan
    url: str
    cluster: postgresql.Cluster | None
    wire: Wire
    hands: Crew
    store: Store
    troubles: Troubles
    memory: list[float] = field(default_factory=list)

    async def run(self) -> Report:
        """Do it, and report."""
        await schema.upgrade(self.store)
        places = [asyncio.create_task(self.troubles.keep_place()) for _ in range(self.plan.workers)]
        await until(self._all_there)
        await self._feed(_FIRST_NOTICES)
        await all_done(self.store)
        first, began = await self._seen(), time.time()
        await self._go_through()
        ended = time.time()
        released = await self._send_rest()
        rest = time.time() - ended
        with suppress(TimeoutError):
            await until(lambda: self._is_quiet(first), _QUIET_PATIENCE_SECONDS)
        last = await self._seen()
        self.troubles.is_over = True
        await self.hands.finish()
        await asyncio.gather(*places)
        return await self._report(first, last, began, released, rest)

    async def _go_through(self) -> None:
        """Feed and look while there is trouble."""
        end = asyncio.get_running_loop().time() + self.plan.seconds
        async with asyncio.TaskGroup() as group:
            group.create_task(self._feed_until(end))
            group.create_task(self._look_until(end))
            group.create_task(self.troubles.go_on(self.plan.seconds))

    async def _report(self, first: Seen, last: Seen, began: float, released: int, rest: float) -> Report:
        """Judge what the relay kept, and tell all."""
        plan, kept = self.plan, self.wire.journal.read()
        verdict = await judge(self.store, kept)
        await self._keep_rows({id_ for which in verdict.faults.values() for id_ in which})
        return Report(
            plan=plan,
            verdict=verdict,
            troubles=dict(Counter(kind for _, kind in self.troubles.made)),
            cost=dict(self.troubles.cost),
            vain=self.troubles.vain,
            fell=dict(self.troubles.fell),
            started=len(self.hands.workers),
            given_up=len(self.hands.logged("worker_died")),
            stopped=len(self.hands.logged("post_stopped")),
            released=released,
            slowest=standstills(kept, self.troubles.made, (began, began + _FED_BY * plan.seconds), 2 * plan.lease),
            rest=rest,
            first=first,
            last=last,
            memory=tuple(self.memory),
            sessions_left=await self._sessions(),
            journal=self.wire.journal.path.stat().st_size,
            log=len(self.hands.log.encode()),
        )

    async def _all_there(self) -> bool:
        return len(self.hands.workers) >= self.plan.workers

    async def _feed(self, many: int) -> None:
        """See that there are so many notices, whether or not the database takes more just now."""
        with suppress(OperationalError):
            async with self.store.read() as tx:
                there = (await tx.execute(select(func.count()).select_from(notices))).scalar_one()
            if there < many:
                await stock.fill(self.store, many - there, now=self.hands.clocks.wall(), useful=_USEFUL)

    async def _feed_until(self, end: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while (now := loop.time()) < end:
            share = min(1.0, (now - began) / (end - began) / _FED_BY)
            await self._feed(_FIRST_NOTICES + round(share * (self.plan.notices - _FIRST_NOTICES)))
            self.wire.commands.clear()
            await asyncio.sleep(self.plan.seconds / _FEEDINGS)

    async def _look_until(self, end: float) -> None:
        """Look now and then how much memory the veteran has."""
        loop = asyncio.get_running_loop()
        while loop.time() < end:
            self.memory.append(held_by(self.hands.workers[0].pid)[0])
            await asyncio.sleep(self.plan.seconds / _LOOKS)

    async def _send_rest(self) -> int:
        """Without trouble, have all that is left sent, and give how many were released by hand.

        What was put off comes due by the clock, which is turned further while anything is left.
        """
        self.wire.script.clear()
        await self._feed(self.plan.notices)
        released, ahead = 0, self.troubles.latest
        with suppress(TimeoutError):
            async with asyncio.timeout(_REST_PATIENCE_SECONDS):
                while (fresh := await self._release()) or await unfinished(self.store):
                    released, ahead = released + fresh, ahead + _TURN_SECONDS
                    self.hands.clocks.turn(wall=ahead)
                    with suppress(TimeoutError):
                        await all_done(self.store, _TURN_EVERY_SECONDS)
        return released

    async def _release(self) -> int:
        async with self.store.write() as tx:
            aside = select(notices.c.id).where(notices.c.state.in_(_SET_ASIDE))
            for id_ in (ids := list((await tx.execute(aside)).scalars())):
                await posting.release(tx, id_, self.hands.clocks.wall())
        return len(ids)

    async def _keep_rows(self, ids: set[str]) -> None:
        """Write down, beside the journal, what the database says of notices: it may be gone when somebody looks."""
        rows: list[dict[str, object]] = []
        async with self.store.read() as tx:
            for table, key in ((notices, notices.c.id), (attempts, attempts.c.notice_id)) if ids else ():
                rows += map(dict, (await tx.execute(select(table).where(key.in_(ids)))).mappings())
        self.wire.journal.path.with_name("rows").write_text(
            "".join(f"{json.dumps(row, default=str)}\n" for row in rows)
        )

    async def _seen(self) -> Seen:
        return Seen(*held_by(self.hands.workers[0].pid), await self._sessions())

    async def _is_quiet(self, first: Seen) -> bool:
        return not list(first.grown(await self._seen(), self.plan.workers))

    async def _sessions(self) -> int:
        """Count what the database has open, but for what is open here: a session ends a moment after its process."""
        await self.store.close()
        if self.cluster is None:
            return 0
        counting, count = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", 0
        with self.cluster.server.connect() as connection:

            async def none_is_left() -> bool:
                nonlocal count
                (count,) = connection.execute(counting, [make_url(self.url).database]).fetchone() or (0,)
                return count == 0

            with suppress(TimeoutError):
                await until(none_is_left, 10)
        return count


def held_by(pid: int) -> tuple[float, int]:
    """Give the memory of a process in MB, and how many files it has open; nothing of one that has died."""
    process = Path("/proc", str(pid))
    try:
        pages = int((process / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(list((process / "fd").iterdir()))
    except OSError:
        return 0.0, 0


async def soak(plan: Plan, folder: Path, *rules: Rule) -> Report:
    """Do what is planned, with the journal and the log in a folder, and report; the relay begins with rules."""
    with _database(plan.database, folder) as (url, cluster):
        store = Store(url)
        settings = {"CONNECTIONS": str(plan.connections)}
        async with (
            Wire(Journal(folder / "journal"), [*rules, SLOW]) as wire,
            crew(url, wire.url, folder / "home", **settings) as hands,
        ):
            chance = random.Random(plan.seed)  # noqa: S311  (to be repeated)
            troubles = Troubles(hands, wire, cluster, chance, plan.workers, plan.connections, plan.every, plan.lease)
            try:
                return await Soak(plan, url, cluster, wire, hands, store, troubles).run()
            finally:
                await store.close()


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, postgresql.Cluster | None]]:
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'soak.db'}", None
        return
    with postgresql.owned() as cluster, cluster.server.database() as url:
        yield url, cluster


def main() -> int:
    """Soak as asked, print the report, and give the status."""
    asking = argparse.ArgumentParser(prog="python -m tests.faults.soak", description="Everything at once, for an hour.")
    asking.add_argument("--minutes", type=float, default=60)
    asking.add_argument("--notices", type=int, default=100_000)
    asking.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    asking.add_argument("--every", type=float, default=4.0, help="seconds from one trouble to the next, on average")
    asking.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asking.add_argument("--json", action="store_true", help="tell it for programs")
    asked = asking.parse_args()
    plan = Plan(asked.minutes * 60, asked.notices, asked.seed, asked.database, asked.every)
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    print(f"seed {plan.seed}, in {folder} …", file=sys.stderr, flush=True)
    report = asyncio.run(soak(plan, folder))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps(report.as_json(), indent=2) if asked.json else "\n".join(report.lines()))
    print(f"Processor time: {sum(one.ru_utime + one.ru_stime for one in used):.0f} s.", file=sys.stderr)
    if report.wrong():
        print(f"kept: {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
