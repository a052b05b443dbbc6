"""Whether what is written can be read against its ground, by day and by night (WCAG 2.2, 1.4.3, level AA)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import tinycss2
from tinycss2.color3 import RGBA, parse_color

from service.rendering.checks.page import Element, Rule, matches, night_rules, page_of, read_texts, sheets

_ENOUGH, _ENOUGH_IF_LARGE = 4.5, 3.0
_LARGE, _LARGE_IF_BOLD = 24.0, 18.66  # pixels: 18 points, 14 points
_DAY = (RGBA(0, 0, 0, 1), RGBA(1, 1, 1, 1))
_NIGHT = (RGBA(1, 1, 1, 1), RGBA(0.07, 0.07, 0.07, 1))  # of programs that were told that the letter knows the night
_LINK = RGBA(0, 0, 0.93, 1)
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Faint:
    """A text that is hard to read: where it stands, and why."""

    classes: tuple[str, ...]
    colour: str
    message: str


def faint_texts(html: str) -> Iterator[Faint]:
    """Give the texts of a letter that are hard to read, once for each pair of colours."""
    page = page_of(html)
    knows_night = any(one.attributes.get("name") == "color-scheme" for one in page.all())
    sides: list[tuple[str, tuple[RGBA, RGBA], Sequence[Rule]]] = [("by day", _DAY, ())]
    if knows_night:
        sides.append(("by night", _NIGHT, night_rules(sheets(page))))
    for when, basic, rules in sides:
        seen: set[tuple[RGBA, RGBA]] = set()
        painted = _Painted(rules, basic)
        for element, text in read_texts(page):
            ink, ground = painted.colours(element)
            ratio = contrast(ink, ground)
            enough = _ENOUGH_IF_LARGE if _is_large(element) else _ENOUGH
            if ratio < enough and (ink, ground) not in seen:
                seen.add((ink, ground))
                shown = " ".join(text.split())[:_SHOWN]
                told = f"“{shown}” is hard to read {when}: {_hex(ink)} on {_hex(ground)} is {ratio:.1f} : 1"
                classes = tuple(name for one in element.upwards() for name in one.classes)
                yield Faint(classes, _hex(ink), f"{told}, and {enough} : 1 is needed (WCAG 1.4.3)")


def contrast(one: RGBA, other: RGBA) -> float:
    """Give the contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


class _Painted:
    """A letter's colours, with the rules that hold."""

    def __init__(self, rules: Sequence[Rule], basic: tuple[RGBA, RGBA]) -> None:
        self._rules, self._ink, self._ground = rules, *basic
        self._styles: dict[Element, dict[str, str]] = {}
        self._grounds: dict[Element, RGBA] = {}

    def colours(self, element: Element) -> tuple[RGBA, RGBA]:
        """Give the colour of a text and of what it stands on."""
        ground = self._ground_of(element)
        ink = next((found for one in element.upwards() if (found := self._colour(one))), self._ink)
        return _over(ink, ground), ground

    def _ground_of(self, element: Element) -> RGBA:
        ground = self._ground
        for one in reversed(list(element.upwards())):
            if one not in self._grounds:
                style = self._style(one)
                own = _background(style.get("background-color", ""), style.get("background", ""))
                self._grounds[one] = _over(own, ground)
            ground = self._grounds[one]
        return ground

    def _colour(self, element: Element) -> RGBA | None:
        said = self._style(element).get("color", "")
        if said in {"", "inherit", "currentcolor"}:
            return _LINK if element.tag == "a" and not said and "href" in element.attributes else None
        return _read(said)

    def _style(self, element: Element) -> dict[str, str]:
        if element not in self._styles:
            style = {"background-color": element.attributes.get("bgcolor", ""), **element.style}
            for rule in self._rules:
                if matches(element, rule.selector):
                    if "background-color" in rule.declarations:
                        style.pop("background", None)
                    style.update(rule.declarations)
            self._styles[element] = style
        return self._styles[element]


@lru_cache(maxsize=512)
def _background(*values: str) -> RGBA | None:
    for value in values:
        for part in tinycss2.parse_component_value_list(value):
            if found := _read(tinycss2.serialize([part])):
                return found
    return None


@lru_cache(maxsize=512)
def _read(colour: str) -> RGBA | None:
    found = parse_color(colour)
    return found if isinstance(found, RGBA) else None


def _over(colour: RGBA | None, ground: RGBA) -> RGBA:
    if colour is None:
        return ground
    share = colour.alpha
    mixed = (share * top + (1 - share) * below for top, below in zip(colour[:3], ground[:3], strict=True))
    return RGBA(*mixed, 1)


def _luminance(colour: RGBA) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def _is_large(element: Element) -> bool:
    return element.pixels >= (_LARGE_IF_BOLD if element.bold else _LARGE)


def _hex(colour: RGBA) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour[:3])
