"""How much of what is claimed may leave today while the domain is warmed up; the rest waits for tomorrow."""

from collections.abc import Sequence
from datetime import UTC, datetime

from service.domain.notice import Claim, Result
from service.domain.warm_up import WarmUp, day_after
from service.store import sent
from service.store.dialect import GroupTx
from service.store.handing import Done
from service.store.statements import WARM_UP

_LEFT = frozenset({Result.ACCEPTED, Result.IN_DOUBT})


def room(tx: GroupTx, plan: WarmUp | None, now: datetime) -> int | None:
    """Give how many more letters may be claimed today; None for any number, for which nothing is asked."""
    today = now.astimezone(UTC).date()
    limit = plan.limit_on(today) if plan else None
    return None if limit is None else max(0, limit - sent.gone(tx, today))


def divided(
    claims: Sequence[Claim], room: int | None, now: datetime
) -> tuple[list[Claim], list[tuple[Claim, datetime, str]]]:
    """Divide claims into those that may leave today and those that wait, until when and why.

    What somebody asked for and waits for, a confirmation or a link, leaves in any case, and takes its room.
    """
    if room is None or len(claims) <= room:
        return [*claims], []
    answers = sum(not claim.kind.remembers for claim in claims)
    left, going, waiting = max(0, room - answers), list[Claim](), list[tuple[Claim, datetime, str]]()
    for claim in claims:
        if not claim.kind.remembers:
            going.append(claim)
        elif left:
            left -= 1
            going.append(claim)
        else:
            waiting.append((claim, day_after(now), WARM_UP))
    return going, waiting


def note(tx: GroupTx, plan: WarmUp | None, done: Sequence[Done], owner: str, now: datetime) -> None:
    """Count what has left, on a day that has a limit."""
    today = now.astimezone(UTC).date()
    if plan and plan.limit_on(today) is not None:
        sent.note(tx, today, owner, sum(one.outcome.result in _LEFT for one in done))
