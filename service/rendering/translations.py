"""The translations of a catalogue (.po), read when one is first asked for: a command speaks few of many languages."""

import io
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from babel import UnknownLocaleError
from babel.messages.pofile import PoFileError, read_po

_FILE = "remembrancer.po"


class Translations(Mapping[str, str]):
    """What each message is in a language; a catalogue that cannot be read says nothing, and letters are in English."""

    def __init__(self, code: str, text: str) -> None:
        """Take the language's code (BCP 47) and the catalogue's text, which is not looked at yet."""
        self._code, self._text = code, text

    def __getitem__(self, message: str) -> str:
        """Give the translation of a message."""
        return self._read[message]

    def __iter__(self) -> Iterator[str]:
        """Go through the messages that are translated."""
        return iter(self._read)

    def __len__(self) -> int:
        """Count the messages that are translated."""
        return len(self._read)

    @cached_property
    def _read(self) -> Mapping[str, str]:
        try:
            read = read_po(io.StringIO(self._text), locale=self._code.replace("-", "_"), abort_invalid=True)
        except (PoFileError, ValueError, UnknownLocaleError):
            return {}
        return {
            message.id: message.string
            for message in read
            if message.id
            and isinstance(message.id, str)
            and isinstance(message.string, str)
            and message.string
            and not message.fuzzy
        }


def files_of(folder: Path) -> dict[str, str]:
    """Give the texts of a folder's catalogues by language: `<code>/LC_MESSAGES/remembrancer.po`."""
    files = folder.glob(f"*/LC_MESSAGES/{_FILE}")
    return {file.parent.parent.name: file.read_text(encoding="utf-8") for file in files}
