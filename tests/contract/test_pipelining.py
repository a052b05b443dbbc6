"""Letters whose envelopes travel ahead (RFC 2920): each has its own outcome, whatever the relay says and when."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.delivery.pipelining import PipelinedConnection
from service.delivery.relay import Patience
from service.delivery.replies import LONGEST_REPLY, Replies, Reply, ReplyError
from service.delivery.smtp import SmtpTransport
from service.domain import notice
from service.domain.letter import Letter
from service.domain.notice import Outcome, Result
from tests.certificates import Certificate, make_certificate
from tests.smtp_server import SmtpServer, Stage
from tests.smtp_wire import Answer, WireServer

SHORT = Patience(connect=5, command=5, data=5, dot=5, farewell=1)
ENVELOPE = ["MAIL", "RCPT", "DATA"]


def a_letter(name: str = "n1", length: int = 0) -> Letter:
    """A letter that says of itself which one it is, wherever it is seen."""
    content = f"Subject: {name}\r\n\r\nFour years ago.\r\n".encode() + (b"x" * 998 + b"\r\n") * (length // 1000)
    return Letter(name, f"{name}@example.org", f"{name}@example.com", content)


@asynccontextmanager
async def connected(server: WireServer, **given: Any) -> AsyncIterator[PipelinedConnection]:
    connection = await SmtpTransport(
        server.url("?starttls=never"), **{"patience": SHORT, "hello": "localhost", **given}
    ).connect()
    assert isinstance(connection, PipelinedConnection)
    try:
        yield connection
    finally:
        await connection.close()


async def in_turn(connection: PipelinedConnection, *letters: Letter) -> list[Outcome]:
    """Send letters as a sender does: each with the next one announced, until the connection ends."""
    outcomes = []
    for letter, following in zip(letters, [*letters[1:], None], strict=True):
        outcomes.append(await connection.send(letter, following))
    return outcomes


class TestOneRoundTripALetter:
    async def test_the_next_envelope_travels_with_the_end_of_a_letter(self):
        async with WireServer() as server, connected(server) as connection:
            outcomes = await in_turn(connection, a_letter("n1"), a_letter("n2"), a_letter("n3"))
            assert server.bursts[-4:] == [ENVELOPE, ["DOT", *ENVELOPE], ["DOT", *ENVELOPE], ["DOT"]]
        assert [outcome.words for outcome in outcomes] == ["2.0.0 n1 kept", "2.0.0 n2 kept", "2.0.0 n3 kept"]
        assert [(kept.letter, kept.recipient) for kept in server.kept] == [
            (name, f"{name}@example.com") for name in ("n1", "n2", "n3")
        ]

    async def test_the_outcome_is_given_before_the_next_envelope_is_answered(self):
        never = asyncio.Event()
        async with WireServer({("n2", Stage.MAIL): Answer(until=never)}) as server, connected(server) as connection:
            first = await connection.send(a_letter("n1"), a_letter("n2"))
            assert first.result is Result.ACCEPTED
            assert connection.usable

    async def test_nothing_of_a_letter_is_written_before_its_turn(self):
        """Its intent is not committed yet, and a crash here must not double it."""
        async with WireServer() as server, connected(server) as connection:
            await connection.send(a_letter("n1"), a_letter("n2"))
            await server.reached("n2", Stage.DATA)
            assert server.bursts[-1] == ["DOT", *ENVELOPE]
            assert not server._clients[0]._waiting
            connection.withdraw()
            assert not connection.usable
            await server.gone()
        assert [kept.letter for kept in server.kept] == ["n1"]

    async def test_a_refusal_and_the_next_envelope_share_a_round_trip_too(self):
        async with (
            WireServer({("n1", Stage.RCPT): Answer("550 5.1.1 n1 nobody")}) as server,
            connected(server) as connection,
        ):
            first, second = await in_turn(connection, a_letter("n1"), a_letter("n2"))
            assert server.bursts[-3:] == [ENVELOPE, ["RSET", *ENVELOPE], ["DOT"]]
        assert (first.result, first.words, first.stage) == (Result.REFUSED, "5.1.1 n1 nobody", notice.Stage.RCPT)
        assert second.result is Result.ACCEPTED

    async def test_a_letter_that_cannot_go_to_this_relay_is_not_announced(self):
        odd = Letter("n2", "n2@example.org", "a@x.com, b@y.com", b"Subject: n2\r\n\r\n")
        async with WireServer() as server, connected(server) as connection:
            outcomes = await in_turn(connection, a_letter("n1"), odd, a_letter("n3"))
        assert [outcome.result for outcome in outcomes] == [Result.ACCEPTED, Result.REFUSED, Result.ACCEPTED]
        assert server.connections == 1

    @pytest.mark.parametrize(
        ("other", "result"),
        [(a_letter("n3"), Result.UNREACHED), (Letter("n3", "n3@example.org", "nobody", b""), Result.REFUSED)],
    )
    async def test_another_letter_than_was_announced_is_not_sent_in_its_envelope(self, other, result):
        async with WireServer() as server, connected(server) as connection:
            await connection.send(a_letter("n1"), a_letter("n2"))
            outcome = await connection.send(other)
            assert not connection.usable
        assert outcome.result is result
        assert [kept.letter for kept in server.kept] == ["n1"]

    async def test_closing_says_farewell_unless_a_letter_is_announced(self):
        async with WireServer() as server:
            async with connected(server) as connection:
                await connection.send(a_letter("n1"))
            assert server.bursts[-1] == ["QUIT"]
            async with connected(server) as connection:
                await connection.send(a_letter("n2"), a_letter("n3"))
            await server.gone()
            assert server.bursts[-1] == ["DOT", *ENVELOPE]


class TestRefused:
    """RFC 2920, section 3.1: who has sent DATA with a refused RCPT must be ready for either answer to it."""

    @pytest.mark.parametrize("at", [Stage.MAIL, Stage.RCPT])
    async def test_an_opened_letter_without_recipient_is_cut_and_not_ended_empty(self, at):
        script = {
            ("n1", at): Answer("550 5.1.1 n1 no"),
            ("", Stage.DATA): Answer("354 oh"),
            ("n1", Stage.DATA): Answer(),
        }
        async with WireServer(script) as server, connected(server) as connection:
            outcome = await connection.send(a_letter("n1"), a_letter("n2"))
            assert not connection.usable
            await server.gone()
        assert (outcome.result, outcome.words, outcome.stage.value) == (Result.REFUSED, "5.1.1 n1 no", at.value)
        assert server.kept == []

    @pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
    @pytest.mark.parametrize(
        ("reply", "result"), [("452 4.3.1 n2 later", Result.DEFERRED), ("550 5.0.0 n2 no", Result.REFUSED)]
    )
    async def test_the_refusal_of_an_announced_letter_is_its_own(self, stage, reply, result):
        async with WireServer({("n2", stage): Answer(reply)}) as server, connected(server) as connection:
            outcomes = await in_turn(connection, a_letter("n1"), a_letter("n2"), a_letter("n3"))
        assert [outcome.result for outcome in outcomes] == [Result.ACCEPTED, result, Result.ACCEPTED]
        assert (outcomes[1].words, outcomes[1].stage.value) == (reply[4:], stage.value)
        assert [kept.letter for kept in server.kept] == ["n1", "n3"]
        assert server.connections == 1

    @pytest.mark.parametrize(
        ("stage", "result"),
        [
            (Stage.MAIL, Result.UNREACHED),
            (Stage.RCPT, Result.UNREACHED),
            (Stage.DATA, Result.UNREACHED),
            (Stage.DOT, Result.DEFERRED),
        ],
    )
    async def test_421_for_an_announced_letter_ends_the_connection(self, stage, result):
        script = {("n2", stage): Answer("421 4.3.2 n2 closing", cut="close")}
        async with WireServer(script) as server, connected(server) as connection:
            first, second = await in_turn(connection, a_letter("n1"), a_letter("n2"))
            assert not connection.usable
        assert first.result is Result.ACCEPTED
        assert (second.result, second.code, second.stage.value) == (result, 421, stage.value)


class TestSaidTooMuch:
    async def test_a_word_while_nothing_is_asked_ends_the_connection(self):
        async with WireServer() as server, connected(server) as connection:
            await connection.send(a_letter("n1"))
            server.say("250 2.0.0 n2 kept")
            await server.gone()
            assert not connection.usable
            outcome = await connection.send(a_letter("n2"))
        assert (outcome.result, outcome.stage) == (Result.UNREACHED, notice.Stage.CONNECT)
        assert [kept.letter for kept in server.kept] == ["n1"]

    @pytest.mark.parametrize("extra", ["250 2.0.0 more", "550 5.0.0 more", "354 more", "252-half", "2", "\n"])
    @pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
    async def test_an_answer_too_many_decides_on_no_letter(self, stage, extra):
        async with WireServer({("n1", stage): Answer(extra=extra)}) as server, connected(server) as connection:
            outcomes = await in_turn(connection, a_letter("n1"), a_letter("n2"), a_letter("n3"))
            assert not connection.usable
        kept = [letter.letter for letter in server.kept]
        assert [outcome.result is Result.ACCEPTED for outcome in outcomes] == [
            name in kept for name in ("n1", "n2", "n3")
        ]
        assert Result.REFUSED not in {outcome.result for outcome in outcomes}

    async def test_a_yes_to_rset_is_waited_for(self):
        script = {("n1", Stage.RCPT): Answer("550 n1 no"), ("n1", Stage.RSET): Answer("500 what")}
        async with WireServer(script) as server, connected(server) as connection:
            first, second = await in_turn(connection, a_letter("n1"), a_letter("n2"))
        assert (first.result, second.result) == (Result.REFUSED, Result.UNREACHED)
        assert server.kept == []


class TestBroken:
    async def test_an_announced_letter_of_a_connection_that_was_closed_is_unreached(self):
        script = {("n2", Stage.MAIL): Answer("", cut="close")}
        async with WireServer(script) as server, connected(server) as connection:
            first, second = await in_turn(connection, a_letter("n1"), a_letter("n2"))
        assert (first.result, second.result) == (Result.ACCEPTED, Result.UNREACHED)

    async def test_an_idle_connection_that_was_closed_is_noticed_before_mail(self):
        async with WireServer() as server, connected(server) as connection:
            await connection.send(a_letter("n1"))
            server.cut()
            await server.gone()
            outcome = await connection.send(a_letter("n2"))
        assert (outcome.result, outcome.code) == (Result.UNREACHED, 0)

    @pytest.mark.parametrize("following", [None, a_letter("n2")])
    async def test_a_relay_that_says_farewell_before_a_letters_turn_does_it_no_harm(self, following):
        """As those do that are tired of waiting."""
        second = following or a_letter("n2")
        async with WireServer() as server, connected(server) as connection:
            await connection.send(a_letter("n1"), following)
            if following:
                await server.reached("n2", Stage.DATA)
            server.say("421 4.4.2 too long idle")
            server.cut()
            await server.gone()
            outcome = await connection.send(second)
        assert (outcome.result, outcome.stage) == (Result.UNREACHED, notice.Stage.CONNECT)
        assert outcome.words == "421 4.4.2 too long idle"
        assert [kept.letter for kept in server.kept] == ["n1"]

    async def test_a_relay_that_takes_only_so_many_letters_is_told_by_its_code(self):
        script = {("n1", Stage.DOT): Answer(extra="421 4.7.0 enough for now", cut="close")}
        async with WireServer(script) as server, connected(server) as connection:
            first, second = await in_turn(connection, a_letter("n1"), a_letter("n2"))
        assert first.result is Result.ACCEPTED
        assert (second.result, second.code, second.words) == (Result.UNREACHED, 421, "4.7.0 enough for now")

    async def test_a_cut_before_the_dot_has_left_this_machine_is_no_doubt(self):
        """What waits in our own memory cannot have been delivered."""
        go_on = asyncio.Event()
        script = {("n1", Stage.OCTETS): Answer("", until=go_on, cut="abort")}
        async with WireServer(script) as server, connected(server) as connection:
            sending = asyncio.create_task(connection.send(a_letter("n1", 30_000_000), a_letter("n2")))
            await server.reached("n1", Stage.OCTETS)
            go_on.set()
            outcome = await sending
        assert (outcome.result, outcome.stage) == (Result.DEFERRED, notice.Stage.DATA)
        assert server.kept == []

    @pytest.mark.parametrize(
        ("reply", "result"),
        [("552 5.3.4 n1 enough", Result.REFUSED), ("421 4.3.2 n1", Result.UNREACHED), ("250 n1", Result.DEFERRED)],
    )
    async def test_an_answer_in_the_midst_of_a_letter_ends_the_connection(self, reply, result):
        go_on = asyncio.Event()
        go_on.set()
        never = Answer(reply, until=go_on)
        async with WireServer({("n1", Stage.OCTETS): never}) as server, connected(server) as connection:
            outcome = await connection.send(a_letter("n1", 30_000_000))
            assert not connection.usable
        assert (outcome.result, outcome.code, outcome.stage) == (result, int(reply[:3]), notice.Stage.DATA)

    async def test_a_long_letter_arrives_and_the_next_is_announced_behind_it(self):
        async with WireServer() as server, connected(server) as connection:
            outcomes = await in_turn(connection, a_letter("n1", 5_000_000), a_letter("n2", 100_000), a_letter("n3"))
        assert {outcome.result for outcome in outcomes} == {Result.ACCEPTED}
        assert [len(kept.content) // 1000 for kept in server.kept] == [5_000, 100, 0]

    async def test_a_relay_that_reads_no_further_is_left(self):
        hurried = Patience(connect=5, command=5, data=5, dot=0.1, farewell=1)
        script = {("n1", Stage.OCTETS): Answer("", until=asyncio.Event())}
        async with WireServer(script) as server, connected(server, patience=hurried) as connection:
            outcome = await connection.send(a_letter("n1", 30_000_000))
        assert (outcome.result, outcome.words) == (Result.DEFERRED, "it did not answer in time")

    @pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
    async def test_a_cancelled_letter_takes_the_announced_ones_connection_with_it(self, stage):
        script = {("n2", stage): Answer(until=asyncio.Event())}
        async with WireServer(script) as server, connected(server) as connection:
            second = a_letter("n2")
            await connection.send(a_letter("n1"), second)
            sending = asyncio.create_task(connection.send(second, a_letter("n3")))
            await asyncio.sleep(0)  # it has begun
            await server.reached("n2", stage)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            assert not connection.usable
            await server.gone()


class TestReplies:
    def test_lines_of_one_answer_are_joined(self):
        replies = Replies()
        replies.read(b"250-2.1.0 one\r\n250-\r\n250 two \r\n354\r\n250\n")
        assert list(replies.ready) == [Reply(250, "2.1.0 one  two"), Reply(354, ""), Reply(250, "")]
        assert not replies.is_amid

    @pytest.mark.parametrize(
        "octets",
        [
            b"what\r\n",
            b"25\r\n",
            b"2500 no\r\n",
            b"250_no\r\n",
            b" 250 no\r\n",
            b"\r\n",
            b"-25 no\r\n",
            b"250-one\r\n550 two\r\n",
            b"2" * (LONGEST_REPLY + 1),
            b"250 " + b"x" * LONGEST_REPLY + b"\r\n",
            (b"250-" + b"x" * 500 + b"\r\n") * 140,
        ],
    )
    def test_what_is_no_answer_is_an_error_and_what_came_before_it_is_read(self, octets):
        replies = Replies()
        with pytest.raises(ReplyError):
            replies.read(b"220 hello\r\n" + octets)
        assert list(replies.ready) == [Reply(220, "hello")]

    @given(
        answers=st.lists(
            st.tuples(st.integers(200, 599), st.lists(st.text("abc .-2", max_size=5), min_size=1)), max_size=6
        ),
        data=st.data(),
    )
    def test_answers_cut_anywhere_are_the_same_answers(self, answers, data):
        octets = b""
        for code, lines in answers:
            for number, line in enumerate(lines, 1):
                octets += f"{code}{' ' if number == len(lines) else '-'}{line}\r\n".encode()
        whole, cut = Replies(), Replies()
        whole.read(octets)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
        for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
            cut.read(octets[start:end])
        assert list(cut.ready) == list(whole.ready)
        assert [reply.code for reply in whole.ready] == [code for code, _ in answers]


def in_pieces(lengths: list[int]) -> Callable[[bytes], list[bytes]]:
    """Cut what is said after so many octets, over and over."""

    def cut(octets: bytes) -> list[bytes]:
        found, position, number = [], 0, 0
        while position < len(octets):
            length = lengths[number % len(lengths)]
            found.append(octets[position : position + length])
            position, number = position + length, number + 1
        return found

    return cut


STAGES = [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT]
NAMES = [f"n{number}" for number in range(1, 7)]
SAID = st.sampled_from([Answer("450 4.2.0 {} later"), Answer("550 5.1.1 {} no"), Answer("251 2.1.5 {} elsewhere")])
FAULTS = st.sampled_from(
    [
        Answer("421 4.3.2 {} closing", cut="close"),
        Answer(cut="close"),
        Answer(cut="abort"),
        Answer(cut="close", mute=True),
        Answer("530 5.7.0 {} who are you"),
        Answer("354 {} go on"),
        Answer("what {}"),
        Answer("550 5.1.1 {} no", cut="close"),
        Answer(extra="250 2.0.0 {} more"),
        Answer(extra="550 5.0.0 {} more"),
    ]
)


def scripts(answers: st.SearchStrategy[Answer]) -> st.SearchStrategy[dict[tuple[str, Stage], Answer]]:
    return st.dictionaries(st.tuples(st.sampled_from(NAMES), st.sampled_from(STAGES)), answers, max_size=6).map(
        lambda script: {
            (name, stage): Answer(
                answer.reply and answer.reply.format(name), answer.extra.format(name), answer.cut, answer.mute
            )
            for (name, stage), answer in script.items()
        }
    )


async def all_sent(server: WireServer) -> dict[str, Outcome]:
    """Send all letters once, as a sender does, on a new connection whenever one has ended."""
    outcomes: dict[str, Outcome] = {}
    letters = [a_letter(name) for name in NAMES]
    transport, connection = SmtpTransport(server.url("?starttls=never"), patience=SHORT, hello="localhost"), None
    for letter, following in zip(letters, [*letters[1:], None], strict=True):
        if connection is None:
            connection = await transport.connect()
        outcomes[letter.notice] = await connection.send(letter, following if connection.pipelines else None)
        if not connection.usable:
            await connection.close()
            connection = None
    if connection is not None:
        await connection.close()
    return outcomes


class TestAnyScript:
    @settings(max_examples=60, deadline=None)
    @given(script=scripts(SAID), lengths=st.lists(st.integers(1, 40), min_size=1, max_size=5))
    async def test_replies_cut_anywhere_give_the_same_outcomes(self, script, lengths):
        async with WireServer(script) as whole:
            expected = await all_sent(whole)
        async with WireServer(script, pieces=in_pieces(lengths)) as server:
            outcomes = await all_sent(server)
        assert outcomes == expected
        assert server.kept == whole.kept

    @settings(max_examples=120, deadline=None)
    @given(
        script=scripts(st.one_of(SAID, FAULTS)),
        lengths=st.none() | st.lists(st.integers(1, 40), min_size=1, max_size=5),
        pipelining=st.booleans(),
    )
    async def test_what_the_relay_kept_is_what_it_is_said_to_have_kept(self, script, lengths, pipelining):
        """And no letter is told another's answer: each answer names its letter."""
        if any(answer.extra for answer in script.values()):
            lengths = None  # an answer too many that comes late, and alone, is what it seems to be
        pieces = in_pieces(lengths) if lengths else None
        async with WireServer(script, pipelining=pipelining, pieces=pieces) as server:
            outcomes = await all_sent(server)
        kept = [letter.letter for letter in server.kept]
        assert len(kept) == len(set(kept))
        for letter in server.kept:
            assert letter.recipient == f"{letter.letter}@example.com"
            assert letter.content == a_letter(letter.letter).content
        for name, outcome in outcomes.items():
            if outcome.result is Result.ACCEPTED:
                assert name in kept
            if name in kept:
                assert outcome.result in {Result.ACCEPTED, Result.IN_DOUBT}
            if outcome.code:
                assert name in outcome.words, (name, outcome)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    made = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    return made


