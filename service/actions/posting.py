"""What an operator does to the post: hold it, let it go on, stop one edition, release what was held."""

from dataclasses import dataclass
from datetime import datetime

from service.actions.alerts import tell_editors
from service.domain.alert import Alert, Matter
from service.domain.errors import InvalidError, NotFoundError
from service.domain.notice import State
from service.mail.tokens import Purpose, Tokens, read_stamp, stamp
from service.store import editions, holding, installation, status
from service.store.dialect import Tx

_LONGEST_REASON = 500
_WHO = "operator"
_SET_ASIDE = frozenset({State.HELD, State.QUARANTINE})


@dataclass(frozen=True, slots=True)
class Held:
    """What was stopped or released, and how many notices with it."""

    what: str
    id: str
    notices: int


def check_reason(text: str) -> str:
    """Give a reason as it is kept, in one line; raise InvalidError if it is too long."""
    reason = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(reason) > _LONGEST_REASON:
        raise InvalidError(f"this is too long (allowed: {_LONGEST_REASON} characters)", "reason")
    return reason


async def resume(tx: Tx, now: datetime, *, take_over: bool) -> bool:
    """Let a paused post go on; False if it was not paused. Raises InvalidError for a copy that is not to take over.

    A database that lies elsewhere than it did may be a copy of one that still sends: its post would be sent twice.
    Editors are told of a copy that takes over; before, their letters would have been held with all others.
    """
    post, here = await installation.state(tx), await installation.here(tx)
    if post is not None and post.paused_at and post.fingerprint != here and not take_over:
        raise InvalidError(
            "this database lies elsewhere than it did: if no other copy sends, use remembrancer resume --take-over"
        )
    goes_on = await installation.resume(tx, here if take_over else None)
    if goes_on and post is not None and post.fingerprint != here:
        await tell_editors(tx, Alert(Matter.RESTORED), now)
    return goes_on


async def stop(tx: Tx, edition: str, reason: str, now: datetime) -> Held:
    """Stop an edition: what waits for it is held, and no further letter of it begins. Raises NotFoundError."""
    if await editions.named(tx, edition) is None:
        raise NotFoundError(f"There is no edition {edition!r}.")
    return Held("edition", edition, await holding.stop(tx, edition, check_reason(reason), now))


async def release(tx: Tx, id_: str, now: datetime) -> Held:
    """Let a held notice, or a stopped edition, go on; raise NotFoundError or InvalidError that says why not."""
    if await editions.named(tx, id_) is not None:
        return Held("edition", id_, await holding.release_edition(tx, id_, now))
    found = await status.history(tx, id_)
    if found is None:
        raise NotFoundError(f"There is no notice and no edition {id_!r}.")
    if found.line.state not in _SET_ASIDE:
        raise InvalidError(f"the notice {id_} is neither held nor in quarantine: it is {found.line.state}")
    if found.edition.stopped_at:
        raise InvalidError(f"the edition of this notice is stopped; release the edition: {found.edition.id}")
    if found.expires_at <= now:
        raise InvalidError(
            f"the notice {id_} was of use until {found.expires_at:%Y-%m-%d %H:%M} UTC: it is not sent late"
        )
    return Held("notice", id_, int(await holding.release_notice(tx, id_, now)))


def status_token(tokens: Tokens, until: datetime) -> str:
    """Give what lets its holder see where the post stands, until a moment."""
    return tokens.sign(Purpose.STATUS, _WHO, stamp(until))


def may_see(tokens: Tokens, token: str, now: datetime) -> bool:
    """Say whether a token lets its holder see where the post stands."""
    match tokens.read(Purpose.STATUS, token):
        case (who, until_text):
            until = read_stamp(until_text)
            return who == _WHO and until is not None and now < until
    return False
