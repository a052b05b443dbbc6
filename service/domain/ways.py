"""The ways in which a private event may return, as its owner chooses them, and the rules that they stand for.

A rule is named by its way, so that a form finds again what was ticked in it; a rule of no way is kept as it is.
"""

from dataclasses import dataclass, replace
from typing import Any

from service.domain.calendars.calendar import Custom, MissingDay
from service.domain.documents import write_private
from service.domain.event import Tone
from service.domain.private_event import PrivateEvent
from service.domain.rule import Rule, Yearly

YEARLY, YAHRZEIT, OTHER, MONTH, NENKI = "yearly", "yahrzeit", "other", "month", "nenki"
_DAYS = {f"day-{days}": days for days in (7, 9, 40, 100)}
WAYS = (YEARLY, YAHRZEIT, OTHER, *_DAYS, MONTH, NENKI)
_WEEKS = (7, 14, 21, 28, 35, 42, 49, 100)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an owner chose: the ways, and for yearly returns the calendar, another one, and what a short year does."""

    ways: frozenset[str]
    calendar: str = "gregorian"
    other: str = "gregorian"
    missing_day: str = MissingDay.CLIP
    tone: Tone = Tone.SOLEMN


def rules_of(chosen: Chosen) -> list[dict[str, Any]]:
    """Give the rules of what was chosen, as documents have them, in the order of `WAYS`."""
    return [_rule(way, chosen) for way in WAYS if way in chosen.ways]


def chosen_of(event: PrivateEvent) -> tuple[Chosen, tuple[Rule, ...]]:
    """Give what was chosen for an event, and those of its rules that no choice gives."""
    chosen = Chosen(frozenset(), event.calendar, tone=event.tone)
    others: list[Rule] = []
    documents = write_private(event)["rules"]
    for rule, document in zip(event.rules, documents, strict=True):
        tried = replace(chosen, ways=chosen.ways | {rule.id})
        if isinstance(rule, Yearly):
            tried = replace(tried, other=rule.calendar if rule.id == OTHER else tried.other)
            tried = replace(tried, missing_day=rule.missing_day if rule.id == YEARLY else tried.missing_day)
        if rule.id in WAYS and _same(_rule(rule.id, tried), document):
            chosen = tried
        else:
            others.append(rule)
    return chosen, tuple(others)


def _rule(way: str, chosen: Chosen) -> dict[str, Any]:
    joy = {"custom": Custom.ANNIVERSARY.value} if chosen.tone is Tone.FESTIVE else {}
    if way in _DAYS:
        return {"kind": "day-count", "id": way, "days": _DAYS[way]}
    match way:
        case "yahrzeit":
            return {"kind": "yearly", "id": way, "calendar": "hebrew"}
        case "other":
            return {"kind": "yearly", "id": way, "calendar": chosen.other, **joy}
        case "month":
            return {"kind": "month-count", "id": way, "months": 1, "calendar": chosen.calendar}
        case "nenki":
            return {"kind": "nenki", "id": way, "days": list(_WEEKS)}
        case _:
            kept = {"missing_day": str(chosen.missing_day)}
            return {"kind": "yearly", "id": way, "calendar": chosen.calendar, **kept, **joy}


def _same(rule: dict[str, Any], document: dict[str, Any]) -> bool:
    """Compare with what stands in a document, which leaves out what is usual and the id of a kind."""
    usual = {"calendar": "gregorian", "missing_day": MissingDay.CLIP.value, "custom": Custom.YAHRZEIT.value}
    said = {key: value for key, value in rule.items() if usual.get(key) != value}
    written = {key: value for key, value in document.items() if usual.get(key) != value}
    return {"id": rule["kind"], **said} == {"id": rule["kind"], **written}
