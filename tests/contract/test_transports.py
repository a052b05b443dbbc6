"""What becomes of a letter, for each thing that a relay may do; against a real server on this machine."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import aiosmtplib
import pytest

from service.delivery.folder import FolderTransport
from service.delivery.relay import Patience
from service.delivery.smtp import LockStepConnection
from service.delivery.transports import RelayError, SmtpTransport, transport_for
from service.domain.errors import InvalidError
from service.domain.letter import Letter
from service.domain.notice import Outcome, Result
from service.mail.reading import letters
from tests.certificates import Certificate, make_certificate
from tests.smtp_server import Drop, SmtpServer, Stage

CONTENT = b"From: us@example.org\r\nSubject: Today\r\n\r\nFour years ago.\r\n"
SHORT = Patience(connect=5, command=5, data=5, dot=5, farewell=1)


def a_letter(recipient: str = "anna@example.org", content: bytes = CONTENT, notice: str = "n1") -> Letter:
    return Letter(notice, "us@example.org", recipient, content)


def to(server: SmtpServer, options: str = "", **given: object) -> SmtpTransport:
    return SmtpTransport(server.url(options), **{"patience": SHORT, "hello": "localhost", **given})  # type: ignore[arg-type]


async def sent(server: SmtpServer, *some: Letter, options: str = "") -> list[Outcome]:
    """Send letters on one connection, and close it."""
    connection = await to(server, options).connect()
    try:
        return [await connection.send(letter) for letter in some]
    finally:
        await connection.close()


@pytest.fixture(params=[True, False], ids=["pipelined", "in lock-step"])
def relay(request: pytest.FixtureRequest) -> Callable[..., SmtpServer]:
    """What makes a server, of both kinds in turn: the one that offers PIPELINING and the one that does not."""
    return partial(SmtpServer, pipelining=request.param)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Certificate]:
    """A certificate whose authority is believed, as an operator would have it be."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
    return certificate


class TestAccepted:
    async def test_a_letter_arrives_as_it_was_composed(self, relay):
        async with relay() as server:
            (outcome,) = await sent(server, a_letter())
        assert outcome == Outcome(Result.ACCEPTED, 250, "2.0.0 kept")
        (received,) = server.received
        assert (received.mail_from, received.rcpt_tos) == ("us@example.org", ("anna@example.org",))
        assert received.content == CONTENT

    async def test_many_letters_share_one_connection(self, relay):
        async with relay() as server:
            outcomes = await sent(server, *(a_letter(f"reader{number}@example.org") for number in range(50)))
        assert {outcome.result for outcome in outcomes} == {Result.ACCEPTED}
        assert (server.connections, len(server.received)) == (1, 50)
        assert all(len(received.rcpt_tos) == 1 for received in server.received)

    async def test_dots_that_begin_a_line_arrive_single(self, relay):
        content = b".first\r\n..second\r\n.\r\nlast\r\n.\r\n"
        async with relay() as server:
            outcomes = await sent(server, a_letter(content=content), a_letter(content=b"no line end"))
        assert [outcome.result for outcome in outcomes] == [Result.ACCEPTED] * 2
        assert [received.content for received in server.received] == [content, b"no line end\r\n"]

    async def test_the_recipient_on_the_wire_is_the_stored_address(self, relay):
        addresses = ["o'hara+list@xn--exmple-cua.org", "a.b!#$%&'*+/?=^_`{|}~-@example.org", "MiXeD@Example.org"]
        async with relay() as server:
            await sent(server, *map(a_letter, addresses))
        on_the_wire = [line for line in server.commands if line.startswith("RCPT")]
        assert on_the_wire == [f"RCPT TO:<{address}>" for address in addresses]

    async def test_an_address_beyond_ascii_goes_to_a_relay_that_takes_it(self, relay):
        async with relay() as server:
            (outcome,) = await sent(server, a_letter("անի@example.org"))
        assert outcome.result is Result.ACCEPTED
        assert server.received[0].rcpt_tos == ("անի@example.org",)
        assert "SMTPUTF8" in server.received[0].options

    async def test_the_size_is_announced(self, relay):
        async with relay() as server:
            await sent(server, a_letter())
        assert server.received[0].options == (f"SIZE={len(CONTENT)}",)


