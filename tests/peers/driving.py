"""A Chromium that runs, driven by Playwright: what brings it (`chromium.py`) needs nothing of that."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from playwright.async_api import Browser, async_playwright

from tests.peers.chromium import FLAGS, Chromium


@asynccontextmanager
async def driven(program: Chromium) -> AsyncIterator[Browser]:
    """Run it by Playwright's own program, which finds a library that a bare Debian lacks where Chromium's are."""
    before, environment = dict(os.environ), os.environ | program.environment
    async with AsyncExitStack() as stack:
        os.environ.update(program.environment)
        try:
            playwright = await stack.enter_async_context(async_playwright())
        finally:
            os.environ.clear()
            os.environ.update(before)
        call = {"executable_path": program.executable, "args": list(FLAGS), "env": environment}
        browser = await playwright.chromium.launch(**call)
        stack.push_async_callback(browser.close)
        yield browser
