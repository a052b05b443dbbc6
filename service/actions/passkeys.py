"""Passkeys (WebAuthn, level 3): what a browser is asked, and whether its answer was signed by a key that we know.

The library is loaded when somebody uses one: it takes half a second, which no other command should wait for.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.actions.subscribing import Desk
from service.domain.editor import Editor
from service.domain.errors import InvalidError
from service.mail.tokens import Purpose, read_stamp, stamp
from service.store import requests
from service.store.dialect import Tx, one_at_a_time
from service.store.factors import Passkey

DOOR = "door"  # whom a challenge is for who has not said who they are
_ANSWERED_WITHIN = timedelta(minutes=10)
_CHALLENGE_BYTES = 32
# What the library may run into when it reads what anybody may send.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys are for: the machine's name, the origin of the pages, and what the service is called."""

    host: str
    origin: str
    name: str


def new_challenge(desk: Desk, subject: str, now: datetime) -> tuple[bytes, str]:
    """Give what is to be signed, and the same in a form that its page carries and nobody else can make."""
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    return challenge, desk.tokens.sign(
        Purpose.FACTOR, "passkey", subject, challenge.hex(), stamp(now + _ANSWERED_WITHIN)
    )


async def take_challenge(tx: Tx, desk: Desk, asked: str, subject: str, now: datetime) -> bytes | None:
    """Give what was to be signed; None if it was not asked of this subject, is too old, or was answered before."""
    parts = desk.tokens.read(Purpose.FACTOR, asked)
    if parts is None or len(parts) != 4 or parts[:2] != ("passkey", subject):
        return None
    until = read_stamp(parts[3])
    if until is None or until < now:
        return None
    await one_at_a_time(tx, "attempts")
    if await requests.count(tx, "passkey", parts[2], now - 2 * _ANSWERED_WITHIN):
        return None
    await requests.note(tx, "passkey", parts[2], now)
    return bytes.fromhex(parts[2])


def options_to_register(place: Place, editor: Editor, known: Sequence[Passkey], challenge: bytes) -> str:
    """Give what a browser is asked to make a passkey, as JSON."""
    import webauthn  # noqa: PLC0415
    from webauthn.helpers import structs  # noqa: PLC0415

    asked = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name=place.name,
        user_id=editor.id.encode(),
        user_name=editor.address,
        user_display_name=editor.name or editor.address,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_described(known),
    )
    return webauthn.options_to_json(asked)


def registered(place: Place, editor: Editor, answer: str, challenge: bytes, label: str, now: datetime) -> Passkey:
    """Read a browser's answer to what it was asked; raise InvalidError if it is none."""
    import webauthn  # noqa: PLC0415
    from webauthn.helpers import bytes_to_base64url, exceptions  # noqa: PLC0415

    try:
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=place.host, expected_origin=place.origin
        )
    except (exceptions.WebAuthnException, *_UNREADABLE) as error:
        raise InvalidError(f"not a passkey: {type(error).__name__}", "passkey") from None
    id_ = bytes_to_base64url(made.credential_id)
    return Passkey(id_, editor.id, made.credential_public_key, made.sign_count, label, now)


def options_to_prove(place: Place, known: Sequence[Passkey], challenge: bytes, *, alone: bool = False) -> str:
    """Give what a browser is asked to sign, as JSON; `alone`: no password was shown before, so it asks its owner."""
    import webauthn  # noqa: PLC0415
    from webauthn.helpers.structs import UserVerificationRequirement  # noqa: PLC0415

    wanted = UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
    asked = webauthn.generate_authentication_options(
        rp_id=place.host, challenge=challenge, allow_credentials=_described(known), user_verification=wanted
    )
    return webauthn.options_to_json(asked)


def id_in(answer: str) -> str:
    """Give the id of the passkey by which a browser's answer says that it was signed; "" if it says none."""
    from webauthn.helpers import exceptions, parse_authentication_credential_json  # noqa: PLC0415

    try:
        return parse_authentication_credential_json(answer).id
    except (exceptions.WebAuthnException, *_UNREADABLE):
        return ""


def proved(place: Place, passkey: Passkey, answer: str, challenge: bytes, *, alone: bool = False) -> int:
    """Give the new counter of a passkey that signed what it was asked; raise InvalidError if it did not."""
    import webauthn  # noqa: PLC0415
    from webauthn.helpers import exceptions  # noqa: PLC0415

    try:
        signed = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=alone,
        )
    except (exceptions.WebAuthnException, *_UNREADABLE) as error:
        raise InvalidError(f"not signed by this passkey: {type(error).__name__}", "passkey") from None
    return signed.new_sign_count


def _described(known: Sequence[Passkey]) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes, structs  # noqa: PLC0415

    return [structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.id)) for passkey in known]
