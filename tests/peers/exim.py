"""Exim, a mail server as readers' providers run it: Debian's package unpacked under .peers/, with settings of its own.

An installed one is not used: it gets its rights and its settings from the system. Exim wants a user of its own name,
and asks the system who that is; Debian's nss_wrapper answers instead that it is whoever runs the tests, or `nobody`
if that is root. So nothing needs rights, and nothing of the system is changed.

    readers.test        who is not there is refused at RCPT
    late.readers.test   everybody is taken, and who is not there bounces afterwards
    remember.test       is ours: handed over by LMTP, and tried again every second while that fails
"""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiosmtplib

from tests.peers import ROOT, UnavailableError, debian
from tests.peers.places import open_folder
from tests.peers.postgresql import PATIENCE

FOLDER = ROOT / ".peers" / "exim"
PACKAGES = ("exim4-daemon-light", "libnss-wrapper")
OURS = "remember.test"
SETTINGS = Path(__file__).with_name("exim.conf")
_ATTEMPTS = 5  # at ports that nobody has
_TAKEN = re.compile(r"^(\S+ \S+) \S+ [=-]> (?:.*<)?([^\s<>]+@[^\s<>]+?)>? .*T=lmtp_", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Exim:
    """The program, in the folder in which its package and nss_wrapper were unpacked."""

    folder: Path

    def __str__(self) -> str:
        with tempfile.TemporaryDirectory(prefix="peers-") as accounts:
            said = self.run(Path(accounts), "-C", os.devnull, "-bV")
        found = re.match(r"Exim version (\S+)", said.stdout)
        if not found:
            raise UnavailableError(f"{self.program} does not start: {said.stderr.strip()[-500:]}")
        return f"{found[1]} (unpacked in .peers)"

    @property
    def program(self) -> Path:
        """The program itself."""
        return self.folder / "usr/sbin/exim4"

    def environment(self, accounts: Path) -> dict[str, str]:
        """Give the environment it runs in; who its user is stands in that folder, and is written there."""
        own = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        user, group = (own.pw_uid, own.pw_gid) if own else (os.geteuid(), os.getegid())
        (accounts / "users").write_text(f"Debian-exim:x:{user}:{group}::/nonexistent:/bin/false\n")
        (accounts / "groups").write_text(f"Debian-exim:x:{group}:\n")
        return {
            "PATH": os.defpath,
            "LD_LIBRARY_PATH": debian.libraries(self.folder),
            "LD_PRELOAD": str(next(self.folder.rglob("libnss_wrapper.so"))),
            "NSS_WRAPPER_PASSWD": str(accounts / "users"),
            "NSS_WRAPPER_GROUP": str(accounts / "groups"),
        }

    def run(self, accounts: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        call, environment = [str(self.program), *words], self.environment(accounts)
        return subprocess.run(call, capture_output=True, text=True, check=False, env=environment, timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where the letters of one address lie."""

    folder: Path

    def letters(self) -> list[bytes]:
        """Give what came, in the order in which it came, octet for octet, below what the server wrote on top."""
        found = sorted((self.folder / "new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        return [file.read_bytes() for file in found]


@dataclass(frozen=True, slots=True)
class Server:
    """A running Exim; `port` takes mail from everybody on this machine."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """The URL for the service's settings."""
        return f"smtp://127.0.0.1:{self.port}"

    def mailbox(self, address: str) -> Mailbox:
        """Make a reader known at one of the readers' domains."""
        local_part, _, domain = address.partition("@")
        folder = self.folder / "mailboxes" / domain / local_part
        for part in ("new", "cur", "tmp"):
            (folder / part).mkdir(parents=True)
        for path in (folder.parent, folder, *folder.iterdir()):
            _given(path)
        return Mailbox(folder)

    def hand_to(self, door: str) -> None:
        """Have mail to our domain handed over to an LMTP server at HOST:PORT or unix:PATH, from now on."""
        written = self.folder / "door.new"
        written.write_text(door)
        written.rename(self.folder / "door")  # so that nobody reads half of it

    async def post(self, sender: str, to: str, content: bytes) -> str:
        """Send a mail as a person's mail program does; give Exim's answer, or raise aiosmtplib's errors."""
        options = {"hostname": "127.0.0.1", "port": self.port, "use_tls": False, "start_tls": False}
        _, answer = await aiosmtplib.send(content, sender=sender, recipients=[to], **options)
        return answer

    def log(self) -> str:
        """Give what Exim wrote down: a line for each mail that came, was delivered, put off or bounced."""
        return (self.folder / "log" / "mainlog").read_text()

    def taken(self, begins: str) -> list[datetime]:
        """Say when (UTC, in milliseconds) our LMTP server had taken each mail for an address of ours that begins so."""
        moments = [moment for moment, to in _TAKEN.findall(self.log()) if to.lower().startswith(begins.lower())]
        return [datetime.strptime(moment, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC) for moment in moments]

    def kept(self) -> int:
        """Say how many mails wait in its queue."""
        return sum(1 for _ in (self.folder / "spool" / "input").glob("*-H"))


def bring() -> Exim:
    """Give the program that was fetched, now or before."""
    if not FOLDER.is_dir():
        debian.unpack(PACKAGES, FOLDER, lambda folder: str(_without_rights(folder)))
    return Exim(FOLDER)


@contextmanager
def running() -> Iterator[Server]:
    """Run one on ports that nobody has, with no mailbox and no door, in a folder that goes with it."""
    exim = bring()
    with tempfile.TemporaryDirectory(prefix="peers-", dir=open_folder(), ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:  # the checkout may lie where nobody may look
            unneeded = shutil.ignore_patterns("etc", "share", "var")
            exim = Exim(Path(shutil.copytree(exim.folder, folder / "programs", symlinks=True, ignore=unneeded)))
        for part in ("spool", "log", "mailboxes"):
            (folder / part).mkdir()
            _given(folder / part)
        folder.chmod(0o711)
        process, port = _started(exim, folder)
        server = Server(folder, port)
        server.hand_to("127.0.0.1:1")  # where nobody listens: mail to us waits
        try:
            yield server
        finally:
            process.terminate()
            process.wait()
            with suppress(ProcessLookupError):  # what was delivering when it ended
                os.killpg(process.pid, signal.SIGKILL)


def _started(exim: Exim, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(_ATTEMPTS):
        port, inside = _free_ports()
        own = {"FOLDER": folder, "PROGRAM": exim.program, "PORT": port, "INSIDE": inside, "OURS": OURS}
        defined = "".join(f"{macro} = {value}\n" for macro, value in own.items())
        (folder / "settings").write_text(defined + SETTINGS.read_text())
        with (folder / "errors").open("ab") as errors:
            process = subprocess.Popen(
                [exim.program, "-C", folder / "settings", "-bdf", "-q1s"],
                cwd=folder,
                env=exim.environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
                **({"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}),
            )
        if _listens(process, port):
            return process, port
    said = "".join(file.read_text() for file in (folder / "errors", *(folder / "log").iterdir()))
    raise UnavailableError(f"Exim did not start: {said[-500:]}")


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until it listens; False if it ended instead, as it does when somebody else was quicker to take a port."""
    limit = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < limit:
        with socket.socket() as trying:
            if not trying.connect_ex(("127.0.0.1", port)):
                return True
        time.sleep(0.02)
    process.kill()
    process.wait()
    return False


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _given(path: Path) -> None:
    """Let Exim write there, if it is another user."""
    if os.geteuid() == 0:
        shutil.chown(path, "nobody", "nogroup")


def _without_rights(folder: Path) -> Exim:
    """Take from the program the right to become root, which the package gives it, and which root has unpacked."""
    exim = Exim(folder)
    exim.program.chmod(0o755)
    return exim
