"""A person with a browser and a mailbox at a real mail server."""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from playwright.async_api import Page

from tests.journeys.program import Program, eventually, opened, part
from tests.smtp_server import SmtpServer

WAR_DAY = "2026-09-27T05:00:00Z"  # nine in the morning in Yerevan


@dataclass(frozen=True)
class Reader:
    """Who reads, on what page, and where their letters come in."""

    address: str
    home: str
    page: Page
    relay: SmtpServer
    program: Program

    def letters(self, day: str = "") -> list[EmailMessage]:
        """Give what came in for them, with a day only what is dated on it."""
        own = [letter.content for letter in self.relay.received if letter.rcpt_tos == (self.address,)]
        return [letter for letter in map(opened, own) if not day or dated(letter) == day]

    async def confirmation(self) -> str:
        """Wait for the letter that asks them to confirm, and give its link out of the text."""
        letters = await eventually(lambda: [one for one in self.letters() if "/confirm/" in part(one, "plain")])
        return link(letters[-1], "/confirm/")

    async def asks(self) -> None:
        """Fill in the form as a person does, leave what was guessed, and send it."""
        await self.page.goto("/subscribe")
        await self.page.get_by_label("E-mail address").fill(self.address)
        await self.page.get_by_role("checkbox", name="Artsakh (Nagorno-Karabakh), 2020 to 2023").check()
        await self.page.get_by_role("button", name="Subscribe").click()
        await self.page.get_by_role("heading", name="Please look into your mailbox").wait_for()

    async def confirms(self) -> None:
        """Open the link of the letter and press the button."""
        await self.page.goto(await self.confirmation())
        await self.page.get_by_role("button", name="Confirm").click()
        await self.page.get_by_role("heading", name="It is confirmed").wait_for()

    async def written_on(self, now: str = WAR_DAY) -> EmailMessage:
        """Run a round as of a moment, and give the one letter that it brings."""
        await self.program.tick(now)
        (letter,) = self.letters(now[:10])
        return letter

    async def status(self) -> str:
        """Give where they stand."""
        found: str = (await self.program.listed())[self.address]["status"]
        return found


def dated(letter: EmailMessage) -> str:
    """Give the day of a letter's Date."""
    return parsedate_to_datetime(str(letter["Date"])).date().isoformat()


def link(letter: EmailMessage, path: str) -> str:
    """Give the address in a letter's text that has this path."""
    found = re.search(rf"^http\S+{path}\S+$", part(letter, "plain"), re.MULTILINE)
    assert found, part(letter, "plain")
    return found[0]
