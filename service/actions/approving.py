"""What editors say of letters before they leave: approved, held, cancelled; and what they pause.

Each takes the section of verdicts first (`approvals.alone`), so that it sees every edition that is being planned.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from service.actions.posting import check_reason
from service.domain.approval import Fate, Leave, Verdict, version_of
from service.domain.editor import Editor
from service.domain.errors import ConflictError, NotFoundError
from service.store import approvals, audit, events, pauses, revisions
from service.store.approvals import Pair
from service.store.dialect import Tx
from service.store.templates import version_in_use

_DONE = {Verdict.APPROVED: "approved", Verdict.HELD: "held", Verdict.CANCELLED: "cancelled"}


@dataclass(frozen=True, slots=True)
class Said:
    """What an editor says of what is told of an event on a day; `version` is what they looked at, "" for none."""

    event: str
    on: date
    verdict: Verdict | None  # none: what was said before is taken back
    version: str = ""
    why: str = ""


async def judge(tx: Tx, editor: Editor, said: Said, now: datetime) -> int:
    """Keep a verdict and do what follows from it; gives how many letters are on their way by it.

    Raises NotFoundError for what is not told on that day, and ConflictError for an approval of something that has
    been changed since the editor looked.
    """
    await approvals.alone(tx)
    pair = (said.event, said.on)
    known = (await approvals.versions_on(tx, [said.on])).get(pair)
    if known is None:
        raise NotFoundError(f"Nothing is told of {said.event!r} on {said.on}.")
    version = version_of(known[0], await version_in_use(tx))
    if said.verdict is Verdict.APPROVED and said.version != version:
        raise ConflictError(0)
    why = check_reason(said.why)
    await _keep(tx, pair, said.verdict, version, (editor, why), now)
    await audit.note(
        tx,
        editor,
        _DONE[said.verdict] if said.verdict else "took back",
        f"event {said.event} on {said.on.isoformat()}",
        now,
        {"why": why, "version": version[:16]},
    )
    await _follow(tx, known[1], said.verdict, lambda told: told == pair, now)
    return await approvals.settle(tx, now)


async def approve_edition(tx: Tx, editor: Editor, edition: str, why: str, now: datetime) -> int:
    """Approve everything that a held edition tells of, as it is now; gives how many letters are on their way."""
    await approvals.alone(tx)
    held = next((one for one in await approvals.waiting(tx, now) if one.id == edition), None)
    if held is None:
        raise NotFoundError(f"The edition {edition!r} does not wait for an approval.")
    known, templates = await approvals.versions_on(tx, [on for _, on in held.told]), await version_in_use(tx)
    for pair in held.told:
        if pair in known:
            version = version_of(known[pair][0], templates)
            await _keep(tx, pair, Verdict.APPROVED, version, (editor, check_reason(why)), now)
    await audit.note(tx, editor, "approved", f"edition {edition}", now, {"why": check_reason(why)})
    return await approvals.settle(tx, now)


async def pause(tx: Tx, editor: Editor, target: str, why: str, now: datetime) -> None:
    """Let nothing leave of an event or a collection; raises NotFoundError for what there is not."""
    await approvals.alone(tx)
    told_of = await _events_of(tx, target)
    reason = check_reason(why)
    if await pauses.begin(tx, target, editor, reason, now):
        await audit.note(tx, editor, "paused", target.replace(":", " "), now, {"why": reason})
        for edition in await approvals.telling_of(tx, lambda pair: pair[0] in told_of, now):
            await approvals.hold_back(tx, edition, Fate.PAUSED, now)


async def resume(tx: Tx, editor: Editor, target: str, now: datetime) -> int:
    """Let an event or a collection go on; gives how many letters are on their way by it."""
    await approvals.alone(tx)
    if not await pauses.end(tx, target):
        return 0
    await audit.note(tx, editor, "resumed", target.replace(":", " "), now)
    return await approvals.settle(tx, now)


async def _keep(
    tx: Tx, pair: Pair, verdict: Verdict | None, version: str, by: tuple[Editor, str], now: datetime
) -> None:
    if verdict is None:
        await approvals.forget(tx, pair)
    else:
        await approvals.judge(tx, pair, verdict, version, by, now)


async def _follow(
    tx: Tx, before: Leave, verdict: Verdict | None, told_of: Callable[[Pair], bool], now: datetime
) -> None:
    """Hold what runs, or have it planned anew where it is to tell of something else."""
    changed = verdict is Verdict.CANCELLED or before.verdict is Verdict.CANCELLED
    if not changed and verdict is Verdict.APPROVED:
        return
    editions = await approvals.telling_of(tx, told_of, now)
    if changed:
        await revisions.take_back_later(tx, editions, now)
        await revisions.plan_again(tx, now)
        return
    fate = Fate.HELD if verdict is Verdict.HELD else Fate.AWAITING
    if verdict is Verdict.HELD or before.asked.holds:
        for edition in editions:
            await approvals.hold_back(tx, edition, fate, now)


async def _events_of(tx: Tx, target: str) -> set[str]:
    kind, _, id_ = target.partition(":")
    if target not in await events.targets(tx):
        raise NotFoundError(f"There is no {kind} {id_!r}.")
    return {id_} if kind == "event" else {kept.event.id for kept in await events.events_in(tx, id_)}
