"""Letters that tell editors what they must know, made in the transaction in which it comes about.

Whoever finds a fact (the planner, the press) does not know this module: it is handed `tell` as a value.
"""

import hashlib
import json
from datetime import datetime, timedelta

from service.actions.subscribing import Desk
from service.domain.alert import Alert
from service.domain.editor import Editor
from service.domain.notice import Kind
from service.domain.subscription import Status
from service.store import addressees, editions, editors, notices, subscribers
from service.store.dialect import Tx

_USEFUL = timedelta(days=3)


async def tell_editors(tx: Tx, desk: Desk, alert: Alert, now: datetime) -> int:
    """Have an alert written to every editor of its role; gives to how many. Nobody gets the same twice on a day."""
    return await tell(tx, desk.template_version, alert, now)


async def tell(tx: Tx, template_version: str, alert: Alert, now: datetime) -> int:
    """Do the same where there is no desk: `template_version` names the words in which it will be said."""
    told = 0
    for editor in await editors.listed(tx):
        if editor.role >= alert.least and editor.disabled_at is None:
            told += await _tell_one(tx, template_version, editor, alert, now)
    return told


async def _tell_one(tx: Tx, template_version: str, editor: Editor, alert: Alert, now: datetime) -> bool:
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
    plan = editions.Plan(Kind.ALERT, editor.language, now.date(), template_version, key, (), (), facts=facts)
    edition = await editions.ensure(tx, plan, now)
    return await notices.add_single(
        tx, notices.Single(addressee, Kind.ALERT, now.date(), edition, due_at=now, expires_at=now + _USEFUL)
    )
