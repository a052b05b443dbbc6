"""The form of an event as the page shows it: every field with its words, its choices and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from service.domain.event import Words
from service.rendering.locales import Language, Languages
from service.rendering.messages import message
from service.web.admin import event_spec as spec
from service.web.admin.event_choices import Choices, choices
from service.web.admin.event_fields import numbers
from service.web.admin.event_keys import DEFAULTS, OF_CALENDARS, RULE_KEYS

_LONGEST_GIST = 110


@dataclass(frozen=True, slots=True)
class Speech:
    """A language in which texts of a record may be written."""

    code: str
    name: str
    direction: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the page. `errors` are what is wrong with it, `speech` the language that it is to be written in."""

    name: str
    label: str
    kind: spec.Input
    value: str = ""
    hint: str = ""
    choices: Choices = ()
    errors: tuple[str, ...] = ()
    speech: Speech | None = None
    rows: int = 2


@dataclass(frozen=True, slots=True)
class Row:
    """Fields that stand side by side; `legend` names them together, where they are one text in several languages."""

    fields: tuple[Field, ...]
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a list: a source, a figure, a rule; `gist` says in short what it holds.

    `hidden` are fields that are kept and not shown.
    """

    id: str
    title: str
    rows: tuple[Row, ...]
    more: tuple[Row, ...] = ()
    more_open: bool = False
    hidden: tuple[tuple[str, str], ...] = ()
    errors: tuple[str, ...] = ()
    number: int = 0
    can_rise: bool = False
    gist: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it must be seen: it is empty, or something in it is wrong."""
        return not self.gist or bool(self.errors) or any(one.errors for row in self.rows for one in row.fields)


@dataclass(frozen=True, slots=True)
class Group:
    """A list of parts, with the button that adds one."""

    name: str
    title: str
    add: str
    hint: str
    parts: tuple[Part, ...]
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a form is made on: the page's language, those that can be written in, and what can be pointed to."""

    language: Language
    speeches: tuple[Speech, ...]
    collections: Choices
    events: Choices
    errors: Mapping[str, tuple[str, ...]]


def speeches(languages: Languages, language: Language, used: Sequence[Words]) -> tuple[Speech, ...]:
    """Give the languages to write in: those of the service, and those that the record has beside them."""
    codes = dict.fromkeys([*languages.codes, *(code for words in used for code in words)])
    return tuple(
        Speech(code, language.sentence(own.name or code), own.direction)
        for code in codes
        if (own := languages.of(code))
    )


def section(ground: Ground, fields: Mapping[str, str], name: str) -> tuple[Row, ...]:
    """Give a part of the form that there is once."""
    return tuple(_row(ground, fields, "", one) for one in spec.SECTIONS[name])


def group(ground: Ground, fields: Mapping[str, str], name: str) -> Group:
    """Give a list of the form, with an empty part where it has none."""
    text = ground.language.text
    told = spec.GROUPS[name]
    found = numbers(fields, name) or ([0] if told.at_least_one else [])
    parts = tuple(_part(ground, fields, name, number) for number in found)
    return Group(
        name, text(told.title), text(told.add), text(told.hint) if told.hint else "", parts, _own(ground, name)
    )


def _part(ground: Ground, fields: Mapping[str, str], name: str, number: int) -> Part:
    start = f"{name}.{number}."
    told = spec.GROUPS[name]
    kind = fields.get(f"{start}kind", "") if name == "rules" else ""
    known = RULE_KEYS.get(kind, frozenset())

    def shown(asked: Sequence[spec.Ask]) -> tuple[Row, ...]:
        mine = [one for one in asked if name != "rules" or _is_asked(one.key, known, fields, start)]
        return tuple(_row(ground, fields, start, _for_kind(one, kind)) for one in mine)

    rows, more = shown(told.asked), shown(told.more)
    names = {field.name for row in (*rows, *more) for field in row.fields}
    own = {field: value for field, value in fields.items() if field.startswith(start) and value}
    title = ground.language.text(told.part, n=number + 1)
    is_told = any(
        field.errors or field.value not in ("", "1", DEFAULTS.get(kind, {}).get(field.name.removeprefix(start), ""))
        for row in more
        for field in row.fields
        if field.name != f"{start}id" or field.errors
    )
    hidden = tuple((field, value) for field, value in own.items() if field not in names)
    errors = _own(ground, start.removesuffix("."))
    gist = _gist(rows, ground.language)
    return Part(start.removesuffix("."), title, rows, more, is_told, hidden, errors, number, number > 0, gist)


