"""Channels: by what else than e-mail a notice may go, and how operator and reader say where to.

The operator declares a channel as a URL of Apprise's with a place for the reader's part; the reader fills that place
and nothing else: what may stand there cannot change the host, the user or the parameters. Authorities: ntfy's own
rule for topics; Telegram's Bot API for chat ids; the Matrix specification's appendix on room ids; E.164 for numbers.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlsplit

from service.domain.errors import InvalidError

PLACE = "{to}"
LANE = 2  # of notices that go by a channel (0 answers somebody who waits, 1 is for everybody)
FALLS_BACK_AFTER = 3  # attempts of one notice that the channel did not take
SET_ASIDE_AFTER = 3  # notices in a row that were refused for good
_LATER = frozenset({408, 425, 429})  # of HTTP's 4xx, those that say: later
_OF_THE_READER = frozenset({400, 403, 404})
_OPTIONS = r"(?:\?(?P<options>[^#\s{}]*))?"
_PLACE = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
_HOST = rf"(?:[^/?#\s{{}}@]+@)?{_PLACE}"
_LARGEST_PORT = 65_535
_OURS = re.compile(r"(?:^|&)(?:to|targets|mode|retry|wait|optional|rto|cto|overflow|format)=", re.IGNORECASE)


class Channel(StrEnum):
    """What a notice may go by. The value is kept, and stands in the settings: it never changes."""

    NTFY = "ntfy"
    TELEGRAM = "telegram"
    MATRIX = "matrix"
    SIGNAL = "signal"


NAMES: Final = {
    Channel.NTFY: "ntfy",
    Channel.TELEGRAM: "Telegram",
    Channel.MATRIX: "Matrix",
    Channel.SIGNAL: "Signal",
}
"""What each is called, in every language."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How a channel is declared, in a pattern and in words, what a reader may give, and an example of that."""

    url: re.Pattern[str]
    words: str
    to: re.Pattern[str]
    example: str


_FORMS = {
    Channel.NTFY: _Form(
        re.compile(rf"ntfys?://{_HOST}/\{{to\}}{_OPTIONS}"),
        "ntfy=ntfys://[USER:PASSWORD@]HOST[:PORT]/{to}",
        re.compile(r"[A-Za-z0-9_-]{16,64}"),  # who guesses a topic reads what comes there
        "remembrance-2wz7",
    ),
    Channel.TELEGRAM: _Form(
        re.compile(rf"tgram://[0-9]{{5,20}}:[A-Za-z0-9_-]{{30,60}}/\{{to\}}{_OPTIONS}"),
        "telegram=tgram://BOTTOKEN/{to}",
        re.compile(r"-?[1-9][0-9]{4,15}"),
        "123456789",
    ),
    Channel.MATRIX: _Form(
        # With a user and a password Apprise would log in for each message, and register somebody where it may not.
        re.compile(rf"(?i:(?!.*[?&](?:user|pass|token)=))matrixs?://[^/?#\s{{}}@:]+@{_PLACE}/\{{to\}}{_OPTIONS}"),
        "matrix=matrixs://TOKEN@HOST[:PORT]/{to}, with an access token, and no user with a password",
        re.compile(r"(?=.{1,85}\Z)![A-Za-z0-9._=-]+:[A-Za-z0-9.-]+"),
        "!room:example.org",
    ),
    Channel.SIGNAL: _Form(
        re.compile(rf"signals?://{_HOST}/\+?[0-9]{{7,15}}/\{{to\}}{_OPTIONS}"),
        "signal=signals://[USER:PASSWORD@]HOST[:PORT]/+NUMBER/{to}",
        re.compile(r"\+[1-9][0-9]{7,14}"),
        "+15550100999",
    ),
}


@dataclass(frozen=True, slots=True)
class Way:
    """Where somebody's notices go by a channel: `to` is their topic, chat, room or number there."""

    channel: Channel
    to: str

    @property
    def address(self) -> str:
        """The way as one string, such as `ntfy:my-remembrance`."""
        return f"{self.channel}:{self.to}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a reader has chosen, since when, and since when it is set aside because it took nothing."""

    way: Way
    since: datetime
    set_aside_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels that an operator has declared, each with its URL, which holds secrets."""

    urls: dict[Channel, str] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> tuple[Channel, ...]:
        """Which there are, in a fixed order."""
        return tuple(one for one in Channel if one in self.urls)

    def host_of(self, channel: Channel) -> str:
        """Give the host of a channel, which readers need to know where their topic is."""
        return urlsplit(self.urls[channel]).hostname or ""

    def url_of(self, way: Way) -> str:
        """Give the URL of a way, the reader's part percent-encoded; raise InvalidError for one that is not checked."""
        url = self.urls[way.channel].replace(PLACE, quote(check_to(way.channel, way.to), safe=""))
        if way.channel is Channel.NTFY:  # else a host that Apprise does not take for one is a topic of ntfy.sh
            url += ("&" if "?" in url else "?") + "mode=private"
        return url


def read_channels(text: str) -> Channels:
    """Read the setting, one channel a line; raise InvalidError that names the line and the form, and no secret."""
    urls: dict[Channel, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            channel, url = _read(line.strip(), number)
            if channel in urls:
                raise InvalidError(f"line {number}: {channel} is declared twice", "channels")
            urls[channel] = url
    return Channels(urls)


def check_to(channel: Channel, text: str) -> str:
    """Give a reader's part back if it has the channel's form; raise InvalidError."""
    if not _FORMS[channel].to.fullmatch(text):
        raise InvalidError(f"{text!r} is not of the form that {channel} has (such as {example(channel)})", "to")
    return text


def check_channel(text: str, offered: tuple[Channel, ...]) -> Channel:
    """Read a channel's name; raise InvalidError if it is not among those offered."""
    for one in offered:
        if one.value == text:
            return one
    raise InvalidError(f"{text!r} is not a channel of this service", "channel")


def example(channel: Channel) -> str:
    """Give what a reader's part looks like."""
    return _FORMS[channel].example


def read_way(address: str) -> Way:
    """Read a way as `Way.address` writes it; raise InvalidError."""
    name, _, to = address.partition(":")
    channel = check_channel(name, tuple(Channel))
    return Way(channel, check_to(channel, to))


def is_the_readers(channel: Channel, code: int) -> bool:
    """Say whether an answer speaks of the reader's address there; every other speaks of us, or of the server.

    Telegram says 404 where it does not know our bot.
    """
    return code in _OF_THE_READER and not (channel is Channel.TELEGRAM and code == 404)


def is_for_good(code: int) -> bool:
    """Say whether an answer of HTTP says that trying again is of no use: the reader has blocked us, or is not there."""
    return 400 <= code < 500 and code not in _LATER


def _read(line: str, number: int) -> tuple[Channel, str]:
    name, _, url = (part.strip() for part in line.partition("="))
    known = {one.value: one for one in Channel}
    if name not in known:
        forms = "; ".join(form.words for form in _FORMS.values())
        raise InvalidError(f"line {number}: this is no channel (allowed: {forms})", "channels")
    channel = known[name]
    form = _FORMS[channel]
    found = form.url.fullmatch(url)
    port = re.search(r":([0-9]+)/", url)  # of Telegram's token, the second half is none
    is_port = port is None or 0 < int(port[1]) <= _LARGEST_PORT
    if found is None or not is_port or _OURS.search(found["options"] or ""):
        raise InvalidError(
            f"line {number}: the URL of {name} is not of the form {form.words}, with a port up to 65535, none of the"
            " options to, mode, retry, wait, optional, rto, cto, overflow and format",
            "channels",
        )
    return channel, url
