"""An event being edited: what was typed, upon which version, and what comes of it; a draft until it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from service.actions import records
from service.domain.differences import Change, differences
from service.domain.documents import DocumentError, Finding, read_event, write_event
from service.domain.editor import Editor
from service.domain.event import Event
from service.domain.naming import id_of
from service.domain.occasion import returns
from service.domain.plain_text import odd_characters
from service.store import event_drafts, events, versions
from service.store.dialect import Tx
from service.store.event_drafts import Draft
from service.web.admin.event_fields import Fields, fields_of, free_id, numbers, tidy, written
from service.web.admin.event_keys import DEFAULTS

NEW = "*new"  # under which a draft of an event without an id is kept; no id can be this
_UNTOLD = {"title": {"en": "-"}, "summary": {"en": "-"}, "sources": [{"id": "-", "title": {"en": "-"}}]}
_OF_DAYS = (
    "first_day",
    "last_day",
    "calendar",
    "precision",
    "after_sunset",
    "local_time",
    "place",
    "rules",
    "observance",
)
_BACK = timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Editing:
    """The form of an event as an editor has it. `draft` is None if nothing was typed that is not saved."""

    key: str
    collection: str
    fields: Fields
    based_on: int
    standing: records.Standing
    draft: Draft | None = None
    was_tried: bool = False
    why: str = ""

    @property
    def is_new(self) -> bool:
        """Whether the event was never saved."""
        return self.key == NEW

    @property
    def is_behind(self) -> bool:
        """Whether somebody saved a newer version than the one that this began from."""
        return not self.is_new and self.draft is not None and self.based_on != self.standing.number


@dataclass(frozen=True, slots=True)
class Made:
    """What a form makes: the event or what is wrong with it, each finding with the field that it belongs to."""

    event: Event | None
    findings: tuple[tuple[str, str], ...] = ()

    @property
    def errors(self) -> dict[str, tuple[str, ...]]:
        """The findings by field."""
        found: dict[str, tuple[str, ...]] = {}
        for field, words in self.findings:
            found[field] = (*found.get(field, ()), words)
        return found


async def opened(tx: Tx, editor: Editor, key: str, collection: str = "") -> Editing | None:
    """Open an event for an editor, with their draft if they have one; None if there is no such event."""
    standing = records.Standing(0, None) if key == NEW else await records.standing(tx, key)
    draft = await event_drafts.draft_of(tx, editor.id, key)
    if draft is not None:
        return of_draft(draft, standing)
    if key == NEW:
        return Editing(key, collection, {"rules.0.kind": "yearly"}, 0, standing)
    if standing.kept is None:
        return None
    fields = fields_of(write_event(standing.kept.event))
    return Editing(key, standing.kept.collection, fields, standing.number, standing)


def of_draft(draft: Draft, standing: records.Standing) -> Editing:
    """Give a draft as it is edited."""
    kept: Mapping[str, Any] = draft.fields
    typed = {str(name): str(value) for name, value in kept.get("typed", {}).items()}
    was_tried, why = bool(kept.get("tried")), str(kept.get("why", ""))
    return Editing(draft.event, draft.collection, typed, draft.based_on, standing, draft, was_tried, why)


async def keep(tx: Tx, editor: Editor, editing: Editing, now: Any) -> None:
    """Keep what was typed as the editor's draft."""
    fields = {"typed": tidy(editing.fields), "tried": editing.was_tried, "why": editing.why}
    await event_drafts.save_draft(tx, editor.id, Draft(editing.key, editing.collection, fields, editing.based_on, now))


def made(editing: Editing) -> Made:
    """Read the event that a form makes, with everything that is wrong with it."""
    form = written(editing.fields)
    document = form.document if editing.is_new else form.document | {"id": editing.key}
    if editing.is_new and not document.get("id"):
        title = next(iter(document.get("title", {}).values()), "")
        document = document | {"id": id_of(str(title), str(document.get("first_day", "")))}
    findings: list[Finding] = list(odd_characters(document))
    findings += [Finding((name, "en"), "this is required") for name in ("title", "summary") if not document.get(name)]
    event = None
    try:
        event = read_event(document)
        records.check_id(event.id, "id")
    except DocumentError as error:
        known = {finding.place[:1] for finding in findings}
        findings += [one for one in error.findings if one.place[:1] not in known or len(one.place) > 1]
        findings += [one for one in _wrong_days(document) if one not in findings]
    told = tuple((form.field(one.place), one.message) for one in findings)
    return Made(None if told else event, told)


