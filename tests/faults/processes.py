"""The process at the other end of a connection, found as the kernel tells it, and struck."""

import os
import signal
from contextlib import suppress
from pathlib import Path

_LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


def peer_of(port: int) -> int | None:
    """Give the process that has the local TCP port open, None if there is none (any more)."""
    inodes = {f"socket:[{inode}]" for inode in _sockets(port)}
    for folder in Path("/proc").iterdir():
        if inodes and folder.name.isdecimal():
            with suppress(OSError):  # it ended, or is another user's
                if any(os.readlink(link) in inodes for link in (folder / "fd").iterdir()):  # noqa: PTH115  (no file)
                    return int(folder.name)
    return None


def strike(port: int, by: signal.Signals) -> int | None:
    """Send a signal to the process behind a port of this machine and give its id; never to this process itself."""
    pid = peer_of(port)
    if pid is None or pid == os.getpid():
        return None
    with suppress(ProcessLookupError):
        os.kill(pid, by)
        return pid
    return None


def _sockets(port: int) -> list[str]:
    """Give the inodes of the sockets of this machine that are bound to a port and not closed yet."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                local, inode = line.split()[1], line.split()[9]
                address, _, number = local.rpartition(":")
                if int(number, 16) == port and address in _LOOPBACK and inode != "0":
                    found.append(inode)
    return found
