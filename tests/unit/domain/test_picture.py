"""Pictures that people send: what is said about them is left out, and what is no picture is refused."""

import random
import struct

import pytest

from service.domain.errors import InvalidError
from service.domain.picture import MOST_BYTES, cleaned


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def exif(turned: int, order: str = ">") -> bytes:
    mark = b"MM\0*" if order == ">" else b"II*\0"
    entries = [(0x8825, 4, 1, 99), (0x0112, 3, 1, turned << 16 if order == ">" else turned)]
    tiff = mark + struct.pack(f"{order}I", 8) + struct.pack(f"{order}H", len(entries))
    tiff += b"".join(struct.pack(f"{order}HHII", *entry) for entry in entries) + b"\0" * 4 + b"40.18N 44.51E"
    return segment(0xE1, b"Exif\0\0" + tiff)


JFIF, ADOBE = b"JFIF\0\1\2\1\0\x48\0\x48", b"Adobe\0\x64\0\0\0\0\1"
TABLES, FRAME = segment(0xDB, b"\0" * 65), segment(0xC0, struct.pack(">BHHB", 8, 4, 4, 1) + b"\1\x11\0")
SCAN = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\x00\xff\xd0\x34"


def jpeg(*more: bytes, frame: bytes = FRAME) -> bytes:
    return b"\xff\xd8" + b"".join(more) + TABLES + frame + SCAN + b"\xff\xd9"


def test_a_photograph_is_kept_without_place_comment_and_what_follows_it() -> None:
    said = (segment(0xE0, JFIF + b"\0\0"), segment(0xEE, ADOBE))
    kind, kept = cleaned(jpeg(*said, segment(0xFE, b"taken by Ani"), exif(1)) + b"<script>")
    assert kind == "image/jpeg"
    assert kept == jpeg(*said)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (segment(0xE0, JFIF + b"\1\2" + b"who was cut away"), segment(0xE0, JFIF + b"\0\0")),
        (segment(0xE0, b"JFXX\0\x10" + jpeg()), b""),
        (segment(0xE0, b"JFIF\0"), b""),
        (segment(0xE0, b"AVI1 and more"), b""),
        (segment(0xEE, ADOBE + b"taken by Ani"), segment(0xEE, ADOBE)),
        (segment(0xEE, b"taken by Ani"), b""),
    ],
)
def test_a_small_picture_within_it_is_left_out_since_it_may_show_what_was_cut_away(said: bytes, kept: bytes) -> None:
    assert cleaned(jpeg(said)) == ("image/jpeg", jpeg(kept))


@pytest.mark.parametrize("order", ["<", ">"])
def test_how_it_is_turned_stays_and_nothing_else_of_its_exif(order: str) -> None:
    _, kept = cleaned(jpeg(exif(6, order)))
    assert b"40.18N" not in kept
    assert kept.count(b"Exif") == 1
    assert cleaned(kept) == ("image/jpeg", kept)


@pytest.mark.parametrize(
    "content",
    [
        jpeg()[:-2],
        jpeg(frame=b""),
        jpeg(frame=segment(0xC0, struct.pack(">BHHB", 8, 65535, 65535, 1))),
        jpeg(frame=segment(0xC0, struct.pack(">BHHB", 8, 0, 4, 1))),
        jpeg(segment(0xCC, b"arithmetic")),
        jpeg(b"junk"),
        jpeg(*[segment(0xFE, b"")] * 4_000),
        jpeg(b"\xff" * 4_000),
        b"\xff\xd8",
        b"\xff\xd8" + b"\xff" * 100,
        b"",
        b"\xff\xd8\xff\xda\x00\x08" + b"\0" * 100,
        b"x" * (MOST_BYTES + 1),
    ],
)
def test_what_is_broken_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidError):
        cleaned(content)


def test_whatever_comes_is_cleaned_or_refused_and_never_anything_else() -> None:
    chance = random.Random(7)  # noqa: S311  (examples, the same each time)
    for _ in range(3000):
        content = bytearray(jpeg(exif(3), segment(0xE2, b"profile")))
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(2, len(content))] = chance.randrange(256)
        try:
            _, kept = cleaned(bytes(content[: chance.randint(3, len(content))]))
        except InvalidError:
            continue
        assert cleaned(kept)[1] == kept
