"""Chromium: the one that is installed, else Debian's package unpacked under .peers/, without changing the system."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers import ROOT, UnavailableError, debian

FOLDER = ROOT / ".peers" / "chromium"
# DejaVu has Armenian, Hebrew and Arabic; the last is for the program that Playwright drives it with.
PACKAGES = ("chromium-headless-shell", "chromium-common", "fonts-dejavu-core", "libatomic1")
FLAGS = (
    "--headless",
    "--no-sandbox",  # root and containers have no user namespaces; it only ever sees our own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
)
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}/usr/share/fonts</dir>
  <cachedir>{folder}/fonts.cache</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Chromium:
    """An executable and the environment it runs in."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.version()} ({self.origin})"

    @property
    def origin(self) -> str:
        """Say in words where it came from."""
        return "unpacked in .peers" if self.executable.is_relative_to(FOLDER) else str(self.executable)

    def version(self) -> str:
        """Ask the program itself, which also proves that it finds its libraries."""
        call = [self.executable, "--no-sandbox", "--version"]
        env = os.environ | self.environment
        said = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60, env=env)
        for word in said.stdout.split():
            if word[0].isdigit():
                return word
        raise UnavailableError(f"{self.executable} does not start: {said.stderr.strip()[-500:]}")


def find() -> Chromium:
    """Give the Chromium that was brought before, else the installed one."""
    if FOLDER.is_dir():
        return _unpacked(FOLDER)
    for name in ("chromium-headless-shell", "chromium"):
        if installed := shutil.which(name):
            return Chromium(Path(installed))
    raise UnavailableError("`python -m tests.peers` brings Chromium from Debian's packages.")


def bring(arguments: Sequence[str] = ()) -> Chromium:
    """Find Chromium or fetch it; `--unpack` fetches it even where one is installed."""
    if "--unpack" not in arguments:
        try:
            return find()
        except UnavailableError:
            pass
    print("Chromium: fetching Debian's package into .peers/ (about 65 MB; the system is not changed) ...", flush=True)
    debian.unpack(PACKAGES, FOLDER, lambda folder: _unpacked(folder).version())
    return _unpacked(FOLDER)


def _unpacked(folder: Path) -> Chromium:
    """Describe the unpacked program: where its libraries and its fonts lie."""
    configuration = folder / "fonts.conf"
    wanted = FONTS.format(folder=folder)
    if not configuration.exists() or configuration.read_text() != wanted:  # the checkout may have been moved
        configuration.write_text(wanted)
    environment = {"LD_LIBRARY_PATH": debian.libraries(folder), "FONTCONFIG_FILE": str(configuration)}
    return Chromium(folder / "usr/lib/chromium/chromium-headless-shell", environment)
