"""Consent: what somebody did about being written to, how it reached us, and in which words they were asked."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Act(StrEnum):
    """What was done. The value is kept: it never changes."""

    ASKED = "asked"  # to be written to; a confirmation may have gone to the address
    CONFIRMED = "confirmed"
    BROUGHT = "brought"  # by an editor or a file that names when they agreed
    ENDED = "ended"  # one collection or event
    LEFT = "left"
    CAME_BACK = "came back"  # by undoing what they ended
    MOVED = "moved"  # to another address, confirmed from there


AGREEING = (Act.CONFIRMED, Act.CAME_BACK, Act.MOVED)  # what its owner alone does, who wants to be written to


@dataclass(frozen=True, slots=True)
class Wording:
    """The words to which somebody agreed, as they stood before them, and their language."""

    language: str
    words: str


@dataclass(frozen=True, slots=True)
class Came:
    """How an act reached us: from where, and from which network (a prefix of `network_of`, "" if it had none)."""

    source: str = "page"
    network: str = ""
    wording: Wording | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One act as it is kept. `wording` is the version of the words, "" if there were none."""

    act: Act
    at: datetime
    source: str
    network: str
    wording: str
    details: Mapping[str, Any] = field(default_factory=dict)


def network_of(address: str) -> str:
    """Give the network of an address: of IPv4 its first 24 bits, of IPv6 its first 64, which one household has.

    An IPv4 address within IPv6 is that address. What is no address is given back as it is.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    ip = mapped or ip
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 64), strict=False))
