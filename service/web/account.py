"""What a subscriber sees and changes by the link in their letters; there is no password."""

from dataclasses import dataclass
from datetime import date, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions.managing import change, come_back, leave, leave_one, of_link
from service.actions.subscribing import send_link
from service.domain.errors import InvalidError, NotFoundError
from service.domain.subscription import Status, Subscriber, Wish, check_address
from service.mail.tokens import Purpose
from service.rendering.locales import Language
from service.rendering.messages import message
from service.store import events, occasions, subscriptions
from service.store.dialect import Tx
from service.web.choices import choices, in_words
from service.web.forms import Typed, check, form_of, kept_by, text, typed_in, unknown_target
from service.web.given import Site
from service.web.joining import evenly, network_of
from service.web.pages import pages_of, site_of
from service.web.seen import Coming, told
from service.web.undoing import read_undo, undo_of

_COMING = 5
_LOOKED_THROUGH = 1000
_DONE = {
    "saved": message("Your changes are kept."),
    "left": message("You have left. No more letters will come, not even one that is already waiting."),
    "back": message("Everything is as it was."),
}
_ADDRESS_WRONG = message("This is not an e-mail address. It looks like name@example.org.")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whose page it is, with what they asked for."""

    subscriber: Subscriber
    wishes: list[Wish]


async def lost(request: Request) -> Response:
    """Show the form by which the link is sent again."""
    return pages_of(request).page(request, "lost.html", {"address": "", "error": ""})


async def found(request: Request) -> Response:
    """Send the link again; the answer is the same for every address."""
    site, pages = site_of(request), pages_of(request)
    typed = text(await form_of(request), "address")
    try:
        address = check_address(typed)
    except InvalidError:
        words = pages.language(request).text(_ADDRESS_WRONG)
        return pages.page(request, "lost.html", {"address": typed, "error": words}, status=422)
    await evenly(_send(site, address, network_of(request), site.clock()))
    site.wake()
    return pages.go(request, "/manage/asked")


async def look(request: Request) -> Response:
    """Say that the link may be on its way."""
    return pages_of(request).page(request, "link_asked.html", {})


async def manage(request: Request) -> Response:
    """Show everything that can be changed, and what is coming."""
    return await _manage_page(request, None, {})


async def managed(request: Request) -> Response:
    """Do what one of the page's buttons says."""
    site, pages = site_of(request), pages_of(request)
    form = await form_of(request)
    action = text(form, "action")
    path = request.url.path
    if action == "find":
        return await _manage_page(request, typed_in(form), {})
    if action == "save":
        return await _save(request, typed_in(form))
    if action not in {"leave", "leave-one", "come-back"}:
        raise HTTPException(400)
    now, target, undo = site.clock(), text(form, "target"), ""
    try:
        async with site.store.write() as tx:
            reader = await _reader(tx, site, request)
            if action == "leave":
                await leave(tx, reader.subscriber, now)
            elif action == "leave-one":
                undo = undo_of(site, reader.subscriber, reader.wishes, target, now)
                await leave_one(tx, reader.subscriber, target, now)
            else:
                again = read_undo(site, reader.subscriber, text(form, "undo"), now)
                await come_back(tx, reader.subscriber, again, now)
    except NotFoundError:
        return pages.token_refusal(request)
    done = {"leave": "left", "leave-one": "ended", "come-back": "back"}[action]
    return pages.go(request, path, done=done, **({"undo": undo} if undo else {}))


async def _save(request: Request, typed: Typed) -> Response:
    site, pages = site_of(request), pages_of(request)
    now = site.clock()
    checked = check(typed, site, now.date(), with_address=False)
    if checked.errors:
        return await _manage_page(request, typed, checked.errors)
    try:
        async with site.store.write() as tx:
            reader = await _reader(tx, site, request)
            if reader.subscriber.status is not Status.ACTIVE:
                return pages.go(request, request.url.path)
            await change(tx, reader.subscriber, checked.habit, checked.wishes, checked.paused_until, now)
    except NotFoundError:
        return pages.token_refusal(request)
    except InvalidError:
        return await _manage_page(request, typed, unknown_target())
    return pages.go(request, request.url.path, done="saved")


async def _manage_page(request: Request, typed: Typed | None, errors: dict[str, str]) -> Response:
    site, pages = site_of(request), pages_of(request)
    now = site.clock()
    try:
        async with site.store.read() as tx:
            reader = await _reader(tx, site, request)
            subscriber = reader.subscriber
            language = pages.language(request, subscriber.habit.language)
            kept = kept_by(subscriber, reader.wishes)
            shown = await choices(tx, site, language, typed or kept)
            titles = await events.target_titles(tx, [wish.target for wish in reader.wishes])
            coming = await _coming(tx, reader, language, now.date())
    except NotFoundError:
        return pages.token_refusal(request)
    undo = request.query_params.get("undo", "")
    page = {
        **shown,
        "errors": in_words(errors, language),
        "guess": False,
        "mode": "manage",
        "address": subscriber.address,
        "status": subscriber.status.value,
        "paused_until": subscriber.paused_until,
        "wishes": {target: language.pick(titles[target]) for target in sorted(kept.targets) if target in titles},
        "coming": coming,
        "done": _done(request, language),
        "undo": undo if read_undo(site, subscriber, undo, now) else "",
    }
    status = 422 if errors else 200
    return pages.page(request, "manage.html", page, status=status, speaks=subscriber.habit.language)


async def _reader(tx: Tx, site: Site, request: Request) -> _Reader:
    subscriber = await of_link(tx, site.desk, Purpose.MANAGE, request.path_params["token"])
    confirmed = subscriber.status is not Status.PENDING
    return _Reader(subscriber, await subscriptions.wishes_of(tx, subscriber.id, confirmed=confirmed))


async def _coming(tx: Tx, reader: _Reader, language: Language, today: date) -> list[Coming]:
    """Give the next returns of what somebody asked to remember."""
    if reader.subscriber.status is not Status.ACTIVE:
        return []
    targets = {wish.target for wish in reader.wishes}
    listed = await occasions.following(tx, today, _LOOKED_THROUGH)
    own = [one for one in listed if {f"event:{one.event}", f"collection:{one.collection}"} & targets]
    return await told(tx, own[:_COMING], language, today)


def _done(request: Request, language: Language) -> str:
    """Say what was just done; anything else that the address may say is passed over."""
    done = request.query_params.get("done", "")
    if done == "ended":
        return language.text("It is ended. No more letters about it will come.")
    return language.text(_DONE[done]) if done in _DONE else ""


async def _send(site: Site, address: str, network: str, now: datetime) -> None:
    async with site.store.write() as tx:
        await send_link(tx, site.desk, address, network, now)
