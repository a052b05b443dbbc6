"""Whether an installation is sound: its database, version, clock, disk, keys and post, and what must hold of its rows.

Nothing is changed and nothing is sent; the service may run meanwhile.
"""

import shutil
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from service import belongings
from service.delivery.worker import boot_seconds
from service.domain.checkup import Finding, Report, failing, fine, warning
from service.domain.standing import TICK_LATE
from service.mail.tokens import Tokens
from service.settings import PREFIX, Settings, SettingsError
from service.store import installation, invariants, migrating, schema, status, subscribers, webhooks
from service.store.dialect import Store, TroubleError, server_clock, unsound

_SKEW = timedelta(seconds=30)
_LEAST_FREE, _LITTLE_FREE = 200 * 10**6, 2 * 10**9  # bytes
_CONNECTIONS_MOST = 100  # what the setting allows: another machine may have another
_BARRED_MOST = 100  # addresses that are looked for by their keyed hashes
Now = Callable[[], datetime]


async def examine(settings: Settings, now: Now) -> Report:
    """Look at all of it; what cannot be asked because the database does not answer is left out."""
    beside = (_disk(settings), *_files(settings))
    if absence := _absence(settings):
        return Report((absence, *beside))
    async with _opened(settings.database) as store:
        try:
            found = [await _version(store)]
        except (TroubleError, OSError) as error:
            remedy = "see that it runs, and that database_url names it (remembrancer config show)"
            found = [failing("database", f"it does not answer: {_said(error)}", remedy)]
        key = _key(settings)
        if not found[0].remedy:
            found += [await _looked(name, look(store, now)) for name, look in _LOOKS.items()]
            key = key if key.remedy else await _looked("secret key", _known_by_key(store, settings))
    return Report((*found, key, *beside))


async def _looked(name: str, finding: Awaitable[Finding]) -> Finding:
    """Give a finding; that the database cannot answer what was asked is one."""
    try:
        return await finding
    except TroubleError as error:
        return failing(name, f"the database cannot tell: {_said(error)}", "see what is said of the file, and its logs")


def _said(error: Exception) -> str:
    return str(getattr(error, "orig", error)).strip().partition("\n")[0]


async def _version(store: Store) -> Finding:
    async with store.read() as tx:
        found, problem = await schema.version(tx), await schema.problem(tx)
    kind = "SQLite" if store.embedded else "PostgreSQL"
    if found is None:
        return warning("database", f"{kind} answers, and has no tables yet", "remembrancer db upgrade, or run")
    if problem:
        remedy = "bring back the newer release" if "newer" in problem else "remembrancer db upgrade"
        return failing("migrations", problem, remedy)
    return fine("database", f"{kind} answers; its tables are of version {found}, as this release wants them")


async def _tables(store: Store, _now: Now) -> Finding:
    if different := await migrating.differences(store):
        seen = f"{len(different)} things differ from the tables of this version, the first: {different[0]}"
        return failing("tables", seen, "somebody changed them by hand: undo it, or bring a backup back")
    return fine("tables", "every table, column and unique key is there")


async def _rows(store: Store, _now: Now) -> Finding:
    async with store.read() as tx:
        said = await unsound(tx)
    if said:
        return failing("file", said, "stop the service, keep the file, and bring the last backup back")
    return fine("file", "the database finds no damage")


async def _clock(store: Store, now: Now) -> Finding:
    async with store.read() as tx:
        theirs = await server_clock(tx)
        known = await installation.state(tx)
    ours = now()
    remedy = "have both machines keep their clocks by NTP"
    if theirs is not None and abs(theirs - ours) > _SKEW:
        return failing("clock", f"the database's is {abs(theirs - ours).total_seconds():.0f} seconds off ours", remedy)
    if known and known.ticked_at and known.ticked_at > ours + _SKEW:
        return failing("clock", f"it was {known.ticked_at:%Y-%m-%d %H:%M} UTC here before, and is earlier now", remedy)
    return fine("clock", f"it is {ours:%Y-%m-%d %H:%M} UTC")


async def _post(store: Store, now: Now) -> Finding:
    async with store.read() as tx:
        known, here = await installation.state(tx), await installation.here(tx)
    if known and known.paused_at:
        remedy = "remembrancer resume"
        if known.fingerprint != here:
            remedy = "if no other copy of this database sends: remembrancer resume --take-over"
        return warning("post", f"it is held: {known.paused_reason or 'no reason was given'}", remedy)
    if known is None or known.ticked_at is None:
        return warning("post", "no clock has ever looked what is due", "remembrancer run")
    age = now() - known.ticked_at
    if age > TICK_LATE:
        seen = f"no clock has looked what is due for {age.total_seconds():,.0f} seconds"
        return failing("post", seen, "start remembrancer run, with the role clock on one machine")
    verdict = (await status.look(store, now(), boot_seconds())).verdict
    if verdict.stands_still:
        return failing("post", f"mail stands still: {verdict}", "remembrancer status says why, and what mends it")
    return fine("post", "a clock looks what is due, and nothing keeps letters from leaving")


