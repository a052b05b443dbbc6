"""Chromium: the one that is installed, else Debian's package unpacked under .peers/, without changing the system."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers import ROOT, UnavailableError

FOLDER = ROOT / ".peers" / "chromium"
PACKAGES = ("chromium-headless-shell", "chromium-common", "fonts-dejavu-core")  # DejaVu has Armenian, Hebrew, Arabic
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
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise UnavailableError("This is not Debian: install Chromium (the program `chromium`) and try again.")
    print("Chromium: fetching Debian's package into .peers/ (about 65 MB; the system is not changed) ...", flush=True)
    FOLDER.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER.parent, prefix="fetch-") as workplace:
        unpacked = Path(workplace) / "unpacked"
        for package in _download(Path(workplace)):
            _run(["dpkg-deb", "--extract", package, unpacked])
        _unpacked(unpacked).version()
        shutil.rmtree(FOLDER, ignore_errors=True)
        unpacked.rename(FOLDER)
    return _unpacked(FOLDER)


def _download(workplace: Path) -> list[Path]:
    """Fetch the packages and what this system lacks for them, with lists and caches of our own and no lock."""
    for needed in ("state/lists/partial", "cache/archives/partial"):
        (workplace / needed).mkdir(parents=True)
    options = {
        "Dir::State": workplace / "state",
        "Dir::State::Lists": workplace / "state/lists",
        "Dir::State::Status": "/var/lib/dpkg/status",
        "Dir::Cache": workplace / "cache",
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": pwd.getpwuid(os.geteuid()).pw_name,
        "APT::Update::Post-Invoke": "",
        "APT::Keep-Downloaded-Packages": "true",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Acquire::http::Timeout": "60",
    }
    settings = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    _run(["apt-get", "-qq", *settings, "update"])
    wanted = ["--no-install-recommends", "--reinstall", "--download-only", "--assume-yes", "install", *PACKAGES]
    _run(["apt-get", "-qq", *settings, *wanted])
    # The C library must be the one whose loader is running; Debian's is new enough wherever Python 3.11 is.
    fetched = [path for path in (workplace / "cache/archives").glob("*.deb") if not path.name.startswith("libc6_")]
    if not fetched:
        raise UnavailableError("apt-get fetched nothing.")
    return fetched


def _unpacked(folder: Path) -> Chromium:
    """Describe the unpacked program: where its libraries and its fonts lie."""
    libraries = sorted({str(path.parent) for path in folder.rglob("*.so*") if "/modules/" not in str(path)})
    configuration = folder / "fonts.conf"
    wanted = FONTS.format(folder=folder)
    if not configuration.exists() or configuration.read_text() != wanted:  # the checkout may have been moved
        configuration.write_text(wanted)
    environment = {"LD_LIBRARY_PATH": os.pathsep.join(libraries), "FONTCONFIG_FILE": str(configuration)}
    return Chromium(folder / "usr/lib/chromium/chromium-headless-shell", environment)


def _run(call: Sequence[str | Path]) -> None:
    try:
        subprocess.run(call, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.stderr or error.stdout or "").strip().splitlines() if error.stderr or error.stdout else []
        raise UnavailableError(f"{call[0]} failed: {' '.join(map(str, said[-3:])) or error}") from error
