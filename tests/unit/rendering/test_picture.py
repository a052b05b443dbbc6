"""Pictures for links: every script has its letters, nothing leaves the paper, and no text leaves its place."""

import struct
import zlib
from xml.etree import ElementTree as ET

import pytest
from resvg_py import svg_to_bytes

from service.rendering.picture import WIDTH, Card, _fonts, drawn, svg_of

PAPER = (0xFB, 0xFA, 0xF6)
TITLES = [
    "The 44-day war in Artsakh",
    "Արցախի 44-օրյա պատերազմը և դրան հաջորդած պաշարումը",
    "Международный день памяти жертв геноцида, чествования их достоинства и предупреждения этого преступления",
    "Journée internationale de commémoration",
    "Día internacional de las víctimas de desapariciones forzadas",
]
RIGHT_TO_LEFT = ["יום הזיכרון לשואה ולגבורה", "ذكرى الحرب التي دامت أربعة وأربعين يوما"]


SMALLER = 4


def columns_with_ink(card: Card) -> set[int]:
    """Give the columns in which something other than paper is, drawn smaller: a PNG is slow to read by hand."""
    png = svg_to_bytes(
        svg_string=svg_of(card), skip_system_fonts=True, font_files=list(_fonts()), width=WIDTH // SMALLER
    )
    width, height = struct.unpack(">II", png[16:24])
    place, packed, channels = 8, b"", 0
    while place < len(png):
        (length,), kind = struct.unpack(">I", png[place : place + 4]), png[place + 4 : place + 8]
        body = png[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            channels = {2: 3, 6: 4}[body[9]]
        packed += body if kind == b"IDAT" else b""
        place += length + 12
    raw, stride, found = zlib.decompress(packed), width * channels, set[int]()
    before = bytearray(stride)
    for row in range(height):
        kind, line = raw[row * (stride + 1)], bytearray(raw[row * (stride + 1) + 1 : (row + 1) * (stride + 1)])
        for at in range(stride):
            left, up = line[at - channels] if at >= channels else 0, before[at]
            corner = before[at - channels] if at >= channels else 0
            near = min((left, up, corner), key=lambda one, sum_=left + up - corner: abs(sum_ - one))
            line[at] = (line[at] + (0, left, up, (left + up) // 2, near)[kind]) & 255
        found |= {at // channels * SMALLER for at in range(0, stride, channels) if tuple(line[at : at + 3]) != PAPER}
        before = line
    return found


@pytest.mark.parametrize("title", [TITLES[1], "W" * 40 + " " + "Ж" * 40])
def test_no_line_comes_near_the_edge_of_the_paper(title: str) -> None:
    inked = columns_with_ink(Card(title, title, title, title))
    assert max(inked) < WIDTH - 60
    assert min(column for column in inked if column > 24) >= 88


def test_from_right_to_left_it_begins_on_the_right() -> None:
    inked = columns_with_ink(Card(RIGHT_TO_LEFT[1], name="Remembrancer", direction="rtl"))
    assert max(column for column in inked if column < WIDTH - 28) <= WIDTH - 88
    assert min(inked) > 60


@pytest.mark.parametrize("title", [*TITLES, *RIGHT_TO_LEFT])
def test_every_script_has_letters_of_its_own(title: str) -> None:
    """A letter that is missing is drawn as nothing: the picture would be that of no title."""
    assert drawn(Card(title)) != drawn(Card(""))


@pytest.mark.parametrize(
    "text", ["", " ", "</text><script>", "&amp;\x00\x1b\u202e", '"\'><image href="file:///x"/>', "a" * 9000]
)
def test_whatever_stands_there_is_a_text_in_a_drawing(text: str) -> None:
    card = Card(text, text, text, text)
    root = ET.fromstring(svg_of(card))  # noqa: S314  (our own drawing)
    assert {one.tag.rpartition("}")[2] for one in root.iter()} <= {"svg", "rect", "g", "text"}
    assert drawn(card)[:4] == b"\x89PNG"


def test_equal_cards_are_equal_pictures_and_others_have_other_tags() -> None:
    assert drawn(Card("A war")) == drawn(Card("A war"))
    assert Card("A war").digest == Card("A war").digest != Card("A war", over="x").digest