class TestRefusedHere:
    """Letters that cannot be sent are outcomes, not exceptions; the next one goes on the same connection."""

    @pytest.mark.parametrize(
        "address",
        [
            "a@x.com, b@y.com",
            '"a\r\nb"@y.com',
            "a@x> AUTH=<b@y.com",
            "a@x.com\r\nRCPT TO:<b@y.com>",
            "a(comment)@x.com",
            "@route:a@x.com",
            "a@[127.0.0.1]",
            "a@x.com ",
            "a\u202e@x.com",
            "a@bücher.de",
            "x" * 65 + "@x.com",
            "\ud800@x.com",
            "@x.com",
            "",
        ],
    )
    async def test_an_address_that_would_be_rewritten_is_refused(self, address, relay):
        async with relay() as server:
            refused, accepted = await sent(server, a_letter(address), a_letter())
        assert (refused.result, accepted.result) == (Result.REFUSED, Result.ACCEPTED)
        assert [received.rcpt_tos for received in server.received] == [("anna@example.org",)]
        assert server.connections == 1

    async def test_an_address_beyond_ascii_is_refused_in_words_by_a_relay_without_smtputf8(self, relay):
        async with relay(smtputf8=False) as server:
            refused, accepted = await sent(server, a_letter("անի@example.org"), a_letter())
        assert (refused.result, refused.code) == (Result.REFUSED, 0)
        assert "SMTPUTF8" in refused.words
        assert accepted.result is Result.ACCEPTED

    @pytest.mark.parametrize("half", [b"\n", b"\r", b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\r\n", b"\n\r"])
    async def test_half_a_line_end_is_refused(self, half, relay):
        """A relay that takes it for a whole one reads two letters where there was one (SMTP smuggling)."""
        async with relay() as server:
            refused, accepted = await sent(server, a_letter(content=CONTENT + b"x" + half + b"y\r\n"), a_letter())
        assert (refused.result, refused.status, accepted.result) == (Result.REFUSED, "5.6.0", Result.ACCEPTED)
        assert [received.content for received in server.received] == [CONTENT]

    async def test_a_letter_beyond_the_announced_size_is_not_begun(self, relay):
        async with relay(largest=200) as server:
            refused, accepted = await sent(server, a_letter(content=CONTENT * 10), a_letter())
        assert (refused.result, accepted.result) == (Result.REFUSED, Result.ACCEPTED)
        assert refused.words.startswith("5.3.4 ")
        assert len([line for line in server.commands if line.startswith("MAIL")]) == 1


class TestRefusedThere:
    @pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
    @pytest.mark.parametrize(
        ("reply", "result"),
        [("450 4.2.0 later", Result.DEFERRED), ("452 4.3.1 full", Result.DEFERRED), ("550 5.1.1 no", Result.REFUSED)],
    )
    async def test_a_clean_no_leaves_the_connection_to_the_next_letter(self, stage, reply, result, relay):
        async with relay() as server:
            server.once(stage, reply)
            first, second = await sent(server, a_letter("b@example.org"), a_letter())
        assert (first.result, first.code, first.words) == (result, int(reply[:3]), reply[4:])
        assert first.stage.value == stage.value
        assert second.result is Result.ACCEPTED
        assert [received.rcpt_tos for received in server.received] == [("anna@example.org",)]
        assert server.connections == 1

    async def test_one_recipient_is_refused_and_the_others_are_not(self, relay):
        async with relay(answers={"b@example.org": "550 5.1.1 nobody"}) as server:
            outcomes = await sent(server, *(a_letter(f"{name}@example.org") for name in "abc"))
        assert [outcome.result for outcome in outcomes] == [Result.ACCEPTED, Result.REFUSED, Result.ACCEPTED]

    async def test_a_relay_that_wants_a_login_is_not_the_letters_fault(self, relay):
        async with relay(account=("us", "secret")) as server:
            connection = await SmtpTransport(f"smtp://127.0.0.1:{server.port}", patience=SHORT, hello="x").connect()
            outcome = await connection.send(a_letter())
            assert not connection.usable
            await connection.close()
        assert (outcome.result, outcome.code) == (Result.UNREACHED, 530)

    @pytest.mark.parametrize(
        ("stage", "result"),
        [
            (Stage.MAIL, Result.UNREACHED),
            (Stage.RCPT, Result.UNREACHED),
            (Stage.DATA, Result.UNREACHED),
            (Stage.DOT, Result.DEFERRED),
        ],
    )
    async def test_421_ends_the_connection(self, stage, result, relay):
        async with relay(answers={stage: "421 4.3.2 closing"}) as server:
            connection = await to(server).connect()
            outcome = await connection.send(a_letter())
            assert not connection.usable
            assert (await connection.send(a_letter())).result is Result.UNREACHED
            await connection.close()
        assert (outcome.result, outcome.code) == (result, 421)
        assert server.received == []

    async def test_a_failed_reset_ends_the_connection_but_not_the_outcome(self, relay):
        async with relay(answers={Stage.RCPT: "550 no", Stage.RSET: "500 what"}) as server:
            connection = await to(server).connect()
            outcome = await connection.send(a_letter())
            assert not connection.usable
            await connection.close()
        assert outcome.result is Result.REFUSED


class TestBroken:
    @pytest.mark.parametrize(
        ("stage", "drop", "result", "kept"),
        [
            (Stage.MAIL, Drop.BEFORE, Result.UNREACHED, 0),
            (Stage.RCPT, Drop.BEFORE, Result.DEFERRED, 0),
            (Stage.DATA, Drop.BEFORE, Result.DEFERRED, 0),
            (Stage.DOT, Drop.BEFORE, Result.IN_DOUBT, 0),
            (Stage.DOT, Drop.AFTER, Result.IN_DOUBT, 1),
        ],
    )
    async def test_a_cut_before_the_dot_is_no_harm_and_after_it_a_doubt(self, stage, drop, result, kept, relay):
        async with relay(answers={stage: drop}) as server:
            connection = await to(server).connect()
            outcome = await connection.send(a_letter())
            assert not connection.usable
            await connection.close()
        assert (outcome.result, outcome.code, outcome.stage.value) == (result, 0, stage.value)
        assert outcome.words
        assert len(server.received) == kept

    async def test_a_cut_while_the_content_is_sent_is_never_called_accepted(self, relay):
        async with relay(answers={Stage.CONTENT: Drop.BEFORE}) as server:
            (outcome,) = await sent(server, a_letter(content=b"x" * 70 + b"\r\n" + CONTENT * 1000))
        assert outcome.result in {Result.DEFERRED, Result.IN_DOUBT}

    @pytest.mark.parametrize(
        ("stage", "result"),
        [(Stage.MAIL, Result.UNREACHED), (Stage.RCPT, Result.DEFERRED), (Stage.DOT, Result.IN_DOUBT)],
    )
    @pytest.mark.parametrize("reply", ["what?", "354 go ahead", "299 hm", "600 hm", "9" * 100_000])
    async def test_an_answer_that_makes_no_sense_ends_the_connection(self, stage, result, reply, relay):
        async with relay(answers={stage: reply}) as server:
            connection = await to(server).connect()
            outcome = await connection.send(a_letter())
            assert not connection.usable
            await connection.close()
        assert outcome.result is result
        assert len(outcome.words) <= 500

    @pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DOT])
    async def test_an_answer_too_many_is_not_taken_for_the_next_letters(self, stage, relay):
        async with relay() as server:
            server.once(stage, "550 no\r\n250 and yes")
            connection = await to(server).connect()
            first = await connection.send(a_letter())
            assert not connection.usable
            await connection.close()
        if connection.pipelines and stage is not Stage.DOT:  # a yes after the no: nobody knows which belongs to what
            assert (first.result, first.code) == ({Stage.MAIL: Result.UNREACHED, Stage.RCPT: Result.DEFERRED}[stage], 0)
        else:
            assert first.result is Result.REFUSED

    async def test_an_idle_connection_that_the_relay_closed_costs_the_letter_nothing(self, relay):
        async with relay() as server:
            connection = await to(server).connect()
        outcome = await connection.send(a_letter())
        assert outcome.result is Result.UNREACHED
        assert not connection.usable
        await connection.close()

    @pytest.mark.parametrize(
        ("stage", "result"),
        [(Stage.MAIL, Result.UNREACHED), (Stage.RCPT, Result.DEFERRED), (Stage.DOT, Result.IN_DOUBT)],
    )
    async def test_a_relay_that_stays_silent_is_left(self, stage, result, relay):
        silence = asyncio.Event()
        async with relay(answers={stage: silence}) as server:
            hurried = Patience(connect=5, command=0.05, data=0.05, dot=0.05, farewell=0.05)
            connection = await to(server, patience=hurried).connect()
            outcome = await connection.send(a_letter())
            assert not connection.usable
            await connection.close()
        assert outcome.result is result

    @pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
    async def test_a_cancelled_letter_takes_its_connection_with_it(self, stage, relay):
        never = asyncio.Event()
        async with relay(answers={stage: never}) as server:
            connection = await to(server).connect()
            sending = asyncio.create_task(connection.send(a_letter()))
            await server.reached(stage)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            assert not connection.usable
            assert (await connection.send(a_letter())).result is Result.UNREACHED
            await connection.close()

    async def test_what_a_cancelled_letter_had_still_to_send_is_not_sent(self, relay):
        """Closing politely would first send what is buffered, final dot and all."""
        go_on = asyncio.Event()
        async with relay(answers={Stage.CONTENT: go_on}) as server:
            connection = await to(server).connect()
            sending = asyncio.create_task(connection.send(a_letter(content=CONTENT + (b"x" * 998 + b"\r\n") * 20_000)))
            await server.reached(Stage.OCTETS)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            go_on.set()
            await server.gone()
        assert server.received == []

    async def test_a_cancellation_that_crosses_an_answer_is_heeded(self, relay):
        """Before Python 3.12, `asyncio.wait_for` swallows it."""
        go_on = asyncio.Event()
        async with relay(answers={Stage.RCPT: go_on}) as server:
            connection = await to(server).connect()
            sending = asyncio.create_task(connection.send(a_letter()))
            await server.reached(Stage.RCPT)
            if isinstance(connection, LockStepConnection):
                waiting = connection._client.protocol._response_waiter  # type: ignore[union-attr]
            else:
                waiting = connection._wire._waiter
            waiting.add_done_callback(lambda _: sending.cancel())  # type: ignore[union-attr]
            go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await sending
            assert not connection.usable
        assert server.received == []

    async def test_closing_twice_is_no_error(self, relay):
        async with relay() as server:
            connection = await to(server).connect()
            await connection.close()
            await connection.close()
            assert not connection.usable


