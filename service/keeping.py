"""An installation kept and brought back: into a file, out of a file, from one database into another.

The three are one mechanism: the rows of every table in a form that both databases can read (`store/copying`), from one
view of the source, into a target that is filled in one transaction or left as it was.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path

from service import belongings
from service.delivery.worker import Worker
from service.domain.errors import InvalidError, StoreError
from service.settings import Settings
from service.store import copying, installation, schema
from service.store.backup_file import Manifest, Reading, check, written
from service.store.copying import Described
from service.store.dialect import Store, TroubleError, Tx
from service.store.tables import VERSION

Seen = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written: its size in bytes, the digest of the file, and what it holds."""

    bytes: int
    sha256: str
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Options:
    """What an operator allows: that what is there is replaced, that the secret key is another."""

    replace: bool = False
    other_key: bool = False


async def back_up(settings: Settings, path: Path, now: datetime, seen: Seen) -> Made:
    """Write a backup of an installation, which may run meanwhile; raise InvalidError or StoreError.

    The database may be of an older version than this release: a backup is what one makes before an upgrade.
    """
    own = belongings.gathered(settings)
    made_at = now.astimezone(UTC).isoformat(timespec="seconds")
    with written(path) as (writing, file):
        async with _opened(settings.database) as store, store.snapshot() as tx:
            revision = await _known(tx)
            tables = tuple(await copying.described(tx))
            told = (version_of("remembrancer"), revision, made_at, tables, own.files, own.key, own.beside)
            manifest, count = Manifest(*told), _Count(sum(one.rows for one in tables), seen)
            writing.begin(manifest)
            for one in tables:
                await writing.table(one, count.told(copying.rows(tx, one)))
            writing.end()
    return Made(file.bytes, file.sha256, manifest)


async def restore(settings: Settings, path: Path, now: datetime, seen: Seen, allowed: Options) -> Manifest:
    """Bring a backup back, with its post held; raise InvalidError or StoreError (DamagedError), changing nothing."""
    manifest = check(path)
    if not allowed.other_key:
        belongings.check_key(settings, manifest.files, manifest.key)
    files = belongings.missing(settings, manifest.files, replace=allowed.replace)
    reason = f"brought back from a backup of {manifest.made_at}: remembrancer resume --take-over"
    count = _Count(manifest.rows, seen)
    async with _opened(settings.database) as store:
        await _check_target(store, settings, allowed)
        reading = Reading(path)
        reading.begin()
        async with store.alone("schema"), _putting(store, files, now) as tx:
            await copying.clear(tx, manifest.revision)
            for one in manifest.tables:
                await copying.fill(tx, one, count.told(reading.table(one)))
            await copying.finish(tx)
            await copying.hold(tx, reason, now)
        await store.settle()
    return manifest


@dataclass(frozen=True, slots=True)
class Moved:
    """What was copied, and whether the post of the new database goes on; else it is held, as the old one's was."""

    tables: tuple[Described, ...]
    goes_on: bool


async def move(settings: Settings, url: str, now: datetime, seen: Seen, allowed: Options) -> Moved:
    """Copy the database to another, which goes on in its place.

    The old one is a copy from then on, its post held; that of the new one is as the old one's was. Raise InvalidError
    or StoreError; the new one is as it was then, and the old one goes on.
    """
    async with _opened(settings.database) as source, _opened(url) as target:
        async with source.read() as tx:
            await _known(tx)
            here = await installation.here(tx)
        async with target.read() as tx:
            if await installation.here(tx) == here:
                raise InvalidError("this is the database that is in use already", "--to")
        await schema.check(source)
        await _nobody_sends(source, settings)
        await _check_target(target, settings, allowed)
        async with source.write() as tx:
            was = await installation.state(tx)
            if was is not None and was.fingerprint == installation.MOVED_AWAY:
                raise StoreError("this database was moved to another, which goes on in its place: move that one")
            holds = await installation.pause(tx, "moved to another database, which has its place now", now)
        is_place = was is None or was.fingerprint == here
        try:
            tables = await _moved(source, target, now, seen, goes_on=holds, is_place=is_place)
        except BaseException:
            if holds:
                async with source.write() as tx:
                    await installation.resume(tx)
            raise
        async with source.write() as tx:
            await installation.leave(tx)
        return Moved(tables, goes_on=holds and is_place)


async def _moved(
    source: Store, target: Store, now: datetime, seen: Seen, *, goes_on: bool, is_place: bool
) -> tuple[Described, ...]:
    async with source.write() as old, target.alone("schema"), target.write() as new:
        await copying.still(old)
        tables = tuple(await copying.described(old))
        count = _Count(sum(one.rows for one in tables), seen)
        await copying.clear(new, await _known(old))
        for one in tables:
            await copying.fill(new, one, count.told(copying.rows(old, one)))
        await copying.finish(new)
        if is_place:
            await copying.settle_here(new, now)
        if goes_on:
            await installation.resume(new)
    return tables


class _Count:
    """Tells how many rows have gone by."""

    def __init__(self, total: int, seen: Seen) -> None:
        self._done, self._total, self._seen = 0, total, seen

    async def told(self, batches: copying.Rows) -> AsyncIterator[list[list[object]]]:
        async for batch in batches:
            yield batch
            self._done += len(batch)
            self._seen(self._done, self._total)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Store]:
    """Open a database. Trouble is told in words."""
    store = Store(url)
    try:
        yield store
    except TroubleError as error:
        said = str(error.orig).strip().partition("\n")[0]
        raise StoreError(f"The database cannot do this: {said}. Nothing was changed.") from error
    finally:
        await store.close()


@asynccontextmanager
async def _putting(store: Store, files: dict[Path, bytes], now: datetime) -> AsyncIterator[Tx]:
    """Open a transaction with which files are put in their place: both happen, or neither."""
    with belongings.put(files, now):
        async with store.write() as tx:
            yield tx


async def _known(tx: Tx) -> str:
    """Give the version of a database; raise StoreError if it has no tables, or newer ones than this release."""
    found = await schema.version(tx)
    if found is None:
        raise StoreError("The database has no tables: there is nothing in it.")
    schema.check_known(found)
    return found


async def _check_target(store: Store, settings: Settings, allowed: Options) -> None:
    """See whether a database may be filled; raise StoreError or InvalidError."""
    async with store.read() as tx:
        found = await schema.version(tx)
        schema.check_known(found)
        if not allowed.replace and await copying.has_content(tx):
            raise InvalidError("the database is not empty: --replace removes everything in it. Nothing was changed.")
    if found == VERSION:
        await _nobody_sends(store, settings)


async def _nobody_sends(store: Store, settings: Settings) -> None:
    if others := await Worker(store, settings.data_dir / "workers", lambda: datetime.now(UTC)).others():
        raise InvalidError(f"{others} processes send letters with this database: stop the service first")
