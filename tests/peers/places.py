"""Where the tests put their files."""

import os
import shutil
import tempfile
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")  # noqa: S108  (folders with random names are made inside)
_ROOM = 4 * 2**30


def roomy_folder() -> str:
    """Give the folder in memory if it has room and programs may run there (a container's may not), else the usual."""
    try:
        has_room = shutil.disk_usage(_IN_MEMORY).free >= _ROOM
        is_usable = os.access(_IN_MEMORY, os.W_OK) and not os.statvfs(_IN_MEMORY).f_flag & os.ST_NOEXEC
    except OSError:
        return tempfile.gettempdir()
    return str(_IN_MEMORY) if has_room and is_usable else tempfile.gettempdir()


def open_folder() -> Path:
    """Give a temporary folder that `nobody` may enter too, and whose name is short enough for a socket."""
    usual = Path(tempfile.gettempdir())
    for folder in (usual, Path("/tmp"), _IN_MEMORY):  # noqa: S108  (a folder with a random name is made inside)
        everybody = all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))
        if len(str(folder)) < 60 and (everybody or os.geteuid() != 0) and os.access(folder, os.W_OK):
            return folder
    return usual
