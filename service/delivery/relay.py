"""Relays: where letters are handed over and how it is spoken to, read from one URL."""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from service.domain.errors import InvalidError, RemembrancerError

_FORM = (
    "smtp://user:password@host:587?starttls=required|auto|never&pipelining=auto|never"
    " or smtps://user:password@host:465?pipelining=auto|never"
)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_STARTTLS = ("required", "auto", "never")
_PIPELINING = ("auto", "never")


class RelayError(RemembrancerError):
    """The relay cannot be spoken to. If `lasting`, trying again will not help until somebody mends it."""

    def __init__(self, words: str, code: int = 0, *, lasting: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.code = code
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Relay:
    """Where a relay listens and how it is spoken to. `starttls` is "required", "auto" or "never".

    Without `pipelining`, commands wait for one another even where the relay offers more.
    """

    host: str
    port: int
    tls: bool = False
    starttls: str = "auto"
    user: str = ""
    password: str = field(default="", repr=False)
    pipelining: bool = True

    @property
    def is_loopback(self) -> bool:
        """Whether the relay is this machine, so that nobody listens on the way."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds to wait for each answer (RFC 5321, section 4.5.3.2)."""

    connect: float = 30
    command: float = 300
    data: float = 120
    dot: float = 600
    farewell: float = 5


def parse_relay(url: str) -> Relay:
    """Read a relay's URL; raise InvalidError that tells the allowed form, and nothing of what was given.

    Without a port: 465 for `smtps` (RFC 8314), 587 for `smtp` with a user (RFC 6409), else 25. `starttls=auto`
    uses TLS wherever it is offered, `pipelining=auto` PIPELINING; user and password are percent-encoded where
    they hold `/ # ? @ : %`.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:  # its words hold pieces of the URL, and so perhaps of the password
        raise _wrong("the host or the port cannot be read") from None
    tls = parts.scheme == "smtps"
    if parts.scheme not in {"smtp", "smtps"}:
        raise _wrong("it begins with smtp:// or smtps://")
    if not _HOST.fullmatch(host):
        raise _wrong("the host is missing, or has other characters than letters, digits, dots and hyphens")
    if parts.path.strip("/") or parts.fragment:
        raise _wrong("after the host there can be only a port and options")
    if port == 0:
        raise _wrong("the port is 1 to 65535")
    starttls, pipelining = _options(parts.query, tls=tls)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isprintable() or (password and not user):
        raise _wrong("the user is missing, or user or password hold control characters")
    return Relay(host, port or (465 if tls else 587 if user else 25), tls, starttls, user, password, pipelining)


def words_of(error: Exception) -> str:
    """Give an error's words, or what it is if it has none."""
    if isinstance(error, TimeoutError) and not str(error):
        return "it did not answer in time"
    return in_one_line(str(getattr(error, "message", "") or error) or type(error).__name__)


def in_one_line(text: str) -> str:
    """Give a relay's words as one printable line that is not endless."""
    short = text[:500]
    return short if short.isprintable() else "".join(char if char.isprintable() else " " for char in short)


def _options(query: str, *, tls: bool) -> tuple[str, bool]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    pipelining = options.pop("pipelining", "auto")
    if tls and "starttls" in options:
        raise _wrong("starttls is an option of smtp:// only")
    starttls = options.pop("starttls", "auto")
    if options or starttls not in _STARTTLS or pipelining not in _PIPELINING:
        raise _wrong("the only options are starttls=required, auto or never, and pipelining=auto or never")
    return starttls, pipelining == "auto"


def _wrong(reason: str) -> InvalidError:
    return InvalidError(f"the relay's URL is not of the form {_FORM}: {reason}", "smtp_url")
