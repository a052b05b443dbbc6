"""The list of fields in `templates/README.md`."""

from service.rendering.checks.shapes import Many, Maybe, Shape, View, fields_of
from service.rendering.context import LetterContext
from service.rendering.reference import HIDDEN, schema, undocumented, with_reference
from tests.unit.rendering.letters import TEMPLATES


def test_every_field_is_documented() -> None:
    assert undocumented() == ()


def test_the_readme_lists_the_fields_as_they_are() -> None:
    """If it does not: write what `with_reference` gives of it."""
    readme = (TEMPLATES / "README.md").read_text(encoding="utf-8")
    assert readme == with_reference(readme)


def test_completion_leads_from_a_letter_to_every_field_that_a_template_may_reach() -> None:
    """By the types, which know of views that nobody has listed."""
    views = schema()
    waiting, seen = [LetterContext], set[type]()
    while waiting:
        view = waiting.pop()
        seen.add(view)
        told = {field["name"]: field for field in views[view.__name__]}
        assert told.keys() == fields_of(view).keys() - HIDDEN
        for name, field in told.items():
            assert field["says"], f"{view.__name__}.{name}"
            inner = leads_to(fields_of(view)[name])
            assert field["view"] == (inner.__name__ if inner else "")
            if inner and inner not in seen:
                waiting.append(inner)
    assert {view.__name__ for view in seen} <= views.keys()


def leads_to(shape: Shape) -> type | None:
    """Give the view that a field, or each of a list, is."""
    match shape:
        case View(view):
            return view
        case Many(inner) | Maybe(inner):
            return leads_to(inner)
    return None
