"""The undo of ending one collection or event: a token that names what was ended, for a day."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from service.domain.errors import InvalidError
from service.domain.subscription import Subscriber, Wish, check_lead_days, read_target
from service.mail.tokens import Purpose, read_stamp, stamp
from service.web.given import Site

_WITHIN = timedelta(days=1)
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


def undo_of(site: Site, subscriber: Subscriber, wishes: Sequence[Wish], target: str, now: datetime) -> str:
    """Give a token by which the wishes for a target come back; "" if there are none."""
    leads = sorted({wish.lead_days for wish in wishes if wish.target == target})
    kind, _, name = target.partition(":")
    if not leads or not _ID.fullmatch(name):
        return ""
    days = "-".join(map(str, leads))
    try:
        return site.desk.tokens.sign(Purpose.UNDO, subscriber.id, kind, name, days, stamp(now + _WITHIN))
    except InvalidError:  # more days ahead than a link can hold
        return ""


def read_undo(site: Site, subscriber: Subscriber, token: str, now: datetime) -> tuple[Wish, ...]:
    """Give the wishes that a token of this subscriber brings back; none if it is wrong or too old."""
    parts = site.desk.tokens.read(Purpose.UNDO, token)
    if parts is None or len(parts) != 5 or parts[0] != subscriber.id:
        return ()
    until = read_stamp(parts[4])
    if until is None or until < now:
        return ()
    leads = check_lead_days(parts[3].replace("-", " "))
    return tuple(read_target(f"{parts[1]}:{parts[2]}", lead) for lead in leads)
