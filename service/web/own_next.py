"""The next letter of a reader, seen on their own pages by what is chosen there, before it is kept.

Unlike what strangers see (`foreseen`), it is reckoned from all that they remember, private dates among it, and only
they see it; the letter itself is shown where it has nothing private in it, since its address names what it tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from service.actions import rehearsing
from service.domain.errors import InvalidError, NotFoundError, TooManyRequestsError
from service.domain.letter import Variant
from service.domain.rehearsal import Rehearsed
from service.domain.subscription import Cadence, Habit, Wish, read_target
from service.domain.targets import id_in
from service.rendering.rehearsal_words import letter_words
from service.rendering.views import Text
from service.store.dialect import Tx
from service.store.occasions import Listed
from service.web.foreseen import LONGEST_QUERY, SHOWN, Ahead, Next, count_look
from service.web.forms import check, check_leads, form_of, text, typed_in
from service.web.own import Reader, here, language_of, reader_of
from service.web.pages import pages_of, site_of

_MONTHS: Final = 13  # so that what comes once a year is always among them
NOTHING_TYPED: Final = FormData()


@dataclass(frozen=True, slots=True)
class ToldNext:
    """One thing that the letter tells: its title, its day in words, how long it has been, and whether it is the day."""

    title: Text
    when: str
    words: str
    today: bool


async def fragment(request: Request) -> Response:
    """Show the next letter for what is chosen so far, for the script of a form."""
    form = await form_of(request)
    try:
        async with site_of(request).store.read() as tx:
            reader = await reader_of(tx, request)
            shown = await own_next(tx, request, reader, form)
    except NotFoundError:
        return pages_of(request).token_refusal(request)
    status, speaks = 429 if shown.busy else 200, reader.subscriber.habit.language
    return pages_of(request).page(request, "_next.html", shown.page(), status=status, speaks=speaks)


async def own_page_next(tx: Tx, request: Request, reader: Reader, form: FormData, of: str) -> dict[str, object]:
    """Give what a page of one's own shows of the next letter; `of` names what its form changes."""
    shown = await own_next(tx, request, reader, FormData([*form.multi_items(), ("of", of)]))
    return {**shown.page(), "of": of, "next_path": here(request, "next")}


async def own_next(tx: Tx, request: Request, reader: Reader, form: FormData) -> Next:
    """Give the next letter of a reader as if what stands in a form were kept; what is wrong in it is passed over."""
    site = site_of(request)
    try:
        count_look(request)
    except TooManyRequestsError:
        return Next(busy=True)
    habit, wishes = _as_if(request, reader, form)
    changed, now = replace(reader.subscriber, habit=habit), site.clock()
    found = await rehearsing.of_reader(tx, changed, _MONTHS, now, private=True, wishes=wishes)
    coming = [one for one in found.letters if one.due_at > now and not one.paused]
    if not coming:
        return Next(chosen=True)
    events = {id_: kept.event for id_, kept in found.events.items()}
    seen = letter_words(coming[0], events, language_of(request, reader))
    told = [ToldNext(one.title, one.on, one.words, one.on == seen.day) for one in seen.told]
    address = _address(request, habit, coming[0], wishes)
    return Next(Ahead(seen.day, f"{seen.local:%H:%M}", told[:SHOWN], len(told[SHOWN:]), address), chosen=True)


def _as_if(request: Request, reader: Reader, form: FormData) -> tuple[Habit, Sequence[Wish]]:
    """Give the habit and the wishes that a reader would have."""
    habit, wishes, of, typed = reader.subscriber.habit, list(reader.wishes), text(form, "of"), typed_in(form)
    if of == "habits" and not (checked := check(typed, site_of(request))).errors and text(form, "hour"):
        return checked.habit, wishes
    if of == "topics" and typed.targets:
        more = check(typed, site_of(request), with_wishes=True, with_habit=False).wishes
        return habit, list(dict.fromkeys([*wishes, *more]))
    if of not in {"habits", "topics"} and any(wish.target == of for wish in wishes):
        try:
            leads = check_leads(typed) if "lead_days" in form else ()
        except InvalidError:
            leads = ()
        if leads:
            others = [wish for wish in wishes if wish.target != of]
            return habit, [*others, *(read_target(of, lead) for lead in leads)]
    return habit, wishes


def _address(request: Request, habit: Habit, letter: Rehearsed[Listed], wishes: Sequence[Wish]) -> str:
    """Give the address of the letter itself, by what it tells; "" if something of it is private, or it is too long."""
    if any(id_in(one.event) for one in letter.told):
        return ""
    told = {
        f"{kind}:{id_}" for one in letter.told for kind, id_ in (("event", one.event), ("collection", one.collection))
    }
    leads: dict[str, list[str]] = {}
    for wish in wishes:
        if wish.target in told:
            leads.setdefault(wish.target, []).append(str(wish.lead_days))
    on = ("monthday" if habit.cadence is Cadence.MONTHLY else "weekday", str(habit.rhythm.on or 1))
    fields = [("language", habit.language), ("zone", habit.zone), ("hour", habit.hour), ("cadence", habit.cadence), on]
    fields += [("lead_days", "0"), *(("targets", target) for target in sorted(leads))]
    fields += [(f"own:{target}", " ".join(days)) for target, days in sorted(leads.items())]
    fields += [("plain_text", "yes")] if Variant.PLAIN in habit.variant else []
    query = urlencode(fields)
    return f"{site_of(request).prefix}/subscribe/letter?{query}" if len(query) <= LONGEST_QUERY else ""
