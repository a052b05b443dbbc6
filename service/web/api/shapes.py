"""What documents of the API look like: read strictly, written, and described, all by the same definitions.

What does not have the form of the description is one kind of refusal (400), what has it and cannot be all the same,
such as a 30 February, is another (422): so a program can be checked against the description alone.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Final, Generic, Literal, TypeVar

from pydantic import BeforeValidator, Field, PlainSerializer, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from service.domain.documents import findings_of, write_event, write_rule
from service.domain.event import Event
from service.domain.plain_text import odd_characters
from service.domain.rule import Rule
from service.web.api.problems import Problem, Wrong, wrongs

T = TypeVar("T")
LIMIT: Final = 100
LIMIT_MOST: Final = 500
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_PLAIN: Final = r"^[^\x00]*$"  # no character with the number 0, which stands in no address
_NO_DAY: Final = "this is no day (allowed: YYYY-MM-DD)"
_NO_MOMENT: Final = "this is no moment (allowed: such as 2026-09-27T05:00:00Z)"
_REFERENCE: Final = "#/components/schemas/{model}"


def _as_a_day(value: Any) -> Any:
    """Let nothing but YYYY-MM-DD be a day: digits alone would be read as seconds."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticCustomError("date_form", _NO_DAY)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(_NO_DAY) from None


def _as_a_moment(value: Any) -> Any:
    if isinstance(value, str) and not _MOMENT.fullmatch(value):
        raise PydanticCustomError("date_form", _NO_MOMENT)
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(_NO_MOMENT) from None


Id = Annotated[str, Field(min_length=1, max_length=64, description="An id.")]
Text = Annotated[str, Field(max_length=500)]
Asked = Annotated[str, Field(max_length=80, pattern=_PLAIN)]
Why = Annotated[
    str, Field(max_length=500, pattern=_PLAIN, description="Why, for those who come after you; kept in the audit.")
]
Count = Annotated[int, Field(ge=1, le=LIMIT_MOST, description=f"How many at most, 1 to {LIMIT_MOST}.")]
Cursor = Annotated[
    str, Field(max_length=600, pattern=_PLAIN, description="`next` of the page before, for the page behind it.")
]
Day = Annotated[date, BeforeValidator(_as_a_day), Field(description="A day, YYYY-MM-DD.")]
Moment = Annotated[datetime, BeforeValidator(_as_a_moment), Field(description="A moment with its zone (RFC 3339).")]
Lead = Annotated[int, Field(ge=0, le=60, description="Days ahead; 0 is on the day itself.")]
Target = Annotated[
    str, Field(max_length=80, pattern=r"^(collection|event):.+$", description="`collection:ID` or `event:ID`.")
]
WrittenEvent = Annotated[Event, PlainSerializer(write_event)]
"""An event as it is written in files: what is left at its default is left out."""


WordsSent = Annotated[
    Mapping[Annotated[str, Field(min_length=1, max_length=35)], Annotated[str, Field(max_length=20_000)]],
    Field(min_length=1, description="One text for each language, by its code (BCP 47)."),
]
WrittenRule = Annotated[Rule, PlainSerializer(write_rule)]


class Shape:
    """A document of the API; keys that it does not know are refused."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Nothing(Shape):
    """No parameters at all."""


@dataclass(frozen=True, slots=True)
class Paged(Shape):
    """Which part of a list is wanted."""

    limit: Count = LIMIT
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Page(Shape, Generic[T]):
    """A part of a list, and where the next part begins; null behind the last."""

    data: tuple[T, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Reason(Shape):
    """Why something is done."""

    why: Why = ""


def read_body(kind: Any, content: bytes) -> Any:
    """Read a body; raise Problem with everything that is wrong with it."""
    try:
        plain = json.loads(content.decode(), parse_float=_number, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Problem("form", errors=[Wrong(f"this is no JSON: {error}", "#")]) from None
    try:
        read = _adapter(kind).validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        found = wrongs(findings_of(error))
        raise Problem("meaning" if _has_the_form(error) else "form", errors=found) from None
    odd = tuple(odd_characters(plain, lines=True))
    if odd:
        raise Problem("meaning", errors=wrongs(odd))
    return read


def read_query(kind: Any, given: Iterable[tuple[str, str]]) -> Any:
    """Read the parameters of an address; raise Problem with everything that is wrong with them."""
    typed = {name: one.get("type") for name, one in properties(kind).items()}
    values: dict[str, Any] = {}
    errors: list[Wrong] = []
    for name, value in given:
        if name in values:
            errors.append(Wrong("this may stand there once", parameter=name))
        values[name] = _value(value) if typed.get(name) in {"integer", "boolean"} else value
    try:
        read = _adapter(kind).validate_json(json.dumps(values), strict=True)
    except ValidationError as error:
        errors += [Wrong(one.message, parameter=str(next(iter(one.place), ""))) for one in findings_of(error)]
        raise Problem("meaning" if _has_the_form(error) else "form", errors=errors) from None
    if errors:
        raise Problem("form", errors=errors)
    return read


def written(kind: Any, value: Any) -> bytes:
    """Write an answer."""
    return _adapter(kind).dump_json(value)


@cache
def properties(kind: Any) -> Mapping[str, Mapping[str, Any]]:
    """Give what a flat document holds, by name, as JSON Schema; without references."""
    schema = schemas([kind], "{model}")
    own, definitions = schema[0][0], schema[1]
    own = definitions[own["$ref"]] if "$ref" in own else own
    return {name: _single(one, definitions) for name, one in own.get("properties", {}).items()}


def schemas(kinds: Iterable[Any], reference: str = _REFERENCE) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give the JSON Schema of each kind (2020-12), and the definitions that they refer to."""
    wanted = list(kinds)
    asked: list[tuple[int, Literal["validation"], TypeAdapter[Any]]]
    asked = [(place, "validation", _adapter(kind)) for place, kind in enumerate(wanted)]
    found, definitions = TypeAdapter.json_schemas(asked, ref_template=reference)
    told = {name: _with_tags(one) for name, one in definitions.get("$defs", {}).items()}
    return [dict(found[place, "validation"]) for place in range(len(wanted))], told


def _with_tags(definition: dict[str, Any]) -> dict[str, Any]:
    """Have a rule's kind required: it has a default in the program, and none in a document."""
    kind = definition.get("properties", {}).get("kind", {})
    if "const" not in kind:
        return definition
    return definition | {"required": sorted({"kind", *definition.get("required", ())})}


def _single(one: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a parameter's schema without the null that stands for its absence, and without references."""
    choices = [choice for choice in one.get("anyOf", [one]) if choice.get("type") != "null"]
    chosen = choices[0]
    if "$ref" in chosen:
        chosen = definitions[chosen["$ref"]]
    kept = {**chosen, **{name: value for name, value in one.items() if name in {"description", "default"}}}
    return {name: value for name, value in kept.items() if name != "title" and value is not None}


def _number(text: str) -> int | float:
    """Read a number with a fraction: 5.0 is the whole number 5, as JSON Schema has it."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _value(text: str) -> Any:
    """Read a number or a truth of an address; what is none is left to be refused."""
    if text in {"true", "false"}:
        return text == "true"
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 19 else text


def _has_the_form(error: ValidationError) -> bool:
    """Say whether nothing is wrong that the description tells."""
    return all(one["type"] == "value_error" for one in error.errors(include_url=False, include_context=False))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
