"""A letter to try: what a proof says, sent to an editor as it would be to a reader, by the same post.

It is a notice like any other, to an addressee of its own. So there may be many in a day, none of them is in a figure of
readers' letters, and whatever becomes of it changes no reader at the same address. Its links are general ones, which
act for nobody.
"""

from datetime import datetime, timedelta

from service.actions.answers import is_barred
from service.actions.subscribing import Desk
from service.domain.addresses import check_address
from service.domain.editor import Editor
from service.domain.errors import InvalidError, TooManyRequestsError
from service.domain.letter import Words
from service.domain.notice import Kind
from service.domain.subscription import Status
from service.rendering.trial import marked
from service.store import addressees, audit, editions, notices, requests, subscribers, templates
from service.store.dialect import Tx, new_id

_SCOPE = "test"
_HOUR = timedelta(hours=1)
_MOST_IN_HOUR = 30
_USEFUL = timedelta(hours=4)


async def send_test(
    tx: Tx, desk: Desk, editor: Editor, words: Words, language: str, address: str, now: datetime
) -> str:
    """Have a letter sent to an address, marked as one to try in the editor's language, and give the notice's id.

    `language` is the letter's. Raise InvalidError for an address that is none, or must not be written to, and
    TooManyRequestsError for one letter too many in an hour.
    """
    recipient = check_address(address)
    await _check(tx, desk, editor, recipient, now)
    said = marked(words, desk.languages.of(editor.language))
    name = f"{Kind.TEST}:{new_id()}"
    version = await templates.version_in_use(tx)
    plan = editions.Plan(Kind.TEST, language, now.date(), version, name, told=(), because=())
    edition = await editions.ensure(tx, plan, now)
    await editions.freeze(tx, edition, said, (), now)
    addressee = await addressees.add(tx, name, recipient, language, now) or ""
    single = notices.Single(addressee, Kind.TEST, now.date(), edition, now, now + _USEFUL, is_ready=True)
    await notices.add_single(tx, single)
    await audit.note(tx, editor, "tried", words.subject[:400], now, {"notice": single.id})
    return single.id


async def _check(tx: Tx, desk: Desk, editor: Editor, address: str, now: datetime) -> None:
    """Refuse a letter to somebody who wants none; a reader who has left is one."""
    reader = await subscribers.by_address(tx, address)
    is_own = address.casefold() == editor.address.casefold()
    if await is_barred(tx, desk.tokens, address) or (reader and reader.status is Status.LEFT and not is_own):
        raise InvalidError(
            "Nothing is sent to this address any more: its owner, or its server, wants no letters.", "address"
        )
    if await requests.count(tx, _SCOPE, editor.id, now - _HOUR) >= _MOST_IN_HOUR:
        raise TooManyRequestsError
    await requests.note(tx, _SCOPE, editor.id, now)
