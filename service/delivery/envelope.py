"""A letter as it goes over the wire to one relay: its commands, and its content with what dots need.

What is on the wire is the stored address, byte for byte: aiosmtplib's own reader of addresses, which makes one
of two and drops what it does not understand, is not asked (`faults.md`, case 74). Authorities: RFC 5321,
section 4.5.2 (dots) and 2.3.8 (lines), RFC 1870 (SIZE), RFC 2920 (PIPELINING), RFC 6531 (SMTPUTF8).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from service.domain.errors import InvalidError
from service.domain.letter import Letter
from service.mail.headers import check_address

_LINE_START_DOT = b"\r\n."


class Enveloped(NamedTuple):
    """A letter, its MAIL and RCPT as lines without their end, and its content up to the final dot."""

    letter: Letter
    mail: bytes
    rcpt: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Offer:
    """What a relay said of itself. `largest` is in octets; 0 if it names no limit."""

    pipelining: bool = False
    size: bool = False
    largest: int = 0
    smtputf8: bool = False

    @classmethod
    def of(cls, extensions: Mapping[str, str]) -> Self:
        """Read the answer to EHLO, its keywords in small letters."""
        most = extensions.get("size", "")
        largest = int(most) if most.isdecimal() else 0
        return cls("pipelining" in extensions, "size" in extensions, largest, "smtputf8" in extensions)

    def enveloped(self, letter: Letter) -> Enveloped:
        """Put a letter into its envelope; raise InvalidError if it cannot go to this relay."""
        sender, recipient, size = letter.sender, letter.recipient, len(letter.content)
        if not letter.proven:
            check_address(recipient)
            if sender:
                check_address(sender)
        if 0 < self.largest < size:
            raise InvalidError(f"5.3.4 the relay takes letters of at most {self.largest} octets; this one has {size}")
        options = f" SIZE={size}" if self.size else ""
        if not (recipient.isascii() and sender.isascii()):
            if not self.smtputf8:
                raise InvalidError("5.6.7 the relay cannot send to an address with letters beyond ASCII (no SMTPUTF8)")
            options += " BODY=8BITMIME SMTPUTF8"
        content = letter.content if letter.proven else _for_the_wire(letter.content)
        return Enveloped(letter, f"MAIL FROM:<{sender}>{options}".encode(), f"RCPT TO:<{recipient}>".encode(), content)


def _for_the_wire(content: bytes) -> bytes:
    """Double the dots that begin a line, end the last line; raise InvalidError for a line end that is only half.

    A relay that takes CR or LF alone for a line end reads another letter than was meant (`faults.md`, case 26).
    """
    if not content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r"):
        raise InvalidError("5.6.0 the letter holds a CR or LF that is not half of a line end")
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    if content.startswith(b".") or _LINE_START_DOT in content:
        content = (b"\r\n" + content).replace(_LINE_START_DOT, b"\r\n..")[2:]
    return content
