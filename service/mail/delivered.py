"""Mail as it lies in a mailbox: for which address it came, and from whom, by what the last server wrote in its headers.

Where the envelope is gone, these headers are all there is of it. None is proof, as little as an envelope would be.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

FOR = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")  # the surest first
FIELDS = ("Return-Path", *FOR)
HEAD_MOST = 64_000  # octets of the headers that are looked at
_ADDRESSES_MOST = 500
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,255}")
_PATH = re.compile(r"<?([^<>\s]{0,320})>?")
_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom a mail came ("" from a mail system, or from who is not told), and to which address."""

    sender: str
    recipient: str


def envelope(raw: bytes, is_ours: Callable[[str], bool], is_told: Callable[[str], bool]) -> Envelope | None:
    """Read the envelope out of a mail or its headers; None if none of its addresses is ours.

    The first of our addresses counts, in the order of `FOR`; but one that says what a mail is for (`is_told`) goes
    before one that does not: where one mailbox gets everything, Delivered-To names that mailbox.
    """
    found = _END.search(raw[:HEAD_MOST])
    fields = _fields(raw[: found.start() if found else HEAD_MOST])
    named = (address for name in FOR for value in fields.get(name.lower(), ()) for address in _ADDRESS.findall(value))
    ours = [address for address in islice(named, _ADDRESSES_MOST) if is_ours(address)]
    if not ours:
        return None
    path = _PATH.fullmatch("".join(fields.get("return-path", [""])[0].split()))
    return Envelope(path[1] if path else "", next(filter(is_told, ours), ours[0]))


def _fields(head: bytes) -> dict[str, list[str]]:
    """Give the values of the headers that tell, unfolded, by their names in small letters."""
    fields: dict[str, list[str]] = {}
    wanted = {name.lower() for name in FIELDS}
    for line in re.sub(r"\r?\n[ \t]+", " ", head.decode("utf-8", "surrogateescape")).splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() in wanted:
            fields.setdefault(name.strip().lower(), []).append(value.strip())
    return fields