class TestNoConnection:
    async def test_nobody_listens(self, relay):
        async with relay() as server:
            transport = to(server)
        with pytest.raises(RelayError, match=r"127\.0\.0\.1") as caught:
            await transport.connect()
        assert not caught.value.lasting

    @pytest.mark.parametrize("greeting", ["421 4.3.2 too busy", "554 5.3.2 no service here"])
    async def test_the_greeting_says_no(self, greeting, relay):
        async with relay(answers={Stage.GREETING: greeting}) as server:
            with pytest.raises(RelayError, match=greeting[4:]) as caught:
                await to(server).connect()
        assert caught.value.code == int(greeting[:3])

    async def test_the_greeting_is_a_cut(self, relay):
        async with relay(answers={Stage.GREETING: Drop.BEFORE}) as server:
            with pytest.raises(RelayError):
                await to(server).connect()

    async def test_the_greeting_never_comes(self, relay):
        async with relay(answers={Stage.GREETING: asyncio.Event()}) as server:
            with pytest.raises(RelayError, match="time"):
                await to(server, patience=Patience(connect=0.05)).connect()

    async def test_connecting_can_be_cancelled(self, relay):
        async with relay(answers={Stage.GREETING: asyncio.Event()}) as server:
            connecting = asyncio.create_task(to(server, patience=Patience(connect=60)).connect())
            await server.reached(Stage.GREETING)
            connecting.cancel()
            with pytest.raises(asyncio.CancelledError):
                async with asyncio.timeout(10):
                    await connecting


