"""Templates that would blow up, escape or hang: what each is, where it is found, and how it is refused."""

from dataclasses import dataclass

BODY = "letters/notice/body.txt"
_DOUBLED = "{% set a = a ~ a %}" * 40
_CAPTURED = "{% set a %}{{ a }}{{ a }}{% endset %}" * 40
_TWINS = "{% set a = [1] %}{% set b = [1] %}" + "{% set a = [a, a] %}{% set b = [b, b] %}" * 40


@dataclass(frozen=True)
class Bomb:
    """A template's source, the line that is blamed (0 if none can be), and a part of what is said."""

    source: str
    line: int
    says: str


NUMBERS = "small numbers"
BEYOND = "more than"
# By the numbers of `faults.md`, B.6. These are refused while they are compiled, so on saving already.
COMPILED = {
    "082 a power": Bomb("\n{{ 10 ** (10 ** 7) }}", 2, "**"),
    "082 a power that never runs": Bomb("{% if 0 %}\n{{ 9 ** (9 ** 8) }}{% endif %}", 2, "**"),
    "086 brackets": Bomb("\n{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", 2, "deep"),
    "086 blocks": Bomb("{% if 1 %}" * 1000 + "a" + "{% endif %}" * 1000, 1, "deep"),
    "086 refusals": Bomb("{{ " + "not " * 3000 + "1 }}", 1, "too much"),
    "086 a chain": Bomb("{{ 1" + " if 1 else 1" * 3000 + " }}", 1, "too much"),
    "086 a megabyte": Bomb("a" * 1_000_000, 1, "longer than"),
    "084 slice": Bomb("\n{{ 'a' | slice(100000000) }}", 2, "slice"),
    "083 center": Bomb("{{ 'a' | center(900000000) }}", 1, "center"),
    "083 indent": Bomb("{{ 'a' | indent(900000000) }}", 1, "indent"),
    "083 format": Bomb("{{ '%0900000000d' | format(1) }}", 1, "format"),
    "087 attr": Bomb("\n{{ '{0.__class__}' | attr('format') }}", 2, "attr"),
    "087 CVE-2025-27516": Bomb("{{ ('{0.__init__.__globals__}' | attr('format'))(t) }}", 1, "attr"),
    "087 CVE-2024-56326": Bomb("{{ [t] | map('format') }}", 1, "map"),
    "093 what is not escaped": Bomb("\n{% autoescape false %}{{ day }}{% endautoescape %}", 2, "autoescape"),
}
# And these while they run, at the first step that is too much.
RUN = {
    "083 a text": Bomb("\n{{ 'a' * 900000000 }}", 2, NUMBERS),
    "083 a list": Bomb("\n{{ [0] * 900000000 }}", 2, NUMBERS),
    "083 a width": Bomb("{{ '%0900000000d' % 1 }}", 1, NUMBERS),
    "083 a method": Bomb("{{ 'a'.ljust(900000000) }}", 1, "unsafe"),
    "083 zfill": Bomb("{{ '1'.zfill(900000000) }}", 1, "unsafe"),
    "083 format": Bomb("{{ '{:>900000000}'.format(1) }}", 1, "unsafe"),
    "083 a sum": Bomb("{% set a = 'a' + 'b' %}", 1, NUMBERS),
    "083 a deep indent": Bomb("{{ day | wrap(day ~ day) }}", 1, "indent"),
    "083 join": Bomb(f"{{% set a = 'a' %}}{'{% set a = a ~ a %}' * 20}\n{{{{ {[0] * 50} | join(a) }}}}", 2, BEYOND),
    "084 nested loops": Bomb("{% for a in day %}{% for b in day %}\n{% for c in day %}{% for d in day %}"
                             "{% endfor %}{% endfor %}{% endfor %}{% endfor %}", 2, BEYOND),
    "084 range": Bomb("{% for a in range(100000) %}{% endfor %}", 1, "undefined"),
    "084 a fan of macros": Bomb("{% macro m(n) %}{% if n %}\n{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}"
                                "{{ m(60) }}", 2, BEYOND),
    "084 a macro without end": Bomb("{% macro m() %}\n{{ m() }}{% endmacro %}{{ m() }}", 2, "recursion"),
    "084 lipsum": Bomb("{{ lipsum(n=100000) }}", 1, "undefined"),
    "084 a loop of loops": Bomb("\n{% for a in [day] recursive %}{{ loop(day) }}{% endfor %}", 2, ""),
    "084 a template in itself": Bomb("{% include 'letters/notice/body.txt' %}", 1, "recursion"),
    "085 joined": Bomb(f"{{% set a = day %}}\n{_DOUBLED}", 2, BEYOND),
    "085 captured": Bomb(f"{{% set a = day %}}\n{_CAPTURED}", 2, BEYOND),
    "085 namespace": Bomb("{% set a = namespace(b=1) %}", 1, "undefined"),
    "085 lists in lists": Bomb("{% set a = ['b'] %}" + "{% set a = [a, a] %}" * 40 + "\n{{ a }}", 2, "only texts"),
    "085 a message": Bomb("{% set a = 'a' %}" + "{% set a = a ~ a %}" * 18 + "\n{{ t('" + "{a}" * 500 + "', a=a) }}",
                          2, BEYOND),
    "085 escaped": Bomb("{% set a = '&' %}" + "{% set a = a ~ a %}" * 18 + "\n" + "{% set b = a | e %}" * 40,
                         2, BEYOND),
    "085 cut": Bomb("{% set a = 'a' %}" + "{% set a = a ~ a %}" * 18 + "\n" + "{% set b = a[1:] %}" * 40, 2, BEYOND),
    "085 the template's own words": Bomb("{% for a in day %}{% for b in day %}\n{% set c %}" + "a" * 9000
                                         + "{% endset %}{% endfor %}{% endfor %}", 2, BEYOND),
    "087 class": Bomb("\n{{ ''.__class__.__mro__ }}", 2, "unsafe"),
    "087 a view's class": Bomb("{{ today[0].__class__ }}", 1, "unsafe"),
    "087 format_map": Bomb("{{ '{a.__class__}'.format_map({'a': day}) }}", 1, "unsafe"),
    "087 the template itself": Bomb("{{ self._TemplateReference__context }}", 1, "unsafe"),
    "087 globals": Bomb("{{ t.__globals__ }}", 1, "unsafe"),
    "087 a loop's": Bomb("{% for a in [1] %}\n{{ loop._iterator }}{% endfor %}", 2, "unsafe"),
    "087 mutation": Bomb("{% set a = [1] %}\n{{ a.append(2) }}", 2, "unsafe"),
    "087 a subscript": Bomb("{{ today[0]['__class__'] }}", 1, "unsafe"),
    "088 include": Bomb("\n{% include 'letters/nowhere.txt' %}", 2, "no template"),
    "088 import": Bomb("\n{% from '/etc/passwd' import root %}", 2, "no template"),
    "088 extends": Bomb("\n{% extends '../../pyproject.toml' %}", 2, "no template"),
    "088 a path": Bomb("{% include 'letters/../letters/notice/subject.txt' %}", 1, "no template"),
    "088 a catalogue": Bomb("{% include 'locales/hy.po' %}", 1, "no template"),
    "089 undefined": Bomb("\n{{ nowhere }}", 2, "'nowhere' is undefined"),
    "089 a field": Bomb("\n{{ today[0].event.nowhere }}", 2, "no attribute 'nowhere'"),
}  # fmt: skip
# Nothing counts what this does in one step: it is ended after its second, and the template is blamed without a line.
COMPARED = Bomb(f"{_TWINS}{{{{ 1 if a == b }}}}", 0, "more than a second")
