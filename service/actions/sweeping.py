"""What is forgotten in time: counts, networks, addressees, unconfirmed people, removed dates, read mail, messages."""

from datetime import datetime, timedelta
from typing import Final

from service.actions import remembering
from service.actions.consent import NETWORKS_KEPT
from service.actions.subscribing import LETTERS, LETTERS_COUNTED
from service.domain.heard import COUNTED as HEARD_KEPT
from service.store import (
    addressees,
    api_answers,
    consents,
    heard,
    inbox,
    requests,
    sent,
    subscribers,
    webhook_messages,
    webhooks,
)
from service.store.dialect import Tx

EVERY: Final = timedelta(hours=1)
COUNTED: Final = timedelta(days=31)  # the longest limit but that of confirmations
_UNCONFIRMED: Final = timedelta(days=30)  # a link holds for seven days, and three of them are sent
_MAIL_KEPT: Final = timedelta(days=30)  # after it was read, so that editors can have it read again
_MAIL_AT_ONCE: Final = 500
_ADDRESSEES_KEPT: Final = timedelta(days=14)  # twice as long as their letters, and the links in them, are of use
_MESSAGES_KEPT: Final = timedelta(days=7)  # to webhooks, once they were taken
_FAILED_MESSAGES_KEPT: Final = timedelta(days=30)  # and where they were not, so that they can be told after all
_WEBHOOKS_KEPT: Final = timedelta(days=1)  # once ended, without address and secret: a letter's commit may name one


async def forget(tx: Tx, now: datetime) -> bool:
    """Forget what no limit and no proof needs any more at that moment; gives whether there is more of it.

    Mail is forgotten in pieces: whoever likes can make as much of it as they like, and nobody shall wait for that.
    """
    await requests.forget(tx, now - COUNTED, longer={LETTERS: now - LETTERS_COUNTED})
    await consents.forget_networks(tx, now - NETWORKS_KEPT)
    await subscribers.forget_unconfirmed(tx, now - _UNCONFIRMED)
    await remembering.purge(tx, now)
    await api_answers.forget(tx, now)
    await sent.forget(tx, now.date() - timedelta(days=1))
    await addressees.sweep(tx, now - _ADDRESSEES_KEPT)
    mails = await inbox.forget(tx, now - _MAIL_KEPT, _MAIL_AT_ONCE)
    entries = await heard.forget(tx, now - HEARD_KEPT, _MAIL_AT_ONCE)
    await webhooks.forget(tx, now - _WEBHOOKS_KEPT)
    terms = (now - _MESSAGES_KEPT, now - _FAILED_MESSAGES_KEPT)
    messages = await webhook_messages.forget(tx, *terms, _MAIL_AT_ONCE)
    return _MAIL_AT_ONCE in {mails, entries, messages}
