"""A letter: the bytes of one notice, and the marks that stand for the reader's own values until then."""

from dataclasses import dataclass, field
from enum import IntFlag, StrEnum


class Mark(StrEnum):
    """What stands in a rendered edition where each reader's own value will be.

    The values pass through templates, MJML and the style inliner unchanged, and no text contains them.
    """

    ADDRESS = "RMBRzADDRESSz4f1c"
    MANAGE_URL = "RMBRzMANAGEzURLz4f1c"
    LEAVE_URL = "RMBRzLEAVEzURLz4f1c"
    CONFIRM_URL = "RMBRzCONFIRMzURLz4f1c"


class Variant(IntFlag):
    """What a letter is made of, as its reader wants it. The numbers are kept: they never change."""

    BOTH_PARTS = 0  # its text and its HTML
    PLAIN = 1  # its text alone
    CALENDAR = 2  # with a calendar file, where it tells of days
    LATE = 4  # with a sentence that says so; no reader's wish, but settled when the letter is first claimed


def variant_of(*, plain: bool, calendar: bool) -> Variant:
    """Give what letters are made of whose reader wants them plain, or with a calendar file."""
    return Variant(plain * Variant.PLAIN + calendar * Variant.CALENDAR)


@dataclass(frozen=True, slots=True)
class Words:
    """What an edition says, rendered once: subject, HTML and text, with marks in them.

    `calendar` is the file for those who want it, as RFC 5545 has it, and `late` the sentence for a letter that leaves
    late; "" if there is none. Neither is what the edition is known by.
    """

    subject: str
    html: str
    text: str
    calendar: str = field(default="", compare=False)
    late: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice as it goes to the relay: the envelope's two addresses and the content, CRLF lines, 7 bit.

    `proven` is for who composed it from parts that were looked through once: every line ends in CRLF, the last
    one too, no CR or LF stands alone, no line begins with a dot, and both addresses can stand in an envelope.
    Otherwise the wire looks through each letter.
    """

    notice: str
    sender: str
    recipient: str
    content: bytes
    proven: bool = False
