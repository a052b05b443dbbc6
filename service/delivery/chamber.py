"""Where letters are rendered: in processes of their own, which a template may exhaust or end without any harm.

Each slot is a process of `service.cell` that has loaded what renders, and makes a child of itself for each letter.
"""

import asyncio
import json
import pickle
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from service.delivery.child import Child, Patience
from service.domain.errors import StoreError, TooManyRequestsError
from service.domain.letter import Words
from service.observability import log
from service.processes import command_of
from service.rendering.asked import Asked, Rendered, TemplateFinding
from service.rendering.templates import Templates

_PATIENCE = Patience(answer=15.0)
_TRIES = 2  # the machine may have ended the first one for a reason that is not the letter's
_ENDED = "the process that renders ended, or did not end in time"


@dataclass(slots=True)
class Chamber:
    """Renders letters (`rendering/asked.Printer`) in so many processes at once.

    The post has a chamber of its own, so whatever is asked of that of the proofs, a slot is free for what is sent.
    Proofs are rendered at a lower priority (`niceness`); raise TooManyRequestsError when `most_waiting` wait already.
    """

    slots: int = 1
    most_waiting: int | None = None
    niceness: int = 0
    command: Sequence[str] = field(default_factory=lambda: command_of("service.cell"))
    patience: Patience = _PATIENCE
    _free: list[Child] = field(default_factory=list)
    _children: list[Child] = field(default_factory=list)
    _waiting: int = 0
    _turns: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._turns = asyncio.Semaphore(self.slots)

    async def letter(self, asked: Asked, templates: Templates) -> Rendered:
        """Render what was asked with these templates; what that process does not survive is a finding, too."""
        async with self._slot() as child:
            for _ in range(_TRIES):
                answer = await child.ask(pickle.dumps((asked, templates), pickle.HIGHEST_PROTOCOL))
                with suppress(ValueError, LookupError, TypeError):
                    return _read(answer)
        log.error("render_process_ended", kind=asked.kind, language=asked.language, version=templates.version)
        return Rendered(None, (TemplateFinding(f"letters/{asked.kind}", 0, _ENDED),))

    async def stand_by(self) -> None:
        """Have a process ready before there is anything to render: the first letter of an hour does not wait for it."""
        with suppress(StoreError):  # whoever needs it tries again, and says so
            async with self._slot() as child:
                await child.stand_by()

    async def close(self) -> None:
        """Let the processes go."""
        for child in self._children:
            await child.close()

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[Child]:
        if self.most_waiting is not None and self._waiting >= self.most_waiting:
            raise TooManyRequestsError
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        child = self._free.pop() if self._free else self._another()
        try:
            yield child
        finally:
            self._free.append(child)
            self._turns.release()

    def _another(self) -> Child:
        child = Child(self.command, self.patience, json.dumps({"niceness": self.niceness}).encode())
        self._children.append(child)
        return child


def _read(answer: bytes) -> Rendered:
    """Read what the process said: JSON, for it has been among templates; b"" if it is gone."""
    said = json.loads(answer)
    findings = [TemplateFinding(str(name), int(line), str(told)) for name, line, told in said["findings"]]
    return Rendered(Words(*map(str, said["words"])) if said["words"] else None, tuple(findings))