async def sent_privately(certificate: Certificate, *, implicit: bool) -> None:
    """Send a few letters, a long one among them, by SMTPS or STARTTLS, to aiosmtpd."""
    async with SmtpServer(certificate=certificate, implicit_tls=implicit, account=("us", "secret")) as server:
        connection = await SmtpTransport(server.url(), patience=SHORT, hello="localhost").connect()
        assert isinstance(connection, PipelinedConnection)
        letters = [a_letter(name, length) for name, length in (("n1", 0), ("n2", 2_000_000), ("n3", 0))]
        outcomes = await in_turn(connection, *letters)
        await connection.close()
    assert {outcome.result for outcome in outcomes} == {Result.ACCEPTED}
    assert [received.content for received in server.received] == [letter.content for letter in letters]
    assert all(received.is_private and received.user == "us" for received in server.received)


def on_uvloop(story: Coroutine[Any, Any, None]) -> None:
    uvloop = pytest.importorskip("uvloop", reason="uvloop does not install on this platform")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(story)


class TestLoopsAndTls:
    @pytest.mark.parametrize("implicit", [True, False])
    async def test_envelopes_travel_ahead_inside_tls_too(self, certificate, implicit):
        await sent_privately(certificate, implicit=implicit)

    @pytest.mark.parametrize("implicit", [True, False])
    def test_uvloop_changes_nothing_inside_tls(self, certificate, implicit):
        on_uvloop(sent_privately(certificate, implicit=implicit))

    def test_uvloop_changes_nothing(self):
        async def story() -> None:
            async with WireServer() as server, connected(server) as connection:
                outcomes = await in_turn(connection, a_letter("n1", 3_000_000), a_letter("n2"), a_letter("n3"))
            assert {outcome.result for outcome in outcomes} == {Result.ACCEPTED}
            await TestBroken().test_a_cut_before_the_dot_has_left_this_machine_is_no_doubt()
            await TestBroken().test_an_idle_connection_that_was_closed_is_noticed_before_mail()
            await TestBroken().test_a_relay_that_reads_no_further_is_left()
            await TestSaidTooMuch().test_a_word_while_nothing_is_asked_ends_the_connection()

        on_uvloop(story())
