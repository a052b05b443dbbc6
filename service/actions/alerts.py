"""Letters that tell editors what they must know, made in the transaction in which it comes about.

Whoever finds a fact (the planner, the press) does not know this module: it is handed `tell_editors` as a value.
"""

import hashlib
import json
from datetime import datetime, timedelta

from service.domain.alert import Alert
from service.domain.editor import Editor
from service.domain.notice import Kind
from service.domain.subscription import Status
from service.store import addressees, editions, editors, notices, subscribers
from service.store.dialect import Tx
from service.store.templates import version_in_use

_USEFUL = timedelta(days=3)


async def tell_editors(tx: Tx, alert: Alert, now: datetime) -> int:
    """Have an alert written to every editor of its role; gives to how many. Nobody gets the same twice on a day."""
    told = 0
    for editor in await editors.listed(tx):
        if editor.role >= alert.least and editor.disabled_at is None:
            told += await _tell_one(tx, editor, alert, now)
    return told


async def _tell_one(tx: Tx, editor: Editor, alert: Alert, now: datetime) -> bool:
    reader = await subscribers.by_address(tx, editor.address)
    if reader is not None and reader.status is Status.SUPPRESSED:
        return False
    about = hashlib.sha256(alert.about.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    letter = f"{Kind.ALERT}:{alert.matter}:{about}:{now.date()}:{editor.id}"
    addressee = await addressees.add(tx, letter, editor.address, editor.language, now)
    if addressee is None:
        return False
    facts = alert.document()
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    words = await version_in_use(tx)
    plan = editions.Plan(Kind.ALERT, editor.language, now.date(), words, key, (), (), facts=facts)
    edition = await editions.ensure(tx, plan, now)
    return await notices.add_single(
        tx, notices.Single(addressee, Kind.ALERT, now.date(), edition, due_at=now, expires_at=now + _USEFUL)
    )
