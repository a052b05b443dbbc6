"""What the repository's tests read: the files that git tracks or would track, and Python's syntax trees."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.peers import ROOT


@cache
def files() -> tuple[Path, ...]:
    """Give every file that is tracked, or new and not ignored."""
    call = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(call, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = sorted({ROOT / name for name in listed.split("\0") if name})
    return tuple(path for path in paths if path.is_file())


def named(path: Path) -> str:
    """Give a file's name as a reader knows it."""
    return path.relative_to(ROOT).as_posix()


@cache
def texts() -> dict[str, str]:
    """Give the text of every file that is text, by its name."""
    found = {}
    for path in files():
        raw = path.read_bytes()
        if b"\0" not in raw:
            found[named(path)] = raw.decode(errors="replace")
    return found


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Give the syntax tree of every Python module in these folders."""
    for name, text in texts().items():
        if name.endswith(".py") and name.startswith(tuple(f"{folder}/" for folder in folders)):
            yield name, ast.parse(text)