def _is_asked(key: str, known: frozenset[str], fields: Mapping[str, str], start: str) -> bool:
    """Say whether a key is shown for a rule: its kind takes it, and its calendar has a use for it."""
    if key == "kind":
        return True
    calendar = fields.get(f"{start}calendar") or "gregorian"
    return key.partition(".")[0] in known and calendar in OF_CALENDARS.get(key, {calendar})


def _gist(rows: Sequence[Row], language: Language) -> str:
    """Say in short what a part holds, from the first of its fields that say something."""
    said = []
    for row in rows:
        words = {field.speech.code: field.value for field in row.fields if field.speech and field.value}
        if words:
            said.append(language.pick(words)[0])
        elif row.fields[0].value and not row.fields[0].speech:
            field = row.fields[0]
            said.append(dict(field.choices).get(field.value, field.value))
    told = ", ".join(said[:3])
    return told if len(told) <= _LONGEST_GIST else f"{told[:_LONGEST_GIST].rsplit(' ', 1)[0]} …"


def _for_kind(asked: spec.Ask, kind: str) -> spec.Ask:
    """Take the choices of a key that does not mean the same in every kind of rule."""
    if (kind, asked.key) == ("month-count", "missing_day"):
        return replace(asked, choices="missing_month_day")
    if kind == "nenki" and asked.key == "days":
        return replace(asked, label=message("Days of mourning"), hint=message("Such as 7, 49, 100."))
    return asked


def _row(ground: Ground, fields: Mapping[str, str], start: str, asked: spec.Ask) -> Row:
    label = ground.language.text(asked.label)
    if not asked.worded:
        return Row((_field(ground, fields, f"{start}{asked.key}", asked, label, None),))
    each = tuple(
        _field(ground, fields, f"{start}{asked.key}.{speech.code}", asked, speech.name, speech)
        for speech in ground.speeches
    )
    return Row(each, label)


def _field(
    ground: Ground, fields: Mapping[str, str], name: str, asked: spec.Ask, label: str, speech: Speech | None
) -> Field:
    text = ground.language.text
    kind = fields.get(f"{name.rpartition('.')[0]}.kind", "")
    value = fields.get(name) or (DEFAULTS.get(kind, {}).get(asked.key, "") if asked.choices else "")
    offered = _choices(ground, fields, asked)
    if offered and value and value not in {one for one, _ in offered}:
        offered = (*offered, (value, value))  # what was typed is not lost for not being on the list
    hint = text(asked.hint) if asked.hint else ""
    errors = _below(ground, name)
    return Field(name, label, asked.kind, value, hint, offered, errors, speech, asked.rows)


def _choices(ground: Ground, fields: Mapping[str, str], asked: spec.Ask) -> Choices:
    text = ground.language.text
    match asked.choices:
        case "":
            return ()
        case "collections":
            return ground.collections
        case "events":
            return (("", text("Choose an event")), *ground.events)
        case "sources" | "sources_or_none":
            ids = [fields.get(f"sources.{number}.id", "") for number in numbers(fields, "sources")]
            none = text("Choose a source") if asked.choices == "sources" else text("None")
            return (("", none), *((id_, _source_words(ground, fields, id_)) for id_ in ids if id_))
        case "figures":
            ids = [fields.get(f"figures.{number}.id", "") for number in numbers(fields, "figures")]
            return (("", text("By none: it holds")), *((id_, id_) for id_ in ids if id_))
        case name:
            return choices(name, ground.language)


def _source_words(ground: Ground, fields: Mapping[str, str], id_: str) -> str:
    for number in numbers(fields, "sources"):
        if fields.get(f"sources.{number}.id") == id_:
            start = f"sources.{number}.title."
            words = {name.removeprefix(start): value for name, value in fields.items() if name.startswith(start)}
            return ground.language.pick(words)[0] or id_
    return id_


def _own(ground: Ground, name: str) -> tuple[str, ...]:
    return ground.errors.get(name, ())


def _below(ground: Ground, name: str) -> tuple[str, ...]:
    """Give what is wrong with a field, or with something within it that has no field of its own."""
    return tuple(
        words
        for place, several in ground.errors.items()
        if place == name or place.startswith(f"{name}.")
        for words in several
    )
