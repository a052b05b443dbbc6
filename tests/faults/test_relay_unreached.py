"""The relay cannot be spoken to, or not so fast (`faults.md`, B.1, cases 1 to 7, 22 and 27): no letter pays for it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from service.delivery.points import Point
from service.delivery.relay import Patience
from tests.certificates import make_certificate
from tests.databases import on_either
from tests.faults.post import Post, time_has_passed, turn_the_loop, untouched
from tests.faults.script import Rule, Stage
from tests.faults.wire import Wire
from tests.smtp_server import SmtpServer
from tests.smtp_server import Stage as ServerStage

pytestmark = on_either

TURNED_SECONDS = 100_000.0
Relay = Callable[..., Wire]


async def closed_port() -> int:
    """Give a port of this machine at which nobody listens."""
    async with SmtpServer() as closed:
        return closed.port


async def test_case_001_a_relay_that_refuses_tcp_is_probed_ever_more_rarely_and_then_gets_all_once(post: Post) -> None:
    """Nothing is attempted for a letter, attempts unchanged; circuit open, 5 s to 5 min; then everything once."""
    port = await closed_port()
    app = await post.opens(f"smtp://127.0.0.1:{port}", connections=4)
    await post.fill(30)
    waits = []
    for probe in range(1, 9):
        await post.drain()
        assert post.door.asked == probe
        waits.append(post.holds_for)
        post.turn(seconds=waits[-1] - 1)
        await post.drain()
        assert post.door.asked == probe, "within the wait nobody knocks"
        post.turn(seconds=1)
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
    assert all(map(untouched, await post.rows()))
    assert await post.tried() == []
    async with SmtpServer(port=port) as server:
        tally = await post.drain()
        assert (await post.drain()).accepted == 0
    assert tally.accepted == len(server.received) == len({letter.rcpt_tos for letter in server.received}) == 30
    assert (app.sender.circuit.failures, post.holds_for) == (0, 0)
    assert {(row.state, row.attempts) for row in await post.rows()} == {("accepted", 1)}


async def test_case_002_a_relay_that_never_greets_is_left_after_thirty_seconds(post: Post, relay: Relay) -> None:
    """30 s of connect budget, then as case 1; there is one relay, so that no other can be affected."""
    silent = asyncio.Event()
    async with relay(Rule(Stage.GREETING, until=silent, times=1)) as wire:
        app = await post.opens(wire.url, connections=4)
        await post.fill(5)
        draining = asyncio.create_task(post.drain(TURNED_SECONDS))
        await wire.reached(Stage.GREETING)
        await time_has_passed(28, turned=29)
        assert not draining.done()
        turn_the_loop(2)
        await draining
        assert (post.door.asked, app.sender.circuit.failures) == (1, 1)
        assert post.holds_for == 5
        assert all(map(untouched, await post.rows()))
        post.turn(seconds=5)
        await post.drain(TURNED_SECONDS)
    assert await post.states() == {"accepted": 5}
    assert len(wire.journal.read()) == 5


async def test_case_003_a_relay_whose_name_is_not_found_costs_no_letter_anything(post: Post) -> None:
    """A failure of DNS is as case 1."""
    app = await post.opens("smtp://relay.invalid", connections=4)
    await post.fill(3)
    await post.drain()
    assert (post.door.asked, app.sender.circuit.failures) == (1, 1)
    assert post.holds_for == 5
    assert all(map(untouched, await post.rows()))


@pytest.mark.parametrize("reply", ["556 5.1.10 this domain takes no mail (RFC 7505)", "550 5.1.2 no such domain"])
async def test_case_003_a_domain_that_takes_no_mail_ends_the_letter(post: Post, relay: Relay, reply: str) -> None:
    """NXDOMAIN or null MX of a recipient's domain, as the relay tells it: failed, and not written to again.

    There is no direct mode, in which the post would ask for MX itself: it hands everything to one relay.
    """
    async with relay(Rule(Stage.RCPT, reply, recipient="@example.com")) as wire:
        await post.opens(wire.url)
        await post.fill(2, domains=["example.com", "example.org"])
        await post.drain()
    by_domain = {row.address.partition("@")[2]: row for row in await post.rows()}
    assert by_domain["example.com"].state == "failed"
    assert by_domain["example.org"].state == "accepted"
    assert await post.suppressed() == ["no such mailbox"]
    assert wire.connections == 1


@pytest.mark.parametrize("fault", ["not offered", "of nobody we trust", "for another name", "expired"])
async def test_case_004_without_the_tls_that_is_wanted_no_letter_leaves(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """No fall-back to clear text; the lane of all letters is stopped, an alert is given, no attempt counted."""
    names = ("elsewhere.example.org",) if fault == "for another name" else ("localhost", "127.0.0.1")
    certificate = make_certificate(tmp_path, names, ended=fault == "expired")
    if fault != "of nobody we trust":
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
    options = "?starttls=required" if fault == "not offered" else ""
    async with SmtpServer(certificate=None if fault == "not offered" else certificate) as server:
        await post.opens(server.url(options), connections=4)
        await post.fill(5)
        with capture_logs() as noted:
            await post.drain()
    assert (server.commands, server.received) == ([], [])
    assert (post.door.asked, server.connections) == (1, 1)
    assert [one["event"] for one in noted if one["log_level"] == "error"] == ["relay_unreached"]
    assert post.holds_for == 300
    assert all(map(untouched, await post.rows()))


@asynccontextmanager
async def relay_with_words_put_in(tls: ssl.SSLContext, taken: list[bytes]) -> AsyncIterator[int]:
    """A relay on whose line somebody has put a reply in clear text between STARTTLS's and the handshake."""
    answers = {b"EHLO": b"250-relay.invalid\r\n250 HELP", b"DATA": b"354 go on", b"QUIT": b"221 2.0.0 bye"}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay.invalid\r\n")
        await reader.readline()
        writer.write(b"250-relay.invalid\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 2.0.0 go ahead\r\n250-relay.invalid\r\n250-PIPELINING\r\n250 SIZE 1\r\n")
        with suppress(OSError, asyncio.IncompleteReadError):
            await writer.start_tls(tls)
            while line := await reader.readline():
                writer.write(answers.get(line[:4], b"250 2.0.0 OK") + b"\r\n")
                if line.startswith(b"DATA"):
                    taken.append(await reader.readuntil(b"\r\n.\r\n"))
                    writer.write(b"250 2.0.0 kept\r\n")
        writer.transport.abort()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_case_005_words_put_in_before_the_handshake_are_nobody_s_answer(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was injected before the STARTTLS handshake is discarded: here, that the relay took one octet at most.

    The session is not closed, as `faults.md` would have it: aiosmtplib forgets the octets and does not tell. What
    goes on is spoken inside TLS with the relay whose certificate was verified, and nobody else's word is believed.
    """
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
    taken: list[bytes] = []
    async with relay_with_words_put_in(certificate.context(), taken) as port:
        await post.opens(f"smtp://127.0.0.1:{port}")
        await post.fill(2)
        await post.drain()
    assert {(row.state, row.attempts, row.words) for row in await post.rows()} == {("accepted", 1, "2.0.0 kept")}
    assert (len(taken), post.door.asked) == (2, 1)


async def test_case_006_a_wrong_password_is_tried_once_in_five_minutes_and_told_once(post: Post) -> None:
    """535 to AUTH: nothing leaves, one alert, no attempt counted, at most one try in five minutes."""
    async with SmtpServer(account=("us", "right")) as server:
        app = await post.opens(server.url(account=("us", "wrong")), connections=10)
        await post.fill(20)
        with capture_logs() as noted:
            for _ in range(10):
                await post.drain()
                post.turn(seconds=59)
        assert [line.partition(" ")[0] for line in server.commands] == ["AUTH"] * 2
        assert post.door.asked == 2
        assert [one["event"] for one in noted if one["log_level"] in {"error", "critical"}] == ["relay_unreached"]
        assert app.sender.circuit.failures == 2
        assert all(map(untouched, await post.rows()))
        assert server.received == []
        server.account = ("us", "wrong")  # the password is right now
        post.turn(minutes=5)
        await post.drain()
    assert len(server.received) == 20


@asynccontextmanager
async def relay_that_knows_login_alone(said: list[bytes]) -> AsyncIterator[int]:
    """A relay that names two ways to give a password, and takes one of them."""
    answers = [b"250-relay.invalid\r\n250 AUTH PLAIN LOGIN", b"504 5.5.4 not this way", b"334 UGFzc3dvcmQ6"]
    answers += [b"235 2.7.0 welcome", b"550 5.1.0 no", b"250 2.0.0 reset", b"221 2.0.0 bye"]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay.invalid\r\n")
        for answer in answers:
            said.append(await reader.readline())
            writer.write(answer + b"\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_case_006_another_way_is_tried_only_where_the_relay_does_not_know_the_first(post: Post) -> None:
    """A password that is wrong in one way is wrong in all; a way that is not known says nothing of the password."""
    said: list[bytes] = []
    async with relay_that_knows_login_alone(said) as port:
        await post.opens(f"smtp://us:right@127.0.0.1:{port}")
        await post.fill(1)
        await post.drain()
    verbs = [line.split()[0] for line in said if line[:4] in {b"EHLO", b"AUTH", b"MAIL"}]
    assert verbs == [b"EHLO", b"AUTH", b"AUTH", b"MAIL"]
    assert [row.attempts for row in await post.rows()] == [0]


async def test_case_007_too_many_connections_halves_them_and_costs_no_letter_anything(post: Post, relay: Relay) -> None:
    """421 at the greeting: that connection is closed, its letter is ready again, the others are halved."""
    gone = Rule(Stage.GREETING, "421 4.7.0 too many connections", skip=1, times=1)
    async with relay(gone) as wire:
        app = await post.opens(wire.url, connections=4)
        await post.fill(40)
        await post.drain()
        assert app.sender.throttle.allowed == 2
    assert {(row.state, row.attempts) for row in await post.rows()} == {("accepted", 1)}
    assert (len(wire.journal.read()), await post.tried()) == (40, [])


async def test_case_007_421_to_mail_halves_the_connections_and_the_letter_waits_without_an_attempt(
    post: Post, relay: Relay
) -> None:
    """421 at MAIL: the connection is closed, the letter is ready again, no attempt counted, the others are halved."""
    async with relay(Rule(Stage.MAIL, "421 4.3.2 not now", times=1)) as wire:
        app = await post.opens(wire.url, connections=4)
        await post.fill(20)
        await post.drain()
        rows = await post.rows()
        assert app.sender.throttle.allowed == 2
        assert sorted((row.state, row.attempts) for row in rows) == [("accepted", 1)] * 19 + [("ready", 0)]
        (waiting,) = [row for row in rows if row.state == "ready"]
        assert timedelta(0) < waiting.due_at - post.now <= timedelta(minutes=1)
        assert (waiting.owner, waiting.doubts) == (None, 0)
        post.turn(minutes=1)
        await post.drain()
    assert {(row.state, row.attempts) for row in await post.rows()} == {("accepted", 1)}
    assert len(wire.journal.read()) == 20


async def test_case_007_421_between_letters_sends_the_next_on_a_new_connection(post: Post, relay: Relay) -> None:
    """421 after a letter: the connection is closed, the next letter goes on another, the others are halved."""
    async with relay(Rule(Stage.MAIL, "421 4.3.2 going down", connection=1, skip=3)) as wire:
        app = await post.opens(wire.url, connections=4)
        await post.fill(40)
        await post.drain()
        assert app.sender.throttle.allowed == 2
    assert {(row.state, row.attempts) for row in await post.rows()} == {("accepted", 1)}
    assert (len(wire.journal.read()), await post.tried()) == (40, [])


async def test_case_022_a_connection_that_was_closed_while_it_was_idle_is_seen_before_mail(
    post: Post, *, pipelining: bool
) -> None:
    """The server closes an idle connection: noticed before MAIL, and no error counted."""
    held = asyncio.Event()
    async with SmtpServer(pipelining=pipelining) as server:
        await post.opens(server.url(), connections=2)
        first, second = await post.fill(2)
        server.answers[first.address] = held
        draining = asyncio.create_task(post.drain())
        await server.reached(ServerStage.DOT)
        assert [letter.rcpt_tos for letter in server.received] == [(second.address,)]
        server.cut(server.received[0].peer)
        await post.fill(1)
        await server.reached(ServerStage.DOT, 2)
        held.set()
        tally = await draining
    assert (tally.accepted, server.connections) == (3, 3)
    assert {(row.state, row.attempts) for row in await post.rows()} == {("accepted", 1)}
    assert await post.tried() == []


async def test_case_027_a_relay_with_ten_letters_a_connection_gets_new_ones_in_time(post: Post, relay: Relay) -> None:
    """At most ten letters for each connection: reconnects; not twice as many connections as there must be."""
    rules = [Rule(Stage.MAIL, "421 4.7.0 too many letters", connection=one, skip=10) for one in range(1, 60)]
    async with relay(*rules) as wire:
        app = await post.opens(wire.url, connections=4)
        await post.fill(200)
        await post.drain()
    kept = wire.journal.read()
    assert len(kept) == len({letter.recipients for letter in kept}) == 200
    assert {(row.state, row.attempts) for row in await post.rows()} == {("accepted", 1)}
    assert await post.tried() == []
    assert 20 <= wire.connections <= 40
    assert len([line for _, line in wire.commands if line.startswith("MAIL")]) <= 400
    assert app.sender.throttle.allowed == 4, "halved once, and back by one for fifty letters"


async def test_case_027_ten_letters_a_connection_take_less_than_twice_the_time_that_they_must(
    post: Post, relay: Relay
) -> None:
    """Total time ≤ 2 × ideal, in turns: a letter takes one on its connection, and so does a new connection."""
    width, letters = 4, 200
    turns: list[float] = []
    rules = [Rule(Stage.MAIL, "421 4.7.0 too many letters", connection=one, skip=10) for one in range(1, 60)]

    def reached(point: Point) -> None:
        if point is Point.AFTER_REPLY:
            turns.append(1 / app.sender.throttle.allowed)

    async with relay(*rules) as wire:
        app = await post.opens(wire.url, connections=width, reached=reached)
        await post.fill(letters)
        await post.drain()
    assert len(wire.journal.read()) == letters
    # Twice the connections that there must be, each opened while as few others went on as ever was the case.
    opening = wire.connections * max(turns)
    assert sum(turns) + opening <= 2 * (letters / width + letters / 10 / width)


async def test_case_027_the_rate_halves_and_comes_back_one_connection_for_fifty_letters(
    post: Post, relay: Relay
) -> None:
    """`4.7.0 too many`: reconnects, the rate halves, slow additive increase."""
    many = Rule(Stage.GREETING, "421 4.7.0 too many connections", skip=2, times=6)
    async with relay(many) as wire:
        app = await post.opens(wire.url, connections=8)
        await post.fill(60)
        await post.drain()
        assert app.sender.throttle.allowed == 5
        await post.fill(99)
        await post.drain()
        assert app.sender.throttle.allowed == 7
    assert await post.states() == {"accepted": 159}
    assert len(wire.journal.read()) == 159
    assert await post.tried() == []


async def test_case_027_a_limit_that_was_a_whim_is_forgotten_by_and_by(post: Post, relay: Relay) -> None:
    """Slow additive increase: of letters for each connection too."""
    async with relay(Rule(Stage.MAIL, "421 4.3.2 restarting", connection=1, skip=2)) as wire:
        app = await post.opens(wire.url)
        await post.fill(160)
        await post.drain()
    assert app.sender.throttle.ration is not None
    assert app.sender.throttle.ration >= 5
    assert len(wire.journal.read()) == 160
    assert Patience().connect == 30
