"""The page of another way than e-mail: a code goes there by a real server, and whoever types it in has shown it."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote

import pytest

from service.delivery import apprising
from service.delivery.channels import ChannelTransport
from service.domain.channel import Channel, Way, read_channels
from service.domain.subscription import Status
from service.mail.tokens import Purpose, stamp
from service.store import channels
from tests.http_peer import CUT, HttpPeer
from tests.unit.web.client import Answer
from tests.unit.web.given import Grounds

ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


class Page:
    """The page of one reader, with an ntfy server behind it."""

    def __init__(self, grounds: Grounds, peer: HttpPeer, id_: str) -> None:
        self.grounds, self.peer, self.id = grounds, peer, id_
        signal = f"signal=signal://127.0.0.1:{peer.port}/+15550100123/{{to}}"
        self.transport = ChannelTransport(read_channels(f"{peer.ntfy}\n{signal}"), apprising.hand_over)

    @property
    def path(self) -> str:
        return f"{self.grounds.link(Purpose.MANAGE, self.id)}/channel"

    async def get(self, path: str = "", **headers: str) -> Answer:
        return await self.grounds.client(channels=self.transport).get(path or self.path, **headers)

    async def post(self, **fields: str) -> Answer:
        return await self.grounds.client(channels=self.transport).post(self.path, list(fields.items()))

    async def asked(self, to: str = "ani-remembers-2wz7", channel: str = "ntfy") -> tuple[str, str]:
        """Ask for a code; give it with the token of the page that asks for it."""
        answer = await self.post(action="ask", channel=channel, to=to)
        assert answer.status == 303, answer.text
        page = (await self.get(answer.headers["location"])).text
        token = re.search(r'name="asked" value="([^"]+)"', page)
        assert token
        code = re.search(r"\d{6}", self.peer.told[-1].get("title", self.peer.told[-1].get("message", "")))
        assert code
        return code[0], token[1]

    async def chosen(self) -> Way | None:
        async with self.grounds.store.read() as tx:
            found = await channels.chosen(tx, self.id)
        return found.way if found else None


@pytest.fixture
async def page(grounds: Grounds) -> AsyncIterator[Page]:
    """The page of a reader who has e-mail."""
    async with HttpPeer() as peer:
        yield Page(grounds, peer, await grounds.reader())


async def test_who_types_the_code_in_has_notices_there(page: Page) -> None:
    code, token = await page.asked()
    assert page.peer.told[0]["topic"] == "ani-remembers-2wz7"
    assert page.peer.told[0]["title"] == f"Your code: {code}"
    assert await page.chosen() is None
    answer = await page.post(action="prove", asked=token, code=f" {code[:3]} {code[3:]} ")
    first = (await page.get(answer.headers["location"])).text
    assert "From now on, your notices and summaries come this way." in first
    assert "ani-remembers-2wz7" in first
    assert await page.chosen() == Way(Channel.NTFY, "ani-remembers-2wz7")
    assert page.grounds.woken == 1


async def test_digits_may_be_those_of_ones_own_script(page: Page) -> None:
    code, token = await page.asked("+15550100999", "signal")
    assert page.peer.told[0]["recipients"] == ["+15550100999"]
    await page.post(action="prove", asked=token, code=code.translate(ARABIC_DIGITS))
    assert await page.chosen() == Way(Channel.SIGNAL, "+15550100999")


async def test_one_goes_back_to_mail_by_one_button(page: Page) -> None:
    code, token = await page.asked()
    await page.post(action="prove", asked=token, code=code)
    assert 'value="mail"' in (await page.get()).text
    await page.post(action="mail")
    assert await page.chosen() is None
    assert (await page.post(action="mail")).status == 303


async def test_the_letter_about_it_leads_to_this_page_and_leaves_at_once(page: Page) -> None:
    code, token = await page.asked()
    await page.post(action="prove", asked=token, code=code)
    await page.post(action="mail")
    assert page.grounds.woken == 2
    every = await page.grounds.everything()
    names = [row for row in every["subscribers"] if f"channel:{page.id}:" in str(row)]
    assert len(names) == 2
    until = stamp(page.grounds.now + timedelta(days=7))
    answer = await page.get(f"/way/{page.grounds.tokens.sign(Purpose.WAY, names[0][0], until)}")
    assert answer.status == 303
    assert answer.headers["location"].endswith("/channel")
    assert "Another way than e-mail" in (await page.get(answer.headers["location"])).text


async def test_a_wrong_code_an_old_one_and_another_readers_choose_nothing(page: Page) -> None:
    code, token = await page.asked()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    other = Page(page.grounds, page.peer, await page.grounds.reader("bert@example.org"))
    for who, asked, typed in ((page, token, wrong), (other, token, code), (page, "x.y", code), (page, token, "")):
        answer = await who.post(action="prove", asked=asked, code=typed)
        assert answer.status == 422
        assert "This is not the code" in answer.text
    page.grounds.now += timedelta(minutes=16)
    assert (await page.post(action="prove", asked=token, code=code)).status == 422
    assert await page.chosen() is None
    assert await other.chosen() is None


async def test_a_code_cannot_be_guessed(page: Page) -> None:
    code, token = await page.asked()
    for _ in range(10):
        await page.post(action="prove", asked=token, code="x")
    answer = await page.post(action="prove", asked=token, code=code)
    assert "Too much was asked for" in answer.text
    assert await page.chosen() is None


async def test_who_may_choose_no_more_today_is_sent_no_code_and_goes_back_to_mail(page: Page) -> None:
    for to in ("ani-remembers-2wz7", "ani-remembers-3wz7", "ani-remembers-4wz7"):
        code, token = await page.asked(to)
        assert (await page.post(action="prove", asked=token, code=code)).status == 303
    sent = len(page.peer.told)
    answer = await page.post(action="ask", channel="ntfy", to="ani-remembers-5wz7")
    assert "Too much was asked for" in answer.text
    assert "Have them by e-mail" in answer.text
    assert len(page.peer.told) == sent
    await page.post(action="mail")
    assert await page.chosen() is None


async def test_nobody_can_be_flooded_with_codes(page: Page) -> None:
    for _ in range(3):
        await page.asked("victim-of-a-flood")
    for who in (page, Page(page.grounds, page.peer, await page.grounds.reader("bert@example.org"))):
        answer = await who.post(action="ask", channel="ntfy", to="victim-of-a-flood")
        assert "Too much was asked for" in answer.text
    for number in range(2):
        await page.asked(f"another-topic-of-{number}")
    assert (await page.post(action="ask", channel="ntfy", to="one-more-of-many-topics")).status == 422
    assert len(page.peer.told) == 5


@pytest.mark.parametrize(
    "to", ["", "short", "a" * 15, "topic-of-readers/b", "topic-of-readers?to=b", "topic-of-readers\nb", "a" * 65]
)
async def test_what_is_no_address_there_is_refused_and_shown_again(page: Page, to: str) -> None:
    answer = await page.post(action="ask", channel="ntfy", to=to)
    assert answer.status == 422
    assert 'id="to-error"' in answer.text
    assert page.peer.told == []


async def test_a_channel_that_is_not_offered_is_none(page: Page) -> None:
    for name in ("telegram", "mailto", ""):
        assert (await page.post(action="ask", channel=name, to="123456789")).status == 422
    assert page.peer.told == []


async def test_what_is_not_taken_there_is_told_at_once(page: Page) -> None:
    page.peer.always = 404
    answer = await page.post(action="ask", channel="ntfy", to="nowhere-to-be-found")
    assert answer.status == 422
    assert "The message was not taken there" in answer.text
    assert 'value="nowhere-to-be-found"' in answer.text


async def test_where_nobody_knows_whether_the_code_arrived_it_can_be_typed_in(page: Page) -> None:
    page.peer.answers.append(CUT)
    answer = await page.post(action="ask", channel="ntfy", to="ani-remembers-2wz7")
    assert answer.status == 303
    shown = (await page.get(answer.headers["location"])).text
    assert "It is not known whether the message arrived." in shown
    token = re.search(r'name="asked" value="([^"]+)"', shown)
    code = re.search(r"\d{6}", page.peer.told[-1]["title"])
    assert token
    assert code
    await page.post(action="prove", asked=token[1], code=code[0])
    assert await page.chosen() == Way(Channel.NTFY, "ani-remembers-2wz7")


async def test_who_is_not_written_to_has_no_other_way(page: Page) -> None:
    gone = Page(page.grounds, page.peer, await page.grounds.reader("gone@example.org", Status.LEFT))
    assert (await gone.get()).status == 303
    assert (await gone.post(action="ask", channel="ntfy", to="topic-of-nobody-2wz7")).status == 303
    assert page.peer.told == []


async def test_without_channels_there_is_no_such_page(grounds: Grounds) -> None:
    link = grounds.link(Purpose.MANAGE, await grounds.reader())
    assert (await grounds.client().get(f"{link}/channel")).status == 404
    assert "/channel" not in (await grounds.client().get(link)).text


async def test_a_link_that_is_wrong_opens_nothing(page: Page) -> None:
    for path in (f"/manage/{quote('a.b')}/channel",):
        assert (await page.get(path)).status == 404


@pytest.mark.parametrize("language", ["hy", "ru", "fr", "es", "he", "ar"])
async def test_the_page_speaks_every_language(page: Page, language: str) -> None:
    text = (await page.get(f"{page.path}?lang={language}")).text
    assert f'<html lang="{language}"' in text
    assert "Another way than e-mail" not in text
    assert "127.0.0.1" in text