async def _invariants(store: Store, now: Now) -> Finding:
    async with store.read() as tx:
        broken = await invariants.broken(tx, now(), _CONNECTIONS_MOST)
    if not broken:
        return fine("invariants", "what must hold of notices does (I1 to I3, I5 to I7, I9, I10, I12)")
    told = [f"{one.name}: {one.words} ({one.rows:,}{f', such as {one.example}' * bool(one.example)})" for one in broken]
    only_waits = {one.name for one in broken} == {"I10"}
    remedy = "start the post, which ends them; or see remembrancer status NOTICE"
    return (warning if only_waits else failing)(
        "invariants",
        "; ".join(told),
        remedy if only_waits else "remembrancer status NOTICE; keep a backup, and report it",
    )


async def _webhooks(store: Store, _now: Now) -> Finding:
    async with store.read() as tx:
        known = await webhooks.listed(tx)
    if off := [one for one in known if one.off_at is not None]:
        seen = "; ".join(f"{one.id} is switched off: {one.off_why}" for one in off)
        return warning("webhooks", seen, f"see that its program answers; then remembrancer webhook resume {off[0].id}")
    return fine("webhooks", "none is switched off" if known else "there are none")


_LOOKS: dict[str, Callable[[Store, Now], Awaitable[Finding]]] = {
    "tables": _tables,
    "file": _rows,
    "clock": _clock,
    "post": _post,
    "invariants": _invariants,
    "webhooks": _webhooks,
}


def _absence(settings: Settings) -> Finding | None:
    """Find that there is no file of the database: to open it would make one."""
    seen = belongings.lacks_database(settings)
    if not seen:
        return None
    if (settings.data_dir / belongings.KEY).is_file():
        remedy = f"name it by {PREFIX}DATABASE_URL, or bring the last backup back: remembrancer restore FILE"
        return failing("database", f"{seen}, though its secret key is there", remedy)
    remedy = f"go to its folder, or name it by {PREFIX}DATA_DIR; a new one is founded by: remembrancer run"
    return warning("database", seen, remedy)


def _key(settings: Settings) -> Finding:
    if seen := belongings.lacks_key(settings):
        remedy = f"go to its folder, or set {PREFIX}SECRET_KEY to it; run makes one while the database is empty"
        return failing("secret key", seen, remedy)
    try:
        belongings.secret_keys(settings)
    except SettingsError as error:
        return failing("secret key", str(error), "let the service read it, or bring it back: remembrancer restore FILE")
    return fine("secret key", "there is one")


async def _known_by_key(store: Store, settings: Settings) -> Finding:
    """Look whether addresses that are not to be written to are kept under this key; with another they would be."""
    tokens = Tokens(belongings.secret_keys(settings))
    async with store.read() as tx:
        barred = await subscribers.barred(tx, _BARRED_MOST)
        known = await subscribers.suppressed(tx, [tokens.address_hash(address) for address in barred])
    if barred and not known:
        remedy = f"set it as it was; after a change the first one of all is the last line of {PREFIX}OLD_SECRET_KEYS"
        return failing("secret key", "it is another than the one by which it is known who is not written to", remedy)
    return _key(settings)


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    while not folder.is_dir():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    seen, remedy = f"{free / 10**9:,.1f} GB are free in {folder}", "make room: a full disk stops the post"
    if free < _LEAST_FREE:
        return failing("disk", seen, remedy)
    return warning("disk", seen, remedy) if free < _LITTLE_FREE else fine("disk", seen)


def _files(settings: Settings) -> list[Finding]:
    """Look whether others may read what only the service may: the database's file, and the keys."""
    kept = (
        settings.data_dir / belongings.KEY,
        *(path for _, path in settings.dkim_files),
        *map(Path, filter(None, [belongings.database_file(settings)])),
    )
    told = "others on this machine may read"
    found = [failing("private", f"{told} {path}", f"chmod 600 {path}") for path in kept if _is_open(path)]
    return found or [fine("private", "nobody else on this machine may read the keys and the database's file")]


def _is_open(path: Path) -> bool:
    return path.is_file() and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Store]:
    store = Store(url)
    try:
        yield store
    finally:
        await store.close()
