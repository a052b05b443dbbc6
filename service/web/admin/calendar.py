"""The calendar: what is remembered in a year or a month, any year, and what of it needs somebody before its day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.domain.event import Tone
from service.domain.occasion import returns
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.rendering.views import Text
from service.store import events, occasions, planning
from service.store.dialect import Tx
from service.store.events import Kept
from service.web.admin.days import DAYS
from service.web.admin.due_words import missing_in
from service.web.admin.holder import editor_of, show
from service.web.pages import pages_of, site_of

CALENDAR = "/admin/calendar"
_YEARS = (1, 9998)
_NO_WORDS = message("not in {languages}")
_NOBODY = message("nobody asks for it")
_NO_DAY = message("no coming day")


@dataclass(frozen=True, slots=True)
class Line:
    """An event on a day of the calendar, with what it lacks."""

    event: str
    on: date
    title: Text
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be seen: a year, perhaps one month of it, one collection, one tone, only what lacks something."""

    year: int
    month: int | None
    collection: str
    tone: str
    lacking: bool

    @property
    def span(self) -> tuple[date, date]:
        if self.month is None:
            return date(self.year, 1, 1), date(self.year, 12, 31)
        following = date(self.year + self.month // 12, self.month % 12 + 1, 1)
        return date(self.year, self.month, 1), following - timedelta(days=1)

    def shows(self, kept: Kept) -> bool:
        return self.collection in {"", kept.collection} and self.tone in {"", kept.event.tone.value}


async def shown(request: Request) -> Response:
    """Show a year or a month, the present one if nothing is asked; a day that is typed leads to its page."""
    site, editor = site_of(request), editor_of(request)
    if (day := request.query_params.get("day", "")) and (found := _day(day)):
        return RedirectResponse(pages_of(request).link(request, f"{DAYS}/{found.isoformat()}"), 303)
    language = pages_of(request).language(request, editor.language)
    asked = _asked(request, site.clock().date())
    async with site.store.read() as tx:
        shelves = await events.shelves(tx)
        kept = {one.event.id: one async for one in events.all_events(tx) if asked.shows(one)}
        lacks = await _lacks(tx, kept, site.clock().date(), language, site.languages.codes)
        lines = await _lines(tx, asked, kept, lacks, language)
    nowhere = [(id_, text_in(kept[id_].event.title, language), words) for id_, words in lacks.items() if words]
    page: dict[str, Any] = {
        "asked": asked,
        "months": _months(lines, language),
        "names": [(number, language.date(date(asked.year, number, 1), "month")) for number in range(1, 13)],
        "lacking": nowhere,
        "collections": [(shelf.id, text_in(shelf.title, language)) for shelf in shelves],
        "count": len(lines),
        "is_wrong": bool(day),
        "typed_day": day,
        "least": _YEARS[0],
        "most": _YEARS[1],
    }
    return show(request, "admin/calendar.html", page, status=422 if day else 200)


def _asked(request: Request, today: date) -> _Asked:
    query = request.query_params
    year, month = query.get("year", ""), query.get("month", "")
    whole = int(year) if year.isascii() and year.isdigit() and len(year) <= 4 else today.year
    number = int(month) if month.isascii() and month.isdigit() and len(month) <= 2 else 0 if query else today.month
    return _Asked(
        year=min(max(whole, _YEARS[0]), _YEARS[1]),
        month=number if 1 <= number <= 12 else None,
        collection=query.get("collection", ""),
        tone=query.get("tone", "") if query.get("tone", "") in set(Tone) else "",
        lacking=query.get("lacking", "") == "1",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _lacks(
    tx: Tx, kept: Mapping[str, Kept], today: date, language: Language, codes: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Say what each event lacks: words in a language, subscribers, a coming day."""
    asked_for = await planning.targets_asked_for(tx)
    returning = await occasions.returning(tx, today)
    found: dict[str, tuple[str, ...]] = {}
    for id_, one in kept.items():
        said = []
        if missing := missing_in(one.event, codes):
            names = ", ".join(language.language_name(code) for code in missing)
            said.append(language.text(_NO_WORDS, languages=names))
        if asked_for.isdisjoint({f"event:{id_}", f"collection:{one.collection}"}):
            said.append(language.text(_NOBODY))
        if id_ not in returning:
            said.append(language.text(_NO_DAY))
        found[id_] = tuple(said)
    return found


async def _lines(
    tx: Tx, asked: _Asked, kept: Mapping[str, Kept], lacks: Mapping[str, tuple[str, ...]], language: Language
) -> list[Line]:
    """Give what falls into the span: from the index where that covers it, else reckoned."""
    first, last = asked.span
    horizon = await occasions.horizon_of(tx)
    if horizon is not None and horizon[0] <= first and last <= horizon[1]:
        found = {(one.occasion.on, one.event) for one in await occasions.between(tx, first, last)}
    else:
        found = {(one.on, id_) for id_, own in kept.items() for _, one in returns(own.event, first, last)}
    return [
        Line(id_, on, text_in(kept[id_].event.title, language), lacks[id_])
        for on, id_ in sorted(found)
        if id_ in kept and (lacks[id_] or not asked.lacking)
    ]


def _months(lines: Sequence[Line], language: Language) -> list[tuple[str, int, list[tuple[date, str, list[Line]]]]]:
    """Gather lines by month, and in it by day."""
    months: dict[tuple[int, int], dict[date, list[Line]]] = {}
    for line in lines:
        months.setdefault((line.on.year, line.on.month), {}).setdefault(line.on, []).append(line)
    return [
        (
            language.date(date(year, month, 1), "month"),
            month,
            [(on, language.date(on, "weekday"), told) for on, told in days.items()],
        )
        for (year, month), days in months.items()
    ]
