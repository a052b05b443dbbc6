"""Webhooks: what other programs are told of, in which bytes, by whose signature, and what follows from their answers.

Authority: the Standard Webhooks specification (headers, signature, secrets, times between tries).
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from service.domain.errors import InvalidError
from service.domain.standing import without_addresses

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  (by which one is known as such)
SECRET_BYTES: Final = 32
TEST: Final = {"words": "This is a test. Nothing has happened."}
OVERLAP: Final = timedelta(days=1)  # in which what is told is signed by the old secret as well
GONE: Final = 410
_TARGETS_MOST: Final = 100
_LONGEST_URL: Final = 2000
_FAILS_MOST: Final = timedelta(days=3)
_WAIT_MOST: Final = timedelta(days=1)
_WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
_JITTER: Final = 0.2
_WORDS_MOST: Final = 300
_PART_OF_NAME: Final = re.compile(r"[^\s<>(),;:\"@]*\Z")
_NEAR: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


class Happening(StrEnum):
    """What is told. The value stands in what is sent: it never changes."""

    SUBSCRIBED = "subscribed"  # somebody asked to be written to; nobody has proved yet that the address is theirs
    CONFIRMED = "confirmed"  # somebody is written to from now on, or asked for more
    LEFT = "left"  # somebody is not written to any more, at their wish
    SENT = "sent"  # a letter that remembers was taken by the mail server, or a channel
    BOUNCED = "bounced"  # a letter was refused or came back, or its reader complained
    EDITION_READY = "edition_ready"  # something waits for an editor's approval
    TEST = "test"  # asked for by whoever runs the service; goes to every webhook


ASKABLE: Final = tuple(one for one in Happening if one is not Happening.TEST)


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, as it is told. `subscriber` is whose it is: it goes when they are erased.

    `once` names it, where it may be found out twice.
    """

    happening: Happening
    data: Mapping[str, Any]
    subscriber: str | None = None
    once: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one try: the status (0 if there was none), words for people, and when to try again, if said."""

    code: int
    words: str = ""
    wait: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the message has arrived."""
        return 200 <= self.code < 300


@dataclass(frozen=True, slots=True)
class Follows:
    """The state of a message after a try, when the next is due, and why its webhook is switched off (or "")."""

    state: State
    due_at: datetime | None = None
    off: str = ""


def after(answered: Answered, tries: int, failing_since: datetime | None, now: datetime, chance: float) -> Follows:
    """Decide what follows a try, the `tries`th of its message; `chance` from 0 to 1 spreads retries by a fifth.

    A webhook that is gone, or has taken nothing for three days while a message used up its tries, is switched off.
    """
    if answered.is_taken:
        return Follows(State.ACCEPTED)
    if answered.code == GONE:
        return Follows(State.FAILED, off=f"it answered {GONE}: gone")
    if tries <= len(_WAITS):
        wait = _WAITS[tries - 1] * (1 + _JITTER * (2 * chance - 1))
        return Follows(State.WAITING, now + max(wait, min(answered.wait or wait, _WAIT_MOST)))
    has_long_failed = failing_since is not None and now - failing_since >= _FAILS_MOST
    return Follows(State.FAILED, off=f"it has taken nothing for {_FAILS_MOST.days} days" if has_long_failed else "")


def seemly(words: str) -> str:
    """Give words of a receiver as they may be kept and shown: printable, short, and without names before an @.

    Of words that are cut, the last goes as well: it may be half an address.
    """
    shown = "".join(one if one.isprintable() else " " if one.isspace() else "" for one in words)
    shown = " ".join(shown.split())
    return without_addresses(_PART_OF_NAME.sub("", shown[:_WORDS_MOST]) if len(shown) > _WORDS_MOST else shown)


def body(happening: str, at: datetime, data: str) -> bytes:
    """Write what is sent: the same bytes at every try. `data` is JSON already."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f'{{"type":"{happening}","timestamp":"{moment}","data":{data}}}'.encode()


def written(data: Mapping[str, Any]) -> str:
    """Write data as JSON."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def signed(secrets: Iterable[str], id_: str, at: datetime, content: bytes) -> dict[str, str]:
    """Give the headers of a message that is sent at a moment, signed with each secret."""
    stamp = str(int(at.timestamp()))
    said = b".".join((id_.encode(), stamp.encode(), content))
    signatures = [_signature(secret, said) for secret in secrets]
    return {"webhook-id": id_, "webhook-timestamp": stamp, "webhook-signature": " ".join(signatures)}


