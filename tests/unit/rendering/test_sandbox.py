"""The sandbox: templates see plain values and can do little with them."""

from dataclasses import dataclass

import pytest
from jinja2 import DictLoader, TemplateError, UndefinedError

from service.rendering.sandbox import Sandbox


@dataclass(frozen=True)
class View:
    name: str

    def leave(self) -> str:
        return "left"


def run(source: str, **values: object) -> str:
    return Sandbox(DictLoader({"a.mjml": source, "a.txt": source})).get_template("a.mjml").render(**values)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' * 200000000 }}",
        "{{ '%200000000d' % 1 }}",
        "{{ '{:>200000000}'.format(1) }}",
        "{{ 'a'.rjust(200000000) }}",
        "{{ 'a' + 'b' }}",
        "{{ 9 ** 9 }}",
        "{{ [1] * 1000000000 }}",
        "{{ range(10) }}",
        "{{ ''.__class__ }}",
        "{{ view.__class__.__mro__ }}",
        "{{ view.leave() }}",
        "{{ t.__globals__ }}",
        "{{ lipsum() }}",
        "{{ self.__init__ }}",
        "{{ view.nowhere }}",
        "{{ 'a' | safe }}",
        "{{ [1] | map('x') }}",
        "{% include '/etc/passwd' %}",
        "{% include '../pyproject.toml' %}",
    ],
)
def test_what_templates_have_no_business_with_fails_at_once(source: str) -> None:
    with pytest.raises((TemplateError, UndefinedError)):
        run(source, view=View("a"), t=str)


def test_fields_loops_and_small_sums_work() -> None:
    source = "{% for one in views %}{{ loop.index + 1 }}{{ one.name }}{% endfor %}"
    assert run(source, views=(View("a"), View("<b>"))) == "2a3&lt;b&gt;"


def test_text_is_not_escaped() -> None:
    assert Sandbox(DictLoader({"a.txt": "{{ a }}"})).get_template("a.txt").render(a="<b>") == "<b>"
