"""The oracle: compares what a server accepted with what the notices and their attempts say, and gives a verdict."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from service.domain.notice import TERMINAL, State
from service.store.dialect import Store
from service.store.holding import RELEASED
from service.store.tables import attempts, notices, subscribers
from tests.faults.wire import Kept

# Attempts after which a second copy may leave: the last when a person lets go on what was held in doubt. Each
# generation is handed over once at most, so it explains one copy, however often it is told of.
EXPLAINS = frozenset({"lost", "in doubt", RELEASED})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, by the notice's id (or by address, for copies that no notice asked for), and what was doubled."""

    notices: int
    accepted: int  # notices that are recorded as accepted
    copies: int  # letters that the server accepted
    missing: tuple[str, ...]  # recorded as accepted, and no copy at the server
    unfinished: tuple[str, ...]  # not in a terminal state (P1)
    extra: dict[str, int]  # copies beyond the first
    different: tuple[str, ...]  # whose copies differ in identity, envelope or bytes (P3)
    unexplained: tuple[str, ...]  # more copies beyond the recorded ones than attempts which explain them (I8)
    unasked: tuple[str, ...]  # copies to somebody who has no notice
    marks: dict[str, int]  # attempts by their result
    states: dict[str, int]

    @property
    def extras(self) -> int:
        """How many copies there are beyond the first of each."""
        return sum(self.extra.values())

    @property
    def faults(self) -> dict[str, tuple[str, ...]]:
        """What no fault may cause, whatever happened: the empty one is what every test demands."""
        found = {
            "missing": self.missing,
            "unfinished": self.unfinished,
            "different": self.different,
            "unexplained": self.unexplained,
            "unasked": self.unasked,
        }
        return {name: which for name, which in found.items() if which}


async def judge(store: Store, kept: list[Kept]) -> Verdict:
    """Compare. Every reader has one notice, as in `stock`; so the recipient says which notice a copy is of."""
    async with store.read() as tx:
        wanted = select(notices.c.id, notices.c.state, subscribers.c.address).join_from(
            notices, subscribers, subscribers.c.id == notices.c.subscriber_id
        )
        rows = (await tx.execute(wanted)).all()
        tried = (await tx.execute(select(attempts.c.notice_id, attempts.c.generation, attempts.c.result))).all()
    copies: defaultdict[str, list[Kept]] = defaultdict(list)
    for copy in kept:
        for recipient in copy.recipients:
            copies[recipient].append(copy)
    explained = Counter(id_ for id_, _ in {row[:2] for row in tried if row.result in EXPLAINS})
    by_address = {row.address: row for row in rows}
    assert len(by_address) == len(rows), "the oracle tells notices apart by their readers"
    return Verdict(
        notices=len(rows),
        accepted=sum(row.state == State.ACCEPTED for row in rows),
        copies=len(kept),
        missing=tuple(row.id for row in rows if row.state == State.ACCEPTED and not copies.get(row.address)),
        unfinished=tuple(row.id for row in rows if row.state not in TERMINAL),
        extra={row.id: len(found) - 1 for row in rows if len(found := copies.get(row.address, [])) > 1},
        different=tuple(row.id for row in rows if _differ(copies.get(row.address, []))),
        unexplained=tuple(
            row.id
            for row in rows
            if len(copies.get(row.address, [])) - (row.state == State.ACCEPTED) > explained[row.id]
        ),
        unasked=tuple(sorted(set(copies) - set(by_address))),
        marks=dict(Counter(row.result for row in tried)),
        states=dict(Counter(row.state for row in rows)),
    )


def _differ(copies: list[Kept]) -> bool:
    return len({(copy.message_id, copy.sender, copy.recipients, copy.sha256) for copy in copies}) > 1
