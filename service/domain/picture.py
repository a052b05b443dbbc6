"""Pictures that people send: read part by part, and written again without what tells of the camera, place or owner.

Nothing is decoded, so nothing can be blown up here; what is no JPEG or PNG from its first to its last byte is refused.
Authorities: ITU-T T.81 (JPEG), W3C PNG (third edition), CIPA DC-008 (Exif) for how a photograph is turned.
"""

import re
import struct
import zlib
from collections.abc import Iterator

from service.domain.errors import InvalidError

MOST_BYTES = 4_000_000
_MOST_PIXELS = 50_000_000
_MOST_PARTS = 4_000  # segments or chunks: a picture of the largest size has some hundreds
_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_KEPT_SEGMENTS = frozenset({0xDA, 0xDB, 0xC4, 0xDD})  # scans, tables
_JFIF, _ADOBE = 0xE0, 0xEE  # the size of a point; what the colours are
_TOLD = 12  # bytes of either; in JFIF a small picture may follow, which can show what was cut away
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_LEFT_OUT = frozenset({*range(0xE1, 0xF0), 0xFE})  # Exif, profiles, comments
_KEPT_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"sBIT"})
_SCAN, _END, _EXIF = 0xDA, 0xD9, 0xE1
_ORIENTATION = 0x0112
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)  # within a scan, FF is followed by 00 or a restart


def cleaned(content: bytes) -> tuple[str, bytes]:
    """Give the media type of a picture and its bytes without what is said about it; raise InvalidError."""
    if len(content) > MOST_BYTES:
        raise InvalidError(f"the picture has more than {MOST_BYTES:,} bytes", "picture")
    try:
        if content.startswith(_JPEG):
            return "image/jpeg", b"".join(_jpeg(content))
        if content.startswith(_PNG):
            return "image/png", b"".join(_png(content))
    except (IndexError, struct.error):
        raise InvalidError("the picture ends too early", "picture") from None
    raise InvalidError("this is neither a JPEG nor a PNG picture", "picture")


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield _JPEG
    frames, turned = 0, 1
    for marker, segment in _segments(content):
        if marker == _EXIF:
            turned = _orientation(segment[4:]) or turned
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", segment, 5)
            _check_size(width, height)
            frames += 1
            yield (_exif(turned) if turned != 1 else b"") + segment
        elif marker in _KEPT_SEGMENTS:
            yield segment
        elif marker in (_JFIF, _ADOBE):
            yield _told(marker, segment[4 : 4 + _TOLD])
        elif marker not in _LEFT_OUT:
            raise InvalidError("this kind of JPEG is not taken", "picture")
    if not frames:
        raise InvalidError("there is no picture in it", "picture")
    yield b"\xff\xd9"


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Give each segment up to the end of the picture, with its marker; compressed data goes with the scan before it."""
    place = 2
    for _ in range(_MOST_PARTS):
        if content[place] != 0xFF:
            raise InvalidError("the picture is damaged", "picture")
        marker = content[place + 1]
        if marker == _END:
            return
        if marker == 0xFF:  # fill bytes before a marker
            place += 1
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        end = place + 2 + length
        if length < 2 or end >= len(content):
            raise IndexError
        end = _end_of_scan(content, end) if marker == _SCAN else end
        yield marker, content[place:end]
        place = end
    raise InvalidError("the picture has too many parts", "picture")


def _end_of_scan(content: bytes, place: int) -> int:
    """Find the marker behind the compressed data."""
    found = _MARKER.search(content, place)
    if found is None:
        raise IndexError
    return found.start()


def _orientation(exif: bytes) -> int | None:
    """Read how the photograph is turned (1 to 8); None if that cannot be known."""
    if not exif.startswith(b"Exif\0\0"):
        return None
    tiff = exif[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return None
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    if start + 2 > len(tiff):
        return None
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    for number in range(min(count, 100)):
        place = start + 2 + 12 * number
        if place + 12 > len(tiff):
            return None
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, place)
        if tag == _ORIENTATION:
            return int(value) if 1 <= value <= 8 else None
    return None


def _exif(turned: int) -> bytes:
    """Write an Exif segment that says how the photograph is turned, and nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, turned, 0, 0)
    return _segment(_EXIF, b"Exif\0\0" + tiff)


def _told(marker: int, body: bytes) -> bytes:
    """Write what one must know to show a picture, and nothing else; nothing for what is neither JFIF nor Adobe's."""
    if len(body) < _TOLD or not body.startswith(b"JFIF\0" if marker == _JFIF else b"Adobe"):
        return b""
    return _segment(marker, body + (b"\0\0" if marker == _JFIF else b""))  # a small picture of no width and height


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _png(content: bytes) -> Iterator[bytes]:
    yield _PNG
    place, seen = len(_PNG), set[bytes]()
    for _ in range(_MOST_PARTS):
        (length,) = struct.unpack_from(">I", content, place)
        name, end = content[place + 4 : place + 8], place + 12 + length
        if end > len(content):
            raise IndexError
        (said,) = struct.unpack_from(">I", content, end - 4)
        if zlib.crc32(content[place + 4 : end - 4]) != said:
            raise InvalidError("the picture is damaged", "picture")
        if not seen and name != b"IHDR":
            raise InvalidError("the picture is damaged", "picture")
        if name == b"IHDR":
            _check_size(*struct.unpack_from(">II", content, place + 8))
        if name in _KEPT_CHUNKS:
            yield content[place:end]
        elif not name[:1].islower():  # a chunk without which it cannot be shown, and that we do not know
            raise InvalidError("this kind of PNG is not taken", "picture")
        seen.add(name)
        if name == b"IEND":
            break
        place = end
    if not seen >= {b"IDAT", b"IEND"}:
        raise InvalidError("there is no picture in it", "picture")


def _check_size(width: int, height: int) -> None:
    if not width or not height or width * height > _MOST_PIXELS:
        raise InvalidError(f"the picture is empty, or has more than {_MOST_PIXELS:,} points", "picture")
