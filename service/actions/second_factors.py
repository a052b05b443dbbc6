"""Second factors that are typed: the codes of an authenticator (RFC 6238), and recovery codes for when it is lost."""

import hashlib
import hmac
import io
import secrets
from datetime import datetime, timedelta

import pyotp
import segno

from service.actions.subscribing import Desk
from service.mail.tokens import Purpose, read_stamp, stamp
from service.store import editors, factors
from service.store.dialect import Tx

RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read in two ways
_GROUPS, _GROUP = 4, 4
_PROVED_WITHIN = timedelta(hours=1)
_SKEW = (-1, 0, 1)  # steps of thirty seconds by which a clock may be wrong


def new_secret(desk: Desk, editor: str, now: datetime) -> tuple[str, str]:
    """Give a secret for an authenticator to keep, and the same in a form that its page carries until it is proved."""
    secret = pyotp.random_base32()
    return secret, desk.tokens.sign(Purpose.FACTOR, "authenticator", editor, secret, stamp(now + _PROVED_WITHIN))


def secret_in(desk: Desk, carried: str, editor: str, now: datetime) -> str | None:
    """Give the secret that a page carries; None if it is of somebody else, or too old."""
    parts = desk.tokens.read(Purpose.FACTOR, carried)
    if parts is None or len(parts) != 4 or parts[:2] != ("authenticator", editor):
        return None
    until = read_stamp(parts[3])
    return parts[2] if until is not None and until >= now else None


def drawing(secret: str, address: str, service_name: str) -> str:
    """Give the square code that an authenticator reads, as an SVG element."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=address, issuer_name=service_name)
    out = io.BytesIO()
    look = {"dark": "#000", "light": "#fff", "border": 4, "scale": 5}
    segno.make(uri, error="m", micro=False).save(out, kind="svg", xmldecl=False, svgns=True, omitsize=False, **look)
    return out.getvalue().decode().strip()


def step_of(secret: str, code: str, now: datetime, after: int | None) -> int | None:
    """Give the time step of which this is the code, if it is later than the last one that was accepted."""
    otp = pyotp.TOTP(secret)
    given = "".join(code.split()).encode()
    present = otp.timecode(now)
    fitting = [
        step
        for step in (present + skew for skew in _SKEW)
        if hmac.compare_digest(otp.generate_otp(step).encode(), given) and (after is None or step > after)
    ]
    return fitting[0] if fitting else None


async def take(tx: Tx, editor: str, code: str, now: datetime) -> str:
    """Take a code of either kind, and say of which: "authenticator" or "recovery code"; "" if it is neither.

    Each is taken once (`faults.md`, case 110).
    """
    known = await editors.secrets_of(tx, editor)
    step = step_of(known.totp_secret, code, now, known.totp_step) if known.totp_secret else None
    if step is not None and await editors.take_step(tx, editor, step):
        return "authenticator"
    return "recovery code" if await factors.take_code(tx, editor, _hash(editor, code), now) else ""


async def new_codes(tx: Tx, editor: str) -> list[str]:
    """Make new recovery codes in place of all others; they are shown now, and never again."""
    codes = [_code() for _ in range(RECOVERY_CODES)]
    await factors.set_codes(tx, editor, [_hash(editor, code) for code in codes])
    return codes


def _code() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def _hash(editor: str, code: str) -> str:
    """Hash a code as it may be typed; it has 79 bits of chance, so that a slow hash would add nothing."""
    plain = "".join(character for character in code.casefold() if character.isalnum())
    return hashlib.sha256(f"{editor} {plain}".encode("utf-8", "surrogatepass")).hexdigest()
