"""What a record holds, key by key, as the form has it: its lists, and which keys each kind of rule takes."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Final, get_args

from service.domain.rule import Rule

LISTS: Final = ("sources", "figures", "timeline", "unresolved", "links", "pictures", "rules")
ALWAYS_SAID: Final = frozenset({"sources", "rules"})
FLAGS: Final = ("after_sunset", "observance")
SEVERAL_LINES: Final = frozenset({"summary", "text", "note", "alternative"})  # typed in several, and joined to one
NUMBERED: Final = frozenset({("nenki", "numbers"), ("nenki", "days")})
_KINDS: Final = {kind.__dataclass_fields__["kind"].default: kind for kind in get_args(get_args(Rule)[0])}
KINDS: Final = tuple(_KINDS)
RULE_KEYS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(one.name for one in fields(kind)) for name, kind in _KINDS.items()
}
DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    name: {one.name: str(one.default) for one in fields(kind) if isinstance(one.default, str | int) and one.default}
    for name, kind in _KINDS.items()
}
# Keys of a rule that say something only in certain calendars.
OF_CALENDARS: Final[Mapping[str, frozenset[str]]] = {
    "leap_month": frozenset({"chinese", "korean", "vietnamese"}),
    "custom": frozenset({"hebrew"}),
    "adar": frozenset({"hebrew"}),
    "table": frozenset({"islamic-umalqura"}),
}
