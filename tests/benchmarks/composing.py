"""Composing a reader's letter, beside the standard library's EmailMessage, and beside the bare join of its bytes."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from service.domain.letter import Letter, Mark
from service.mail.compose import skeleton
from tests.benchmarks import seed
from tests.benchmarks.harness import Report, timed

_OURS, _STANDARD = 2000, 40


def measure(folder: Path, *, large: bool) -> Report:
    """Compare the seed's notice of the day, in English."""
    seed.record(folder)
    app, _, words = seed.letter_of_the_day(folder)
    ready = skeleton(words)
    claims = [seed.a_claim(number) for number in range(_OURS)]
    letter = app.composer.compose(claims[0], ready)
    values = _values(letter)

    def ours() -> int:
        return sum(bool(app.composer.compose(claim, ready).content) for claim in claims)

    def standard() -> int:
        return sum(bool(_by_standard(letter, words.subject, words.text, words.html, values)) for _ in range(_STANDARD))

    pieces = _pieces(letter.content, 2 * len(ready.slots) + 10)

    def joined() -> int:
        return sum(bool(b"".join(pieces)) for _ in claims)

    _check_same(letter.content, _by_standard(letter, words.subject, words.text, words.html, values))
    report = Report()
    report.compare("composing the notice of a day", "email.message.EmailMessage", timed(ours), timed(standard))
    report.compare("composing the notice of a day", "bytes.join, the limit", timed(ours), timed(joined))
    report.facts.append(
        f"The letter has {len(letter.content):,} octets and {len(ready.slots)} places for {len(ready.marks)} values;"
        f" both ways of composing read back as the same text and HTML."
    )
    return report


def _values(letter: Letter) -> dict[str, str]:
    """Give each mark's value in that letter, as its readers see it."""
    leave = message_from_bytes(letter.content)["List-Unsubscribe"].strip("<>")
    return {
        Mark.ADDRESS: letter.recipient,
        Mark.MANAGE_URL: _link(letter, "/manage/"),
        Mark.LEAVE_URL: leave,
        Mark.CONFIRM_URL: "",
    }


def _link(letter: Letter, path: str) -> str:
    words = _text(letter.content).split()
    return next(word for word in words if path in word).strip("<>.")


def _by_standard(letter: Letter, subject: str, text: str, html: str, values: dict[str, str]) -> bytes:
    for mark, value in values.items():
        text, html = text.replace(mark, value), html.replace(mark, value)
    message = EmailMessage(SMTP)
    head = message_from_bytes(letter.content)
    for name in ("From", "To", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "Feedback-ID"):
        message[name] = head[name]
    message["Subject"] = subject
    for name in ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence"):
        message[name] = head[name]
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def _check_same(ours: bytes, theirs: bytes) -> None:
    for kind in ("plain", "html"):
        assert _text(ours, kind).split() == _text(theirs, kind).split(), kind


def _text(content: bytes, kind: str = "plain") -> str:
    (part,) = (part for part in message_from_bytes(content).walk() if part.get_content_type() == f"text/{kind}")
    return bytes(part.get_payload(decode=True)).decode()


def _pieces(content: bytes, count: int) -> list[bytes]:
    size = -(-len(content) // count)
    return [content[start : start + size] for start in range(0, len(content), size)]
