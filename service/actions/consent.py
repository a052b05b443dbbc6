"""The proof of consent: everything that one person did about being written to, as one document.

It is kept as long as the person's rows are. Of who was erased, the keyed hash is left, and when that was.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from service.actions.subscribing import Desk
from service.domain.consent import Wording
from service.domain.errors import NotFoundError
from service.rendering.locales import Language
from service.rendering.messages import message
from service.store import consents, subscribers
from service.store.dialect import Tx

NETWORKS_KEPT = timedelta(days=180)  # in which somebody may say that it was not they who asked
_ASKING = message(
    "I wish to be sent letters of remembrance, as chosen here, until I end it. One click in any letter ends it."
)
_CONFIRMING = message(
    "This address is mine. Letters of remembrance may be sent to it until I end it; one click in any letter ends it."
)
_ANSWERING = (  # as they stand in the confirmation letter
    message("It was asked that letters of remembrance be sent to this address. If it was you, please confirm it."),
    message("You may also simply answer this letter: that confirms it, too."),
)


def asking(language: Language) -> Wording:
    """Give the words that stand above the button by which somebody asks to be written to."""
    return Wording(language.code, language.text(_ASKING))


def confirming(language: Language) -> Wording:
    """Give the words that stand above the button by which the owner of an address confirms."""
    return Wording(language.code, language.text(_CONFIRMING))


def answering(language: Language) -> Wording:
    """Give the words of the letter that the owner of an address confirms by answering it."""
    return Wording(language.code, " ".join(map(language.text, _ANSWERING)))


async def proof(tx: Tx, desk: Desk, address: str) -> dict[str, Any]:
    """Give the proof for an address, as values of JSON; raise NotFoundError if nothing is known of it."""
    subscriber = await subscribers.by_address(tx, address)
    hashed = desk.tokens.address_hash(address)
    barred = await subscribers.suppression(tx, hashed)
    if subscriber is None and barred is None:
        raise NotFoundError(f"There is no subscriber {address}.")
    suppressed = {"reason": barred[0], "at": _at(barred[1])} if barred else None
    if subscriber is None:
        return {"address_hash": hashed, "suppressed": suppressed}
    own = await acts_of(tx, subscriber.id)
    return {"address": subscriber.address, "status": subscriber.status.value, "suppressed": suppressed, **own}


async def acts_of(tx: Tx, subscriber: str) -> dict[str, Any]:
    """Give what a subscriber did, the first first, and the words to which they agreed, as values of JSON."""
    done, worded = await consents.of(tx, subscriber)
    acts = [
        {
            "act": one.act.value,
            "at": _at(one.at),
            "source": one.source,
            "network": one.network or None,
            "wording": one.wording or None,
            **one.details,
        }
        for one in done
    ]
    wordings: Mapping[str, Any] = {
        version: {"language": wording.language, "words": wording.words} for version, wording in worded.items()
    }
    return {"acts": acts, "wordings": wordings}


def _at(moment: datetime) -> str:
    return moment.isoformat()