class TestPrivacy:
    async def test_tls_is_used_where_it_is_offered(self, trusted, relay):
        async with relay(certificate=trusted) as server:
            outcomes = await sent(server, a_letter(), a_letter())
        assert [outcome.result for outcome in outcomes] == [Result.ACCEPTED] * 2
        assert all(received.is_private for received in server.received)

    async def test_smtps_is_private_from_the_first_octet(self, trusted, relay):
        async with relay(certificate=trusted, implicit_tls=True, account=("us", "s3cret")) as server:
            (outcome,) = await sent(server, a_letter())
        assert outcome.result is Result.ACCEPTED
        assert server.received[0].is_private
        assert server.received[0].user == "us"

    @pytest.mark.parametrize("implicit", [True, False])
    async def test_a_certificate_that_nobody_vouches_for_is_refused_and_nothing_is_sent(
        self, certificate, implicit, relay
    ):
        async with relay(certificate=certificate, implicit_tls=implicit, account=("us", "s3cret")) as server:
            with pytest.raises(RelayError, match=r"(?i)certificate") as caught:
                await to(server).connect()
        assert caught.value.lasting
        assert (server.received, server.commands) == ([], [])

    async def test_a_certificate_for_another_name_is_refused(self, tmp_path, monkeypatch, relay):
        other = make_certificate(tmp_path, ("mail.example.org",))
        monkeypatch.setenv("SSL_CERT_FILE", str(other.authority))
        async with relay(certificate=other) as server:
            with pytest.raises(RelayError, match=r"(?i)certificate|match"):
                await to(server).connect()
        assert server.received == []

    async def test_starttls_that_is_required_and_not_offered_is_an_error(self, relay):
        async with relay() as server:
            with pytest.raises(RelayError, match="STARTTLS") as caught:
                await to(server, "?starttls=required").connect()
        assert caught.value.lasting

    async def test_starttls_can_be_left_out(self, certificate, relay):
        async with relay(certificate=certificate) as server:
            (outcome,) = await sent(server, a_letter(), options="?starttls=never")
        assert outcome.result is Result.ACCEPTED
        assert not server.received[0].is_private

    async def test_credentials_with_odd_characters_are_read_from_the_url(self, trusted, relay):
        async with relay(certificate=trusted, account=("us@example.org", "p/#?@:% ö")) as server:
            (outcome,) = await sent(server, a_letter())
        assert outcome.result is Result.ACCEPTED
        assert server.received[0].user == "us@example.org"

    async def test_wrong_credentials_are_told_and_the_password_is_not(self, trusted, relay):
        async with relay(certificate=trusted, account=("us", "right")) as server:
            transport = SmtpTransport(server.url(account=("us", "wr0ngpassword")), patience=SHORT, hello="x")
            with pytest.raises(RelayError) as caught:
                await transport.connect()
        assert (caught.value.code, caught.value.lasting) == (535, True)
        assert "wr0ngpassword" not in str(caught.value) + repr(caught.value.__cause__) + repr(transport)

    async def test_credentials_go_in_clear_text_to_this_machine_only(self, relay):
        async with relay(account=("us", "secret")) as server:
            (outcome,) = await sent(server, a_letter())
            assert outcome.result is Result.ACCEPTED
        assert server.received[0].user == "us"

    async def test_credentials_are_kept_from_a_relay_that_offers_no_tls(self, monkeypatch, relay):
        """A host name is looked up here and not in the world; the relay is not called by this machine's name."""
        async with relay(account=("us", "secret")) as server:
            loop = asyncio.get_running_loop()
            look_up = loop.getaddrinfo

            async def at_home(host: str, *given: object, **more: object) -> object:
                return await look_up("127.0.0.1" if host == "relay.example.org" else host, *given, **more)  # type: ignore[arg-type]

            monkeypatch.setattr(loop, "getaddrinfo", at_home)
            with pytest.raises(RelayError, match="clear text") as caught:
                await SmtpTransport(server.url(host="relay.example.org"), patience=SHORT, hello="x").connect()
            assert caught.value.lasting
            assert "AUTH" not in server.commands
            said = server.url("?starttls=never", host="relay.example.org")
            connection = await SmtpTransport(said, patience=SHORT, hello="x").connect()
            await connection.close()
            assert "AUTH" in server.commands


