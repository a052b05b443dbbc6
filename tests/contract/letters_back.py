"""Mail that comes back, as servers and providers write it; and a mail server's part of LMTP (smtplib's)."""

import asyncio
import smtplib
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def a_report(status: str, recipient: str = "ani@example.org", action: str = "failed", words: str = "") -> bytes:
    """A delivery report (RFC 3464)."""
    diagnostic = f"Diagnostic-Code: smtp; {words}\n" if words else ""
    return f"""From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: undisclosed-recipients:;
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered.
--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
{diagnostic}
--=_b--
""".replace("\n", "\r\n").encode()


def a_complaint(quoted: str, feedback: str = "abuse") -> bytes:
    """A feedback report (RFC 5965) whose recipient is redacted; `quoted` are headers of the letter."""
    return f"""From: <feedback@provider.example>
To: <abuse@remember.example>
Subject: complaint about a message
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=_f"

--=_f
Content-Type: text/plain; charset=us-ascii

This is an email abuse report.
--=_f
Content-Type: message/feedback-report

Feedback-Type: {feedback}
User-Agent: Provider/1.0
Version: 1
Original-Rcpt-To: <redacted@example.org>

--=_f
Content-Type: text/rfc822-headers

{quoted}
--=_f--
""".replace("\n", "\r\n").encode()


def a_mail(sender: str, subject: str = "", *headers: str, body: str = "Thank you.") -> bytes:
    """What a person writes."""
    lines = [f"From: Ani <{sender}>", f"Subject: {subject}", "Message-ID: <own@example.org>", *headers, "", body, ""]
    return "\r\n".join(lines).encode()


async def hand_over(port: int, work: Callable[[smtplib.LMTP], T]) -> T:
    """Do a mail server's work on a connection of its own, beside the event loop."""

    def beside() -> T:
        with smtplib.LMTP("127.0.0.1", port, timeout=30) as lmtp:
            return work(lmtp)

    return await asyncio.to_thread(beside)


def said(lmtp: smtplib.LMTP, sender: str, recipients: Sequence[str], content: bytes) -> list[tuple[int, bytes]]:
    """Hand over one mail; gives the answer to each RCPT, then, if any was taken, to the content for each of these."""
    lmtp.ehlo_or_helo_if_needed()
    lmtp.mail(sender)
    answers = [lmtp.rcpt(recipient) for recipient in recipients]
    taken = sum(code == 250 for code, _ in answers)
    if taken:
        answers.append(lmtp.data(content))
        answers += [lmtp.getreply() for _ in range(taken - 1)]
    return answers
