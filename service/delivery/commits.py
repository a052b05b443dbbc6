"""Group commit: what all connections have to say at one moment goes into one transaction (`faults.md`, D.3.7).

What was handed over must be recorded, whatever happens: those records are kept and tried again until the
database takes them, and until then no further intent is recorded and so no further letter leaves.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from service import metrics
from service.delivery import warming
from service.delivery.news import News
from service.domain.errors import StoreError
from service.domain.letter import Letter
from service.domain.notice import Claim, Kind
from service.domain.warm_up import WarmUp
from service.observability import log
from service.store import handing
from service.store.dialect import GroupTx, Store, TroubleError, is_broken, is_of_data
from service.store.handing import Done, Intents
from service.tracing import span

_TRIES = 5
_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 5.0
_GATHERING_SECONDS = 0.001
_HASTY_COMMITS = 50
Effects = Callable[[GroupTx, list[Done], datetime], set[str]]


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed notice with its letter composed."""

    claim: Claim
    letter: Letter
    because: tuple[str, ...]


@dataclass(eq=False, slots=True)
class _Asked:
    """What one connection wants to be committed: the end of one letter, the intent of another, or claims let go."""

    done: Done | None
    ready: Ready | None
    back: tuple[Claim, ...]
    failed: tuple[Claim, str] | None
    answer: "asyncio.Future[bool]"

    @property
    def parts(self) -> list["_Asked"]:
        """The same as wishes of one notice each, in their order."""
        parts = [replace(self, ready=None, back=(claim,)) for claim in self.back]
        if self.done is not None or self.failed is not None:
            parts.append(replace(self, ready=None, back=()))
        if self.ready is not None:
            parts.append(replace(self, done=None, back=(), failed=None))
        return parts

    @property
    def claim(self) -> Claim:
        """The first notice that it speaks of."""
        if self.done is not None:
            return self.done.held
        if self.failed is not None:
            return self.failed[0]
        return self.ready.claim if self.ready is not None else self.back[0]


