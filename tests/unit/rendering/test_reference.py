"""The list of fields in `templates/README.md`."""

from service.rendering.reference import undocumented, with_reference
from tests.unit.rendering.letters import TEMPLATES


def test_every_field_is_documented() -> None:
    assert undocumented() == ()


def test_the_readme_lists_the_fields_as_they_are() -> None:
    """If it does not: write what `with_reference` gives of it."""
    readme = (TEMPLATES / "README.md").read_text(encoding="utf-8")
    assert readme == with_reference(readme)
