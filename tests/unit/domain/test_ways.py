"""The ways in which a private date comes back: what is ticked is found again, and rules of no way are kept."""

import pytest

from service.domain.documents import DocumentError, read_private, write_private
from service.domain.event import Tone
from service.domain.private_event import PrivateEvent
from service.domain.ways import OTHER, WAYS, Chosen, chosen_of, rules_of


def event(chosen: Chosen, *more: dict[str, object]) -> PrivateEvent:
    document = {"name": "Tamar", "first_day": "5750-07-01" if chosen.calendar == "hebrew" else "1990-09-27"}
    rules = [*rules_of(chosen), *more]
    return read_private({**document, "calendar": chosen.calendar, "tone": chosen.tone.value, "rules": rules})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("calendar", ["gregorian", "hebrew"])
@pytest.mark.parametrize("tone", Tone)
def test_each_way_is_found_again(way: str, calendar: str, tone: Tone) -> None:
    missing = "next" if way == "yearly" else "clip"
    other = "islamic-umalqura" if way == OTHER else "gregorian"
    chosen = Chosen(frozenset({way}), calendar, other, missing, tone)
    assert chosen_of(event(chosen)) == (chosen, ())


def test_all_at_once_are_found_again() -> None:
    chosen = Chosen(frozenset(WAYS), other="persian")
    assert chosen_of(event(chosen)) == (chosen, ())


def test_a_rule_of_no_way_stays_as_it_is() -> None:
    near = {"kind": "weekday-near", "month_day": "08-15", "weekday": "SU"}
    changed = {"kind": "day-count", "id": "day-40", "days": 41}
    made = event(Chosen(frozenset({"day-7"})), near, changed)
    chosen, others = chosen_of(made)
    assert chosen.ways == {"day-7"}
    assert [rule.id for rule in others] == ["weekday-near", "day-40"]
    assert read_private(write_private(made)) == made


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"words": "x" * 2001}, "words"),
        ({"first_day": "1990"}, "first_day"),
        ({"first_day": "1990-02-30"}, "first_day"),
        ({"calendar": "mayan"}, "calendar"),
        ({"rules": []}, "rules"),
        ({"owner": "me"}, "owner"),
    ],
)
def test_what_is_wrong_in_a_record_is_named_by_its_place(parts: dict[str, object], place: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_private({"name": "Tamar", "first_day": "1990-09-27", "rules": [{"kind": "yearly"}], **parts})
    assert caught.value.findings[0].place[0] == place
