"""The next letter, seen before one asks for it: what the choices in a form would bring, and the letter itself.

Whoever looks gives no address, and what is shown is nobody's: an edition, rendered once for all who choose alike, in
the chamber for proofs, which holds up no letter. New ones are made so many times a minute and no more, so the form
cannot be turned against the machine; then the day and the words are still told, and the letter is not.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from service.actions.foretelling import Foretold, next_letter
from service.domain.consent import network_of as network_prefix
from service.domain.errors import NotFoundError, TooManyRequestsError
from service.domain.letter import Mark
from service.domain.rehearsal import Reader
from service.rendering.asked import Rendered
from service.rendering.locales import Language
from service.rendering.views import Text
from service.store.dialect import Tx
from service.store.editions import Plan
from service.web.forms import Checked, Typed, check, form_of, typed_in
from service.web.given import Site
from service.web.networks import network_of
from service.web.pages import pages_of, site_of
from service.web.seen import Coming, told

Try = Callable[[Plan], Awaitable[Rendered]]
_MINUTE: Final = timedelta(minutes=1)
_HOLDS: Final = timedelta(minutes=10)  # the record may change meanwhile
_KEPT: Final = 64
_NEW_IN_A_MINUTE: Final = 30
_NEW_BY_NETWORK: Final = 12
_LOOKS_BY_NETWORK: Final = 120
_NETWORKS_KEPT: Final = 4096
SHOWN: Final = 6
LONGEST_QUERY: Final = 8000  # characters: what every server and proxy takes
_NOT_OF_LETTERS: Final = frozenset({"address", "action", "find", "ticket", "found"})
_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: {origin}; frame-ancestors 'self'"
)


class Foreseen:
    """The last letters that were looked at in this process, and how many were made lately, and for which networks."""

    def __init__(self, try_: Try, clock: Callable[[], datetime]) -> None:
        self._try = try_
        self._clock = clock
        self._made: OrderedDict[Hashable, tuple[datetime, asyncio.Task[Rendered]]] = OrderedDict()
        self._new: deque[datetime] = deque()  # of all networks: not among those, where many would push it out
        self._counts: OrderedDict[Hashable, deque[datetime]] = OrderedDict()

    async def of(self, plan: Plan, network: str) -> Rendered:
        """Give a letter; raise TooManyRequestsError if too many new ones are wanted."""
        now = self._clock()
        key = (plan.kind, plan.language, plan.day, plan.template_version, plan.key, plan.told, plan.because)
        at, task = self._made.get(key, (now, None))
        if task is None or now - at > _HOLDS:
            self.count(("new", network), _NEW_BY_NETWORK)
            _count(self._new, now, _NEW_IN_A_MINUTE)
            task = asyncio.ensure_future(self._try(plan))
            self._made[key] = (now, task)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        try:
            return await asyncio.shield(task)  # who went away does not take it from the others
        except Exception:
            self._made.pop(key, None)
            raise

    def count(self, key: Hashable, most: int) -> None:
        """Count something of a network; raise TooManyRequestsError if there was more of it in a minute."""
        times = self._counts.setdefault(key, deque())
        self._counts.move_to_end(key)
        while len(self._counts) > _NETWORKS_KEPT:
            self._counts.popitem(last=False)
        _count(times, self._clock(), most)


def _count(times: deque[datetime], now: datetime, most: int) -> None:
    while times and now - times[0] >= _MINUTE:
        times.popleft()
    if len(times) >= most:
        raise TooManyRequestsError
    times.append(now)


class Shown(Protocol):
    """One thing that a letter tells, as `_next.html` shows it."""

    @property
    def title(self) -> Text: ...  # noqa: D102  (the protocol says what it is)
    @property
    def when(self) -> str: ...  # noqa: D102  (the protocol says what it is)
    @property
    def words(self) -> str: ...  # noqa: D102  (the protocol says what it is)
    @property
    def today(self) -> bool: ...  # noqa: D102  (the protocol says what it is)


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next letter in words: when, and of what; `more` is of how many days it tells besides."""

    day: str
    hour: str
    coming: Sequence[Shown]
    more: int
    letter: str  # the address of the letter itself, "" if there is none to show


