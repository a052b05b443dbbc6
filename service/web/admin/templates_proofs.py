"""Proofs for the page that asks for them: each made once, though it is asked for twice, and not without end.

The page asks for what is wrong with a text and for how it looks, in two requests of one moment; both wait for one
proof. An editor who asks for more than anybody types is told to wait (`faults.md`, case 94).
"""

import asyncio
import hashlib
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

from service.domain.errors import TooManyRequestsError
from service.rendering.proof import Proof, Prove, Wanted

MOST_IN_A_MINUTE: Final = 240
_MINUTE: Final = timedelta(minutes=1)
_KEPT: Final = 64
_HOLDS: Final = timedelta(seconds=20)  # the record may change meanwhile

_Key = tuple[str, Wanted, str]


def proofs_of(request: Request) -> "Proofs":
    """Give the proofs of the application."""
    proofs: Proofs = request.app.state.proofs
    return proofs


class Proofs:
    """The last proofs of this process, and how many each editor has asked for."""

    def __init__(self, prove: Prove, clock: Callable[[], datetime]) -> None:
        self._prove = prove
        self._clock = clock
        self._made: OrderedDict[_Key, tuple[datetime, asyncio.Task[Proof]]] = OrderedDict()
        self._asked: dict[str, deque[datetime]] = {}

    async def of(self, editor: str, wanted: Wanted, drafts: Mapping[str, str]) -> Proof:
        """Give a proof of drafts; raise TooManyRequestsError, or what making it raises."""
        now = self._clock()
        key = (editor, wanted, _digest(drafts))
        at, task = self._made.get(key, (now, None))
        if task is None or now - at > _HOLDS:
            self._count(editor, now)
            task = asyncio.ensure_future(self._prove(wanted, drafts))
            self._made[key] = (now, task)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        try:
            return await asyncio.shield(task)  # who went away does not take it from the other
        except Exception:
            self._made.pop(key, None)
            raise

    def forget(self) -> None:
        """Forget what was made: something was published."""
        self._made.clear()

    def _count(self, editor: str, now: datetime) -> None:
        asked = self._asked.setdefault(editor, deque())
        while asked and now - asked[0] >= _MINUTE:
            asked.popleft()
        if len(asked) >= MOST_IN_A_MINUTE:
            raise TooManyRequestsError
        asked.append(now)


def _digest(drafts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(drafts):
        digest.update(f"{name}\0{drafts[name]}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
