"""The few editions that are being sent, encoded once for each variant of their letters."""

from dataclasses import dataclass, field
from typing import Protocol

from service.domain.errors import InvalidError
from service.domain.letter import Letter, Variant
from service.domain.notice import Claim
from service.mail.compose import Composer
from service.mail.skeletons import Skeleton, skeleton
from service.store import handing
from service.store.dialect import Store

_EDITIONS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Encoded:
    """An edition ready to be composed from, and what brought it."""

    skeleton: Skeleton
    because: tuple[str, ...]

    def letter(self, composer: Composer, claim: Claim) -> Letter:
        """Give the letter of a claim; raise InvalidError if its address cannot stand in a header."""
        return composer.compose(claim, self.skeleton)


class Said(Protocol):
    """An edition ready to be composed from: for a mailbox (`Encoded`), or for a channel (`excerpts`)."""

    @property
    def because(self) -> tuple[str, ...]:
        """What brought it."""

    def letter(self, composer: Composer, claim: Claim) -> Letter:
        """Give the letter of a claim."""


class Sayings(Protocol):
    """The few editions that are being sent."""

    async def of(self, id_: str, variant: Variant) -> Said:
        """Give an edition in a variant; raise InvalidError if it cannot be sent."""


@dataclass(slots=True)
class Editions:
    """The few editions that are being sent, encoded."""

    store: Store
    _kept: dict[tuple[str, Variant], Encoded] = field(default_factory=dict)

    async def of(self, id_: str, variant: Variant) -> Encoded:
        """Give an edition in a variant; raise InvalidError if it is not rendered or cannot be encoded."""
        key = (id_, variant)
        if key not in self._kept:
            found = await self.store.group(lambda tx: handing.words_of(tx, id_))
            if found is None:
                raise InvalidError("the edition is not rendered")
            if len(self._kept) >= _EDITIONS_KEPT:
                self._kept.clear()
            self._kept[key] = Encoded(skeleton(found[0], variant), found[1])
        return self._kept[key]