@dataclass(frozen=True, slots=True)
class Next:
    """What there is to show: a letter, or why there is none. `chosen` says whether anything was."""

    letter: Ahead | None = None
    chosen: bool = False
    busy: bool = False

    def page(self) -> dict[str, Any]:
        """Give what `_next.html` needs."""
        return {"next": self.letter, "chosen": self.chosen, "busy": self.busy}


NOTHING_YET: Final = Next()


async def fragment(request: Request) -> Response:
    """Show the next letter for what is chosen so far, for the script of a form."""
    shown = await next_shown(request, await form_of(request))
    return pages_of(request).page(request, "_next.html", shown.page(), status=429 if shown.busy else 200)


async def next_shown(request: Request, form: FormData) -> Next:
    """Give what is to be shown of the next letter for the choices in a form."""
    site, pages = site_of(request), pages_of(request)
    try:
        count_look(request)
    except TooManyRequestsError:
        return Next(busy=True)
    checked = _checked(typed_in(form), site)
    if not checked.wishes:
        return NOTHING_YET
    language = pages.language(request)
    async with site.store.read() as tx:
        found = await _foretold(tx, checked, site)
        if found is None:
            return Next(chosen=True)
        coming = await told(tx, found.letter.told, language, found.letter.day)
    return Next(_ahead(found, coming, language, _address(request, form)), chosen=True)


def foreseen_of(request: Request) -> Foreseen:
    """Give the letters that were looked at."""
    foreseen: Foreseen = request.app.state.foreseen
    return foreseen


def count_look(request: Request) -> str:
    """Count that a network looks, before anything is looked up for it, and give it; raise TooManyRequestsError."""
    network = network_prefix(network_of(request))
    foreseen_of(request).count(("look", network), _LOOKS_BY_NETWORK)
    return network


async def letter(request: Request) -> Response:
    """Show the next letter itself, as its readers will have it, alone and without any power."""
    site, network = site_of(request), count_look(request)
    checked = _checked(typed_in(FormData([*request.query_params.multi_items()])), site)
    async with site.store.read() as tx:
        found = await _foretold(tx, checked, site) if checked.wishes else None
    if found is None:
        raise NotFoundError
    rendered = await foreseen_of(request).of(found.plan, network)
    if rendered.words is None:
        raise NotFoundError
    html = rendered.words.html.replace(Mark.ADDRESS, site.languages.of(found.plan.language).text("the reader"))
    for mark in Mark:
        html = html.replace(mark, "#")  # nobody's: they lead nowhere
    headers = {"Content-Security-Policy": _POLICY.format(origin=site.origin), "X-Robots-Tag": "noindex"}
    return Response(html, headers=headers, media_type="text/html; charset=utf-8")


def _checked(typed: Typed, site: Site) -> Checked:
    """Read the choices; what is wrong is passed over, since nothing is done by them."""
    return check(typed, site, with_wishes=True)


async def _foretold(tx: Tx, checked: Checked, site: Site) -> Foretold | None:
    habit = checked.habit
    lines = frozenset((wish.target, wish.lead_days) for wish in checked.wishes)
    return await next_letter(tx, Reader(habit.slot, habit.rhythm, lines), habit.language, site.clock())


def _ahead(found: Foretold, coming: list[Coming], language: Language, address: str) -> Ahead:
    local = found.letter.local
    return Ahead(
        language.date(local.date(), "full"), f"{local:%H:%M}", tuple(coming[:SHOWN]), len(coming[SHOWN:]), address
    )


def _address(request: Request, form: FormData) -> str:
    """Give the address of the letter: the choices themselves, so that any process can answer; no person is in it."""
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and value]
    query = urlencode([(name, value) for name, value in fields if name not in _NOT_OF_LETTERS])
    return f"{site_of(request).prefix}/subscribe/letter?{query}" if len(query) <= LONGEST_QUERY else ""