def _wrong_days(document: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Find what is wrong with the days alone: the first mistake of a record would else hide them."""
    days = {key: document[key] for key in ("first_day", "last_day", "calendar", "precision") if document.get(key)}
    try:
        read_event({"id": "draft", **_UNTOLD, **days, "rules": []})
    except DocumentError as error:
        return error.findings
    return ()


def dated(editing: Editing) -> Event | None:
    """Give an event with the days and rules of a form, whatever else is missing; None if they cannot be read."""
    document = written(editing.fields).document
    days = {key: document[key] for key in _OF_DAYS if key in document}
    whole = _UNTOLD | {key: document[key] for key in ("title", "summary") if document.get(key)}
    try:
        return read_event({"id": "draft", **whole, **days})
    except DocumentError:
        return None


def unlike(editing: Editing) -> tuple[Change, ...]:
    """Give what differs between the newest version and what was typed."""
    kept = editing.standing.kept
    now = {} if kept is None else write_event(kept.event) | {"collection": kept.collection}
    typed = written(editing.fields).document | {"id": editing.key, "collection": editing.collection}
    return differences(now, _as_written(typed))


def _as_written(document: dict[str, Any]) -> dict[str, Any]:
    """Give a document without what is at its default: read and written, or as near to it as it can be."""
    collection = document.pop("collection")
    try:
        return write_event(read_event(document)) | {"collection": collection}
    except DocumentError:
        usual = {"calendar": "gregorian", "tone": "solemn"}
        rules = [_unusual(rule, DEFAULTS.get(str(rule["kind"]), {})) for rule in document["rules"]]
        return _unusual(document, usual) | {"rules": rules, "collection": collection}


def _unusual(part: Mapping[str, Any], usual: Mapping[str, str]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key == "kind" or usual.get(key) != value}


@dataclass(frozen=True, slots=True)
class Since:
    """What has changed in a record since a day on which it was last remembered."""

    day: date
    changes: tuple[Change, ...]


async def since_last_time(tx: Tx, event: Event, today: date) -> Since | None:
    """Compare a record with its version on its last day; None if it had no day or no version then."""
    past = [occasion.on for _, occasion in returns(event, today - _BACK, today - timedelta(days=1))]
    if not past:
        return None
    last = max(past)
    before = [one for one in await versions.history(tx, event.id) if one.at.date() <= last and not one.withdrawn]
    if not before:
        return None
    document = await versions.record_of(tx, event.id, before[0].number)
    return Since(last, differences(document, write_event(event)))


def with_another(fields: Fields, name: str, count: int) -> Fields:
    """Add an empty part to a list of a form."""
    key = {"rules": "kind", "timeline": "on", "unresolved": "as_of", "links": "event", "pictures": "file"}.get(
        name, "id"
    )
    return fields | {f"{name}.{count}.{key}": ""}


def without(fields: Fields, name: str, number: int) -> Fields:
    """Take a part out of a list of a form."""
    return tidy({key: value for key, value in fields.items() if not key.startswith(f"{name}.{number}.")})


def raised(fields: Fields, name: str, number: int) -> Fields:
    """Move a part of a list before the one above it."""
    above, own = f"{name}.{number - 1}.", f"{name}.{number}."

    def moved(key: str) -> str:
        for start, other in ((above, own), (own, above)):
            if key.startswith(start):
                return other + key.removeprefix(start)
        return key

    return {moved(key): value for key, value in fields.items()} if number > 0 else fields


def with_newer(fields: Fields, number: int) -> tuple[Fields, int]:
    """Add a newer figure behind one, which stays and is superseded by it; gives the newer one's number too.

    What was counted, its unit and how it is read stay the same; the number, its day and source are to be typed.
    """
    ids = {fields.get(f"figures.{one}.id", "") for one in numbers(fields, "figures")}
    own = f"figures.{number}."
    base = fields.get(f"{own}id", "") or "figure"
    id_ = free_id(base, ids | {base})
    newer = number + 1
    found: Fields = {}
    for name, value in fields.items():
        top, _, rest = name.partition(".")
        place, _, key = rest.partition(".")
        later = top == "figures" and place.isdecimal() and int(place) > number
        found[f"figures.{int(place) + 1}.{key}" if later else name] = value
        if name.startswith(own) and key.partition(".")[0] in {"label", "unit", "qualifier"}:
            found[f"figures.{newer}.{key}"] = value
    later_one = found.get(f"{own}superseded_by", "")
    found |= {f"figures.{newer}.id": id_, f"figures.{newer}.value": "", f"figures.{newer}.as_of": ""}
    if later_one:
        found[f"figures.{newer}.superseded_by"] = later_one
    return found | {f"{own}id": base, f"{own}superseded_by": id_}, newer


def rebased(editing: Editing) -> Editing:
    """Go on with what was typed, over the newest version."""
    return replace(editing, based_on=editing.standing.number)


async def event_choices(tx: Tx, but: str) -> list[tuple[str, Mapping[str, str]]]:
    """Give every event that another can be tied to, with its title."""
    return [(id_, title) for id_, title in (await events.titles(tx)).items() if id_ != but]
