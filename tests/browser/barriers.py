"""What axe finds on a page: barriers for people who read or type in another way (WCAG 2.2, A and AA)."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # the rest would be told, too, element by element
}


async def barriers(page: Page) -> list[str]:
    """Give the violations on a page as it is now, each with its rule, what it means, and where it stands."""
    found = await Axe().run(page, options=OPTIONS)
    return [
        f"{rule['id']}: {rule['help']} at {', '.join(' '.join(map(str, node['target'])) for node in rule['nodes'])}"
        for rule in found.response["violations"]
    ]


async def too_wide(page: Page) -> int:
    """Give by how many pixels a page is wider than its window: nobody should have to move it sideways."""
    wide: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide
