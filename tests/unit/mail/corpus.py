"""Shapes of mail that comes back, written after the RFCs and what the programs are publicly known to write.

Each has a name, its bytes, and what is to be heard in it. All people and domains are invented.
"""

# ruff: noqa: E501  (a shape is a line of a table)

import base64
from dataclasses import dataclass

from service.domain.heard import What
from service.domain.retry import Effect

LETTER = "<hpqsk3vnbq2m@remember.example.org>"
SUPPRESS, SCORE, LANE, NOTHING = Effect.SUPPRESS, Effect.SCORE, Effect.CLOSE_LANE, None
_RETURNED = f"""From: Remembrancer <remembrancer@remember.example.org>
To: ani@example.com
Subject: In memory
Message-ID: {LETTER}
Feedback-ID: e1:notice:remembrancer
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """One mail, and what is to be heard in it; `effect` only of a bounce."""

    name: str
    raw: bytes
    what: What
    status: str = ""
    reason: str = ""
    effect: Effect | None = None
    sender: str = ""
    quotes: bool = False


def report(name: str, fields: str, what: What, status: str, reason: str = "", effect: Effect | None = None) -> Shape:
    """Make a delivery report (RFC 3462, 3464) with these fields of its recipients."""
    text = f"""From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: b+x@remember.example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Sun, 27 Sep 2026 05:00:02 +0000

{fields}
--=_b
Content-Type: message/rfc822

{_RETURNED}
In memory.
--=_b--
"""
    return Shape(name, _wire(text), what, status, reason, effect, quotes=True)


def feedback(name: str, fields: str, what: What, *, returned: str = _RETURNED) -> Shape:
    """Make a feedback report (RFC 5965)."""
    text = f"""From: <abuse-reports@isp.example.net>
To: b+x@remember.example.org
Subject: Email Feedback Report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=_f"

--=_f
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report for an email message received from 192.0.2.1.
--=_f
Content-Type: message/feedback-report

{fields}
--=_f
Content-Type: message/rfc822

{returned}
--=_f--
"""
    return Shape(name, _wire(text), what, sender="abuse-reports@isp.example.net", quotes=LETTER in returned)


def stray(
    name: str, headers: str, body: str, what: What, status: str = "", reason: str = "", effect: Effect | None = None
) -> Shape:
    """Make a bounce in a form of its own, with an empty sender."""
    text = f"{headers.strip()}\nTo: b+x@remember.example.org\n\n{body.strip()}\n"
    return Shape(name, _wire(text), what, status, reason, effect, quotes=LETTER in body)


def written(name: str, headers: str, what: What, sender: str = "ani@example.com", body: str = "Thank you.") -> Shape:
    """Make a mail with an ordinary sender."""
    text = f"From: Ani <{sender}>\nTo: remembrancer@remember.example.org\n{headers.strip()}\n\n{body}\n"
    return Shape(name, _wire(text), what, sender=sender)


def failed(status: str, words: str, action: str = "failed") -> str:
    """Give the fields of one recipient."""
    return (
        f"Original-Recipient: rfc822;ani@example.com\nFinal-Recipient: rfc822; ani@example.com\nAction: {action}\n"
        f"Status: {status}\nDiagnostic-Code: smtp; {words}\n"
    )


def _wire(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")


B, D, P, C, A = What.BOUNCED, What.DELAYED, What.PASSED_ON, What.COMPLAINT, What.AUTOMATIC
_UNKNOWN = "no such mailbox"
_DAEMON = "From: MAILER-DAEMON@mx.example.com\nSubject: failure notice"

REPORTS = (
    report("postfix: user unknown", failed("5.1.1", "550 5.1.1 <ani@example.com>: Recipient address rejected: User unknown"), B, "5.1.1", _UNKNOWN, SUPPRESS),
    report("gmail: no such account", failed("5.1.1", "550-5.1.1 The email account that you tried to reach does not exist."), B, "5.1.1", _UNKNOWN, SUPPRESS),
    report("exchange: recipient not found", failed("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"), B, "5.1.10", _UNKNOWN, SUPPRESS),
    report("null MX", failed("5.1.10", "556 5.1.10 Recipient address has a null MX"), B, "5.1.10", _UNKNOWN, SUPPRESS),
    report("bad domain", failed("5.1.2", "550 5.1.2 Host or domain name not found"), B, "5.1.2", _UNKNOWN, SUPPRESS),
    report("moved, no forwarding", failed("5.1.6", "551 5.1.6 user has moved"), B, "5.1.6", _UNKNOWN, SUPPRESS),
    report("general status, precise words", failed("5.0.0", "550 5.1.1 unknown or illegal alias"), B, "5.1.1", _UNKNOWN, SUPPRESS),
    report("general status and words", failed("5.0.0", "554 delivery error"), B, "5.0.0", "refused", SCORE),
    report("yahoo: disabled", failed("5.0.0", "554 30 Sorry, your message to ani@example.com cannot be delivered. This mailbox is disabled (554.30)."), B, "5.0.0", "refused", SCORE),
    report("mailbox disabled", failed("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled"), B, "5.2.1", "refused", SCORE),
    report("mailbox full for good", failed("5.2.2", "552 5.2.2 The email account that you tried to reach is over quota"), B, "5.2.2", "mailbox full", NOTHING),
    report("mailbox full, given up", failed("4.2.2", "452 4.2.2 The recipient's inbox is out of storage space"), B, "4.2.2", "mailbox full", NOTHING),
    report("given up after days", failed("4.4.7", "delivery time expired"), B, "4.4.7", "given up", NOTHING),
    report("unreachable, given up", failed("4.4.1", "connect to mx.example.com[203.0.113.9]:25: Connection timed out"), B, "4.4.1", "given up", NOTHING),
    report("unknown for now, given up", failed("4.1.1", "450 4.1.1 unverified address"), B, "4.1.1", "given up", NOTHING),
    report("microsoft: policy", failed("5.7.515", "550 5.7.515 Access denied, sending domain does not meet the required authentication level"), B, "5.7.515", "policy", LANE),
    report("gmail: unauthenticated", failed("5.7.26", "550-5.7.26 This mail has been blocked because the sender is unauthenticated."), B, "5.7.26", "policy", LANE),
    report("blocked by a list", failed("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using a list"), B, "5.7.1", "policy", LANE),
    report("policy, general status", failed("5.0.0", "550 5.7.1 Unauthenticated email is not accepted"), B, "5.7.1", "policy", LANE),
    report("policy, given up", failed("4.7.0", "421 4.7.0 Our system has detected an unusual rate of mail"), B, "4.7.0", "policy", LANE),
    report("too large", failed("5.3.4", "552 5.3.4 Message size exceeds fixed limit"), B, "5.3.4", "too large", Effect.STOP_EDITION),
    report("loop", failed("5.4.6", "554 5.4.6 Routing loop detected"), B, "5.4.6", "refused", SCORE),
    report("relay denied", failed("5.7.1", "550 5.7.1 Unable to relay"), B, "5.7.1", "policy", LANE),
    report("content refused", failed("5.6.0", "554 5.6.0 Message content rejected"), B, "5.6.0", "content", Effect.SUSPECT_EDITION),
    report("sender's address refused", failed("5.1.8", "553 5.1.8 Bad sender's system address"), B, "5.1.8", "sender refused", Effect.BLAME_RELAY),
    report("delayed", failed("4.4.1", "connect to mx.example.com: Connection timed out", "delayed") + "Will-Retry-Until: Fri, 2 Oct 2026 05:00:02 +0000\n", D, "4.4.1"),
    report("delayed, greylisted", failed("4.2.0", "450 4.2.0 Greylisted, see help", "delayed"), D, "4.2.0"),
    report("delayed, full", failed("4.2.2", "452 4.2.2 over quota", "delayed"), D, "4.2.2"),
    report("delayed although the class says failed", failed("5.2.2", "552 5.2.2 over quota", "delayed"), D, "5.2.2"),
    report("delivered", failed("2.0.0", "250 2.0.0 OK", "delivered"), P, "2.0.0"),
    report("relayed", failed("2.0.0", "250 2.0.0 OK", "relayed"), P, "2.0.0"),
    report("relayed to a mailer without reports", failed("2.0.0", "250 OK", "relayed (to mailer not supporting DSN)"), P, "2.0.0"),
    report("expanded", failed("2.1.5", "250 2.1.5 OK", "expanded"), P, "2.1.5"),
    report("action in capitals", failed("5.1.1", "550 5.1.1 unknown", "FAILED"), B, "5.1.1", _UNKNOWN, SUPPRESS),
    report("action with a remark", failed("5.1.1", "550 5.1.1 unknown", "failed (bad address)"), B, "5.1.1", _UNKNOWN, SUPPRESS),
    report("no action, lasting status", "Final-Recipient: rfc822; ani@example.com\nStatus: 5.1.1\n", B, "5.1.1", _UNKNOWN, SUPPRESS),
    report("no action, passing status", "Final-Recipient: rfc822; ani@example.com\nStatus: 4.3.0\n", D, "4.3.0"),
    report("folded words", "Final-Recipient: rfc822; ani@example.com\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550\n 5.1.1 no such\n user\n", B, "5.1.1", _UNKNOWN, SUPPRESS),
    report("x400", "Final-Recipient: x400; /c=am/a=post/s=ani/\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: x-unknown; bad\n", B, "5.1.1", _UNKNOWN, SUPPRESS),
    report("several recipients, the gravest", failed("2.0.0", "250 ok", "delivered") + "\n" + failed("5.1.1", "550 5.1.1 unknown"), B, "5.1.1", _UNKNOWN, SUPPRESS),
    report("beyond ASCII (RFC 6533)", "Final-Recipient: utf-8; անի@example.com\nAction: failed\nStatus: 5.1.1\n", B, "5.1.1", _UNKNOWN, SUPPRESS),
)  # fmt: skip

_FIELDS = (
    "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; ani@example.com\nAction: failed\nStatus: 5.1.1\n"
)
_IN_BASE64 = base64.encodebytes(_FIELDS.encode()).decode()


def changed(name: str, *changes: tuple[str, str]) -> Shape:
    """Make a report of a user unknown with other words in some places."""
    text = REPORTS[0].raw.decode().replace("\r\n", "\n")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return Shape(name, _wire(text), B, "5.1.1", _UNKNOWN, SUPPRESS, quotes=True)


_OWN = REPORTS[0].raw.decode().replace("\r\n", "\n")
_FIELDS_AS_SENT = _OWN[_OWN.index("Reporting-MTA") : _OWN.index("--=_b\nContent-Type: message/rfc822")]
ODD_REPORTS = (
    changed("international (RFC 6533)", ("message/delivery-status", "message/global-delivery-status")),
    changed("fields in base64", ("message/delivery-status", "message/delivery-status\nContent-Transfer-Encoding: base64"), (_FIELDS_AS_SENT, _IN_BASE64)),
    changed("only the headers returned", ("message/rfc822", "text/rfc822-headers")),
    Shape("a person who forwards a bounce", _wire("From: Ani <ani@example.com>\nSubject: Fwd: Undelivered\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=P\n\n--P\nContent-Type: text/plain\n\nWhat is this?\n\n--P\nContent-Type: message/rfc822\n\n" + _OWN + "\n--P--\n"), What.PERSON, sender="ani@example.com"),
)  # fmt: skip

FEEDBACKS = (
    feedback("abuse", "Feedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n", C),
    feedback("abuse, fields", "Feedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: <ani@example.com>\nSource-IP: 192.0.2.1\n", C),
    feedback("abuse, redacted", "Feedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: <redacted@isp.example.net>\nRemoval-Recipient: redacted\n", C),
    feedback("abuse, nothing returned", "Feedback-Type: abuse\nVersion: 1\n", C, returned="Subject: removed\n"),
    feedback("fraud", "Feedback-Type: fraud\nVersion: 1\n", C),
    feedback("other", "Feedback-Type: other\nVersion: 1\n", C),
    feedback("opt-out", "Feedback-Type: opt-out\nVersion: 1\n", C),
    feedback("a type nobody knows", "Feedback-Type: x-miscategorized\nVersion: 1\n", C),
    feedback("not spam", "Feedback-Type: not-spam\nVersion: 1\n", A),
    feedback("authentication failure (RFC 6591)", "Feedback-Type: auth-failure\nAuth-Failure: dmarc\nVersion: 1\n", A),
    feedback("virus", "Feedback-Type: virus\nVersion: 1\n", A),
)  # fmt: skip

STRAYS = (
    stray("qmail", _DAEMON, f"Hi. This is the qmail-send program at mx.example.com.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<ani@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nMessage-ID: {LETTER}\n", B, "5.1.1", _UNKNOWN, SUPPRESS),
    stray("qmail: too long in the queue", _DAEMON, "Hi. This is the qmail-send program at mx.example.com.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<ani@example.com>:\nI'm not going to try again; this message has been in the queue too long. (#4.4.1)\n", B, "4.4.1", "given up", NOTHING),
    stray("exim", "From: Mail Delivery System <Mailer-Daemon@mx.example.com>\nX-Failed-Recipients: ani@example.com\nAuto-Submitted: auto-replied\nSubject: Mail delivery failed: returning message to sender", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  ani@example.com\n    host mx.example.com [203.0.113.9]\n    550 5.1.1 <ani@example.com>: User unknown", B, "5.1.1", _UNKNOWN, SUPPRESS),
    stray("exim without a status", "From: Mail Delivery System <Mailer-Daemon@mx.example.com>\nX-Failed-Recipients: ani@example.com\nSubject: Mail delivery failed", "The following address(es) failed:\n\n  ani@example.com\n    unrouteable address", B, "", "refused", SCORE),
    stray("sendmail of old", "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.com>\nSubject: Returned mail: User unknown", "   ----- The following addresses had permanent fatal errors -----\n<ani@example.com>\n\n   ----- Transcript of session follows -----\n550 <ani@example.com>... User unknown", B, "5.0.0", "refused", SCORE),
    stray("a delay in words", "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.com>\nSubject: Warning: could not send message for past 4 hours", "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\nThe original message was received at Sun, 27 Sep 2026\n\n   ----- The following addresses had transient non-fatal errors -----\n<ani@example.com>\n", D),
    stray("a bounce that nobody knows", "From: postmaster@mx.example.com\nSubject: Your message", "It was not possible to do what was wanted.", A),
)  # fmt: skip

ANSWERS = (
    written("out of office", "Subject: Out of Office: In memory\nAuto-Submitted: auto-replied", A),
    written("exchange: automatic reply", "Subject: Automatic reply: In memory\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated", A),
    written("vacation of old, by its precedence", "Subject: I am away\nPrecedence: junk", A),
    written("auto_reply", "Subject: Re: In memory\nPrecedence: auto_reply", A),
    written("autoreply by its own header", "Subject: Re: In memory\nX-Autoreply: yes", A),
    written("autorespond", "Subject: Re: In memory\nX-Autorespond: In memory", A),
    written("german, by its subject", "Subject: Abwesenheitsnotiz: Gedenken", A),
    written("french, encoded subject", "Subject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_En_m=C3=A9moire?=", A),
    written("spanish", "Subject: =?utf-8?b?UmVzcHVlc3RhIGF1dG9tw6F0aWNhOiBFbiBtZW1vcmlh?=", A),
    written("russian", "Subject: =?utf-8?b?0JDQstGC0L7QvtGC0LLQtdGC?=", A),
    written("challenge (TMDA)", "Subject: Please confirm your message\nX-TMDA-Fingerprint: abc", A),
    written("challenge (BoxTrapper)", "Subject: Your email requires verification\nX-Boxtrapper: abc\nPrecedence: bulk", A),
    written("read receipt (RFC 8098)", "Subject: Read: In memory\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=x", A, body="--x\nContent-Type: text/plain\n\nread\n--x\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;ani@example.com\nDisposition: manual-action/MDN-sent-manually; displayed\n--x--"),
    written("aggregate report (RFC 7489)", "Subject: Report Domain: remember.example.org Submitter: isp.example.net\nAuto-Submitted: auto-generated\nContent-Type: application/gzip", A, "noreply-dmarc@isp.example.net"),
    written("ticket opened", "Subject: [Ticket#42] We received your request\nAuto-Submitted: auto-replied\nPrecedence: bulk", A, "help@desk.example.net"),
    written("hebrew", "Subject: מענה אוטומטי: לזכר", A),
    written("japanese", "Subject: =?utf-8?b?6Ieq5YuV5b+c562UOiBUb2RheQ==?=", A),
    written("challenge (TMDA of old)", "Subject: Please confirm your message\nX-TMDA-Confirm: yes", A),
    written("nobody reads the answer", "Subject: Your order", A, "no-reply@shop.example.net"),
    written("aggregate report without a header", "Subject: Report domain: remember.example.org Submitter: example.com\nContent-Type: application/zip", A, "dmarc@isp.example.net"),
    written("listserv, by its owner", "Subject: FRIENDS Digest", What.LISTED, "owner-friends@lists.example.net"),
    written("list mail", "Subject: [history] Digest\nList-Id: <history.example.net>\nPrecedence: list", What.LISTED, "history@lists.example.net"),
    written("newsletter", "Subject: News\nList-Unsubscribe: <https://news.example.net/leave>\nPrecedence: bulk", What.LISTED, "news@news.example.net"),
    written("a person's answer", "Subject: Re: In memory\nIn-Reply-To: <a@remember.example.org>", What.PERSON),
    written("a person who says so", "Subject: Re: In memory\nAuto-Submitted: no", What.PERSON),
    written("a person who writes of the office", "Subject: I was out of the office", What.PERSON),
    written("a person who mentions a failure", "Subject: delivery failed?", What.PERSON, body="Your letter of 550 5.1.1 came back."),
    written("a command", "Subject: subscribe wars", What.PERSON),
    written("a name of no charset", "Subject: =?x-nothing?q?h=FF?= hello\nContent-Type: text/plain; charset=x-nothing", What.PERSON),
)  # fmt: skip

SHAPES = (*REPORTS, *ODD_REPORTS, *FEEDBACKS, *STRAYS, *ANSWERS)
