"""What makes a database an installation: its file, the secret key, and the keys that sign letters.

The keys in `data_dir` go along with a backup; what an operator keeps elsewhere is named, so that it is not forgotten.
What is not there is told in the same words wherever it is asked for.
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service.domain.errors import InvalidError, StoreError
from service.settings import CONFIG, FILE, PREFIX, SHORTEST_KEY, Settings, SettingsError
from service.settings_read import named, without_password
from service.store.copying import has_content
from service.store.dialect import Store
from service.store.engines import file_of

KEY = "secret.key"
_MARKED = b"the secret key of a backup"
_NO_KEY = "the secret key is neither set nor in the data folder"
_FOUNDED = "A new one is founded by: remembrancer run (or without starting: remembrancer db upgrade)"
_WITHOUT_KEY = (
    f"If the key is lost for good: set {PREFIX}SECRET_KEY to a new one, of at least {SHORTEST_KEY} characters; "
    "links in letters will not be known then, nor who has left."
)


@dataclass(frozen=True, slots=True)
class Belongings:
    """Files by their path in `data_dir`, in Base64; a mark of the secret key; and what is needed and not there."""

    files: Mapping[str, str]
    key: str
    beside: tuple[str, ...]


def gathered(settings: Settings) -> Belongings:
    """Give what belongs to the database of an installation; raise InvalidError for a file that cannot be read."""
    folder = settings.data_dir.absolute()
    inside = [path for path in (folder / KEY, *sorted(folder.glob("dkim/*.pem"))) if path.is_file()]
    beside = []
    if settings.secret_key.get_secret_value():
        inside = [path for path in inside if path.name != KEY]  # the setting wins: that file is of no use
        beside.append("the setting secret_key")
    if settings.old_secret_keys.get_secret_value():
        beside.append("the setting old_secret_keys")
    for _, path in settings.dkim_files:
        if not path.absolute().is_relative_to(folder):
            beside.append(f"the key {path}")
        elif path.absolute() not in inside:
            inside.append(path.absolute())
    try:
        files = {str(path.relative_to(folder)): base64.b64encode(path.read_bytes()).decode() for path in inside}
    except OSError as error:
        raise InvalidError(f"{error.filename}: {error.strerror}") from None
    return Belongings(files, mark(_own_keys(settings)[0]) if _own_keys(settings) else "", tuple(beside))


def mark(key: bytes) -> str:
    """Give what tells a key from others and does not give it away."""
    return hmac.new(key, _MARKED, hashlib.sha256).hexdigest()[:32]


def check_key(settings: Settings, files: Mapping[str, str], key: str) -> None:
    """See to it that the key of a backup will be there; raise InvalidError that says where to put it."""
    if not key or key in map(mark, _own_keys(settings)):
        return
    if settings.secret_key.get_secret_value():
        brought = (
            "take that setting away (the backup brings its own)" if KEY in files else "set it to that of the backup"
        )
        raise InvalidError(
            "REMEMBRANCER_SECRET_KEY is another key than that of the backup: links in letters would not be known, "
            f"nor who has left. Allowed: {brought}, or name that one in old_secret_keys, or --other-key"
        )
    if KEY not in files:
        raise InvalidError(
            "the backup does not hold its secret key, which was a setting. Allowed: set REMEMBRANCER_SECRET_KEY to it, "
            "or --other-key (links in letters will not be known, nor who has left)"
        )


def missing(settings: Settings, files: Mapping[str, str], *, replace: bool) -> dict[Path, bytes]:
    """Give the files to write; raise InvalidError for one that is there and other, unless it may be replaced."""
    found = {}
    for name, content in files.items():
        path = settings.data_dir / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise InvalidError(f"the backup holds a file that would lie outside of {settings.data_dir}: {name}")
        if name == KEY and settings.secret_key.get_secret_value():
            continue
        wanted = base64.b64decode(content)
        if path.is_file() and path.read_bytes() == wanted:
            continue
        if path.exists() and not replace:
            raise InvalidError(f"{path} is there already and is another one; --replace puts it aside")
        found[path] = wanted
    return found


@contextmanager
def put(files: Mapping[Path, bytes], now: datetime) -> Iterator[None]:
    """Write files that their owner alone may read; what stood there is put aside. An error takes all of it back."""
    done: list[tuple[Path, Path | None]] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%SZ}") if path.exists() else None
            if aside:
                path.rename(aside)
            done.append((path, aside))
            with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        yield
    except BaseException:
        for path, aside in reversed(done):
            with suppress(OSError):
                path.unlink(missing_ok=True)
                if aside:
                    aside.rename(path)
        raise


def database_file(settings: Settings) -> str:
    """Give the path of an embedded database's file, "" for a server; raise SettingsError for what is no such URL."""
    with named("database_url"):
        return file_of(settings.database)


def lacks_database(settings: Settings) -> str:
    """Say that there is no file of the database; "" if there is, or if a server has it. None is made."""
    file = database_file(settings)
    return f"there is no {file}" if file and not Path(file).is_file() else ""


def lacks_key(settings: Settings) -> str:
    """Say that there is no secret key; "" if there is. None is made."""
    return "" if has_key(settings) else _NO_KEY


def absent(settings: Settings, why: str) -> StoreError:
    """Give the error that says why there is no installation, where it was looked for, and what to do."""
    looked = f"Data folder: {settings.data_dir.absolute()}\nDatabase: {without_password(settings.database)}"
    elsewhere = f"name its data folder by {PREFIX}DATA_DIR, or its settings by {CONFIG}, or go where its {FILE} is"
    otherwise = _WITHOUT_KEY if why == _NO_KEY else _FOUNDED
    return StoreError(
        f"There is no installation here: {why}.\n{looked}\nIf yours is elsewhere, {elsewhere}.\n{otherwise}"
    )


async def check_founding(settings: Settings) -> None:
    """Raise StoreError if a key would be made for a database that holds anything: who filled it had another.

    With a new key links in letters would not be known, nor who has left.
    """
    if has_key(settings) or lacks_database(settings):
        return
    store = Store(settings.database)
    try:
        async with store.read() as tx:
            is_filled = await has_content(tx)
    finally:
        await store.close()
    if is_filled and not has_key(settings):  # a process that founds it at this moment makes the key first
        raise absent(settings, _NO_KEY)


def secret_key(settings: Settings) -> bytes:
    """Give the key that signs links; made where there is none, readable by its owner alone, kept in data_dir.

    Who might be in a wrong folder asks before whether it may be made (`check_founding`), or is there (`lacks_key`).
    Raise SettingsError for a file that holds no such key, or cannot be read.
    """
    given = settings.secret_key.get_secret_value()
    if given:
        return given.encode()
    path = settings.data_dir / KEY
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(secrets.token_urlsafe(48))
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: the key in this file cannot be read: {error}") from None
    if len(key) < SHORTEST_KEY:
        raise SettingsError(f"{path}: the key in this file is too short (allowed: at least {SHORTEST_KEY} characters)")
    return key.encode()


def secret_keys(settings: Settings) -> tuple[bytes, ...]:
    """Give the key that signs, and behind it those that once did."""
    return secret_key(settings), *(key.encode() for key in settings.former_keys)


def has_key(settings: Settings) -> bool:
    """Say whether an installation has its secret key; none is made."""
    return bool(settings.secret_key.get_secret_value()) or (settings.data_dir / KEY).is_file()


def _own_keys(settings: Settings) -> tuple[bytes, ...]:
    """Give the keys of an installation; none is made."""
    return secret_keys(settings) if has_key(settings) else ()
