"""The folder in place of a relay: letters as files that any mail program opens, and nothing leaves the machine."""

import asyncio
import os
import tempfile
from pathlib import Path

from service.domain.errors import InvalidError
from service.domain.letter import Letter
from service.domain.notice import Outcome, Result, Stage
from service.mail.reading import letter_path


class FolderTransport:
    """Hands letters to a folder, `<notice>.eml` each; a second copy of a notice takes the place of the first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def connect(self) -> "FolderConnection":
        """Give a connection; a folder that cannot be written to is told of each letter."""
        return FolderConnection(self._folder)


class FolderConnection:
    """A way into the folder."""

    pipelines = False
    has_begun = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.usable = True

    async def send(self, letter: Letter, following: Letter | None = None) -> Outcome:  # noqa: ARG002
        """Write the letter whole or not at all; on the disk before it is told as accepted."""
        try:
            path = letter_path(self._folder, letter.notice)
            await asyncio.to_thread(_write, path, letter.content)
        except InvalidError as error:
            return Outcome(Result.REFUSED, words=str(error), stage=Stage.MAIL)
        except OSError as error:
            self.usable = False
            words = f"the outbox {self._folder} cannot be written to: {error}"
            return Outcome(Result.UNREACHED, words=words, stage=Stage.CONNECT)
        return Outcome(Result.ACCEPTED, words=f"written to {path.name}")

    def withdraw(self) -> None:
        """Nothing was announced."""

    async def close(self) -> None:
        """End it; there is nothing to let go."""
        self.usable = False


def _write(path: Path, content: bytes) -> None:
    """Write a file beside its place, put it on the disk, and move it there in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
