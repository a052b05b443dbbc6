"""Finding every message: in templates, in code, and the arguments of each."""

from pathlib import Path

import pytest

from service.rendering.messages import arguments, messages_used


def test_messages_are_found_where_they_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('{% if t("One") %}{{ t("Two {n}", n=3) | length }}{% endif %}')
    (tmp_path / "a.py").write_text('message("Three")\nlanguage.text("Four {x}", x=1)\nlanguage.text(pattern)\n')
    assert messages_used(tmp_path, [tmp_path]) == {"One", "Two {n}", "Three", "Four {x}"}


def test_a_text_put_together_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text('\n{{ t("One" ~ two) }}')
    with pytest.raises(ValueError, match=r"a\.txt:2"):
        messages_used(tmp_path, [])


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("plain", set()),
        ("{a} and {b}", {"a", "b"}),
        ("{n, plural, =1 {tomorrow, {date}} other {in # days, on {date}}}", {"n", "date"}),
        ("{n,spellout,%spellout-cardinal} {x}", {"n", "x"}),
        ("{p, select, day {{date}-ի} other {{date}}} դրությամբ", {"p", "date"}),
    ],
)
def test_the_arguments_of_a_pattern_are_known(pattern: str, names: set[str]) -> None:
    assert arguments(pattern) == names
