"""The sets of templates that editions name, as the press needs them: the last few are kept in memory."""

from dataclasses import dataclass, field

from service.domain.templates import Templates
from service.observability import log
from service.store.dialect import Tx
from service.store.templates import in_use, set_named, version_in_use

_MOST = 4  # of half a megabyte each; at one time two are in use at most, as long as runs go on that began with one


@dataclass(slots=True)
class Sets:
    """Sets by version. `shipped` is for a database in which none was ever in use."""

    shipped: Templates
    _kept: dict[str, Templates] = field(default_factory=dict)

    async def of(self, tx: Tx, version: str) -> Templates:
        """Give the set of a version; if it is not known, that which is in use."""
        found = self.kept(version) or self._keep(await set_named(tx, version))
        if found is None:
            log.warning("templates_unknown", version=version)
            found = await self.in_use(tx)
        return found

    async def in_use(self, tx: Tx) -> Templates:
        """Give the set in use."""
        version = await version_in_use(tx)
        return self.kept(version) or self._keep(await in_use(tx)) or self.shipped

    def kept(self, version: str) -> Templates | None:
        """Give a set that is in memory."""
        return self.shipped if version == self.shipped.version else self._kept.get(version)

    def _keep(self, found: Templates | None) -> Templates | None:
        if found is not None:
            self._kept[found.version] = found
            while len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]
        return found
