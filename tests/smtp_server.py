"""A real SMTP server (aiosmtpd) on this machine, which keeps what it gets and misbehaves when it is told to.

    async with SmtpServer() as server:
        ...  # send to server.url()
        assert server.received[0].rcpt_tos == ("anna@example.org",)

It runs in the test's own loop, and nothing sleeps: `await server.reached(Stage.DOT)` resumes when a client has
come so far, and an answer may be an `asyncio.Event` that the server waits for.
"""

import asyncio
import ssl
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Self
from urllib.parse import quote

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.certificates import Certificate


class Stage(Enum):
    """How far a client has come."""

    GREETING = "greeting"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the command, before 354
    CONTENT = "content"  # after 354, before the content is read
    OCTETS = "octets"  # the first of the content is here, and nothing reads on: if CONTENT waits for an event
    DOT = "dot"  # the content is here and kept, the answer is not given
    RSET = "rset"


class Drop(Enum):
    """What may stand for an answer: no answer, the connection is cut."""

    BEFORE = "the letter is not kept"
    AFTER = "the letter is kept"  # at the dot


Answer = str | Drop | asyncio.Event


@dataclass(frozen=True)
class Received:
    """One letter as it came in."""

    mail_from: str
    rcpt_tos: tuple[str, ...]
    content: bytes
    peer: tuple[str, int]
    options: tuple[str, ...]
    is_private: bool
    user: str


