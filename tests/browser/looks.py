"""Letters of every language as files to look at: `python -m tests.browser.looks FOLDER [CODE …]`.

Each letter is written as text and HTML, and as pictures by day and by night, 320 and 600 pixels wide.
"""

import asyncio
import sys
from pathlib import Path

from service.domain.letter import Words
from service.domain.notice import Kind
from tests.peers import chromium
from tests.peers.driving import driven
from tests.unit.rendering.letters import LANGUAGES
from tests.unit.rendering.test_render import any_letter

_KINDS = tuple(kind for kind in Kind if kind is not Kind.TEST)  # whose words are those of any other
_WIDTHS = (320, 600)


async def look(folder: Path, codes: list[str]) -> None:
    """Write the letters of these languages, or of all, into a folder."""
    async with driven(chromium.find()) as browser:
        page = await browser.new_page()
        for code in codes or LANGUAGES.codes:
            for kind in _KINDS:
                name, words = f"{code}-{kind.value}", any_letter(kind, code)
                _write(folder / name, words)
                await page.set_content(words.html)
                for scheme in ("light", "dark"):
                    await page.emulate_media(color_scheme=scheme)
                    for width in _WIDTHS:
                        await page.set_viewport_size({"width": width, "height": 800})
                        await page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True)
        await browser.close()


def _write(path: Path, words: Words) -> None:
    path.with_suffix(".html").write_text(words.html, encoding="utf-8")
    path.with_suffix(".txt").write_text(f"{words.subject}\n\n{words.text}", encoding="utf-8")


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(look(Path(sys.argv[1]), sys.argv[2:]))
