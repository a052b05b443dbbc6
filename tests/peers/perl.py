"""A Perl that has SpamAssassin and MIME-tools: the installed one, else Debian's packages unpacked under .peers/."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.peers import ROOT, UnavailableError, debian

FOLDER = ROOT / ".peers" / "perl"
PACKAGES = ("spamassassin", "libmime-tools-perl")
# Where Debian's Perl looks for modules, those of the interpreter itself last.
_SHELVES = (
    "etc/perl",
    "usr/share/perl5",
    "usr/lib/*/perl5/5.*",
    "usr/share/perl/5.*",
    "usr/lib/*/perl/5.*",
    "usr/lib/*/perl-base",
)


@dataclass(frozen=True, slots=True)
class Perl:
    """The interpreter, and the folder under which its packages lie (`/` for the installed ones)."""

    interpreter: Path
    root: Path

    def __str__(self) -> str:
        where = "unpacked in .peers" if self.root == FOLDER else str(self.interpreter)
        return f"{self.asks('Mail::SpamAssassin', 'Version')} ({where})"

    def call(self, script: Path, *arguments: str | Path) -> list[str]:
        """Give the command that runs a script, tainted as SpamAssassin wants it; PERL5LIB would then not be read."""
        return [str(self.interpreter), "-T", *self._shelves(), *map(str, (script, *arguments))]

    def environment(self, home: Path) -> dict[str, str]:
        """Give an environment with nothing of the user's: whatever is written goes to `home`."""
        found = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LC_ALL": "C.UTF-8"}
        return found if self.root == Path("/") else found | {"LD_LIBRARY_PATH": debian.libraries(self.root)}

    def asks(self, module: str, what: str = "VERSION") -> str:
        """Ask a module for its version, which also proves that it loads; raise UnavailableError if it does not."""
        call = [str(self.interpreter), "-T", *self._shelves(), f"-M{module}", "-e", f"print {module}->{what}"]
        told = subprocess.run(
            call, capture_output=True, text=True, check=False, timeout=60, env=self.environment(Path("/nonexistent"))
        )
        if told.returncode:
            raise UnavailableError(f"Perl does not load {module}: {told.stderr.strip()[-300:]}")
        return told.stdout.strip()

    def check(self) -> None:
        """Prove that everything wanted loads; raise UnavailableError if not."""
        if not (self.root / "usr/share/spamassassin").is_dir():
            raise UnavailableError("There are no rules of SpamAssassin.")
        for module in ("Mail::SpamAssassin", "MIME::Parser", "JSON::PP"):
            self.asks(module)

    def _shelves(self) -> list[str]:
        if self.root == Path("/"):
            return []
        return [f"-I{path}" for shelf in _SHELVES for path in sorted(self.root.glob(shelf)) if not path.is_symlink()]


def bring() -> Perl:
    """Give the installed Perl if it has everything, else the one that was fetched, now or before."""
    if FOLDER.is_dir():
        return _unpacked(FOLDER)
    if installed := shutil.which("perl"):
        perl = Perl(Path(installed), Path("/"))
        try:
            perl.check()
        except UnavailableError:
            pass
        else:
            return perl
    debian.unpack(PACKAGES, FOLDER, lambda folder: _unpacked(folder).check())
    return _unpacked(FOLDER)


def _unpacked(folder: Path) -> Perl:
    """Describe what was unpacked; where this system's own Perl was new enough, it came without one."""
    own = folder / "usr/bin/perl"
    return Perl(own if own.exists() else Path(shutil.which("perl") or "/usr/bin/perl"), folder)