@dataclass(slots=True)
class Commits:
    """Collects what is to be committed while the commit before is under way.

    `effects` does, in the same transaction, what follows from outcomes beyond their notices, and gives those whose
    readers are not written to any more. `groups` counts the
    commits, `grouped` what went into them. What has left is counted where `warm_up` limits it; `news` tells webhooks.
    """

    store: Store
    clock: Callable[[], datetime]
    effects: Effects
    owner: Callable[[], str]
    warm_up: WarmUp | None = None
    news: News = field(default_factory=News)
    broken: str = ""
    groups: int = 0
    grouped: int = 0
    _waiting: list[_Asked] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None
    _is_owing: bool = False
    _out: int = 0  # letters whose intent is committed and of whose end nothing was told yet
    _gathered: "asyncio.Future[None] | None" = None
    _hasty: int = 0  # so many commits wait for nobody

    async def intend(self, ready: Ready) -> bool:
        """Record that a letter is about to be handed over; False if it must not be."""
        return await self._ask(ready=ready)

    async def settle(self, done: Done, following: Ready | None) -> bool:
        """Record what became of a letter and, in the same commit, the intent of the next; False as `intend`."""
        return await self._ask(done=done, ready=following)

    async def let_go(self, claims: Iterable[Claim]) -> None:
        """Give back claims whose letters were not handed over."""
        if back := tuple(claims):
            await self._ask(back=back)

    async def fail(self, claim: Claim, words: str) -> None:
        """End a claim whose letter cannot be composed."""
        await self._ask(failed=(claim, words))

    async def written(self) -> None:
        """Wait until nothing waits to be committed."""
        while self._writing is not None and not self._writing.done():
            await asyncio.wait({self._writing})

    def _ask(
        self,
        done: Done | None = None,
        ready: Ready | None = None,
        back: tuple[Claim, ...] = (),
        failed: tuple[Claim, str] | None = None,
    ) -> "asyncio.Future[bool]":
        if self.broken:
            raise StoreError(self.broken)
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(done, ready, back, failed, answer))
        self._out -= done is not None
        if self._out <= 0 and self._gathered is not None:
            _tell(self._gathered)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return answer

    async def _gather(self) -> None:
        """Give the letters that are out a moment to come back: a commit for ten costs little more than one for five.

        Those that were committed together leave together, and so come back together, if the relay is near. Where some
        did not come in time, the next commits wait for nobody.
        """
        self._hasty = max(0, self._hasty - 1)
        if self._out > 0 and not self._hasty:
            loop = asyncio.get_running_loop()
            self._gathered = loop.create_future()
            timer = loop.call_later(_GATHERING_SECONDS, _tell, self._gathered)
            await self._gathered
            timer.cancel()
            self._gathered = None
            self._hasty = _HASTY_COMMITS if self._out > 0 else 0

    async def _write(self) -> None:
        while self._waiting:
            await self._gather()
            asked, self._waiting = self._waiting, []
            self.groups, self.grouped = self.groups + 1, self.grouped + len(asked)
            try:
                with span("commit of a group", parts=len(asked)):
                    wanted = await self._committed(asked)
            except Exception as error:  # noqa: BLE001  (whoever waits for the commit would wait for ever)
                self.broken = str(error) or repr(error)
                log.critical("post_stopped", problem=self.broken)
                _answer([*asked, *self._waiting], self.broken)
                self._waiting = []
                return
            self._out += len(wanted)
            metrics.committed(len(asked))
            told = [one.done for one in asked if one.done is not None and not one.done.held.kind.is_to_editors]
            metrics.handed_over(done.outcome.result for done in told)
            for one in asked:
                if not one.answer.done():
                    one.answer.set_result(one.ready is not None and one.ready.claim.id in wanted)

    async def _committed(self, asked: list[_Asked]) -> set[str]:
        """Commit a group, trying again while the database cannot; raise TroubleError if it is beyond repair.

        After a few tries the intents are given up: their letters were not handed over. What was handed over, and
        what is let go, is tried until it is written.
        """
        tries, wait = 0, _FIRST_WAIT_SECONDS
        while True:
            owing = tries >= _TRIES or self._is_owing
            try:
                wanted = await self.store.group(partial(self._all, asked, owing=owing))
            except TroubleError as error:
                if is_broken(error):
                    raise
                if is_of_data(error):
                    return await self._apart(asked, str(error.orig))
                tries += 1
                self._is_owing = self._is_owing or tries >= _TRIES
                log.warning("commit_failed", problem=str(error.orig), tries=tries)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
            else:
                self._is_owing = False
                return wanted

    async def _apart(self, asked: list[_Asked], problem: str) -> set[str]:
        """Commit one by one what the database refuses together; whatever it refuses alone is set aside."""
        parts = [part for one in asked for part in one.parts]
        if len(parts) > 1:
            return set[str]().union(*[await self._committed([part]) for part in parts])
        held = parts[0].claim
        log.error("notice_set_aside", notice=held.id, problem=problem)
        await self.store.group(lambda tx: handing.set_aside(tx, held, problem, self.clock()))
        return set()

    def _all(self, asked: list[_Asked], tx: GroupTx, *, owing: bool) -> set[str]:
        now = self.clock()
        done = [one.done for one in asked if one.done is not None]
        late = handing.record(tx, done, self.owner(), now)
        warming.note(tx, self.warm_up, done, self.owner(), now)
        mine = [one for one in done if one.held.id not in late]
        self.news.tell(tx, mine, self.effects(tx, mine, now), now)
        back = [claim for one in asked for claim in one.back]
        for claim, words in [one.failed for one in asked if one.failed]:
            handing.fail(tx, claim, words, now)
        readies = [one.ready for one in asked if one.ready is not None]
        wanted: set[str] = set()
        if owing:
            back += [ready.claim for ready in readies]
        else:
            for intents in _by_edition(readies):
                wanted |= handing.intend(tx, intents, now)
        if back:
            handing.give_back(tx, back)
        return wanted


def _by_edition(readies: list[Ready]) -> list[Intents]:
    grouped: dict[tuple[str, Kind, tuple[str, ...]], list[Claim]] = defaultdict(list)
    for ready in readies:
        grouped[ready.claim.edition, ready.claim.kind, ready.because].append(ready.claim)
    return [Intents(kind, because, tuple(held)) for (_, kind, because), held in grouped.items()]


def _tell(gathered: "asyncio.Future[None]") -> None:
    if not gathered.done():
        gathered.set_result(None)


def _answer(asked: list[_Asked], problem: str) -> None:
    for one in asked:
        if not one.answer.done():
            one.answer.set_exception(StoreError(problem))
