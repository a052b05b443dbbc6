"""What follows from an outcome beyond its notice: an address suppressed, a lane closed, an edition stopped.

Drawn in the transaction that records the outcomes, so that nothing of it is lost between.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.delivery import pace
from service.domain.notice import Result
from service.domain.retry import Effect
from service.observability import log
from service.store import archive, consequences, lanes
from service.store.dialect import GroupTx
from service.store.handing import Done
from service.store.lanes import Lane

_SCORED_WITHIN = timedelta(days=7)
_SCORE_MOST = 2
_CONTENT_MOST = 3
_ARCHIVED_MOST = 10_000


@dataclass(slots=True)
class Consequences:
    """Draws the consequences; `hashed` gives the keyed hash of an address, by which it stays suppressed.

    `closed` are the lanes closed here and until when: what is claimed for them already must not leave either.
    """

    hashed: Callable[[str], str]
    closed: dict[str, datetime] = field(default_factory=dict)
    _deferrals: pace.Deferrals = field(default_factory=pace.Deferrals)
    _content: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _drawn: set[tuple[str, int]] = field(default_factory=set)
    _struck: set[str] = field(default_factory=set)
    _archived: set[str] = field(default_factory=set)  # editions of which it is known
    _before: tuple[pace.Deferrals, defaultdict[str, int]] = field(init=False)

    def draw(self, tx: GroupTx, done: list[Done], now: datetime) -> set[str]:
        """Draw them for letters just recorded; what is drawn again, because the commit failed, is counted once.

        Gives the notices whose readers are not written to any more.
        """
        drawn = {(one.held.id, one.held.generation) for one in done}
        if drawn & self._drawn:
            self._deferrals, self._content = self._before
        self._before = self._deferrals.copied(), self._content.copy()
        self._drawn, self._struck = drawn, set()
        for one in done:
            if one.outcome.result is Result.ACCEPTED:
                self._accepted(tx, one, now)
            elif one.follows.effect is not None:
                self._draw(tx, one, one.follows.effect, now)
        self._archive(tx, done, now)
        return self._struck

    def _archive(self, tx: GroupTx, done: list[Done], now: datetime) -> None:
        """Let editions into the archive, of which a letter was taken; in one order, so that no two workers wait."""
        sent = {one.held.edition for one in done if one.outcome.result is Result.ACCEPTED and one.held.kind.remembers}
        for edition in sorted(sent - self._archived):
            if not archive.mark_sent(tx, edition, now):  # what this very commit marks is not known before it ends
                if len(self._archived) >= _ARCHIVED_MOST:
                    self._archived.clear()
                self._archived.add(edition)

    def _accepted(self, tx: GroupTx, one: Done, now: datetime) -> None:
        self._content.pop(one.held.edition, None)
        domain = pace.domain_of(one.held.address)
        if self._deferrals.note_accepted(domain) and (lane := lanes.known(tx).get(domain)) and lane.failures:
            lanes.keep(tx, replace(lane, closed_until=None, failures=0, reason=""), now)
            self.closed.pop(domain, None)

    def _draw(self, tx: GroupTx, one: Done, effect: Effect, now: datetime) -> None:
        held, words = one.held, one.outcome.words
        match effect:
            case Effect.SUPPRESS:
                self._suppress(tx, one, "no such mailbox", now)
            case Effect.SCORE if consequences.refusals(tx, held.subscriber, now - _SCORED_WITHIN) >= _SCORE_MOST:
                self._suppress(tx, one, "refused twice", now)
            case Effect.CLOSE_LANE:
                self._close(tx, one, pace.closed_by_policy, now)
            case Effect.SLOW_LANE if self._deferrals.note_deferred(pace.domain_of(held.address)):
                self._close(tx, one, pace.closed_by_deferrals, now)
            case Effect.STOP_EDITION:
                self._stop(tx, held.edition, words, now)
            case Effect.SUSPECT_EDITION:
                self._content[held.edition] += 1
                if self._content[held.edition] >= _CONTENT_MOST:
                    self._stop(tx, held.edition, words, now)

    def _suppress(self, tx: GroupTx, one: Done, reason: str, now: datetime) -> None:
        if one.held.kind.is_to_editors:  # it says nothing of a reader, and the next one will be seen to fail as well
            return
        address = one.held.address
        consequences.suppress(tx, one.held.subscriber, address, self.hashed(address), reason, now)
        self._struck.add(one.held.id)
        log.warning("address_suppressed", subscriber=one.held.subscriber, notice=one.held.id, reason=reason)

    def _close(self, tx: GroupTx, one: Done, how: Callable[[Lane, str, datetime], Lane], now: datetime) -> None:
        domain = pace.domain_of(one.held.address)
        lane = how(lanes.known(tx).get(domain, Lane(domain)), one.outcome.words, now)
        lanes.keep(tx, lane, now)
        if lane.closed_until is not None:
            self.closed[domain] = lane.closed_until
        log.error("lane_closed", domain=domain, until=lane.closed_until, words=one.outcome.words)

    def _stop(self, tx: GroupTx, edition: str, words: str, now: datetime) -> None:
        if consequences.stop(tx, edition, words, now):
            log.error("edition_stopped", edition=edition, words=words)
