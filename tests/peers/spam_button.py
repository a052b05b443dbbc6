"""What a provider sends when a reader presses "this is spam": a feedback report (RFC 5965), redacted as they do.

Whose address it was is struck out (RFC 6650, section 4.4, allows it), in the report and everywhere in the letter that
is returned, headers and text alike. What stays are its Message-ID, its return path and its links.
"""

import re
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import format_datetime, make_msgid

from tests.peers.exim import Server

SENDER = "feedback@readers.test"


async def press(server: Server, letter: bytes, to: str) -> None:
    """Complain of a letter that a mailbox of the server has got; the report is mailed to an address of ours."""
    await server.post(SENDER, to, report(letter, to))


def report(letter: bytes, to: str) -> bytes:
    """Write the report about a letter as it lies in a mailbox, with the trace that the server put on top."""
    traced = BytesHeaderParser().parsebytes(letter)
    reader, now = str(traced["Envelope-to"]), format_datetime(datetime.now(UTC))
    headers = {
        "From": SENDER,
        "To": to,
        "Date": now,
        "Subject": "Complaint about a message",
        "Message-ID": make_msgid(domain="readers.test"),
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/report; report-type=feedback-report; boundary="=_spam"',
    }
    told = {
        "Feedback-Type": "abuse",
        "User-Agent": "Readers-FBL/1.0",
        "Version": "1",
        "Original-Mail-From": str(traced["Return-path"]),
        "Original-Rcpt-To": f"<redacted@{reader.partition('@')[2]}>",
        "Arrival-Date": now,
        "Source-IP": "127.0.0.1",
    }
    parts = {
        "text/plain; charset=us-ascii": b"A reader says that this message is spam.\r\n",
        "message/feedback-report": _fields(told),
        "message/rfc822": re.sub(re.escape(reader.encode()), b"redacted", letter, flags=re.IGNORECASE),
    }
    body = b"".join(
        b"\r\n--=_spam\r\n%b\r\n%b" % (_fields({"Content-Type": kind}), part) for kind, part in parts.items()
    )
    return _fields(headers) + body + b"\r\n--=_spam--\r\n"


def _fields(named: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in named.items()).encode()
