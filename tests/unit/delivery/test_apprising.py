"""What is read from Apprise beyond yes and no, of real servers that play ntfy, Signal's gateway and Matrix.

Telegram's plugin knows one host, which no test may reach; what is read from it is of the same form.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from service.delivery.apprising import hand_over
from service.domain.channel import Channel, Way, read_channels
from service.domain.notice import Outcome, Result
from tests.http_peer import CUT, HttpPeer

TITLE, BODY = "A war: 6 years", "Հիշատակ & <b>\n\nhttps://remember.example/?a=1&b=2"
WAYS = {
    Channel.NTFY: ("ntfy=ntfy://127.0.0.1:{port}/{{to}}", "a-topic-of-readers"),
    Channel.SIGNAL: ("signal=signal://127.0.0.1:{port}/+15550100123/{{to}}", "+15550100999"),
    Channel.MATRIX: ("matrix=matrix://token@127.0.0.1:{port}/{{to}}", "!room:example.org"),
}
MATRIX = {
    "/whoami": {"user_id": "@user:example.org", "device_id": "d"},
    "/join/": {"room_id": "!room:example.org"},
    "/send/": {"event_id": "$1"},
}


@pytest.fixture
async def peer() -> AsyncIterator[HttpPeer]:
    """A server that takes everything."""
    async with HttpPeer(says=MATRIX) as peer:
        yield peer


async def handed(peer: HttpPeer, channel: Channel) -> Outcome:
    line, to = WAYS[channel]
    url = read_channels(line.format(port=peer.port)).url_of(Way(channel, to))
    return await asyncio.to_thread(hand_over, channel.value, url, TITLE, BODY)


@pytest.mark.parametrize("channel", WAYS)
async def test_what_is_taken_is_accepted_and_holds_title_and_body(peer: HttpPeer, channel: Channel) -> None:
    outcome = await handed(peer, channel)
    assert outcome == Outcome(Result.ACCEPTED, 0, f"{channel} took it")
    sent = [str(body) for line, _, body in peer.journal if body and "message" in line + str(body)]
    assert len(sent) == 1
    for part in (TITLE, "Հիշատակ & <b>", "https://remember.example/?a=1&b=2"):
        assert part in sent[0]


@pytest.mark.parametrize("code", [200, 429])
async def test_with_matrix_nobody_logs_in_and_nobody_registers(peer: HttpPeer, code: int) -> None:
    peer.always = code
    peer.says |= {"/": {"retry_after_ms": 1}}
    outcome = await handed(peer, Channel.MATRIX)
    assert (outcome.result is Result.ACCEPTED, outcome.code) == (code == 200, 0)
    assert not [line for line, _, _ in peer.journal if "/login" in line or "/register" in line or "/logout" in line]


@pytest.mark.parametrize("channel", [Channel.NTFY, Channel.SIGNAL])
@pytest.mark.parametrize("code", [403, 404, 429, 500, 503])
async def test_the_status_of_what_is_not_taken_is_read(peer: HttpPeer, channel: Channel, code: int) -> None:
    peer.always = code
    assert await handed(peer, channel) == Outcome(Result.DEFERRED, code, f"{channel} said {code}")


@pytest.mark.parametrize("channel", [Channel.NTFY, Channel.SIGNAL])
async def test_a_connection_that_breaks_after_the_message_left_is_in_doubt(peer: HttpPeer, channel: Channel) -> None:
    peer.answers.append(CUT)
    assert (await handed(peer, channel)).result is Result.IN_DOUBT
    assert len(peer.journal) == 1


@pytest.mark.parametrize("channel", WAYS)
async def test_a_server_that_is_not_there_leaves_nobody_in_doubt(channel: Channel) -> None:
    async with HttpPeer() as gone:
        line, to = WAYS[channel]
        url = read_channels(line.format(port=gone.port)).url_of(Way(channel, to))
    outcome = await asyncio.to_thread(hand_over, channel.value, url, TITLE, BODY)
    assert (outcome.result, outcome.code) == (Result.DEFERRED, 0)


def test_what_apprise_tells_holds_no_secret_and_no_address() -> None:
    outcome = hand_over("ntfy", "ntfy://user:secret@127.0.0.1:1/topic?mode=private", TITLE, BODY)
    assert outcome.words == "ntfy could not be reached"
