"""Which of the notices that are due a sender takes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.domain.notice import Claim
from service.store import channels, handing, statements
from service.store.dialect import GroupTx
from service.store.statements import Claims

How = Callable[[GroupTx, str, datetime, int], list[Claim]]


class Taking(Protocol):
    """Which notices are taken: those that are due, and alone one that a worker died with."""

    @property
    def ordinary(self) -> How:
        """Take what is due."""

    @property
    def suspect(self) -> How:
        """Take one that a worker died with."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What goes by e-mail; where there are no channels, all there is but what is in doubt on one."""

    claims: Claims = statements.ALL

    def ordinary(self, tx: GroupTx, owner: str, now: datetime, most: int) -> list[Claim]:
        """Take what is due."""
        return handing.claim(tx, owner, now, most, self.claims)

    def suspect(self, tx: GroupTx, owner: str, now: datetime, most: int) -> list[Claim]:
        """Take one that a worker died with."""
        if self.claims is statements.ALL:
            channels.hold_in_doubt(tx, now)
        return handing.claim_suspect(tx, owner, now, most, self.claims)
