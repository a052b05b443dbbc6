"""Opening a file of subscribers, whatever a spreadsheet or a packer made of it, and checking what is in it."""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path, PurePath
from typing import IO, TextIO

from service.actions.subscriber_checks import FINDINGS_MOST, Asked, Checked, check
from service.domain.errors import ImportRefusedError, InvalidError

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_PACKED = b"PK\x03\x04"
# Of Mailchimp's files, those first that bar somebody: who stands in two of them is not written to.
_FIRST = ("cleaned_", "unsubscribed_", "nonsubscribed_", "subscribed_")
_NOBODY = "sms_only_"  # people without an address


@contextmanager
def checked(file: Path, asked: Asked) -> Iterator[tuple[TextIO, list[Checked]]]:
    """Give the people of a file as lines of `subscriber_rows`, and what was found in it: of an archive, in each file.

    Raise ImportRefusedError with the mistakes by line, and InvalidError for what cannot be read.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
        found: list[Checked] = []
        findings: list[str] = []
        try:
            for name, source in _sources(file):
                try:
                    found.append(check(source, spool, name, asked))
                except ImportRefusedError as refused:
                    findings += refused.findings
        except OSError as error:
            raise InvalidError(f"{file}: {error.strerror or error}") from None
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
            raise InvalidError(f"{file}: this archive cannot be unpacked: {error}") from None
        if findings:
            raise ImportRefusedError(tuple(findings[:FINDINGS_MOST]))
        spool.seek(0)
        yield spool, found


def _sources(file: Path) -> Iterator[tuple[str, TextIO]]:
    with file.open("rb") as raw:
        if raw.peek(4)[:4] == _PACKED:
            yield from _packed(file, raw)
        else:
            yield str(file), _text(raw)


def _packed(file: Path, raw: IO[bytes]) -> Iterator[tuple[str, TextIO]]:
    """Give the tables in an archive, as Mailchimp packs them."""
    with zipfile.ZipFile(raw) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        names = [name for name in names if not PurePath(name).name.startswith((_NOBODY, "._"))]
        if not names:
            raise InvalidError(f"{file}: there is no .csv in this archive")
        for name in sorted(names, key=_place):
            with archive.open(name) as member:
                yield f"{file}/{name}", _text(BufferedReader(member))  # type: ignore[arg-type]  # it reads into a buffer


def _place(name: str) -> tuple[int, str]:
    base = PurePath(name).name
    return next((number for number, part in enumerate(_FIRST) if base.startswith(part)), len(_FIRST)), name


def _text(raw: BufferedReader) -> TextIO:
    """Read bytes as text: UTF-8, or UTF-16 where a spreadsheet has marked it so."""
    encoding = "utf-16" if raw.peek(2)[:2] in _UTF_16 else "utf-8"
    return TextIOWrapper(raw, encoding=encoding, newline="")
