"""How fast the post may go: when the relay may be tried, on how many connections, and which domains must wait."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import floor

from service.domain.errors import InvalidError
from service.domain.notice import Claim
from service.store.lanes import Lane
from service.store.statements import PACED

_FIRST_WAIT_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 300.0
_HALVED_FOR_SECONDS = 1.0
_LETTERS_FOR_MORE = 50  # accepted in a row, before one connection more is tried
_DEFERRALS_TO_CLOSE = 10  # of one domain in a row
_LANE_FIRST = timedelta(minutes=15)
_LANE_LONGEST = timedelta(hours=4)
_DOUBLINGS_MOST = 10
_POLICY = timedelta(hours=1)
PACE_FORM = "DOMAIN=LETTERS/s, or /min, or /h; more of them parted by commas"
_LATE_MOST = timedelta(minutes=1)
_PACE = re.compile(r"(?P<domain>[A-Za-z0-9.-]+)=(?P<letters>[0-9]{1,7})/(?P<unit>s|min|h)")
_UNITS = {"s": 1, "min": 60, "h": 3600}


@dataclass(slots=True)
class Circuit:
    """Keeps a relay that cannot be reached from being hammered: waits from five seconds to five minutes.

    Moments are seconds of a clock that nobody turns. What only a person can mend (a wrong password, a
    certificate) is tried every five minutes at most: more would lock the account. `words` are the relay's,
    while it cannot be reached.
    """

    failures: int = 0
    closed_until: float = 0.0
    words: str = ""
    is_lasting: bool = False
    is_proven: bool = False
    _knocking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_open(self, now: float) -> bool:
        """Say whether the relay may be tried."""
        return self.closed_until <= now

    @asynccontextmanager
    async def knocking(self) -> AsyncIterator[None]:
        """Ask the relay for a connection: alone until somebody was let in, so that a wrong password is given once."""
        if not self.is_proven:
            async with self._knocking:
                if not self.is_proven:
                    yield
                    return
        yield

    def note_reached(self) -> None:
        """Take note that the relay can be spoken to."""
        self.failures, self.closed_until, self.words, self.is_lasting, self.is_proven = 0, 0.0, "", False, True

    def note_lost(self) -> None:
        """Take note that a connection has ended: it must be seen whether there is another."""
        self.is_proven = False

    def note_failed(self, now: float, words: str, *, lasting: bool) -> bool:
        """Take note that it cannot; True if that is news. Several that fail together count once."""
        is_news = not self.failures or (lasting and not self.is_lasting)
        self.is_proven = False
        if is_news or self.is_open(now):
            self.failures, self.words, self.is_lasting = self.failures + 1, words, lasting
            growing = _FIRST_WAIT_SECONDS * 2 ** min(self.failures - 1, 10)
            self.closed_until = now + (_LONGEST_WAIT_SECONDS if lasting else min(growing, _LONGEST_WAIT_SECONDS))
        return is_news


@dataclass(slots=True)
class Throttle:
    """How many connections may be open, and how many letters each may carry: learned from the relay's complaints.

    "Too many" halves the connections; every fifty letters accepted allow one more, and one letter more for each. A
    relay that ends a connection after so many letters gets new connections before it must; that it does so again
    when one letter more is tried is no news, and halves nothing.
    """

    most: int
    allowed: int = 0
    ration: int | None = None
    _accepted: int = 0
    _halved_at: float | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.allowed = self.most

    def note_accepted(self) -> None:
        """Take note of a letter that was taken."""
        self._accepted += 1
        if self._accepted < _LETTERS_FOR_MORE:
            return
        self._accepted = 0
        self.ration = self.ration and self.ration + 1
        if self.allowed < self.most:
            self.allowed += 1
            self._changed.set()
            self._changed = asyncio.Event()

    def note_closing(self, carried: int, now: float) -> None:
        """Take note that the relay ended a connection (421) after it had carried so many letters.

        Those that are turned away together halve the connections once.
        """
        is_news = not carried or self.ration is None or carried < self.ration - 1
        if carried:
            self.ration = min(self.ration or carried, carried)
        if is_news and (self._halved_at is None or now - self._halved_at >= _HALVED_FOR_SECONDS):
            self._accepted, self.allowed, self._halved_at = 0, max(1, self.allowed // 2), now

    def is_used_up(self, carried: int) -> bool:
        """Say whether a connection has carried what it may."""
        return self.ration is not None and carried >= self.ration

    def is_allowed(self, number: int) -> bool:
        """Say whether the connection of that number may be open."""
        return number < self.allowed

    async def rest(self, seconds: float) -> None:
        """Wait until more connections are allowed, so long at most."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)


