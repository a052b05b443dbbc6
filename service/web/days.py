"""A day in any year, and a year as a calendar with everything that is remembered in it."""

import re
from calendar import isleap, monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import text_in, when_words
from service.rendering.views import Text
from service.rendering.weeks import weekdays, weeks_of
from service.store import events, returning
from service.store.dialect import Tx
from service.web.about import About
from service.web.almanac import YEARS_AROUND, Almanac, Fall, Past
from service.web.pages import pages_of, site_of
from service.web.seen import told
from service.web.structured import page_data

_MOST_OF_A_DAY = 120
_MOST_OF_A_YEAR = 250
_LEAP_YEAR = 2000  # any that has every day
_NO_DAY = message("There is no such day. A day is written as month and day, such as 09-27.")
_NO_YEAR = message("This is no year that can be shown. It is a number from {first} to {last}.")
_NOT_IN_YEAR = message("The year {year} has no 29 February.")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The page of another day or year, with what it is called."""

    path: str
    query: Mapping[str, str]
    name: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in a month's table; `marked` if something is remembered on it."""

    day: int
    name: str
    path: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a year: its weeks, from the first weekday of the language, and its days with their events."""

    number: int
    name: str
    weeks: list[list[Cell | None]]
    days: tuple[tuple[date, str, tuple[tuple[str, Text], ...]], ...]
    count: int


async def day(request: Request) -> Response:
    """Show a day: what happened on it, and what is kept on it in a year, this one if none is asked for."""
    site, pages = site_of(request), pages_of(request)
    language, today = pages.language(request), site.clock().date()
    asked = request.query_params.get("year", "")
    named = day_named(request.path_params["day"])
    if named is None:
        return pages.refusal(request, 404, language.text(_NO_DAY))
    month, number = named.month, named.day
    year = _year(asked, today) if asked else today.year
    if year is None:
        return pages.refusal(request, 400, _no_year(language, today))
    on = date(year, month, number) if (month, number) != (2, 29) or isleap(year) else None
    if on is None and asked:
        return pages.refusal(request, 404, language.text(_NOT_IN_YEAR, year=str(year)))
    known = await almanac_of(request).year(year)
    past = known.past.get(f"{month:02}-{number:02}", ())
    falls = known.falls.get(on, ()) if on else ()
    async with site.store.read() as tx:
        kept = await told(tx, falls[:_MOST_OF_A_DAY], language, today)
        happened = await _happened(tx, past[:_MOST_OF_A_DAY], language)
    shown = {
        "name": language.date(date(_LEAP_YEAR, month, number), "day"),
        "on": on,
        "year": year,
        "is_asked": bool(asked),
        "is_today": on == today,
        "kept": kept,
        "happened": happened,
        "more": max(0, len(falls) - _MOST_OF_A_DAY) + max(0, len(past) - _MOST_OF_A_DAY),
        "beside": _beside(month, number, year if asked else None, language, today),
        "years": bounds(today),
    }
    listed = [(f"/events/{one.event}", one.title.text) for one in kept]
    listed += [(f"/events/{one['event']}", one["title"].text) for one in happened]
    about = _about_day(named, on if asked else None, language)
    about = replace(about, data=page_data(site, listed, language.code))
    return pages.page(request, "day.html", shown, about=about)


async def year(request: Request) -> Response:
    """Show a year as a calendar with every commemoration."""
    site, pages = site_of(request), pages_of(request)
    language, today = pages.language(request), site.clock().date()
    number = _year(request.path_params["year"], today)
    if number is None:
        return pages.refusal(request, 404, _no_year(language, today))
    known = await almanac_of(request).year(number)
    count = sum(len(falls) for falls in known.falls.values())
    titles: Mapping[str, Mapping[str, str]] = {}
    if count <= _MOST_OF_A_YEAR:
        async with site.store.read() as tx:
            titles = await events.titles(tx, {fall.event for falls in known.falls.values() for fall in falls})
    first, last = bounds(today)
    shown = {
        "year": number,
        "months": [_month(number, month, known.falls, titles, language) for month in range(1, 13)],
        "weekdays": weekdays(language),
        "count": count,
        "is_listed": count <= _MOST_OF_A_YEAR,
        "before": number - 1 if number > first else None,
        "after": number + 1 if number < last else None,
        "today": today,
    }
    listed = [(f"/events/{id_}", text_in(words, language).text) for id_, words in titles.items()]
    about = About(
        title=language.text("The year {year}", year=str(number)),
        description=language.text("Everything that is remembered in the year {year}, day by day.", year=str(number)),
        path=f"/years/{number}",
        picture=f"/previews/years/{number}.png",
        data=page_data(site, listed, language.code),
    )
    return pages.page(request, "year.html", shown, about=about)


def almanac_of(request: Request) -> Almanac:
    """Give the almanac of the application."""
    almanac: Almanac = request.app.state.almanac
    return almanac


def day_named(text: str) -> date | None:
    """Read a day of the year, such as 09-27, as one of a year that has every day; None of what is no day."""
    found = re.fullmatch(r"([0-9]{2})-([0-9]{2})", text)
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    is_day = 1 <= month <= 12 and 1 <= day <= monthrange(_LEAP_YEAR, month)[1]
    return date(_LEAP_YEAR, month, day) if is_day else None


def bounds(today: date) -> tuple[int, int]:
    """Give the first and the last year that pages show."""
    return max(1, today.year - YEARS_AROUND), min(9998, today.year + YEARS_AROUND)


def _year(text: str, today: date) -> int | None:
    first, last = bounds(today)
    number = int(text) if re.fullmatch(r"[0-9]{4}", text) else 0
    return number if first <= number <= last else None


def _no_year(language: Language, today: date) -> str:
    first, last = bounds(today)
    return language.text(_NO_YEAR, first=str(first), last=str(last))


def _about_day(named: date, on: date | None, language: Language) -> About:
    """Say what the page of a day is about, of every year or of one."""
    name = language.date(named, "day")
    return About(
        title=language.date(on, "full") if on else name,
        description=language.text("What happened on {day}, and what is remembered on it.", day=name),
        path=f"/days/{named:%m-%d}",
        query={"year": str(on.year)} if on else {},
        picture=f"/previews/days/{named:%m-%d}.png",
    )


def _beside(
    month: int, number: int, year: int | None, language: Language, today: date
) -> tuple[Neighbour | None, Neighbour | None]:
    """Give the days before and after: of that year, or of the year that has every day, in which each is found."""
    own = date(year or _LEAP_YEAR, month, number)
    found: list[Neighbour | None] = []
    first, last = bounds(today)
    for step in (-1, 1):
        other = own + timedelta(days=step)
        query = {"year": str(other.year)} if year else {}
        is_within = not year or first <= other.year <= last
        name = language.date(other, "long" if year else "day")
        found.append(Neighbour(f"/days/{other:%m-%d}", query, name) if is_within else None)
    return found[0], found[1]


async def _happened(tx: Tx, past: Sequence[Past], language: Language) -> list[dict[str, Any]]:
    kept = await returning.named(tx, [one.event for one in past])
    return [
        {
            "event": one.event,
            "title": text_in(kept[one.event].title, language),
            "when": when_words(kept[one.event], language),
            "ended": one.ended,
        }
        for one in past
        if one.event in kept
    ]


def _month(
    year: int,
    number: int,
    falls: Mapping[date, Sequence[Fall]],
    titles: Mapping[str, Mapping[str, str]],
    language: Language,
) -> Month:
    days = [date(year, number, day) for day in range(1, monthrange(year, number)[1] + 1)]
    weeks = [
        [Cell(on.day, language.date(on, "day"), f"/days/{on:%m-%d}", on in falls) if on else None for on in week]
        for week in weeks_of(days, language)
    ]
    listed = tuple(
        (on, language.date(on, "weekday"), _named(falls[on], titles, language)) for on in days if on in falls and titles
    )
    count = sum(len(falls.get(on, ())) for on in days)
    return Month(number, language.date(days[0], "month"), weeks, listed, count)


def _named(
    falls: Sequence[Fall], titles: Mapping[str, Mapping[str, str]], language: Language
) -> tuple[tuple[str, Text], ...]:
    """Name each event once, whatever the number of its rules that give the day."""
    ids = dict.fromkeys(fall.event for fall in falls)
    return tuple((id_, text_in(titles[id_], language)) for id_ in ids if id_ in titles)
