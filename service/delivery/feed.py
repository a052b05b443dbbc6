"""What the connections pull from: claims a few notices before the last ones run out, and composes their letters."""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from service.delivery import pace, warming
from service.delivery.commits import Commits, Ready
from service.delivery.encoded import Said, Sayings
from service.delivery.points import Point, Reached
from service.delivery.taking import How, Taking
from service.domain.errors import StoreError
from service.domain.notice import Claim
from service.mail.compose import Composer
from service.observability import log
from service.store import handing, lanes
from service.store.dialect import GroupTx, Store, TroubleError

_PAGES_AT_ONCE = 10
_PAGES_MOST = 4  # claimed at once, where a page lasts no longer than
_QUICK_SECONDS = 0.1
_RECLAIM_SECONDS = 1.0
_GIVING_BACK_SECONDS = 10.0
_SUSPECTS_EVERY_SECONDS = 30.0
_SUSPECTS_FOR_SECONDS = 5.0
_SIGNING = ThreadPoolExecutor(os.cpu_count() or 1, "letters")  # signatures release the interpreter's lock


@dataclass(slots=True)
class Feed:
    """Claims for one round of sending. `page` is how many letters are composed at once, `version` that of the tables.

    As many are claimed at once, and up to four times as many where they go out quickly. Of the lanes `closed` since
    then nothing leaves, until the moment beside them. `stopping` ends it: what is claimed and not yet asked for is
    given back.
    """

    store: Store
    composer: Composer
    editions: Sayings
    commits: Commits
    clock: Callable[[], datetime]
    owner: Callable[[], str]
    reached: Reached
    page: int
    version: str
    closed: dict[str, datetime]
    taking: Taking
    stopping: asyncio.Event | None = None
    failed: int = 0
    _claims: deque[Claim] = field(default_factory=deque)  # not composed yet: a letter takes more room
    _most: int = 0
    _claimed_at: float = 0.0
    _waiting: deque[Ready] = field(default_factory=deque)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _under_way: int = 0
    _landed: asyncio.Event = field(default_factory=asyncio.Event)
    _ahead: asyncio.Task[list[Ready]] | None = None
    _closed: bool = False
    _is_suspect: bool = False
    _suspects_at: float = 0.0
    _suspects_every: float = _SUSPECTS_EVERY_SECONDS

    def __post_init__(self) -> None:
        self._most = self.page
        self._suspects_at = asyncio.get_running_loop().time() + self._suspects_every

    @property
    def is_closed(self) -> bool:
        """Whether no more is to be begun."""
        return self._closed or (self.stopping is not None and self.stopping.is_set())

    def at_hand(self) -> Ready | None:
        """Give the next letter if one is there already."""
        if self.is_closed or not self._waiting or self._must_wait(self._waiting[0]):
            return None
        return self._handed_out()

    async def next(self) -> Ready | None:
        """Give the next letter; None when nothing is due, or no more is to be sent."""
        async with self._turn:
            while not self.is_closed:
                await self._let_go()
                if self._waiting:
                    return self._handed_out()
                if not self._is_suspect and (self._ahead is not None or self._may_take):
                    self._waiting.extend(await self._claimed())
                if not self._waiting and not self._under_way:
                    await self._take_suspect()
                elif not self._waiting:
                    await self._landing()
            return None

    def landed(self) -> None:
        """Take note that a letter that was handed out is settled."""
        self._under_way -= 1
        self._is_suspect = False
        self._landed.set()

    def stop(self) -> None:
        """Begin no more: the relay cannot be spoken to."""
        self._closed = True

    async def close(self) -> None:
        """Begin no more, and give back what was claimed and not asked for."""
        self._closed = True
        if self._ahead is not None:
            (found,) = await asyncio.gather(self._ahead, return_exceptions=True)
            self._waiting.extend(found if isinstance(found, list) else ())
            self._ahead = None
        back = [*(ready.claim for ready in self._waiting), *self._claims]
        self._waiting, self._claims = deque(), deque()
        with suppress(TimeoutError, StoreError, TroubleError):  # whoever finds us gone will free them
            await asyncio.wait_for(self.commits.let_go(back), _GIVING_BACK_SECONDS)

    @property
    def _is_suspects_turn(self) -> bool:
        """Whether ordinary letters have gone out for so long that those a worker died with have waited enough."""
        return asyncio.get_running_loop().time() >= self._suspects_at

    @property
    def _may_take(self) -> bool:
        """Whether ordinary letters may be composed: those in hand, even when it is the suspects' turn."""
        return bool(self._claims) or not self._is_suspects_turn

    async def _take_suspect(self) -> None:
        """Take one of those a worker died with, now that nothing else is in hand; if there is none, all is done.

        To look for one is to look at all that is ready: whoever looks in vain looks half as often.
        """
        was_their_turn, now = self._is_suspects_turn, asyncio.get_running_loop().time()
        self._waiting.extend(await self._suspect())
        self._is_suspect = bool(self._waiting)
        self._suspects_every = _SUSPECTS_EVERY_SECONDS if self._waiting else 2 * self._suspects_every
        if not self._waiting or now >= self._suspects_at + _SUSPECTS_FOR_SECONDS:
            self._suspects_at = now + self._suspects_every
        self._closed = self._closed or not (self._waiting or was_their_turn)

    def _must_wait(self, ready: Ready) -> bool:
        """Say whether the lane of a letter was closed since it was claimed."""
        until = self.closed.get(pace.domain_of(ready.claim.address)) if self.closed else None
        return until is not None and until > self.clock()

    async def _let_go(self) -> None:
        """Give back what must wait: claimed again, it is put off."""
        if back := [ready.claim for ready in self._waiting if self._must_wait(ready)]:
            self._waiting = deque(ready for ready in self._waiting if not self._must_wait(ready))
            await self.commits.let_go(back)

    def _handed_out(self) -> Ready:
        self._under_way += 1
        ready = self._waiting.popleft()
        self._look_ahead()
        return ready

    def _look_ahead(self) -> None:
        """Claim the next page while the last is being sent; beside a suspect, nothing is held."""
        if self._ahead is None and not self._is_suspect and len(self._waiting) <= self.page // 2 and self._may_take:
            self._ahead = asyncio.create_task(self._claim(self.taking.ordinary))

    async def _landing(self) -> None:
        """Wait until a letter under way is settled, a moment at most: others may have come due meanwhile."""
        self._landed.clear()
        try:
            await asyncio.wait_for(self._landed.wait(), _RECLAIM_SECONDS)
        except TimeoutError:
            return

    async def _claimed(self) -> list[Ready]:
        if self._ahead is not None and (found := await self._arrived(self._ahead)):
            return found
        self._ahead = asyncio.create_task(self._claim(self.taking.ordinary))
        return await self._arrived(self._ahead)

    async def _suspect(self) -> list[Ready]:
        self._ahead = asyncio.create_task(self._claim(self.taking.suspect))
        return await self._arrived(self._ahead)

    async def _arrived(self, ahead: "asyncio.Task[list[Ready]]") -> list[Ready]:
        """Wait for a page; whoever is cancelled meanwhile leaves it there, and `close` gives it back."""
        try:
            found = await asyncio.shield(ahead)
        except Exception:
            self._ahead = None
            raise
        self._ahead = None
        return found

    async def _claim(self, how: How) -> list[Ready]:
        """Compose the next page of what is claimed; when that is used up, claim."""
        if not self._claims:
            await self._claim_more(how)
        claims = [self._claims.popleft() for _ in range(min(self.page, len(self._claims)))]
        try:
            readies = await self._composed(claims)
        except Exception:
            with suppress(StoreError, TroubleError):
                await self.commits.let_go(claims)
            raise
        if readies:
            self.reached(Point.AFTER_COMPOSE)
        return readies

    async def _claim_more(self, how: How) -> None:
        self.reached(Point.BEFORE_CLAIM)
        now, is_more = asyncio.get_running_loop().time(), True
        is_quick = now - self._claimed_at < _QUICK_SECONDS * self._most / self.page
        self._most = min(2 * self._most, _PAGES_MOST * self.page) if is_quick else self.page
        self._claimed_at = now
        while is_more and not self.is_closed:
            claims, is_more = await self.store.group(lambda tx: self._taken(tx, how, self._most))
            self._claims.extend(claims)
        if self._claims:
            self.reached(Point.AFTER_CLAIM)

    def _taken(self, tx: GroupTx, how: How, most: int) -> tuple[list[Claim], bool]:
        """Claim, unless the post is held, and put off what its lane or the day makes wait; True if there may be more.

        Not all of them at once: signs of life and what was handed over must be committed meanwhile.
        """
        gate = handing.gate(tx, self.owner())
        if gate.version != self.version:
            raise StoreError(f"the database is of version {gate.version} by now, this program of {self.version}")
        self.commits.news.is_sent_wanted = gate.is_sent_wanted
        if gate.paused or not gate.entered:
            return [], False
        now, going, claims = self.clock(), list[Claim](), list[Claim]()
        room = warming.room(tx, self.commits.warm_up, now)
        for _ in range(_PAGES_AT_ONCE):
            claims = how(tx, self.owner(), now, most)
            going, waiting, moved = pace.divided(claims, lanes.known(tx), now)
            going, kept_back = warming.divided(going, room, now)
            for domain in {pace.domain_of(claim.address) for claim in going if self.closed}:
                self.closed.pop(domain, None)  # somebody else has found it open again
            handing.put_off(tx, [*waiting, *kept_back])
            for lane in moved:
                lanes.keep(tx, lane, now)
            if going or not claims:
                break
        return going, bool(claims) and not going

    async def _composed(self, claims: Sequence[Claim]) -> list[Ready]:
        """Compose the letters of claims, signed ones on all cores; what cannot be composed ends here."""
        prepared: list[tuple[Claim, Said]] = []
        for claim in claims:
            try:
                prepared.append((claim, await self.editions.of(claim.edition, claim.variant)))
            except (StoreError, TroubleError):
                raise
            except Exception as error:  # noqa: BLE001  (one edition that cannot be encoded keeps no other waiting)
                await self._end(claim, error)
        if self.composer.signs:
            loop, cores = asyncio.get_running_loop(), os.cpu_count() or 1
            chunks = [prepared[core::cores] for core in range(cores)]
            made = await asyncio.gather(*(loop.run_in_executor(_SIGNING, self._compose, chunk) for chunk in chunks))
        else:
            made = [self._compose(prepared)]
        for claim, problem in [one for readies, wrong in made for one in wrong]:
            await self._end(claim, problem)
        return [ready for readies, _ in made for ready in readies]

    def _compose(self, prepared: Sequence[tuple[Claim, Said]]) -> tuple[list[Ready], list[tuple[Claim, Exception]]]:
        readies: list[Ready] = []
        wrong: list[tuple[Claim, Exception]] = []
        for claim, edition in prepared:
            try:
                readies.append(Ready(claim, edition.letter(self.composer, claim), edition.because))
            except Exception as error:  # noqa: BLE001  (and no letter another)
                wrong.append((claim, error))
        return readies, wrong

    async def _end(self, claim: Claim, error: Exception) -> None:
        log.error("letter_not_composed", notice=claim.id, problem=repr(error))
        await self.commits.fail(claim, str(error) or repr(error))
        self.failed += 1
