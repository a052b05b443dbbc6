"""GMime, the library with which notmuch, mu and others read mail: the installed one, else unpacked under .peers/."""

import ctypes.util
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers import ROOT, UnavailableError, debian
from tests.peers.reading import Reading, read_lines

FOLDER = ROOT / ".peers" / "gmime"


@dataclass(frozen=True, slots=True)
class GMime:
    """The environment in which a child of ours finds the library."""

    environment: dict[str, str] = field(default_factory=dict)
    where: str = "installed"

    def __str__(self) -> str:
        return f"{self.version()} ({self.where})"

    def version(self) -> str:
        """Ask the library itself; raise UnavailableError if it does not load."""
        told = self._run("--version")
        if told.returncode:
            raise UnavailableError(f"GMime does not load: {told.stderr.strip()[-300:]}")
        return told.stdout.strip()

    def read(self, letters: Sequence[Path]) -> list[Reading]:
        """Read letters, in one process."""
        done = self._run(*letters)
        assert done.returncode == 0, done.stderr[-2000:]
        return read_lines(done.stdout)

    def _run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "-m", "tests.peers.gmime_child", *arguments]
        return subprocess.run(
            call, capture_output=True, text=True, check=False, timeout=120, env=self.environment, cwd=ROOT
        )


def bring() -> GMime:
    """Give the installed library, or the one that was fetched, now or before."""
    if ctypes.util.find_library("gmime-3.0"):
        return GMime(dict(os.environ))
    if not FOLDER.is_dir():
        debian.unpack(("libgmime-3.0-0",), FOLDER, lambda folder: _unpacked(folder).version())
    return _unpacked(FOLDER)


def _unpacked(folder: Path) -> GMime:
    return GMime(os.environ | {"LD_LIBRARY_PATH": debian.libraries(folder)}, "unpacked in .peers")
