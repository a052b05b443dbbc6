"""Where the post stands: the facts, counted from rows, and the one verdict that they add up to."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from service.domain.heard import Lately
from service.domain.notice import Result, State

NOTHING_HEARD = Lately()
TICK_EVERY = timedelta(seconds=20)
TICK_LATE = 3 * TICK_EVERY
_UNATTENDED = timedelta(minutes=2)  # a worker that starts, or a batch that is being claimed, is no standstill
_BEFORE_AT = re.compile(r"(?:\"[^\"]*\"|[^\s<>(),;:\"@]+)(?=@)")  # local parts of addresses (RFC 5321, 4.1.2)
_RENDERED_WITHIN = timedelta(minutes=5)
RELAY_TROUBLES = frozenset({Result.UNREACHED.value, Result.REFUSED.value})  # a letter refused for good has ended


class Verdict(StrEnum):
    """What can be said of the post in a sentence."""

    LEAVING = "leaving"
    NOTHING_DUE = "nothing due"
    RENDERING = "rendering"  # what is to leave waits for its edition
    WAITING = "waiting"  # what there is waits for its next attempt
    NO_ROOM = "no room"  # for any change: the disk is full
    PAUSED = "paused"
    NO_TICK = "no tick"
    UNREACHED = "unreached"
    NOBODY_SENDS = "nobody sends"
    STUCK = "stuck"
    NOT_RENDERED = "not rendered"
    UNAPPROVED = "unapproved"

    @property
    def stands_still(self) -> bool:
        """Whether somebody should look after it."""
        return self not in {Verdict.LEAVING, Verdict.NOTHING_DUE, Verdict.RENDERING, Verdict.WAITING}


@dataclass(frozen=True, slots=True)
class Line:
    """One notice in a list. Its words tell no address: it stands there as `…@domain`."""

    notice: str
    kind: str
    day: date
    domain: str
    state: State
    reason: str
    attempts: int
    code: int
    words: str
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Group:
    """Notices that wait or ended for the same reason; `next_at` and `words` are those of the nearest."""

    reason: str
    count: int
    domain: str = ""
    next_at: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that sends, and what it has in hand; one that is not on record any more is dead."""

    id: str
    host: str
    started_at: datetime | None
    alive: bool
    claimed: int
    sending: int


@dataclass(frozen=True, slots=True)
class EditionSeen:
    """An edition that is not rendered, could not be, or was stopped, and how many letters wait for it."""

    id: str
    kind: str
    language: str
    day: date
    waiting: int
    created_at: datetime
    rendered: bool | None  # None: not tried yet
    findings: tuple[str, ...]
    stopped_at: datetime | None
    stopped_reason: str


@dataclass(frozen=True, slots=True)
class SlotSeen:
    """A slot's day that was missed, or is being planned."""

    zone: str
    hour: str
    day: date
    notices: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Lane:
    """A receiving domain that is written to slowly (seconds between two letters), or not at all until a moment."""

    domain: str
    seconds: float
    closed_until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Warming:
    """How a day of UTC stands while the domain is warmed up: how many may leave, have left, and wait for the next."""

    limit: int
    left: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Unapproved:
    """How many letters whose moment has come wait for an editor to approve them, and since when the first does."""

    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Webhooks:
    """How many webhooks are switched off, or take nothing now; how many messages wait, and failed for good."""

    off: int = 0
    failing: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of a notice once, with the server's words."""

    generation: int
    result: str
    code: int
    words: str
    owner: str | None
    at: datetime


