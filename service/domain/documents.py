"""Documents that people write, to values and back; what is wrong is said in words, with its place.

A place is the path of keys and positions (`("events", 2, "figures", 0, "value")`); whoever read the
document from a file knows the line of each place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, ClassVar, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from service.domain.edtf import Day, DayText, check_day, parse_day
from service.domain.event import Collection, Event, Precision, as_known, is_after_sunset
from service.domain.event import Place as EventPlace
from service.domain.private_event import PrivateEvent
from service.domain.reckoning import KINDS
from service.domain.rule import Rule

T = TypeVar("T")
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where."""

    place: Place
    message: str

    def __str__(self) -> str:
        """The finding as one line, its place with dots."""
        where = ".".join(str(step) for step in self.place)
        return f"{where}: {self.message}" if where else self.message


class DocumentError(ValueError):
    """A document does not have the form that it must have; `findings` say where and why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class When:
    """The days of an event, without its story: what `remembrancer dates` is given."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    first_day: DayText
    last_day: DayText | None = None
    calendar: str = "gregorian"
    after_sunset: bool = False
    precision: Precision | None = None
    local_time: str | None = None
    place: EventPlace | None = None

    def __post_init__(self) -> None:
        if self.local_time is not None and is_after_sunset(self.first, self.calendar, self.local_time, self.place):
            object.__setattr__(self, "after_sunset", True)
        check_day(self.first, self.calendar)
        if self.last is not None:
            check_day(self.last, self.calendar)
            if self.last.last_possible(self.calendar) < self.first.first_possible(self.calendar):
                raise ValueError(f"last_day {self.last_day} is before first_day {self.first_day}")

    @property
    def first(self) -> Day:
        """The first day, as exactly as it is known."""
        return as_known(parse_day(self.first_day), self.precision)

    @property
    def last(self) -> Day | None:
        """The last day, read; None for one day."""
        return as_known(parse_day(self.last_day), self.precision) if self.last_day else None


@dataclass(frozen=True, slots=True)
class Question:
    """One line of `remembrancer dates`: the occasions of an event by a rule in a window, both ends in it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    event: When
    rule: Rule
    first: date
    last: date


_WORDS = {
    "missing": "this is required",
    "missing_argument": "this is required",
    "missing_keyword_only_argument": "this is required",
    "unexpected_keyword_argument": "this key is not known here",
    "union_tag_not_found": "a rule needs a `kind`",
    "int_parsing": "this value must be a whole number",
    "int_from_float": "this value must be a whole number",
    "float_parsing": "this value must be a number",
}


def read_collection(document: object) -> Collection:
    """Read a collection; raise DocumentError with everything that is wrong."""
    return _read(Collection, document)


def read_event(document: object) -> Event:
    """Read an event; raise DocumentError with everything that is wrong."""
    return _read(Event, document)


def read_when(document: Mapping[str, object], rules: Sequence[object]) -> tuple[When, tuple[Rule, ...]]:
    """Read the days of an event and its rules; raise DocumentError."""
    return _read(When, document), _read(tuple[Rule, ...], rules)


def read_private(document: object) -> PrivateEvent:
    """Read a private event; raise DocumentError with everything that is wrong."""
    return _read(PrivateEvent, document)


def read_question(document: Mapping[str, object]) -> Question:
    """Read a line of `remembrancer dates`, without its id; raise DocumentError."""
    renamed = {{"from": "first", "to": "last"}.get(key, key): value for key, value in document.items() if key != "id"}
    return _read(Question, renamed)


def write_collection(collection: Collection) -> dict[str, Any]:
    """Give the document of a collection, without what is left at its default."""
    document: dict[str, Any] = _adapter(Collection).dump_python(collection, mode="json", exclude_defaults=True)
    del document["events"]  # they come last, behind what is short
    return document | {"events": [write_event(event) for event in collection.events]}


def write_event(event: Event) -> dict[str, Any]:
    """Give the document of an event, without what is left at its default; a rule's kind is always told."""
    return _with_kinds(_adapter(Event).dump_python(event, mode="json", exclude_defaults=True), event.rules)


def write_rule(rule: Rule) -> dict[str, Any]:
    """Give the document of a rule, in the same way."""
    kind: Any = type(rule)
    written: dict[str, Any] = _adapter(kind).dump_python(rule, mode="json", exclude_defaults=True)
    return {"kind": rule.kind, **written}


def write_private(event: PrivateEvent) -> dict[str, Any]:
    """Give the document of a private event, in the same way."""
    return _with_kinds(_adapter(PrivateEvent).dump_python(event, mode="json", exclude_defaults=True), event.rules)


def _with_kinds(document: dict[str, Any], rules: tuple[Rule, ...]) -> dict[str, Any]:
    written = zip(rules, document["rules"], strict=True)
    return document | {"rules": [{"kind": rule.kind, **own} for rule, own in written]}


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Make what reads and writes a kind when it is first needed: a tenth of a second, which most commands spare."""
    return TypeAdapter(kind)


def _read(kind: type[T], document: object) -> T:
    try:
        read: T = _adapter(cast("Any", kind)).validate_python(document)
    except ValidationError as error:
        raise DocumentError(findings_of(error)) from None
    return read


def findings_of(error: ValidationError) -> tuple[Finding, ...]:
    """Give what keeps a document from being read, each in words and with its place.

    A list is not called too short besides, because what stands in it is wrong.
    """
    found = error.errors(include_url=False, include_context=True)
    parents = {details["loc"][:size] for details in found for size in range(len(details["loc"]))}
    return tuple(
        Finding(_place(details["loc"]) + _inner(details), _WORDS.get(details["type"]) or _message(details))
        for details in found
        if details["type"] != "too_short" or details["loc"] not in parents
    )


def _message(details: Mapping[str, Any]) -> str:
    message: str = details["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:] if message.startswith(("Input", "Value")) else message


def _inner(details: Mapping[str, Any]) -> Place:
    """Give the place within the part that was read, if its own check named it."""
    return tuple(getattr(details.get("ctx", {}).get("error"), "place", ()))


def _place(loc: tuple[int | str, ...]) -> Place:
    """Leave out the step that only names which kind of rule was read."""
    steps: list[int | str] = []
    for position, step in enumerate(loc):
        after_rule = position >= 1 and loc[position - 1] == "rule"
        after_rules = position >= 2 and loc[position - 2] == "rules"
        if not ((after_rule or after_rules) and isinstance(step, str) and step in _KINDS):
            steps.append(step)
    return tuple(steps)


_KINDS = frozenset(KINDS)
