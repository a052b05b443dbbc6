"""Debian's packages, unpacked into a folder without installing them: the system is not changed."""

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from tests.peers import UnavailableError


def unpack(packages: Sequence[str], folder: Path, check: Callable[[Path], object]) -> None:
    """Fetch packages and what this system lacks for them into a folder; `check` tries them before they are kept.

    Raise UnavailableError if this is not Debian, or nothing can be fetched.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise UnavailableError(f"This is not Debian: install {packages[0]} and try again.")
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetch-") as workplace:
        unpacked = Path(workplace) / "unpacked"
        for package in _download(packages, Path(workplace)):
            _run(["dpkg-deb", "--extract", package, unpacked])
        check(unpacked)
        shutil.rmtree(folder, ignore_errors=True)
        unpacked.rename(folder)


def libraries(folder: Path) -> str:
    """Give the LD_LIBRARY_PATH of an unpacked folder."""
    return os.pathsep.join(sorted({str(path.parent) for path in folder.rglob("*.so*") if "/modules/" not in str(path)}))


def _download(packages: Sequence[str], workplace: Path) -> list[Path]:
    """Fetch the packages and what this system lacks for them, into a cache of our own."""
    archives = workplace / "archives"
    (archives / "partial").mkdir(parents=True)
    wanted = ["--no-install-recommends", "--reinstall", "--download-only", "--assume-yes", "install", *packages]
    _apt_get(_lists(), "-o", f"Dir::Cache::Archives={archives}", *wanted)
    # The C library must be the one whose loader is running; Debian's is new enough wherever Python 3.11 is.
    fetched = [path for path in archives.glob("*.deb") if not path.name.startswith("libc6_")]
    if not fetched:
        raise UnavailableError("apt-get fetched nothing.")
    return fetched


@cache
def _lists() -> Path:
    """Fetch the lists of Debian's packages, once for all that this process unpacks."""
    state = Path(tempfile.mkdtemp(prefix="lists-"))
    atexit.register(shutil.rmtree, state, ignore_errors=True)
    (state / "lists/partial").mkdir(parents=True)
    _apt_get(state, "update")
    return state


def _apt_get(state: Path, *words: str) -> None:
    """Run it with lists and caches of our own and no lock."""
    options = {
        "Dir::State": state,
        "Dir::State::Lists": state / "lists",
        "Dir::State::Status": "/var/lib/dpkg/status",
        "Dir::Cache": state / "cache",
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": "root",  # which is to say that it becomes nobody else
        "APT::Update::Post-Invoke": "",
        "APT::Keep-Downloaded-Packages": "true",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Acquire::http::Timeout": "60",
    }
    _run(["apt-get", "-qq", *(word for name, value in options.items() for word in ("-o", f"{name}={value}")), *words])


def _run(call: Sequence[str | Path]) -> None:
    try:
        subprocess.run(call, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.stderr or error.stdout or "").strip().splitlines() if error.stderr or error.stdout else []
        raise UnavailableError(f"{call[0]} failed: {' '.join(map(str, said[-3:])) or error}") from error
