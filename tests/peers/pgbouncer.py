"""PgBouncer, which shares few sessions among many: the installed one, else Debian's package unpacked under .peers/.

As root it runs as `nobody` from a copy, as PostgreSQL does: it refuses root, and the checkout may lie where nobody
may look.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, make_url

from tests.peers import ROOT, UnavailableError, debian
from tests.peers.places import open_folder
from tests.peers.postgresql import PATIENCE

FOLDER = ROOT / ".peers" / "pgbouncer"
_PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
_PORT = 6432  # of a socket in a folder of its own
_SESSIONS = 3


@dataclass(frozen=True, slots=True)
class PgBouncer:
    """The program, and the environment it runs in; `folder` is what must be copied with it, if anything."""

    program: Path
    folder: Path | None = None
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def __str__(self) -> str:
        said = subprocess.run(
            [self.program, "--version"], capture_output=True, text=True, check=False, env=self.environment
        )
        if said.returncode:
            raise UnavailableError(f"{self.program} does not start: {said.stderr.strip()[-500:]}")
        return f"{said.stdout.split()[1]} ({'unpacked in .peers' if self.folder else 'the installed one'})"


def bring() -> PgBouncer:
    """Give the installed program, or the one that was fetched, now or before."""
    if installed := shutil.which("pgbouncer", path=_PLACES):
        return PgBouncer(Path(installed))
    if not FOLDER.is_dir():
        debian.unpack(("pgbouncer",), FOLDER, lambda folder: str(_in(folder)))
    return _in(FOLDER)


@contextmanager
def pooling(url: str, sessions: int = _SESSIONS) -> Iterator[str]:
    """Run one in front of a database, in the mode that gives each transaction any session; gives its URL."""
    pooler, target = bring(), make_url(url)
    with tempfile.TemporaryDirectory(prefix="peers-", dir=open_folder()) as name:
        folder = Path(name)
        as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if as_user:
            shutil.chown(folder, "nobody", "nogroup")
            if pooler.folder:
                pooler = _in(Path(shutil.copytree(pooler.folder, folder / "programs", symlinks=True)))
        (folder / "settings").write_text(_settings(target, folder, sessions))
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [pooler.program, folder / "settings"],
                cwd=folder,
                env=pooler.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **as_user,
            )
        try:
            _wait(folder, process)
            yield URL.create(
                "postgresql+psycopg",
                target.username,
                database=target.database,
                query={"host": name, "port": str(_PORT)},
            ).render_as_string(hide_password=False)
        finally:
            process.kill()
            process.wait()


def _in(folder: Path) -> PgBouncer:
    return PgBouncer(folder / "usr/sbin/pgbouncer", folder, os.environ | {"LD_LIBRARY_PATH": debian.libraries(folder)})


def _settings(target: URL, folder: Path, sessions: int) -> str:
    """Write its settings: the parameter that it does not know in this mode is left out, as its manual advises."""
    asked = {
        "host": target.host or target.query.get("host"),
        "port": target.port or target.query.get("port", 5432),
        "user": target.username,
        "password": target.password,
    }
    where = " ".join(f"{name}={value}" for name, value in asked.items() if value)
    said = {
        "listen_port": _PORT,
        "unix_socket_dir": folder,
        "auth_type": "any",
        "pool_mode": "transaction",
        "default_pool_size": sessions,
        "max_client_conn": 200,
        "ignore_startup_parameters": "options,extra_float_digits",
    }
    return f"[databases]\n* = {where}\n[pgbouncer]\n" + "".join(f"{name} = {value}\n" for name, value in said.items())


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody listens."""
    limit = time.monotonic() + PATIENCE
    while True:
        with socket.socket(socket.AF_UNIX) as trying:
            if not trying.connect_ex(str(folder / f".s.PGSQL.{_PORT}")):
                return
        if process.poll() is not None or time.monotonic() > limit:
            raise UnavailableError(f"pgbouncer did not start: {(folder / 'log').read_text()[-500:]}")
        time.sleep(0.02)
