"""Clocks of a child process that a test turns: wall, monotonic and boot time, each by an offset of its own."""

import mmap
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_OFFSETS = struct.Struct("ddd")


class Clocks:
    """Three offsets in seconds, in a file that every process that opens it shares."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_OFFSETS.pack(0, 0, 0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _OFFSETS.size)

    def turn(self, *, wall: float | None = None, monotonic: float | None = None, boot: float | None = None) -> None:
        """Set offsets; those not named stay as they are."""
        before = self._offsets()
        given = (wall, monotonic, boot)
        now = [old if new is None else new for old, new in zip(before, given, strict=True)]
        self._shared[:] = _OFFSETS.pack(*now)

    def wall(self) -> datetime:
        """Give the civil time, which people and time servers turn."""
        return datetime.now(UTC) + timedelta(seconds=self._offsets()[0])

    def monotonic(self) -> float:
        """Give seconds that nobody turns, and that do not go on while the machine sleeps."""
        return time.monotonic() + self._offsets()[1]

    def boot(self) -> float:
        """Give seconds that nobody turns, and that go on while the machine sleeps."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) + self._offsets()[2]

    def _offsets(self) -> tuple[float, float, float]:
        wall, monotonic, boot = _OFFSETS.unpack(self._shared[:])
        return wall, monotonic, boot
