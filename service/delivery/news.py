"""What webhooks are told of letters: those that were taken, and those refused for good; in the commit of that."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.domain import webhook
from service.domain.notice import Result, State
from service.domain.webhook import Told
from service.store import webhook_messages
from service.store.dialect import GroupTx
from service.store.handing import Done

_KNOWN_MOST = 10_000


@dataclass(slots=True)
class News:
    """Tells of letters; of what a channel refuses nothing, as it goes by mail then.

    `is_sent_wanted` is what the last claim found: where no webhook asks, nothing is asked here.
    """

    is_mail: bool = True
    is_sent_wanted: bool = False
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)  # of editions, which never change

    def tell(self, tx: GroupTx, done: list[Done], struck: Collection[str], now: datetime) -> None:
        """Tell of letters just recorded; `struck` are the notices whose readers are not written to any more."""
        told = [_bounced(one, struck) for one in done if self.is_mail and _is_refused(one)]
        if self.is_sent_wanted:
            told += self._sent(tx, [one for one in done if _is_sent(one)])
        webhook_messages.tell_in_group(tx, told, now)

    def _sent(self, tx: GroupTx, done: list[Done]) -> list[Told]:
        """Give what is told of letters that were taken: nothing of those that private dates alone brought."""
        if new := {one.held.edition for one in done} - self._known.keys():
            if len(self._known) >= _KNOWN_MOST:
                self._known.clear()
            self._known |= webhook_messages.editions_said(tx, new)
        return [
            webhook.sent(one.held.subscriber, one.held.id, one.held.kind, said)
            for one in done
            if (said := self._known.get(one.held.edition, {})).get("targets")
        ]


def _is_sent(one: Done) -> bool:
    return one.outcome.result is Result.ACCEPTED and one.held.kind.remembers


def _is_refused(one: Done) -> bool:
    """Say whether a server refused a reader's letter for good; others' letters are nobody's business."""
    return one.follows.state is State.FAILED and bool(one.outcome.code) and one.held.kind.can_be_left


def _bounced(one: Done, struck: Collection[str]) -> Told:
    held, reason = one.held, one.follows.reason
    return webhook.bounced(held.subscriber, held.address, held.id, reason, is_suppressed=held.id in struck)
