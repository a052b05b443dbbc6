"""Rows of the post, put into a store as they are: one notice, one edition, in any state a test names."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service.domain.letter import Words
from service.domain.notice import Kind, State
from service.domain.subscription import Status
from service.store import editions, installation, subscribers
from service.store.dialect import Store, Tx, new_id
from service.store.tables import attempts, lanes, notices, slot_runs, workers
from tests.builders import a_habit, on


@dataclass
class Post:
    """A post whose clock says `now`, into which tests put what they want to see."""

    store: Store
    now: datetime
    _readers: list[str] = field(default_factory=list)

    async def edition(self, *, rendered: bool | None = True, findings: tuple[str, ...] = ()) -> str:
        """Keep an edition: rendered, not to be rendered (False), or not tried yet (None)."""
        plan = editions.Plan(Kind.NOTICE, "en", self.now.date(), "v", new_id(), (), ("collection:wars",))
        async with self.store.write() as tx:
            id_ = await editions.ensure(tx, plan, self.now - timedelta(minutes=10))
            if rendered is not None:
                words = Words("A war", "<p>It began.</p>", "It began.") if rendered else None
                await editions.freeze(tx, id_, words, findings, self.now)
        return id_

    async def notice(
        self, state: State, reason: str = "", *, edition: str = "", at: str = "example.org", **parts: Any
    ) -> str:
        """Keep a notice of a new reader with an address at a domain, changed as said; give its id."""
        edition = edition or await self.edition()
        ended = state not in {State.PLANNED, State.READY, State.CLAIMED, State.SENDING}
        row = {
            "id": new_id(),
            "kind": Kind.NOTICE,
            "day": on("2026-09-27"),
            "edition_id": edition,
            "lane": 1,
            "state": state,
            "reason": reason,
            "due_at": self.now,
            "expires_at": self.now + timedelta(hours=15),
            "generation": 1,
            "attempts": 0,
            "doubts": 0,
            "code": 0,
            "words": "",
            "created_at": self.now - timedelta(minutes=10),
            "finished_at": self.now if ended else None,
        } | parts
        async with self.store.write() as tx:
            row["subscriber_id"] = await self._reader(tx, at)
            await tx.execute(notices.insert().values(row))
        return str(row["id"])

    async def attempt(self, notice: str, result: str, code: int, words: str, **parts: Any) -> None:
        """Keep an earlier attempt of a notice."""
        row = {"notice_id": notice, "generation": 1, "result": result, "code": code, "words": words, "at": self.now}
        await self._put(attempts, row | parts)

    async def worker(self, id_: str, lease_until: float = 0.0) -> None:
        """Keep a worker."""
        await self._put(workers, {"id": id_, "host": f"host-{id_}", "started_at": self.now, "lease_until": lease_until})

    async def lane(self, domain: str, **parts: Any) -> None:
        """Keep a lane."""
        row = {"domain": domain, "seconds": 0.0, "reason": "", "failures": 1, "updated_at": self.now}
        await self._put(lanes, row | parts)

    async def slot(self, state: str, **parts: Any) -> None:
        """Keep the run of a slot."""
        row = {"zone": "Asia/Yerevan", "hour": "09:00", "day": on("2026-09-26"), "state": state, "notices": 0}
        await self._put(slot_runs, row | {"ran_at": self.now} | parts)

    async def ticked(self, at: datetime | None = None) -> None:
        """Have the clock have looked."""
        async with self.store.write() as tx:
            await installation.ticked(tx, at or self.now)

    async def row(self, notice: str) -> Any:
        """Give a notice as it is kept."""
        async with self.store.read() as tx:
            return (await tx.execute(notices.select().where(notices.c.id == notice))).one()

    async def _put(self, table: Any, row: dict[str, Any]) -> None:
        async with self.store.write() as tx:
            await tx.execute(table.insert().values(row))

    async def _reader(self, tx: Tx, domain: str) -> str:
        address = f"reader{len(self._readers)}@{domain}"
        arrival = subscribers.Arrival(address, a_habit(), Status.ACTIVE, "import", self.now)
        self._readers.append(await subscribers.add(tx, arrival, self.now))
        return self._readers[-1]
