"""Makes feeds, and keeps what it made: what is asked for again is not made again until the record or the day changes.

The cost of an answer is that of reading which versions there are, whoever asks and however many do. What is private
is made for the one answer and kept nowhere: whatever its owner changes or erases is in the memory of no process.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, Generic, TypeVar

from starlette.concurrency import run_in_threadpool

from service.domain.occasion import Occasion, returns
from service.domain.rule import Rule
from service.rendering.asked import Links
from service.rendering.ical import About, calendar_file, entry
from service.rendering.locales import Language
from service.rendering.news import News, atom, item, json_feed
from service.store import events, stamps
from service.store.dialect import Tx
from service.store.events import Kept
from service.store.stamps import Stamp
from service.web.feeds.answers import Made, made
from service.web.given import Site

_YEARS_AHEAD: Final = 5
_MANY_EVENTS: Final = 200  # from there on only this year and the next are told
_MOST_ENTRIES: Final = 2000
_NEWS_DAYS: Final = 400
_MOST_NEWS: Final = 50
_MOST_FILES_BYTES: Final = 32_000_000
_MOST_LINES_BYTES: Final = 32_000_000

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")
Make = Callable[[Sequence[Kept], date], bytes]


class Feeds:
    """The feeds of one process, made when they are asked for."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._links = Links(site.public_url)
        self._files: _Lately[Hashable, Made] = _Lately(_MOST_FILES_BYTES)
        self._lines: _Lately[Hashable, bytes] = _Lately(_MOST_LINES_BYTES)
        self._one_at_a_time = asyncio.Lock()
        self._one_own_at_a_time = asyncio.Lock()

    async def calendar(
        self, targets: Iterable[str], about: About, language: Language, private: Sequence[Kept] = ()
    ) -> Made:
        """Give the calendar file of targets, and of private events: this year, the last, and some to come."""

        def make(kept: Sequence[Kept], today: date) -> bytes:
            return calendar_file(about, self._entries([*kept, *private], today, language))

        if not private:
            return await self._made(targets, ("calendar", about, language.code), make)
        today = self._site.clock().date()
        async with self._site.store.read() as tx:
            kept = await _kept(tx, await stamps.of_targets(tx, targets))
        async with self._one_own_at_a_time:  # one with thousands of entries holds up no feed of everybody's
            return made(await run_in_threadpool(make, kept, today))

    async def news(self, targets: Iterable[str], news: News, language: Language, *, as_json: bool) -> Made:
        """Give the days of targets that have come lately, newest first, for feed readers."""

        def make(kept: Sequence[Kept], today: date) -> bytes:
            told = [
                item(one.event, rule, occasion, language, self._links, one.updated_at)
                for one, rule, occasion in _come(kept, today)
            ]
            newest = replace(news, updated=max([news.updated, *(one.updated_at for one in kept)]))
            return json_feed(newest, told) if as_json else atom(newest, told, self._links)

        return await self._made(targets, (as_json, news), make)

    async def _made(self, targets: Iterable[str], called: Hashable, make: Make) -> Made:
        """Give what `make` makes of the events of targets on a day; `called` says what that is, in which language."""
        today = self._site.clock().date()
        async with self._site.store.read() as tx:
            found = await stamps.of_targets(tx, targets)
        key = (called, today, hashlib.sha256(repr(found).encode()).digest())
        if (known := self._files.get(key)) is not None:
            return known
        async with self._one_at_a_time:  # those who wait find it made
            if (known := self._files.get(key)) is not None:
                return known
            async with self._site.store.read() as tx:
                kept = await _kept(tx, found)
            content = made(await run_in_threadpool(make, kept, today))
            self._files.put(key, content, len(content.content))
            return content

    def _entries(self, kept: Sequence[Kept], today: date, language: Language) -> list[bytes]:
        return [self._entry(*one, language) for one in chosen(kept, today)]

    def _entry(self, kept: Kept, rule: Rule, occasion: Occasion, language: Language) -> bytes:
        told = (kept.event, rule, occasion, language, self._links, kept.updated_at)
        if kept.event.is_private:
            return entry(*told, private=True)
        key = (kept.event.id, kept.version, kept.updated_at, language.code, rule.id, occasion)
        lines = self._lines.get(key)
        if lines is None:
            lines = entry(*told)
            self._lines.put(key, lines, len(lines))
        return lines


async def _kept(tx: Tx, found: Sequence[Stamp]) -> list[Kept]:
    named = await events.events_named(tx, [one.event for one in found])
    return [named[one.event] for one in found if one.event in named]


def chosen(kept: Sequence[Kept], today: date) -> list[tuple[Kept, Rule, Occasion]]:
    """Choose whole years, so that no day changes a file; where that is too much, what comes next."""
    ahead = _YEARS_AHEAD if len(kept) <= _MANY_EVENTS else 1
    first, last = date(max(today.year - 1, 1), 1, 1), date(min(today.year + ahead, date.max.year), 12, 31)
    found = _returning(kept, first, last)
    if len(found) > _MOST_ENTRIES:
        found = [one for one in found if one[2].on >= today]
    return sorted(found, key=lambda one: one[2].on)[:_MOST_ENTRIES]


def _come(kept: Sequence[Kept], today: date) -> list[tuple[Kept, Rule, Occasion]]:
    """Choose the days that have come, today's among them, newest first."""
    found = _returning(kept, date.fromordinal(max(today.toordinal() - _NEWS_DAYS, 1)), today)
    return sorted(found, key=lambda one: one[2].on, reverse=True)[:_MOST_NEWS]


def _returning(kept: Sequence[Kept], first: date, last: date) -> list[tuple[Kept, Rule, Occasion]]:
    rules = {(one.event.id, rule.id): rule for one in kept for rule in one.event.rules}
    return [
        (one, rules[one.event.id, rule], occasion) for one in kept for rule, occasion in returns(one.event, first, last)
    ]


class _Lately(Generic[_K, _V]):
    """Keeps what was used lately, up to so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[_K, tuple[_V, int]] = OrderedDict()

    def get(self, key: _K) -> _V | None:
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def put(self, key: _K, value: _V, size: int) -> None:
        _, before = self._kept.pop(key, (None, 0))
        self._kept[key] = (value, size)
        self._bytes += size - before
        while self._bytes > self._most_bytes and self._kept:
            _, (_, forgotten) = self._kept.popitem(last=False)
            self._bytes -= forgotten