@dataclass(slots=True)
class Deferrals:
    """Counts, for each receiving domain, how often in a row it said later."""

    _in_a_row: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def copied(self) -> "Deferrals":
        """Give the counts as they stand."""
        return Deferrals(self._in_a_row.copy())

    def note_accepted(self, domain: str) -> bool:
        """Take note of a letter that was taken; True if the domain had refused before."""
        return bool(self._in_a_row.pop(domain, 0))

    def note_deferred(self, domain: str) -> bool:
        """Take note of one that was not; True if that is once too often."""
        self._in_a_row[domain] += 1
        if self._in_a_row[domain] < _DEFERRALS_TO_CLOSE:
            return False
        self._in_a_row[domain] = 0
        return True


def read_paces(text: str) -> dict[str, float]:
    """Read `gmail.com=20/s, outlook.com=600/min`: seconds between two letters, by domain; raise InvalidError."""
    paces: dict[str, float] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        found = _PACE.fullmatch(part)
        if found is None or not int(found["letters"]):
            raise InvalidError(f"{part!r} is not a pace (allowed: {PACE_FORM})", "pace")
        paces[found["domain"].lower()] = _UNITS[found["unit"]] / int(found["letters"])
    return paces


def domain_of(address: str) -> str:
    """Give the receiving domain, as lanes name it."""
    return address.rpartition("@")[2].lower()


def closed_by_deferrals(lane: Lane, words: str, now: datetime) -> Lane:
    """Close a lane that says later to everybody: a quarter of an hour at first, then twice as long each time."""
    wait = min(_LANE_FIRST * 2 ** min(lane.failures, _DOUBLINGS_MOST), _LANE_LONGEST)
    return replace(lane, closed_until=now + wait, failures=lane.failures + 1, reason=words)


def closed_by_policy(lane: Lane, words: str, now: datetime) -> Lane:
    """Close a lane that refuses us by policy: somebody must see to it, and each try makes it worse."""
    return replace(lane, closed_until=now + _POLICY, failures=lane.failures + 1, reason=words)


def divided(
    claims: list[Claim], lanes: Mapping[str, Lane], now: datetime
) -> tuple[list[Claim], list[tuple[Claim, datetime, str]], list[Lane]]:
    """Divide claims into those that may go now and those whose lane makes them wait, until when and why.

    A paced lane gives each letter its own moment, in steps of a second, so that none is looked at twice in vain;
    one that missed its moment by more than a minute, because nobody was there, is given another.
    The third value are the lanes that have moved on.
    """
    going: list[Claim] = []
    waiting: list[tuple[Claim, datetime, str]] = []
    moved: dict[str, Lane] = {}
    for claim in claims:
        domain = domain_of(claim.address)
        lane = moved.get(domain) or lanes.get(domain)
        if lane is None:
            going.append(claim)
        elif lane.closed_until is not None and lane.closed_until > now:
            waiting.append((claim, lane.closed_until, f"lane closed: {lane.reason}"[:64]))
        elif not lane.seconds or _is_its_turn(claim, now):
            going.append(claim)
        else:
            at = max(lane.next_at or now, now)
            moved[domain] = replace(lane, next_at=at + timedelta(seconds=lane.seconds))
            step = floor((at - now).total_seconds())
            if step:
                waiting.append((claim, now + timedelta(seconds=step), PACED))
            else:
                going.append(claim)
    return going, waiting, [*moved.values()]


def _is_its_turn(claim: Claim, now: datetime) -> bool:
    return claim.paced_for is not None and now - claim.paced_for <= _LATE_MOST