def written_secret(random: bytes) -> str:
    """Write random bytes as a secret."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def _signature(secret: str, said: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise InvalidError("this is no secret of a webhook", "secret") from None
    return f"v1,{base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode()}"


def read_happenings(texts: Iterable[str]) -> tuple[Happening, ...]:
    """Read what a webhook is told of, each once and in our order; raise InvalidError for none, or for what is none."""
    asked = {text.strip() for text in texts if text.strip()}
    unknown = sorted(asked - set(ASKABLE))
    if unknown or not asked:
        wrong = f"{', '.join(unknown)} cannot be told" if unknown else "it would be told of nothing"
        raise InvalidError(f"{wrong} (allowed: {', '.join(ASKABLE)})", "types")
    return tuple(one for one in ASKABLE if one in asked)


def check_url(url: str, *, is_near: bool = False) -> str:
    """Check where a webhook is; raise InvalidError. What is plainly this machine or private is for `is_near` alone.

    So is plain http, which is within a private network alone.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise InvalidError(f"{url!r} is no URL (allowed: https://HOST/PATH)", "url") from None
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        allowed = f"allowed: up to {_LONGEST_URL} printable ASCII characters without spaces"
        raise InvalidError(f"this cannot stand in a request ({allowed})", "url")
    if parts.scheme not in {"https", "http"} or not host or port == 0:
        raise InvalidError(f"{url!r} is not where a webhook can be (allowed: https://HOST/PATH)", "url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidError("it may hold no user, no password and no fragment: the signature proves who sends", "url")
    if parts.scheme == "http" and not (is_near and is_private_host(host)):
        near = "it may be http for a private host alone: localhost, 10.0.0.5, crm.internal, a name without a dot"
        how = near if is_near else "it must begin with https:// (http is for private hosts, with --private)"
        raise InvalidError(how, "url")
    if not is_near and _leads_home(host):
        raise InvalidError(f"{host} is this machine or in a private network: allowed with --private alone", "url")
    return url


def host_of(url: str) -> str:
    """Give the host of a URL that was checked: what may stand where others read, as a path is often a secret."""
    return urlsplit(url).hostname or ""


def is_private_host(host: str) -> bool:
    """Say whether a host, by its name or address, is this machine or in a private network."""
    try:
        return is_private_address(host)
    except ValueError:
        return "." not in host or host.lower().endswith(_NEAR)


def _leads_home(host: str) -> bool:
    """Say the same, as sternly as can be without asking what a name leads to: 0.0.0.0 and 127.1 are this machine."""
    host = host.rstrip(".")
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_unspecified or is_private_address(host)
    except ValueError:
        return is_private_host(host) or host.rpartition(".")[2][:1].isdigit()


def is_private_address(address: str) -> bool:
    """Say whether an IP address is this machine's or a private network's; raise ValueError for what is none."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_loopback or (ip.is_private and not ip.is_unspecified) or ip.is_link_local


def subscribed(subscriber: str, language: str, targets: Iterable[str], source: str) -> Told:
    """Tell that somebody asked to be written to: without the address, of which nobody knows yet whose it is."""
    data = {"subscriber": subscriber, "language": language, "targets": _public(targets), "source": source}
    return Told(Happening.SUBSCRIBED, data, subscriber)


def confirmed(subscriber: str, address: str, language: str, targets: Iterable[str], source: str) -> Told:
    """Tell that somebody is written to from now on, or asked for more."""
    data = {
        "subscriber": subscriber,
        "address": address,
        "language": language,
        "targets": _public(targets),
        "source": source,
    }
    return Told(Happening.CONFIRMED, data, subscriber)


def arrived(
    subscriber: str, address: str, language: str, targets: Iterable[str], source: str, confirmed_at: datetime | None
) -> Told:
    """Tell of somebody who was brought: with the moment at which they agreed, as confirmed."""
    if confirmed_at is None:
        return subscribed(subscriber, language, targets, source)
    return confirmed(subscriber, address, language, targets, source)


def left(subscriber: str, address: str, why: str, source: str) -> Told:
    """Tell that somebody is not written to any more: `why` is left, or suppressed."""
    data = {"subscriber": subscriber, "address": address, "why": why, "source": source}
    return Told(Happening.LEFT, data, subscriber)


def erased(subscriber: str) -> Told:
    """Tell that somebody was erased, by the id alone, so that whoever was told of them can erase them too."""
    return Told(Happening.LEFT, {"subscriber": subscriber, "address": None, "why": "erased", "source": ""})


def bounced(subscriber: str, address: str, notice: str, reason: str, *, is_suppressed: bool) -> Told:
    """Tell that a letter did not arrive, or was complained of, and whether its reader is not written to any more."""
    data = {
        "subscriber": subscriber,
        "address": address,
        "notice": notice,
        "reason": reason,
        "suppressed": is_suppressed,
    }
    return Told(Happening.BOUNCED, data, subscriber, notice)


def sent(subscriber: str, notice: str, kind: str, edition: Mapping[str, Any]) -> Told:
    """Tell that the mail server took a letter: which and whose, and nothing of what it says."""
    data = {"subscriber": subscriber, "notice": notice, "kind": kind, **edition}
    return Told(Happening.SENT, data, subscriber, notice)


def edition_said(language: str, day: date, because: Iterable[str]) -> dict[str, Any]:
    """Give what is told of an edition with each of its letters: not that private dates are among what it tells.

    Nor its id: an edition with private dates is its reader's alone, and so is in no list that others could look into.
    """
    return {"language": language, "day": day.isoformat(), "targets": _public(because)}


def edition_ready(edition: str | None, told: Sequence[tuple[str, date]]) -> Told:
    """Tell that events on days wait for approval; `edition` is what is held for that, None while none is planned."""
    events = [{"event": event, "on": on.isoformat()} for event, on in told[:_TARGETS_MOST]]
    page = f"/admin/days/{told[0][1].isoformat()}" if told else "/admin"
    return Told(Happening.EDITION_READY, {"edition": edition, "events": events, "page": page})


def _public(targets: Iterable[str]) -> list[str]:
    """Give those that are of the public record; of private dates not even that there are any."""
    return sorted({one for one in targets if one.startswith(("collection:", "event:"))})[:_TARGETS_MOST]
