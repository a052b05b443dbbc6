"""Debian's smtp-source and smtp-sink, of postfix: the installed ones, else unpacked under .peers/; no mail system."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers import ROOT, UnavailableError, debian

FOLDER = ROOT / ".peers" / "postfix"
_PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


@dataclass(frozen=True, slots=True)
class Postfix:
    """Where the two programs are, and the environment they run in."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return "unpacked in .peers" if self.folder.is_relative_to(FOLDER) else str(self.folder)

    @property
    def source(self) -> Path:
        """The program that sends one constant message."""
        return self.folder / "smtp-source"

    @property
    def sink(self) -> Path:
        """The program that takes everything and keeps nothing."""
        return self.folder / "smtp-sink"

    def check(self) -> None:
        """Prove that it starts: without arguments it tells its usage; raise UnavailableError if it does not."""
        call = [self.source, "-?"]
        said = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60, env=self.environment)
        if "usage" not in (said.stdout + said.stderr).lower():
            raise UnavailableError(f"{self.source} does not start: {said.stderr.strip()[-500:]}")


def bring() -> Postfix:
    """Give the installed programs, or those that were fetched, now or before."""
    if installed := shutil.which("smtp-source", path=_PLACES):
        return Postfix(Path(installed).parent, dict(os.environ))
    if not FOLDER.is_dir():
        debian.unpack(("postfix",), FOLDER, lambda folder: _unpacked(folder).check())
    return _unpacked(FOLDER)


def _unpacked(folder: Path) -> Postfix:
    return Postfix(folder / "usr/sbin", os.environ | {"LD_LIBRARY_PATH": debian.libraries(folder)})
