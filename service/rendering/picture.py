"""The picture that others show where a page is linked to: its title on paper, 1200 by 630, as PNG.

It is drawn here, from an SVG of our own by resvg, with fonts that come with the program (`fonts/`): DejaVu Serif, and
DejaVu Sans for Hebrew and Arabic. Nothing else is read, from the system or from elsewhere.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import as_file, files
from xml.sax.saxutils import escape

from resvg_py import svg_to_bytes

WIDTH, HEIGHT = 1200, 630
_MARGIN = 96
_SIZES = ((72, 3), (60, 4), (48, 5))  # of the title, and how many lines of each have room
_LONGEST = 400
_PAPER, _INK, _SOFT, _ACCENT = "#fbfaf6", "#1f1c19", "#5a544b", "#7a2e25"
_NARROW = frozenset("iljtfrI.,:;'!|()[]-– ’‘ՙ՝՛՞։יו")
_WIDE = frozenset("mwMW@%—æÆœŒ©®ЖШЩЮЉЊМжшщюФфЫыմՄխԽտՏպապփՓԹթև")
# Parts of the size, rather too wide than too narrow: no line may leave the paper.
_WIDTH_OF_NARROW, _WIDTH_OF_WIDE, _WIDTH_OF_CAPITAL, _WIDTH_OF_OTHER = 0.48, 1.08, 0.88, 0.69


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a picture: a line over the title, the title, a line below it, and whose page it is."""

    title: str
    over: str = ""
    below: str = ""
    name: str = ""
    direction: str = "ltr"

    @property
    def digest(self) -> str:
        """What tells two pictures apart."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:16]


def drawn(card: Card) -> bytes:
    """Draw a picture; it takes a tenth of a second of one processor, so whoever asks for many must keep them."""
    return bytes(svg_to_bytes(svg_string=svg_of(card), skip_system_fonts=True, font_files=list(_fonts())))


def svg_of(card: Card) -> str:
    """Give the picture as SVG."""
    is_rtl = card.direction == "rtl"
    x = WIDTH - _MARGIN if is_rtl else _MARGIN
    size, lines = _fitted(_clean(card.title))
    step = round(size * 1.28)
    top = (HEIGHT - step * (len(lines) - 1)) // 2 + size // 3
    said = [_text(line, x, top + place * step, size, _INK) for place, line in enumerate(lines)]
    room = WIDTH - 2 * _MARGIN
    if card.over:
        said.append(_text(_cut(_clean(card.over), room, 30), x, top - size - 34, 30, _ACCENT))
    if card.below:
        said.append(_text(_cut(_clean(card.below), room, 32), x, top + (len(lines) - 1) * step + 74, 32, _SOFT))
    said.append(_text(_cut(_clean(card.name), room, 28), x, HEIGHT - 48, 28, _SOFT))
    anchor = ' text-anchor="end"' if is_rtl else ""
    edge = WIDTH - 24 if is_rtl else 0
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_PAPER}"/>'
        f'<rect x="{edge}" width="24" height="{HEIGHT}" fill="{_ACCENT}"/>'
        f'<g font-family="DejaVu Serif, DejaVu Sans"{anchor}>{"".join(said)}</g></svg>'
    )


def _text(line: str, x: int, y: int, size: int, colour: str) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}">{escape(line)}</text>'


def _clean(text: str) -> str:
    """Leave out what is no character of a line; an SVG takes few controls."""
    return " ".join("".join(one if one.isprintable() else " " for one in text[:_LONGEST]).split())


def _fitted(title: str) -> tuple[int, list[str]]:
    """Give the largest size at which the title has room, and its lines; the last is cut where none is small enough."""
    room = WIDTH - 2 * _MARGIN
    for size, most in _SIZES:
        lines = _broken(title, room, size)
        if len(lines) <= most and all(_width(line, size) <= room for line in lines):
            return size, lines
    size, most = _SIZES[-1]
    lines = _broken(title, room, size)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1] + " …"]
    return size, [_cut(line, room, size) for line in lines]


def _broken(text: str, room: int, size: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or _width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _cut(line: str, room: int, size: int) -> str:
    if _width(line, size) <= room:
        return line
    while line and _width(f"{line}…", size) > room:
        line = line[:-1]
    return f"{line.rstrip(' …')}…"


def _width(text: str, size: int) -> float:
    return size * sum(map(_part_of_size, text))


def _part_of_size(one: str) -> float:
    if one in _NARROW:
        return _WIDTH_OF_NARROW
    if one in _WIDE:
        return _WIDTH_OF_WIDE
    return _WIDTH_OF_CAPITAL if one.isupper() else _WIDTH_OF_OTHER


@cache
def _fonts() -> tuple[str, ...]:
    """Give where the fonts are; they are files, however the program was installed."""
    folder = files("service.rendering").joinpath("fonts")
    found = []
    for name in ("DejaVuSerif.ttf", "DejaVuSans.ttf"):
        with as_file(folder.joinpath(name)) as path:
            found.append(str(path))
    return tuple(found)
