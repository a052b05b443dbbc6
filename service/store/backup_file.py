"""A backup as a file: gzip around lines of JSON, written once from front to end and read likewise, in little memory.

The first line is the manifest; then each table has one line with its name, and lines of rows; the last line has the
digest of all before it. So a file that was cut off, or changed, is known before anything is done with it. The form is
its own, for either database (`copying.Form`); this docstring and the manifest are all that is needed to read one.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from service.domain.errors import InvalidError, StoreError
from service.store.copying import Described, Form, Rows

FORMAT, VERSION = "remembrancer backup", 1
_LEVEL = 4  # of compression: half the time of the usual 6, for a twentieth more bytes
_LONGEST_LINE = 2**28


class DamagedError(StoreError):
    """The backup is damaged."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: of which release and version of the tables, made when, which tables with how many rows.

    `files` are those of `data_dir` that it needs, in Base64; `key` tells the secret key from others without giving it
    away; `beside` names what it needs and does not hold.
    """

    program: str
    revision: str
    made_at: str
    tables: tuple[Described, ...]
    files: Mapping[str, str]
    key: str
    beside: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows all tables have together."""
        return sum(one.rows for one in self.tables)


class Hashed:
    """A file that is written to, with the digest and the number of its bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """The digest of what was written, as `sha256sum` tells it."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        """Write all of it."""
        self._digest.update(data)
        self.bytes += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Write what waits."""
        self._file.flush()


class Writing:
    """A backup that is being written: manifest first, then one table after the other."""

    def __init__(self, file: Hashed) -> None:
        """Take the open file; what is written is complete with `end`."""
        self._file = gzip.GzipFile("", "wb", _LEVEL, file)
        self._digest = hashlib.sha256()

    def begin(self, manifest: Manifest) -> None:
        """Write the first line."""
        self._line({"format": FORMAT, "version": VERSION, **asdict(manifest)})

    async def table(self, one: Described, rows: Rows) -> int:
        """Write a table; gives how many rows it had."""
        self._line({"table": one.name})
        count = 0
        async for batch in rows:
            self._line(batch)
            count += len(batch)
        return count

    def end(self) -> None:
        """Seal what was written."""
        self._line({"sha256": self._digest.hexdigest()})
        self._file.close()

    def _line(self, value: object) -> None:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._digest.update(line)
        self._file.write(line)


@contextmanager
def written(path: Path) -> Iterator[tuple[Writing, Hashed]]:
    """Write a backup that its owner alone may read; it has its name once it is whole, and on the disk.

    Raise InvalidError if there is such a file already: a backup is not written over.
    """
    if path.exists():
        raise InvalidError(f"{path} is there already; a backup is not written over another")
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)  # an earlier try's
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            hashed = Hashed(file)
            yield Writing(hashed), hashed
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a renaming, it refuses a name that is taken
    except FileExistsError:
        raise InvalidError(f"{path} is there already; a backup is not written over another") from None
    except OSError as error:
        raise InvalidError(f"{path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    _keep_name(path.parent)


def check(path: Path) -> Manifest:
    """Read all of a backup and give its manifest; raise DamagedError, or InvalidError for what is no backup of ours."""
    digest, manifest, last = hashlib.sha256(), None, b""
    for line in _lines(path):
        if manifest is None:
            manifest = _manifest(path, line)
        else:
            digest.update(last)
        last = line
    if manifest is None:
        raise InvalidError(f"{path} is empty: it is no backup")
    with suppress(ValueError, TypeError, KeyError):
        if json.loads(last)["sha256"] == digest.hexdigest():
            return manifest
    raise DamagedError(f"{path} is damaged: it does not end with the digest of what it holds. Nothing was changed.")


class Reading:
    """A backup that was checked, being read: its tables in their order."""

    def __init__(self, path: Path) -> None:
        """Take the path; nothing is opened yet."""
        self._lines = _lines(path)
        self._next: Any = None

    def begin(self) -> None:
        """Pass the manifest."""
        next(self._lines)
        self._next = json.loads(next(self._lines))

    async def table(self, one: Described) -> AsyncIterator[list[list[Any]]]:
        """Give the rows of the next table, which must be that one."""
        if self._next != {"table": one.name}:
            raise DamagedError(f"the table {one.name} was to follow")
        for line in self._lines:
            self._next = json.loads(line)
            if not isinstance(self._next, list):
                return
            yield self._next


def _lines(path: Path) -> Iterator[bytes]:
    is_begun = False
    try:
        with gzip.open(path) as file:
            while line := file.readline(_LONGEST_LINE):
                yield line
                is_begun = True
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        if is_begun or isinstance(error, EOFError):
            raise DamagedError(f"{path} is cut off or damaged. Nothing was changed.") from None
        raise InvalidError(f"{path} is no backup of Remembrancer, or its beginning is damaged") from None
    except OSError as error:
        raise InvalidError(f"{path}: {error.strerror}") from None


def _manifest(path: Path, line: bytes) -> Manifest:
    try:
        told = json.loads(line)
        is_ours, version = told.pop("format") == FORMAT, told.pop("version")
    except (ValueError, TypeError, KeyError, AttributeError):
        is_ours = False
    if not is_ours:
        raise InvalidError(f"{path} is no backup of Remembrancer")
    if version != VERSION:
        raise InvalidError(f"{path} was made by a newer version of Remembrancer; use that version")
    tables = []
    for one in told.pop("tables"):
        columns = tuple((name, Form(form)) for name, form in one["columns"])
        tables.append(Described(one["name"], columns, int(one["rows"])))
    return Manifest(tables=tuple(tables), **(told | {"beside": tuple(told["beside"])}))


def _keep_name(folder: Path) -> None:
    """Have the new name on the disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
