"""What the pages of one's own have in common: whose link it is, the way between them, and what was just done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.actions.managing import of_link
from service.domain.subscription import Status, Subscriber, Wish
from service.mail.tokens import Purpose
from service.rendering.locales import Language
from service.rendering.messages import message
from service.store import subscriptions
from service.store.dialect import Tx
from service.web.choices import in_words
from service.web.given import Site
from service.web.pages import pages_of, site_of
from service.web.undoing import read_undo

_DONE = {
    "saved": message("Your changes are kept."),
    "left": message("You have left. No more letters will come, not even one that is already waiting."),
    "back": message("Everything is as it was."),
    "ended": message("It is ended. No more letters about it will come."),
    "paused": message("Your letters are paused."),
    "resumed": message("Your letters go on."),
    "asked": message(
        "If letters may go to that address, one is on its way there. Nothing changes until it is confirmed."
    ),
    "calendar-made": message("The address is made."),
    "calendar-renewed": message("The old address has ended. This is the new one."),
    "calendar-ended": message("The address has ended. A calendar that asks there finds nothing more."),
    "channel-chosen": message("From now on, your notices and summaries come this way."),
    "channel-mail": message("Your letters come by e-mail."),
    "mailed": message("A letter with the link to your data is on its way to you. The link works once, within an hour."),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose page it is, with what they asked for."""

    subscriber: Subscriber
    wishes: list[Wish]

    @property
    def is_active(self) -> bool:
        """Whether they are written to, so that there is something to change."""
        return self.subscriber.status is Status.ACTIVE


async def reader_of(tx: Tx, request: Request) -> Reader:
    """Give whose page it is; raise NotFoundError for a link that is wrong."""
    subscriber = await of_link(tx, site_of(request).desk, Purpose.MANAGE, request.path_params["token"])
    confirmed = subscriber.status is not Status.PENDING
    return Reader(subscriber, await subscriptions.wishes_of(tx, subscriber.id, confirmed=confirmed))


def language_of(request: Request, reader: Reader) -> Language:
    """Give the language of a page of theirs."""
    return pages_of(request).language(request, reader.subscriber.habit.language)


def here(request: Request, part: str = "") -> str:
    """Give the path of a page of the same person: the first, or one of its parts."""
    return f"/manage/{request.path_params['token']}" + (f"/{part}" if part else "")


def go(request: Request, part: str = "", **query: str) -> Response:
    """Send the browser on to a page of the same person."""
    return pages_of(request).go(request, here(request, part), **query)


def own_page(
    request: Request, reader: Reader, name: str, shown: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> Response:
    """Give a page of somebody's own, with what was just done and what is wrong; other errors are passed over."""
    site, language = site_of(request), language_of(request, reader)
    undo = request.query_params.get("undo", "")
    page = {
        "errors": in_words(errors or {}, language),
        "address": reader.subscriber.address,
        "status": reader.subscriber.status.value,
        "here": here(request),
        "done": _done(request, language),
        "undo": undo if _can_undo(site, reader, undo) else "",
        **shown,
    }
    speaks = reader.subscriber.habit.language
    return pages_of(request).page(request, name, page, status=422 if errors else 200, speaks=speaks)


def _can_undo(site: Site, reader: Reader, undo: str) -> bool:
    return bool(undo and read_undo(site, reader.subscriber, undo, site.clock()))


def _done(request: Request, language: Language) -> str:
    """Say what was just done; anything else that the address may say is passed over."""
    done = request.query_params.get("done", "")
    return language.text(_DONE[done]) if done in _DONE else ""
