"""What the HTML of a letter says and its text does not: links, dates, names, figures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.rendering.checks.page import Element, page_of, read_text

_WORD = re.compile(r"\d+(?:[.,\u00a0\u202f’]\d+)*|[^\W\d_]+(?:[’'-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that only readers of the HTML are told; a link stops a publication."""

    what: str
    message: str
    is_link: bool


def missing_in_text(html: str, text: str) -> Iterator[Missing]:
    """Give what a text leaves out."""
    page = page_of(html)
    for href in dict.fromkeys(one.attributes["href"] for one in _links(page)):
        if href.removeprefix("mailto:") not in text:
            yield Missing(href, f"the text does not give the link {href}", is_link=True)
    said = {_plain(word) for word in _WORD.findall(text)}
    told: dict[str, None] = {}
    for word in _WORD.findall(read_text(page)):
        if _tells(word) and _plain(word) not in said:
            told[word] = None
    if told:
        words = ", ".join(list(told)[:8]) + (" …" if len(told) > 8 else "")
        yield Missing(next(iter(told)), f"the text does not say what the HTML does: {words}", is_link=False)


def _links(page: Element) -> Iterator[Element]:
    return (one for one in page.all() if one.tag == "a" and "href" in one.attributes)


def _tells(word: str) -> bool:
    """Say whether a word is a figure or a name; where a script has no capitals, any word of some length may be one."""
    if word[0].isdigit():
        return True
    return word[0].isupper() if word.lower() != word.upper() else len(word) > 2


def _plain(word: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", word).casefold()
