"""What an operator does to the post: hold it, let it go on, stop one edition, release what was held."""

from dataclasses import dataclass
from datetime import datetime

from service.actions.alerts import tell_editors
from service.domain.alert import Alert, Matter
from service.domain.editor import Editor
from service.domain.errors import InvalidError, NotFoundError
from service.domain.notice import State
from service.mail.tokens import Purpose, Tokens, read_stamp, stamp
from service.store import audit, editions, holding, installation, revisions, status
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


async def pause_for(tx: Tx, editor: Editor, why: str, now: datetime) -> bool:
    """Hold the whole post for an editor; False if it is held already."""
    reason = check_reason(why)
    if not await installation.pause(tx, reason, now):
        return False
    await audit.note(tx, editor, "paused", "the post", now, {"why": reason})
    return True


async def resume_for(tx: Tx, editor: Editor, now: datetime) -> bool:
    """Let the post go on for an editor; False if it was not held. Raises InvalidError as `resume` does."""
    if not await resume(tx, now, take_over=False):
        return False
    await audit.note(tx, editor, "resumed", "the post", now)
    return True


async def stop(tx: Tx, edition: str, reason: str, now: datetime) -> Held:
    """Stop an edition: what waits for it is held, and no further letter of it begins. Raises NotFoundError."""
    if not await editions.is_kept(tx, edition):
        raise NotFoundError(f"There is no edition {edition!r}.")
    return Held("edition", edition, await holding.stop(tx, edition, check_reason(reason), now))


async def release(tx: Tx, id_: str, now: datetime) -> Held:
    """Let a held notice, or a stopped edition, go on; raise NotFoundError or InvalidError that says why not."""
    if await editions.is_kept(tx, id_):
        if await revisions.is_outdated(tx, id_):  # its event was changed while it was held: it follows (case 57)
            await revisions.take_back_later(tx, [id_], now)
            return Held("edition", id_, await holding.count_held(tx, id_))
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


async def stop_for(tx: Tx, editor: Editor, edition: str, why: str, now: datetime) -> Held:
    """Stop an edition for an editor, who may let the rest leave later. Raises NotFoundError."""
    held = await stop(tx, edition, why, now)
    await audit.note(
        tx, editor, "stopped", f"edition {edition}", now, {"why": check_reason(why), "letters": held.notices}
    )
    return held


async def cancel_for(tx: Tx, editor: Editor, edition: str, why: str, now: datetime) -> Held:
    """End an edition: what has not left is dropped. Raises NotFoundError."""
    if not await editions.is_kept(tx, edition):
        raise NotFoundError(f"There is no edition {edition!r}.")
    reason = check_reason(why)
    held = Held("edition", edition, await holding.cancel(tx, edition, reason, now))
    await audit.note(tx, editor, "cancelled", f"edition {edition}", now, {"why": reason, "letters": held.notices})
    return held


async def release_for(tx: Tx, editor: Editor, id_: str, why: str, now: datetime) -> Held:
    """Let a held notice, or the rest of a stopped edition, go on for an editor; raises what `release` does."""
    held = await release(tx, id_, now)
    await audit.note(
        tx, editor, "released", f"{held.what} {id_}", now, {"why": check_reason(why), "letters": held.notices}
    )
    return held


async def release_first_for(tx: Tx, editor: Editor, edition: str, first: int, why: str, now: datetime) -> Held:
    """Let so many letters of a held edition leave ahead of the others, for an editor who looks at them before the rest.

    It is no approval: the others wait as they did. Raises NotFoundError, and InvalidError that says why not.
    """
    if first < 1:
        raise InvalidError("at least one letter", "count")
    if await editions.named(tx, edition) is None:
        raise NotFoundError(f"There is no edition {edition!r}.")
    if await revisions.is_outdated(tx, edition):
        raise InvalidError("its event was changed while it was held: its letters are planned anew", "count")
    held = Held("edition", edition, await holding.release_first(tx, edition, first, now))
    detail = {"why": check_reason(why), "letters": held.notices}
    await audit.note(tx, editor, "released the first of", f"edition {edition}", now, detail)
    return held


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