@dataclass
class SmtpServer:
    """The server. `answers` say what to answer at a stage or to a recipient's RCPT, always; `once` only next time.

    `account` is (user, password): without it, MAIL is refused with 530. `certificate` makes it offer STARTTLS,
    or speak TLS from the first octet if `implicit_tls`. It offers PIPELINING (RFC 2920), which aiosmtpd can do and does
    not say, if `pipelining`.
    """

    answers: dict[Stage | str, Answer] = field(default_factory=dict)
    account: tuple[str, str] | None = None
    certificate: Certificate | None = None
    implicit_tls: bool = False
    smtputf8: bool = True
    pipelining: bool = True
    largest: int = 33_554_432
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._once: defaultdict[Stage | str, deque[Answer]] = defaultdict(deque)
        self._reached: Counter[Stage] = Counter()
        self._progress = asyncio.Condition()
        self._sessions: list[_Session] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        tls = self.certificate.context() if self.certificate and self.implicit_tls else None
        self._server = await asyncio.get_running_loop().create_server(self._session, "127.0.0.1", self.port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for session in self._sessions:
            session.abort()
        await asyncio.gather(*(session.ended() for session in self._sessions))
        await self._server.wait_closed()

    def url(self, options: str = "", host: str = "127.0.0.1", account: tuple[str, str] | None = None) -> str:
        """The URL for the service's settings, with the credentials that the server wants or those given."""
        login = ":".join(quote(part, safe="") for part in account or self.account or ())
        login += "@" if login else ""
        return f"{'smtps' if self.implicit_tls else 'smtp'}://{login}{host}:{self.port}{options}"

    def once(self, at: Stage | str, *answers: Answer) -> None:
        """Answer so the next time a client comes to this stage or names this recipient; then as ever."""
        self._once[at].extend(answers)

    async def reached(self, stage: Stage, times: int = 1) -> None:
        """Wait until clients have come so far, so many times in all."""
        async with self._progress:
            await self._progress.wait_for(lambda: self._reached[stage] >= times)

    async def gone(self) -> None:
        """Wait until no client is connected."""
        for session in self._sessions:
            await session._lost.wait()

    def cut(self, peer: tuple[str, int]) -> None:
        """Close the connection of this client, as a server does with one that is idle."""
        for session in self._sessions:
            if session.transport and session.transport.get_extra_info("peername")[:2] == peer:
                session.transport.close()

    async def note(self, stage: Stage, recipient: str = "") -> Answer | None:
        """Take note that a client came so far, and give the answer it is to have, None for the usual one."""
        async with self._progress:
            self._reached[stage] += 1
            self._progress.notify_all()
        for at in (recipient, stage):
            if at and self._once[at]:
                return self._once[at].popleft()
            if at and at in self.answers:
                return self.answers[at]
        return None

    def _session(self) -> "_Session":
        self.connections += 1
        session = _Session(self, self.certificate.context() if self.certificate and not self.implicit_tls else None)
        self._sessions.append(session)
        return session


class _Hooks:
    """What aiosmtpd asks about each command."""

    def __init__(self, house: SmtpServer) -> None:
        self._house = house

    async def handle_EHLO(  # noqa: N802
        self, _session: "_Session", state: Session, _envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        state.host_name = name
        return [lines[0], *(["250-PIPELINING"] if self._house.pipelining else []), *lines[1:]]

    async def handle_MAIL(  # noqa: N802
        self, session: "_Session", state: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await session.answer(Stage.MAIL)
        if reply is None and self._house.account and not state.authenticated:
            reply = "530 5.7.0 Authentication required"
        if reply is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, session: "_Session", _state: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = await session.answer(Stage.RCPT, address)
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 2.1.5 OK"

    async def handle_RSET(self, session: "_Session", *_: object) -> str:  # noqa: N802
        return await session.answer(Stage.RSET) or "250 2.0.0 OK"

    async def handle_DATA(self, session: "_Session", _state: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await self._house.note(Stage.DOT)
        if answer is Drop.BEFORE or (isinstance(answer, str) and not answer.startswith("250")):
            return session.follow(answer) or ""
        self._house.received.append(session.received(envelope))
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            answer = None
        return session.follow(answer) or "250 2.0.0 kept"


class _Session(SMTP):
    """One client."""

    def __init__(self, house: SmtpServer, starttls: ssl.SSLContext | None) -> None:
        super().__init__(
            _Hooks(house),
            hostname="test.invalid",
            tls_context=starttls,
            auth_require_tls=False,
            authenticator=self._check,
            enable_SMTPUTF8=house.smtputf8,
            data_size_limit=house.largest,
            loop=asyncio.get_running_loop(),
        )
        self._house = house
        self._smtp_methods |= {name: self._kept(name) for name in ("MAIL", "RCPT", "AUTH")}
        self._has_greeted = self._has_invited = False
        self._octets, self._lost = asyncio.Event(), asyncio.Event()
        self.user = ""

    @property
    def is_private(self) -> bool:
        """Whether it speaks TLS by now."""
        return bool(self.transport and self.transport.get_extra_info("sslcontext"))

    def data_received(self, data: bytes) -> None:
        """Remember that something came."""
        self._octets.set()
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Remember that the client is gone."""
        self._lost.set()
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """Close where the client closes; aiosmtpd would keep TLS half open, which asyncio complains about."""
        super().eof_received()
        return False

    async def answer(self, stage: Stage, recipient: str = "") -> str | None:
        """Give the answer that a test wants here, None for the usual one; or cut the connection."""
        answer = await self._house.note(stage, recipient)
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            return None
        return self.follow(answer)

    def follow(self, answer: Answer | None) -> str | None:
        """Give an answer back, or cut the connection if that is the answer."""
        if isinstance(answer, Drop):
            self.abort()
            raise ConnectionResetError(answer.value)
        assert not isinstance(answer, asyncio.Event)
        return answer

    def received(self, envelope: Envelope) -> Received:
        """Give the letter as it came in."""
        content, peer = envelope.original_content or b"", self.session.peer  # type: ignore[union-attr]
        sender, to, options = envelope.mail_from or "", tuple(envelope.rcpt_tos), tuple(envelope.mail_options)
        return Received(sender, to, content, peer, options, self.is_private, self.user)  # type: ignore[arg-type]

    def abort(self) -> None:
        """Cut the connection."""
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.WriteTransport):
            with suppress(AttributeError):  # Python 3.11.2 has forgotten what was inside TLS and closed twice
                transport.abort()

    async def ended(self) -> None:
        """Wait until nothing of it runs."""
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await self._handler_coroutine

    async def push(self, status: str | bytes) -> None:
        """Send a reply; the first is the greeting, and 354 is said once."""
        if self._has_invited and str(status).startswith("354"):
            self._has_invited = False
            return
        if not self._has_greeted:
            self._has_greeted = True
            status = await self.answer(Stage.GREETING) or status
        await super().push(status)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Let a test answer DATA itself, or cut the connection after 354."""
        if self.envelope is not None and self.envelope.rcpt_tos:
            reply = await self.answer(Stage.DATA)
            if reply is not None:
                await self.push(reply)
                return
            content = await self._house.note(Stage.CONTENT)
            if content is not None:
                self._octets.clear()
                await self.push("354 Go ahead")
                self._has_invited = True
            if isinstance(content, asyncio.Event):
                await self._octets.wait()
                await self._house.note(Stage.OCTETS)
                await content.wait()
            else:
                self.follow(content)
        await super().smtp_DATA(arg)

    def _kept(self, name: str) -> Callable[[str], Awaitable[None]]:
        """Give what answers a command, and have its line kept; of AUTH only that it was said."""
        method = self._smtp_methods[name]

        async def keep(arg: str) -> None:
            self._house.commands.append(name if name == "AUTH" else f"{name} {arg}")
            await method(arg)

        return keep

    def _check(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        if not isinstance(data, LoginPassword) or self._house.account is None:
            return AuthResult(success=False, handled=False)
        given = (data.login.decode(), data.password.decode())
        self.user = given[0] if given == self._house.account else ""
        return AuthResult(success=bool(self.user), handled=False)
