"""What differs between two documents, part by part: for those who compare versions, and for an import that is tried."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from service.domain.documents import Place


@dataclass(frozen=True, slots=True)
class Change:
    """One part that differs: where, and what stood and stands there; None where there was or is nothing."""

    place: Place
    before: str | None
    after: str | None


def differences(before: Any, after: Any, place: Place = ()) -> tuple[Change, ...]:
    """Give every part that differs, in the order of the document.

    Parts of a list are paired by their `id`, else by what they hold; the place of a part with an id is named by it.
    """
    return tuple(_differences(before, after, place))


def _differences(before: Any, after: Any, place: Place) -> Iterator[Change]:
    if before == after:
        return
    if _is_mapping(before, after):
        old, new = before or {}, after or {}
        for key in dict.fromkeys([*new, *old]):
            yield from _differences(old.get(key), new.get(key), (*place, key))
    elif _is_listed(before, after):
        yield from _lists(list(before or ()), list(after or ()), place)
    else:
        yield Change(place, _said(before), _said(after))


def _lists(old: Sequence[Any], new: Sequence[Any], place: Place) -> Iterator[Change]:
    if all(isinstance(one, Mapping) and "id" in one for one in (*old, *new)):
        old_by_id, new_by_id = ({one["id"]: one for one in many} for many in (old, new))
        yield from _differences(old_by_id, new_by_id, place)
        if old_by_id == new_by_id and list(old_by_id) != list(new_by_id):
            yield Change(place, ", ".join(old_by_id), ", ".join(new_by_id))
        return
    if not all(isinstance(one, Mapping) for one in (*old, *new)):
        yield Change(place, _said(old), _said(new))
        return
    keys_old, keys_new = [repr(one) for one in old], [repr(one) for one in new]
    for tag, low, high, start, end in SequenceMatcher(None, keys_old, keys_new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for step in range(max(high - low, end - start)):
            was = old[low + step] if low + step < high else None
            now = new[start + step] if start + step < end else None
            yield from _differences(was, now, (*place, (start + step if now is not None else low + step)))


def _is_mapping(before: Any, after: Any) -> bool:
    return all(one is None or isinstance(one, Mapping) for one in (before, after))


def _is_listed(before: Any, after: Any) -> bool:
    return all(one is None or isinstance(one, list | tuple) for one in (before, after))


def _said(value: Any) -> str | None:
    if value is None or value in ([], {}):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return str(value)