NOTHING_UNAPPROVED = Unapproved()
NOBODY_TOLD = Webhooks()


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that there is to see, as of `now`. Lists are short; the counts beside them are whole."""

    now: datetime
    paused_at: datetime | None
    paused_reason: str
    ticked_at: datetime | None
    due: int  # ready, and their moment has come
    ahead: int  # ready, but for a later moment
    planned: int  # waiting for their edition
    oldest_at: datetime | None  # since when the oldest of those that are due is waiting
    put_off: int  # tried already, or sent back by a lane
    put_off_groups: tuple[Group, ...]  # of the nearest of them
    nearest: tuple[Line, ...]
    relay_trouble: Group | None  # why the relay cannot be used
    relay_trouble_at: datetime | None  # and since when
    held: tuple[Group, ...]
    quarantined: int
    accepted: int  # of the notices made since `lately_from`, as are the next two
    dropped: tuple[Group, ...]
    failed: tuple[Group, ...]
    lately_from: datetime
    troubled: tuple[Line, ...]
    workers: tuple[Worker, ...]
    editions: tuple[EditionSeen, ...]
    slots_running: tuple[SlotSeen, ...]
    slots_missed: tuple[SlotSeen, ...]
    missed: int
    lanes: tuple[Lane, ...]
    warming: Warming | None = None  # only on a day that has a limit
    heard: Lately = NOTHING_HEARD
    webhooks: Webhooks = NOBODY_TOLD
    unapproved: Unapproved = NOTHING_UNAPPROVED
    channels_aside: int = 0  # of how many readers, as the channel refused them again and again
    no_room: str = ""  # why the database cannot be written to

    @property
    def claimed(self) -> int:
        """How many notices are in somebody's hands, but not on the wire."""
        return sum(worker.claimed for worker in self.workers)

    @property
    def sending(self) -> int:
        """How many letters are being handed over."""
        return sum(worker.sending for worker in self.workers)

    @property
    def counts(self) -> dict[State, int]:
        """How many notices are in each state; of the last ones, those that were made lately."""
        return {
            State.PLANNED: self.planned,
            State.READY: self.due + self.ahead,
            State.CLAIMED: self.claimed,
            State.SENDING: self.sending,
            State.ACCEPTED: self.accepted,
            State.FAILED: sum(group.count for group in self.failed),
            State.DROPPED: sum(group.count for group in self.dropped),
            State.HELD: sum(group.count for group in self.held),
            State.QUARANTINE: self.quarantined,
        }

    @property
    def oldest_age(self) -> timedelta:
        """How long the oldest letter that is due has waited."""
        return max(self.now - self.oldest_at, timedelta()) if self.oldest_at else timedelta()

    @property
    def unrendered(self) -> tuple[EditionSeen, ...]:
        """The editions that cannot be rendered, or have waited for it too long."""
        late = self.now - _RENDERED_WITHIN
        return tuple(
            one for one in self.editions if one.rendered is False or (not one.rendered and one.created_at < late)
        )

    @property
    def needs_somebody(self) -> bool:
        """Whether letters wait that do not go on by themselves."""
        return bool(self.held or self.quarantined or any(one.waiting for one in self.unrendered))

    @property
    def verdict(self) -> Verdict:
        """What all this adds up to: the first that holds, from what stops everything to what stops nothing."""
        in_hand = sum(one.claimed + one.sending for one in self.workers if one.alive)
        if stopped := self._stopped:
            return stopped
        if self.relay_trouble and (self.due or self.put_off) and not in_hand:
            return Verdict.UNREACHED
        if self.due or in_hand:
            return self._of_what_is_due(in_hand)
        if any(one.waiting for one in self.unrendered):
            return Verdict.NOT_RENDERED
        if self.unapproved.count:
            return Verdict.UNAPPROVED
        return Verdict.WAITING if self.put_off else Verdict.RENDERING if self.planned else Verdict.NOTHING_DUE

    @property
    def _stopped(self) -> Verdict | None:
        """What keeps everything from leaving, whatever is due."""
        if self.no_room:
            return Verdict.NO_ROOM
        if self.paused_at:
            return Verdict.PAUSED
        is_late = self.ticked_at is None or self.ticked_at < self.now - TICK_LATE
        return Verdict.NO_TICK if is_late else None

    def _of_what_is_due(self, in_hand: int) -> Verdict:
        if in_hand or self.oldest_age < _UNATTENDED:
            return Verdict.LEAVING
        if not any(one.alive for one in self.workers):
            return Verdict.NOBODY_SENDS
        closed = any(lane.closed_until and lane.closed_until > self.now for lane in self.lanes)
        return Verdict.LEAVING if closed else Verdict.STUCK


@dataclass(frozen=True, slots=True)
class History:
    """One notice, whose it is, what it says, and everything that became of it, in order."""

    line: Line
    address: str
    subscriber: str
    lane: int
    generation: int
    owner: str | None
    doubts: int
    crashes: int
    expires_at: datetime
    dated_at: datetime | None
    edition: EditionSeen
    subject: str | None
    attempts: tuple[Attempt, ...]
    channel: str = ""  # that it goes by, or went; "" for e-mail, and where its reader has none any more


def without_addresses(words: str) -> str:
    """Give a server's words with the names before each @ hidden: what is shown on a page may be passed on."""
    return _BEFORE_AT.sub("…", words)
