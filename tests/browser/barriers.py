"""What axe finds on a page: barriers for people who read or type in another way (WCAG 2.2, A and AA)."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # the rest would be told, too, element by element
}
LOOKS = (("light", {"width": 320, "height": 640}), ("dark", {"width": 1280, "height": 800}))


async def barriers(page: Page) -> list[str]:
    """Give the violations on a page as it is now, each with its rule, what it means, and where it stands."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(Axe().axe_script)
    found = await page.evaluate("options => axe.run(options)", OPTIONS)
    return [
        f"{rule['id']}: {rule['help']} at {', '.join(' '.join(map(str, node['target'])) for node in rule['nodes'])}"
        for rule in found["violations"]
    ]


async def in_the_way(page: Page) -> list[str]:
    """Give what stands in anybody's way on the page that is open, in the light on a telephone and wide in the dark."""
    found = list[str]()
    for scheme, size in LOOKS:
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size(size)
        found += [f"{page.url} ({scheme}): {one}" for one in await barriers(page)]
        if (wide := await too_wide(page)) > 0:
            found.append(f"{page.url} ({scheme}): {wide} px too wide")
    return found


async def too_wide(page: Page) -> int:
    """Give by how many pixels a page is wider than its window: nobody should have to move it sideways."""
    wide: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide
