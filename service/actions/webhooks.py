"""Webhooks: made, renewed, tried, switched on again and ended, by operators and by owners alone; all of it audited.

Whoever may say where one is can have this service send requests there. So nobody else may, what was answered is told as
a status and a few words, and no answer leads anywhere else.
"""

from collections.abc import Iterable
from datetime import datetime

from service.domain.editor import Editor
from service.domain.errors import InvalidError, NotFoundError
from service.domain.webhook import TEST, Happening, Told, check_url, host_of, read_happenings
from service.store import audit, webhook_messages, webhooks
from service.store.dialect import Tx
from service.store.webhooks import Webhook

MOST = 50


async def add(
    tx: Tx, by: Editor | str, url: str, types: Iterable[str], now: datetime, *, is_near: bool = False
) -> Webhook:
    """Have a program told of some happenings; its secret is in what this gives. Raise InvalidError."""
    checked, happenings = check_url(url, is_near=is_near), read_happenings(types)
    if len(await webhooks.listed(tx)) >= MOST:
        raise InvalidError(f"there are {MOST} webhooks, and may be no more", "url")
    made = await webhooks.add(tx, checked, happenings, now, is_near=is_near)
    await audit.note(tx, by, "made", f"webhook {made.id}", now, {"host": host_of(checked), "types": [*happenings]})
    return made


async def of(tx: Tx, id_: str) -> Webhook:
    """Give a webhook; raise NotFoundError."""
    found = await webhooks.named(tx, id_)
    if found is None:
        raise NotFoundError(f"There is no webhook {id_!r}.")
    return found


async def renew(tx: Tx, by: Editor | str, id_: str, now: datetime, *, is_at_once: bool = False) -> str:
    """Give a webhook a new secret, beside which the one before signs for a day; raise NotFoundError.

    Raise InvalidError within that day, since the program may have no other yet, unless it is to be so `is_at_once`.
    """
    found = await of(tx, id_)
    if len(found.secrets(now)) > 1 and found.old_until is not None and not is_at_once:
        raise InvalidError(
            f"its secret was renewed already: the one before signs as well until {found.old_until:%Y-%m-%d %H:%M} UTC, "
            "and would be good for nothing at once (allowed: after that, or with --now)",
            "id",
        )
    secret = await webhooks.renew(tx, id_, now)
    await audit.note(tx, by, "renewed the secret of", f"webhook {id_}", now)
    return secret


async def resume(tx: Tx, by: Editor | str, id_: str, now: datetime) -> int:
    """Switch a webhook on again, and have told what failed; gives how much that is. Raise NotFoundError."""
    await of(tx, id_)
    count = await webhooks.resume(tx, id_, now)
    await audit.note(tx, by, "resumed", f"webhook {id_}", now, {"messages": count})
    return count


async def end(tx: Tx, by: Editor | str, id_: str, now: datetime) -> None:
    """Tell a webhook nothing more, for good; raise NotFoundError."""
    found = await of(tx, id_)
    await webhooks.end(tx, id_, now)
    await audit.note(tx, by, "ended", f"webhook {id_}", now, {"host": host_of(found.url)})


async def test(tx: Tx, id_: str, now: datetime) -> None:
    """Have a webhook told that this is a test; raise NotFoundError, or InvalidError while it is switched off."""
    if (await of(tx, id_)).off_at is not None:
        raise InvalidError("it is switched off: let it go on first", "id")
    await webhook_messages.tell(tx, [Told(Happening.TEST, TEST)], now, only=id_)
