"""Looks now and then whether mail leaves, and has editors told if it does not.

The letter that says so waits with the others, in the lane of those that leave first; so it tells afterwards that mail
stood still, and why, to those who were not looking. A pause is nobody's fault and is not told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.alert import Alert, Fact, Matter
from service.domain.standing import Standing, Verdict
from service.rendering.locales import Languages
from service.rendering.verdict_words import verdict_words
from service.store import status
from service.store.dialect import Store
from service.store.editors import Tell

LOOKS_EVERY = timedelta(minutes=10)
_LASTING = timedelta(minutes=30)
_STANDSTILLS = frozenset({Verdict.UNREACHED, Verdict.NOBODY_SENDS, Verdict.STUCK})


@dataclass(frozen=True, slots=True)
class Sentry:
    """Looks at the post; `boot` gives the seconds since this machine was started."""

    store: Store
    languages: Languages
    clock: Callable[[], datetime]
    boot: Callable[[], float]
    tell: Tell

    async def look(self) -> bool:
        """Look once; gives whether mail has stood still for so long that editors are told."""
        now = self.clock()
        seen = await status.look(self.store, now, self.boot())
        if seen.verdict not in _STANDSTILLS or now - _since(seen) < _LASTING:
            return False
        why = {code: verdict_words(seen, self.languages.of(code)).sentence for code in self.languages.codes}
        async with self.store.write() as tx:
            await self.tell(tx, Alert(Matter.STANDSTILL, (Fact(why, now.date()),), about=seen.verdict.value), now)
        return True


def _since(seen: Standing) -> datetime:
    """Give the moment since when mail should have been leaving."""
    return min((at for at in (seen.oldest_at, seen.relay_trouble_at) if at is not None), default=seen.now)
