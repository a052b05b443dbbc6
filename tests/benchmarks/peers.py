"""The peers of the post, each a process of its own: smtp-source, nodemailer, aiosmtplib, and bare signatures.

`python -m tests.benchmarks.peers …` is such a process: aiosmtplib sending a ready message, or a thread a core signing.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import aiosmtplib
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from tests.benchmarks import letter
from tests.benchmarks.harness import Run, child, stopwatch
from tests.peers import postfix

_SENDER = "remember@example.org"
_SCRIPT = Path(__file__).with_name("nodemailer.js")
_TAIL = 500


def whole(call: list[str | Path], environment: dict[str, str], count: int) -> Run:
    """Run a command; the kernel's account of the finished process is its processor time."""
    start = time.perf_counter()
    process = subprocess.Popen(call, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    assert process.returncode == 0, f"{call[0]}: {said[-_TAIL:].decode(errors='replace')}"
    return Run(count, seconds, used.ru_utime + used.ru_stime)


def smtp_source(programs: postfix.Postfix, message: Path, port: int, count: int, connections: int) -> Run:
    """Send one constant message so often, on connections that are kept (`-d`)."""
    words = ["-d", "-s", str(connections), "-m", str(count), "-f", _SENDER, "-t", "reader@example.org", "-F", message]
    return whole([programs.source, *words, f"127.0.0.1:{port}"], programs.environment, count)


def nodemailer(
    environment: dict[str, str], ready: Path, port: int, count: int, connections: int, key: Path | None
) -> Run:
    """Send personal messages through its pool, signed if there is a key; Node's start is not counted."""
    call = ["node", _SCRIPT, str(port), str(count), str(connections), ready, *([key] if key else [])]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-_TAIL:]
    return Run(**json.loads(done.stdout))


def sendmail(message: Path, port: int, count: int, connections: int) -> Run:
    """Send one ready message with aiosmtplib on as many connections."""
    return Run(**child("peers", "sendmail", message, port, count, connections))


def signatures(key: Path, count: int) -> Run:
    """Sign with one thread a core, and do nothing else."""
    return Run(**child("peers", "signatures", key, count))


def write_message(folder: Path, content: bytes) -> Path:
    """Write a letter as smtp-source reads it (a line feed ends a line), and beside it as it is; give the first."""
    (folder / "letter.eml").write_bytes(content)
    path = folder / "letter.source"
    path.write_bytes(content.replace(b"\r\n", b"\n"))
    return path


def write_key(path: Path) -> Path:
    """Make an RSA key of 2048 bits."""
    key = rsa.generate_private_key(65537, 2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form))
    path.chmod(0o600)
    return path


def _ready(folder: Path) -> Path:
    return letter.write_for_nodemailer(folder / "words.json")


async def _sendmail(content: bytes, port: int, count: int, connections: int) -> Run:
    waiting = iter(range(count))

    async def work() -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        for number in waiting:
            await client.sendmail(_SENDER, [f"reader{number}@example.org"], content)
        await client.quit()

    with stopwatch() as watch:
        await asyncio.gather(*(work() for _ in range(connections)))
    return watch.run(count)


def _signatures(path: Path, count: int) -> Run:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    padding, digest, known = PKCS1v15(), b"\1" * 32, Prehashed(hashes.SHA256())
    cores = os.cpu_count() or 1

    def sign() -> None:
        for _ in range(count // cores):
            key.sign(digest, padding, known)

    threads = [threading.Thread(target=sign) for _ in range(cores)]
    with stopwatch() as watch:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return watch.run(count // cores * cores)


def _runner() -> Callable[..., Run]:
    """Give uvloop's runner where it is installed: the peer is measured at its best."""
    try:
        from uvloop import run  # noqa: PLC0415
    except ImportError:
        return asyncio.run
    return run


def _child(what: str, file: str, *numbers: str) -> None:
    if what == "sendmail":
        run = _runner()(_sendmail(Path(file).read_bytes(), *map(int, numbers)))
    else:
        run = _signatures(Path(file), int(numbers[0]))
    print(json.dumps({"count": run.count, "seconds": run.seconds, "cpu": run.cpu}))


if __name__ == "__main__":
    _child(*sys.argv[1:])
