"""Help by mail: one letter that says what can be done by mail, and at which addresses.

It goes to whoever wrote, as to an addressee, so nothing is left of a stranger but that: once a day at most, three times
in a month, and never to an address that must not be written to. Nothing in it is anybody's own.
"""

from datetime import datetime, timedelta
from typing import Any

from service.actions.admitting import admit_mail
from service.actions.answers import Says, edition_for, is_barred, single
from service.actions.subscribing import Desk
from service.domain.addresses import LONGEST_LOCAL_PART, mailbox_key
from service.domain.errors import TooManyRequestsError
from service.domain.heard import Did
from service.domain.letter_box import For, LetterBox
from service.domain.notice import Kind
from service.rendering.locales import Language
from service.store import addressees, events, notices, requests
from service.store.dialect import Tx, one_at_a_time

_DAY = timedelta(hours=24)
_MONTH = timedelta(days=30)
_MOST_IN_MONTH = 3
_LISTED_MOST = 20


async def help_by_mail(tx: Tx, desk: Desk, address: str, language: str, now: datetime, *, is_reader: bool) -> Did:
    """Have help written to an address; gives ANSWERED, UNANSWERED for too often, NOTHING if none may go there.

    A reader is not held up by a crowd of strangers.
    """
    if desk.letter_box is None or await is_barred(tx, desk.tokens, address):
        return Did.NOTHING
    key = desk.tokens.address_hash(mailbox_key(address))
    await one_at_a_time(tx, f"asking {key}")
    today = await requests.count(tx, Kind.HELP, key, now - _DAY)
    if today or await requests.count(tx, Kind.HELP, key, now - _MONTH) >= _MOST_IN_MONTH:
        return Did.UNANSWERED
    try:
        if not is_reader:
            await admit_mail(tx, desk, now)
    except TooManyRequestsError:
        return Did.UNANSWERED
    addressee = await addressees.add(tx, f"{Kind.HELP}:{now.date()}", address, language, now)
    if addressee is None:
        return Did.UNANSWERED
    await requests.note(tx, Kind.HELP, key, now)
    says = Says(facts=await _facts(tx, desk.letter_box, desk.languages.of(language)))
    edition = await edition_for(tx, Kind.HELP, language, now, says)
    return Did.ANSWERED if await notices.add_single(tx, single(addressee, Kind.HELP, edition, now)) else Did.UNANSWERED


async def _facts(tx: Tx, box: LetterBox, language: Language) -> dict[str, Any]:
    """Give what the letter says: of each collection its title, with the language that it is in, and its address."""
    shelves = await events.shelves(tx)
    offered = []
    for shelf in shelves[:_LISTED_MOST]:
        title, code = language.pick(shelf.title)
        own = box.address(For.SUBSCRIBE, shelf.id)
        fits = len(own.rpartition("@")[0]) <= LONGEST_LOCAL_PART
        offered.append([{code: title}, own if fits else box.address(For.SUBSCRIBE)])
    asked_at = {to.value: box.address(to) for to in (For.MANAGE, For.UNSUBSCRIBE, For.HELP)}
    return {"collections": offered, "more": len(shelves) - len(offered), **asked_at}
