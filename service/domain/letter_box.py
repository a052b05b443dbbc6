"""The letter box: which addresses are ours, and what mail to each of them is for. Pure.

Of a domain all whose mail comes to us, they are `subscribe+NAME@DOMAIN` and so on; of one mailbox whose provider knows
sub-addresses (RFC 5233), `MAILBOX+subscribe+NAME@DOMAIN`. Case is no difference: mail servers on the way change it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from service.domain.errors import InvalidError

ALLOWED = "@DOMAIN if all its mail comes here, or MAILBOX+@DOMAIN with a mailbox of at most 6 characters"
_LONGEST_MAILBOX = 6  # RFC 5321, section 4.5.3.1.1: 64 octets before the @, of which the longest token takes 57
_SETTING = re.compile(r"(?:(?P<mailbox>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\+)?@(?P<domain>[A-Za-z0-9.-]+)")


class For(StrEnum):
    """What mail to an address of ours is for. The value stands in addresses: it never changes."""

    RETURN = "b"  # what became of a letter; with a token that says of which
    SUBSCRIBE = "subscribe"  # to a collection
    UNSUBSCRIBE = "unsubscribe"
    LEAVE = "leave"  # with a token: at once
    CONFIRM = "confirm"  # with a token: by answering
    MANAGE = "manage"
    HELP = "help"
    HOUSE = ""  # whoever letters come from, and those whom every domain has (RFC 2142)


_WITH_MORE = {word.value: word for word in For if word}
_OF_EVERY_DOMAIN = {"abuse", "postmaster", "mailer-daemon", "fbl"}


@dataclass(frozen=True, slots=True)
class Addressed:
    """What a mail is for, and what its address says beside: a collection, or a token; in small letters."""

    to: For
    more: str = ""


@dataclass(frozen=True, slots=True)
class LetterBox:
    """The addresses of one installation; `own` is the local part that letters come from."""

    domain: str
    mailbox: str = ""
    own: str = ""

    @classmethod
    def of(cls, setting: str, sender: str) -> Self:
        """Read the setting; "" stands for the domain of `sender`, the address that letters come from.

        Raises InvalidError for any other form than the allowed ones.
        """
        own, _, domain = sender.lower().rpartition("@")
        match = _SETTING.fullmatch(setting.strip() or f"@{domain}")
        if match is None or len(match["mailbox"] or "") > _LONGEST_MAILBOX:
            raise InvalidError(f"{setting!r} is no letter box (allowed: {ALLOWED})", "letter_box")
        named, mailbox = match["domain"].lower(), (match["mailbox"] or "").lower()
        return cls(named, mailbox, own if named == domain else "")

    def __str__(self) -> str:
        return f"{self.mailbox}+@{self.domain}" if self.mailbox else f"@{self.domain}"

    def address(self, to: For, more: str = "") -> str:
        """Give an address of ours."""
        local = "+".join(filter(None, (self.mailbox, to.value, more)))
        return f"{local}@{self.domain}"

    def read(self, recipient: str) -> Addressed | None:
        """Say what mail to an address is for; None if it is not ours."""
        local, _, domain = recipient.strip().strip("<>").lower().rpartition("@")
        if domain != self.domain:
            return None
        if local == self.own or local in {self.mailbox, *_OF_EVERY_DOMAIN} - {""}:
            return Addressed(For.HOUSE)
        if self.mailbox:
            mailbox, _, local = local.partition("+")
            if mailbox != self.mailbox:
                return None
        word, _, more = local.partition("+")
        return Addressed(_WITH_MORE[word], more) if word in _WITH_MORE else None
