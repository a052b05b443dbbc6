"""OpenDKIM, which verifies signatures with the keys of a file: the installed one, else unpacked under .peers/."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from service.mail.dkim import Signer
from tests.peers import ROOT, UnavailableError, debian

FOLDER = ROOT / ".peers" / "opendkim"
_PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
_VERDICT = re.compile(r"^\s*dkim=(\w+)\b.*\bheader\.s=(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class OpenDkim:
    """The program and the environment it runs in."""

    program: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        where = "unpacked in .peers" if self.program.is_relative_to(FOLDER) else str(self.program)
        return f"{self.version()} ({where})"

    def version(self) -> str:
        """Ask the program itself; raise UnavailableError if it does not start."""
        told = self._run("-V")
        found = re.search(r"OpenDKIM Filter v(\S+)", told.stdout)
        if not found:
            raise UnavailableError(f"{self.program} does not start: {told.stderr.strip()[-300:]}")
        return found[1]

    def algorithms(self) -> set[str]:
        """Give the algorithms that this build can verify."""
        return set(re.findall(r"\w+-sha(?:1|256)\b", self._run("-V").stdout))

    def verdicts(self, content: bytes, signers: Iterable[Signer], folder: Path) -> dict[str, bool]:
        """Say of each selector that signed whether its signature holds, with these keys alone and without DNS."""
        keys, settings, letter = folder / "keys", folder / "opendkim.conf", folder / "letter.eml"
        keys.write_text("".join(f"{one.record_name} {one.record}\n" for one in signers))
        settings.write_text(f"TestPublicKeys {keys}\nMode v\nTemporaryDirectory {folder}\nSocket local:{folder}/s\n")
        letter.write_bytes(content)
        told = self._run("-x", settings, "-vvv", "-t", letter)
        return {selector: verdict == "pass" for verdict, selector in _VERDICT.findall(told.stdout)}

    def _run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        call = [self.program, *arguments]
        return subprocess.run(call, capture_output=True, text=True, check=False, timeout=60, env=self.environment)


def bring() -> OpenDkim:
    """Give the installed program, or the one that was fetched, now or before."""
    if installed := shutil.which("opendkim", path=_PLACES):
        return OpenDkim(Path(installed), dict(os.environ))
    if not FOLDER.is_dir():
        debian.unpack(("opendkim", "opendkim-tools"), FOLDER, lambda folder: _unpacked(folder).version())
    return _unpacked(FOLDER)


def _unpacked(folder: Path) -> OpenDkim:
    return OpenDkim(folder / "usr/sbin/opendkim", os.environ | {"LD_LIBRARY_PATH": debian.libraries(folder)})
