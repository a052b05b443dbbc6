"""Composing a reader's letter, beside the standard library's EmailMessage, the join of its bytes, and signatures."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from itertools import repeat
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from service.app import App
from service.domain.letter import Letter, Mark
from service.mail.compose import Composer
from service.mail.dkim import KeyKind
from service.mail.keys import new_key, signer
from service.mail.skeletons import Skeleton, skeleton
from service.mail.tokens import Tokens
from service.post import house
from tests.benchmarks import seed
from tests.benchmarks.harness import Report, timed

_OURS, _STANDARD = 2000, 40
_SIGNED = 100
_SIGNATURES = 1.4  # what a letter signed with RSA-2048 may cost, in bare signatures
_COMPOSED = "composing the notice of a day"


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
    report.compare(_COMPOSED, "email.message.EmailMessage", timed(ours), timed(standard))
    report.compare(_COMPOSED, "bytes.join, the limit", timed(ours), timed(joined))
    report.facts.append(
        f"The letter has {len(letter.content):,} octets and {len(ready.slots)} places for {len(ready.marks)} values;"
        f" both ways of composing read back as the same text and HTML."
    )
    for kind in KeyKind:
        _signed(report, app, ready, kind)
    return report


def _signed(report: Report, app: App, ready: Skeleton, kind: KeyKind) -> None:
    """Compare signed letters with the bare signatures of `cryptography`, one at a time and on all cores."""
    pem = new_key(kind)
    composer = Composer(house(app.settings), Tokens((b"a secret for measuring",)), [signer(pem, "s1", "example.org")])
    bare = _bare(pem)
    claims = [seed.a_claim(number) for number in range(_SIGNED)]
    cores = os.cpu_count() or 1

    def ours(*_: object) -> int:
        return sum(bool(composer.compose(claim, ready).content) for claim in claims)

    def theirs(*_: object) -> int:
        return sum(bool(bare()) for _ in claims)

    with ThreadPoolExecutor(cores) as threads:

        def on_all(work: Callable[..., int]) -> Callable[[], int]:
            return lambda: sum(threads.map(work, repeat(None, cores)))

        alone = report.compare(f"{_COMPOSED}, {kind}", "a bare signature", timed(ours), timed(theirs))
        report.compare(
            f"{_COMPOSED}, {kind}, {cores} threads", "bare, as many", timed(on_all(ours)), timed(on_all(theirs))
        )
    costs = [
        (one.cpu / one.count, other.cpu / other.count) for one, other in zip(alone.ours, alone.theirs, strict=True)
    ]
    share = median(one / other for one, other in costs)
    goal = f" (goal 4: ≤ {_SIGNATURES} {'met' if share <= _SIGNATURES else 'MISSED'})" if kind is KeyKind.RSA else ""
    each = median(one for one, _ in costs) * 1e6
    report.facts.append(
        f"A letter signed with {kind}: {each:.0f} µs of processor time, {share:.2f} bare signatures{goal}."
    )


def _bare(pem: bytes) -> Callable[[], bytes]:
    """Give what signs one digest, as a program would that does nothing else."""
    key, digest = load_pem_private_key(pem, None), b"d" * SHA256.digest_size
    if isinstance(key, Ed25519PrivateKey):
        return lambda: key.sign(digest)
    scheme, hashed = padding.PKCS1v15(), SHA256()
    return lambda: key.sign(digest, scheme, hashed)


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
