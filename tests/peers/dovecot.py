"""Dovecot, an IMAP server: the installed one, else Debian's package unpacked under .peers/, on a port of this machine.

It runs as anybody, as root from a copy as `nobody`, like PostgreSQL. The package has the place of its modules written
into its programs; in the copy that place is another one of the same length.
"""

import grp
import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.certificates import Certificate, make_certificate
from tests.peers import ROOT, UnavailableError, debian
from tests.peers.places import open_folder
from tests.peers.postgresql import PATIENCE

FOLDER = ROOT / ".peers" / "dovecot"
PASSWORD = "a-sécret/word"
_SYSTEM = Path("/")
_LIBRARIES = "usr/lib/dovecot"
_COMPILED_IN = b"/usr/lib/dovecot/modules"
_PROGRAMS = ("usr/bin/doveconf", "usr/sbin/dovecot")
_SETTINGS = """
base_dir = {folder}/run
state_dir = {folder}/state
libexec_dir = {libraries}
mail_plugin_dir = {libraries}/modules
import_environment = TZ LD_LIBRARY_PATH
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
auth_failure_delay = 0
log_path = {folder}/log
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """Its programs, below a folder that is laid out as the system is."""

    root: Path

    def __str__(self) -> str:
        call = [self.root / "usr/sbin/dovecot", "--version"]
        said = subprocess.run(call, capture_output=True, text=True, check=False, env=self.environment)
        if said.returncode:
            raise UnavailableError(f"dovecot does not start: {said.stderr.strip()[-500:]}")
        return f"{said.stdout.split()[0]} ({'the installed one' if self.root == _SYSTEM else 'unpacked in .peers'})"

    @property
    def environment(self) -> dict[str, str]:
        """What it runs in."""
        own = {} if self.root == _SYSTEM else {"LD_LIBRARY_PATH": debian.libraries(self.root / "usr")}
        return {"PATH": os.environ.get("PATH", os.defpath)} | own

    def copied(self, folder: Path) -> "Dovecot":
        """Copy what was unpacked into a folder, where it finds its modules."""
        if self.root == _SYSTEM:
            return self
        shutil.copytree(self.root / "usr", folder / "usr", symlinks=True)
        (folder / "m").symlink_to(folder / _LIBRARIES / "modules")
        place = os.fsencode(folder).ljust(len(_COMPILED_IN) - 1, b"/") + b"m"
        if len(place) != len(_COMPILED_IN):
            raise UnavailableError(f"{folder} is too long a place for dovecot")
        for path in (folder / _LIBRARIES).iterdir():
            if path.is_file() and not path.is_symlink() and _COMPILED_IN in (content := path.read_bytes()):
                path.write_bytes(content.replace(_COMPILED_IN, place))
        return Dovecot(folder)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, of which whoever comes with the password has a mailbox; the one of `user` is empty."""

    port: int
    certificate: Certificate
    user: str = "letters@example.org"

    def url(self, folder: str = "", password: str = PASSWORD) -> str:
        """Give the mailbox's URL."""
        return f"imaps://{quote(self.user)}:{quote(password, safe='')}@localhost:{self.port}/{quote(folder)}"

    @property
    def trusted(self) -> ssl.SSLContext:
        """What trusts it."""
        return ssl.create_default_context(cafile=str(self.certificate.authority))

    @contextmanager
    def owner(self) -> Iterator[imaplib.IMAP4_SSL]:
        """Sign in as the mailbox's owner, with its inbox selected."""
        with imaplib.IMAP4_SSL("localhost", self.port, ssl_context=self.trusted) as connection:
            connection.authenticate("PLAIN", lambda _: f"\0{self.user}\0{PASSWORD}".encode())
            connection.select()
            yield connection

    def deliver(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder."""
        with self.owner() as connection:
            for mail in mails:
                assert connection.append(folder, "", "", mail)[0] == "OK"

    def seen(self) -> list[bool]:
        """Say of each mail in the inbox whether it is marked as seen."""
        with self.owner() as connection:
            told = connection.fetch("1:*", "(FLAGS)")[1]
            return [rb"\Seen" in line for line in told if isinstance(line, bytes)]


def bring() -> Dovecot:
    """Give the installed one, or the one that was fetched, now or before."""
    if all((_SYSTEM / program).is_file() for program in _PROGRAMS):
        return Dovecot(_SYSTEM)
    if not FOLDER.is_dir():
        debian.unpack(("dovecot-imapd",), FOLDER, lambda folder: str(Dovecot(folder)))
    return Dovecot(FOLDER)


@contextmanager
def serving() -> Iterator[Server]:
    """Run one."""
    with tempfile.TemporaryDirectory(prefix="dv-", dir=open_folder()) as name:
        folder = Path(name)
        program = bring().copied(folder)
        certificate = make_certificate(folder)
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
        as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        _configure(folder, program, port)
        for path in (folder, certificate.key) if as_user else ():
            shutil.chown(path, "nobody", "nogroup")
        process = subprocess.Popen(_call(program, folder), cwd=folder, env=program.environment, **as_user)
        try:
            _wait(port, process, folder / "log")
            yield Server(port, certificate)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _call(program: Dovecot, folder: Path) -> Sequence[str | Path]:
    """Start it through its reader of settings, as it would itself, if that were where it looks for it."""
    reader, server = (program.root / one for one in _PROGRAMS)
    settings = folder / "settings"
    return [reader, "-c", settings, "-f", "service=master", "-e", server, "-F", "-c", settings]


def _configure(folder: Path, program: Dovecot, port: int) -> None:
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    names = {"user": owner.pw_name, "group": grp.getgrgid(owner.pw_gid).gr_name}
    ids = {"uid": owner.pw_uid, "gid": owner.pw_gid}
    places = {"folder": folder, "libraries": program.root / _LIBRARIES, "port": port}
    (folder / "settings").write_text(_SETTINGS.format(**places, **names, **ids, password=PASSWORD))


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as trying:
            if not trying.connect_ex(("127.0.0.1", port)):
                return
        if process.poll() is not None or time.monotonic() > limit:
            raise UnavailableError(f"dovecot did not start: {log.read_text()[-500:] if log.is_file() else ''}")
        time.sleep(0.02)
