"""A mailbox at a provider, read by IMAP (RFC 3501) over TLS: what is unseen and ours is kept, then marked as seen.

Of each mail the headers that say whom it is for are fetched first, without marking it (`BODY.PEEK`): what is somebody
else's stays unseen, and is not looked at again while this connection's folder is the same one (UIDVALIDITY).
"""

import asyncio
import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar
from urllib.parse import unquote, urlsplit

from service.domain.errors import InvalidError
from service.domain.letter_box import LetterBox
from service.inbound.mailboxes import AT_ONCE, OCTETS_AT_ONCE, UnreachedError, arrival
from service.mail.arrived import LARGEST
from service.mail.delivered import FIELDS, HEAD_MOST
from service.observability import log
from service.store.inbox import Arrival, Keep

DOOR = "imap"
FORM = "imaps://USER:PASSWORD@HOST[:PORT]/FOLDER, with %40 for an @ and so on; INBOX if there is no FOLDER"
_PORT = 993
_TIMEOUT_SECONDS = 15.0
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f]+")
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_OUTSIDE_ASCII = re.compile(r"[^\x20-\x7e]+")
_HEADERS = f"(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS).upper()})]<0.{HEAD_MOST}>)"
_CONTENT = f"(BODY.PEEK[]<0.{LARGEST}>)"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """Where a mailbox is, and who may read it."""

    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)
    folder: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Read the setting; raise InvalidError for any other form than the allowed one, without what was given."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port or _PORT
        except ValueError:
            raise InvalidError(f"this is not the URL of a mailbox (allowed: {FORM})", "imap_url") from None
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        folder = unquote(parts.path.lstrip("/")) or "INBOX"
        is_whole = parts.scheme == "imaps" and parts.hostname and not (parts.query or parts.fragment)
        if not is_whole or not all(map(_PRINTABLE.fullmatch, (user, password, folder))):
            raise InvalidError(f"this is not the URL of a mailbox (allowed: {FORM})", "imap_url")
        return cls(str(parts.hostname), port, user, password, folder)