class TestFolder:
    async def test_a_letter_lies_in_the_folder_once_however_often_it_is_sent(self, tmp_path):
        connection = await FolderTransport(tmp_path / "out" / "box").connect()
        first = await connection.send(a_letter())
        second = await connection.send(a_letter())
        await connection.close()
        assert (first.result, second.result) == (Result.ACCEPTED, Result.ACCEPTED)
        assert "n1.eml" in first.words
        assert [path.name for path in (tmp_path / "out" / "box").iterdir()] == ["n1.eml"]
        assert (tmp_path / "out" / "box" / "n1.eml").read_bytes() == CONTENT

    async def test_the_newest_letter_is_listed_first(self, tmp_path):
        connection = await FolderTransport(tmp_path).connect()
        for notice in ("n1", "n2", "n3"):
            await connection.send(a_letter(notice=notice))
        listed = letters(tmp_path)
        assert {filed.notice for filed in listed} == {"n1", "n2", "n3"}
        assert [filed.written_at for filed in listed] == sorted((f.written_at for f in listed), reverse=True)
        assert listed[0].opened.subject == "Today"

    @pytest.mark.parametrize("notice", ["../n1", "", ".", "a/b", "a\0b"])
    async def test_a_name_that_leads_elsewhere_is_refused(self, tmp_path, notice):
        connection = await FolderTransport(tmp_path / "box").connect()
        assert (await connection.send(a_letter(notice=notice))).result is Result.REFUSED
        assert list(tmp_path.rglob("*.eml")) == []

    async def test_a_folder_that_cannot_be_made_is_no_fault_of_the_letter(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        connection = await FolderTransport(tmp_path / "file").connect()
        outcome = await connection.send(a_letter())
        assert outcome.result is Result.UNREACHED
        assert not connection.usable


class TestChoice:
    def test_no_url_means_the_folder(self, tmp_path: Path):
        assert isinstance(transport_for("", tmp_path), FolderTransport)
        assert isinstance(transport_for("smtp://relay.example.org", tmp_path), SmtpTransport)

    def test_aiosmtplib_is_new_enough(self):
        assert tuple(map(int, aiosmtplib.__version__.split(".")[:3])) >= (5, 1, 3)

    @pytest.mark.parametrize(
        ("url", "host", "port", "tls"),
        [
            ("smtp://relay.example.org", "relay.example.org", 25, False),
            ("smtp://us:secret@relay.example.org", "relay.example.org", 587, False),
            ("smtps://us:secret@relay.example.org", "relay.example.org", 465, True),
            ("smtp://[::1]:2525/", "::1", 2525, False),
        ],
    )
    def test_ports_follow_from_the_scheme(self, url, host, port, tls):
        relay = SmtpTransport(url)._relay
        assert (relay.host, relay.port, relay.tls) == (host, port, tls)

    @pytest.mark.parametrize(
        ("offered", "options", "expected"),
        [(True, "", True), (True, "?pipelining=auto", True), (True, "?pipelining=never", False), (False, "", False)],
    )
    async def test_pipelining_is_used_where_it_is_offered_and_not_switched_off(self, offered, options, expected):
        async with SmtpServer(pipelining=offered) as server:
            connection = await to(server, options).connect()
            outcome = await connection.send(a_letter())
            await connection.close()
        assert (connection.pipelines, outcome.result) == (expected, Result.ACCEPTED)

    @pytest.mark.parametrize(
        "url",
        [
            "http://us:hunter2@relay.example.org",
            "smtp://us:hunter2@relay.example.org:port",
            "smtp://us:hunter2@relay.example.org:99999",
            "smtp://us:hunter2@relay.example.org:0",
            "smtp://us:hun/hunter2@relay.example.org",
            "smtp://us:hunter2#@relay.example.org",
            "smtp://us:hunter2@relay.example.org/path",
            "smtp://us:hunter2@relay.example.org?starttls=perhaps",
            "smtp://us:hunter2@relay.example.org?tls=hunter2",
            "smtps://us:hunter2@relay.example.org?starttls=never",
            "smtp://us:hunter2@relay.example.org?pipelining=always",
            "smtps://us:hunter2@relay.example.org?pipelining=hunter2",
            "smtp://us:hunter2%0A@relay.example.org",
            "smtp://:hunter2@relay.example.org",
            "smtp://us:hunter2@relay.℀example.org",
            "smtp://us:hunter2@",
            "relay.example.org",
            "smtp://us:hunter2@[::1",
        ],
    )
    def test_a_wrong_url_is_told_with_the_allowed_form_and_without_the_password(self, url):
        with pytest.raises(InvalidError, match=r"smtps?://") as caught:
            SmtpTransport(url)
        assert "hunter2" not in str(caught.value)
        assert caught.value.__cause__ is None
