"""The few editions that are being sent, encoded once for each variant of their letters."""

from dataclasses import dataclass, field

from service.domain.errors import InvalidError
from service.domain.letter import Variant
from service.mail.skeletons import Skeleton, skeleton
from service.store import handing
from service.store.dialect import Store

_EDITIONS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Encoded:
    """An edition ready to be composed from, and what brought it."""

    skeleton: Skeleton
    because: tuple[str, ...]


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