class _Connection(imaplib.IMAP4_SSL):
    """IMAP over TLS that hands out its socket before anything is said on it, so that it can be closed at any time."""

    def __init__(self, account: Account, tls: ssl.SSLContext, begin: Callable[[socket.socket], None]) -> None:
        self._begin = begin
        super().__init__(account.host, account.port, ssl_context=tls, timeout=_TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        """Connect as the library would, but for the order."""
        plain = socket.create_connection((self.host, self.port), timeout)
        tls: ssl.SSLContext = self.ssl_context
        private = tls.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        try:
            self._begin(private)
            private.do_handshake()
        except BaseException:
            private.close()
            raise
        return private


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found: ours by their UIDs; up to which UID nothing else is ours; and how many mails were looked at."""

    ours: dict[int, Arrival]
    passed: int
    mails: int


class Imap:
    """One folder of one account. The connection stays open between two looks; what is wrong ends it."""

    door = DOOR

    def __init__(self, account: Account, box: LetterBox, tls: ssl.SSLContext | None = None) -> None:
        """Take where to read, which addresses are ours, and whom to trust, if not whom the system trusts."""
        self._account = account
        self._box = box
        self._tls = tls
        self._connection: imaplib.IMAP4_SSL | None = None
        self._socket: socket.socket | None = None
        self._validity: bytes | None = None
        self._passed = 0  # the UID up to which all that is unseen is somebody else's

    def __str__(self) -> str:
        return f"IMAP of {self._account.host}"

    async def take(self, keep: Keep) -> int:
        """Have what is unseen and ours kept, then mark it as seen; see `Mailbox`."""
        looked = await self._aside(self._look)
        if looked.ours:
            await keep(list(looked.ours.values()))
            await self._aside(self._mark, list(looked.ours))
        self._passed = looked.passed
        return int(looked.mails)

    async def close(self) -> None:
        """End the connection, whatever waits for it: of its socket alone, as to close more would wait as well."""
        connection, self._connection = self._connection, None
        begun, self._socket = self._socket, None
        if begun is not None:
            with suppress(OSError):
                socket.socket.shutdown(begun, socket.SHUT_RDWR)
        if connection is not None:
            with suppress(OSError, ValueError):
                await asyncio.to_thread(connection.shutdown)

    async def _aside(self, what: Callable[..., T], *given: object) -> T:
        """Do what waits for the server beside the event loop; whatever goes wrong ends the connection."""
        try:
            return await asyncio.to_thread(what, *given)
        except Exception as error:  # noqa: BLE001  (imaplib raises of every kind at answers that are none)
            await self.close()
            raise UnreachedError(self._in_words(error)) from None

    def _look(self) -> _Looked:
        """Look at the oldest that is unseen, and fetch what is ours, as much as is kept at once."""
        folder = self._folder()
        uids = self._unseen(folder)
        ours: dict[int, Arrival] = {}
        passed, octets = self._passed, 0
        told = _answer(folder.uid("FETCH", ",".join(map(str, uids)), _HEADERS)) if uids else []
        for uid, size, head in sorted(_heads(told)):
            if ours and octets + size > OCTETS_AT_ONCE:
                return _Looked(ours, passed, len(ours))
            found = arrival(DOOR, head, self._box)
            if found and size > LARGEST:
                log.warning("mail_too_large", door=DOOR, most_octets=LARGEST)
            elif found and (content := _literal(_answer(folder.uid("FETCH", str(uid), _CONTENT)))):
                ours[uid] = replace(found, content=content)
                octets += size
            passed = uid
        return _Looked(ours, max(uids, default=passed), len(uids))

    def _unseen(self, folder: imaplib.IMAP4_SSL) -> list[int]:
        """Give the UIDs of the oldest mails that nobody has seen and that were not passed over."""
        _answer(folder.noop())  # have it say what has come
        found = _answer(folder.uid("SEARCH", "UID", f"{self._passed + 1}:*", "UNSEEN", "UNDELETED"))
        uids = sorted(int(word) for word in b" ".join(filter(None, found)).split())
        return [uid for uid in uids if uid > self._passed][:AT_ONCE]  # `*` is the last, whatever stands before it

    def _mark(self, uids: Sequence[int]) -> None:
        if self._connection is None:
            raise ConnectionError("the connection was closed")
        _answer(self._connection.uid("STORE", ",".join(map(str, uids)), "+FLAGS.SILENT", r"(\Seen)"))

    def _folder(self) -> imaplib.IMAP4_SSL:
        """Give the open connection, or open one."""
        if self._connection is None:
            self._connection = self._opened()
        return self._connection

    def _opened(self) -> imaplib.IMAP4_SSL:
        """Connect, sign in and select the folder; if that is another than before, all in it is looked at anew."""
        account = self._account
        connection = _Connection(account, self._tls or ssl.create_default_context(), self._begin)
        try:
            if "AUTH=PLAIN" in connection.capabilities:
                secret = f"\0{account.user}\0{account.password}".encode()
                _answer(connection.authenticate("PLAIN", lambda _: secret))
            else:
                _answer(connection.login(account.user, account.password))
            _answer(connection.select(_quoted(account.folder)))
            validity = connection.response("UIDVALIDITY")[1][0]
        except BaseException:
            connection.shutdown()
            raise
        if validity != self._validity:
            self._validity, self._passed = validity, 0
        return connection

    def _begin(self, begun: socket.socket) -> None:
        self._socket = begun

    def _in_words(self, error: Exception) -> str:
        where = f"{self._account.host}:{self._account.port}"
        words = " ".join(_words(error).split())[:300]
        if isinstance(error, ssl.SSLError):
            return f"{where}: TLS failed: {words}"
        if isinstance(error, imaplib.IMAP4.error):
            return f"{where}: {words}"
        return f"{where} cannot be reached: {words or type(error).__name__}"


def _answer(told: tuple[str, Sequence[Any]]) -> Sequence[Any]:
    """Give what a server answered; raise what it said if that is no OK."""
    status, data = told
    if status != "OK":
        said = data[-1] if data else b""
        raise imaplib.IMAP4.error(said if isinstance(said, bytes) else str(said))
    return data


def _literal(data: Sequence[Any]) -> bytes:
    """Give the octets that a server sent in an answer; none if the mail is gone."""
    return next((bytes(part[1]) for part in data if isinstance(part, tuple)), b"")


def _heads(data: Sequence[Any]) -> Iterator[tuple[int, int, bytes]]:
    """Give UID, size and headers of each mail in an answer: what is told of one stands before or behind its octets."""
    begun = [place for place, part in enumerate(data) if isinstance(part, tuple)]
    for place in begun:
        line = b" ".join((data[place][0], *(part for part in data[place + 1 : place + 2] if isinstance(part, bytes))))
        if (uid := _UID.search(line)) and (size := _SIZE.search(line)):
            yield int(uid[1]), int(size[1]), bytes(data[place][1])


def _words(error: Exception) -> str:
    said = error.args[0] if error.args and not isinstance(error, OSError) else error
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _quoted(folder: str) -> str:
    """Write the name of a folder: quoted, and beyond ASCII in the UTF-7 of IMAP (RFC 3501, section 5.1.3)."""

    def shifted(found: "re.Match[str]") -> str:
        octets = base64.b64encode(found[0].encode("utf-16-be")).rstrip(b"=")
        return f"&{octets.decode().replace('/', ',')}-"

    written = _OUTSIDE_ASCII.sub(shifted, folder.replace("&", "&-"))
    return '"' + written.replace("\\", "\\\\").replace('"', '\\"') + '"'
