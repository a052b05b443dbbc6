"""Rendering one edition, beside bare Jinja2 of the same three templates: no sandbox, no MJML, no styles moved."""

import statistics
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from service.rendering.budget import Budget
from service.rendering.context import letter_context
from service.rendering.plain import shorten, wrap
from service.rendering.render import Renderer, _values
from service.settings import shipped
from tests.benchmarks import seed
from tests.benchmarks.harness import Report, timed

_EACH = 20


def measure(folder: Path, *, large: bool) -> Report:
    """Compare the seed's notice of the day, in English."""
    seed.record(folder)
    app, asked, _ = seed.letter_of_the_day(folder)
    renderer, context = Renderer(app.templates), letter_context(asked, app.languages.of("en"))
    bare = Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    bare.filters.update(wrap=wrap, shorten=shorten)
    templates = [bare.get_template(f"letters/notice/{name}") for name in ("subject.txt", "body.txt", "body.mjml")]
    values = _values(context, "full", Budget())

    def ours() -> int:
        return sum(renderer.letter(context).words is not None for _ in range(_EACH))

    def jinja() -> int:
        return sum(all(template.render(**values) for template in templates) for _ in range(_EACH))

    report = Report()
    row = report.compare("rendering one edition", "bare Jinja2, same templates", timed(ours), timed(jinja))
    milliseconds = statistics.median(run.cpu / run.count * 1000 for run in row.ours)
    jinja_alone = statistics.median(run.cpu / run.count * 1000 for run in row.theirs)
    report.facts.append(
        f"One edition is rendered in {milliseconds:.1f} ms of processor time, bare Jinja2 takes {jinja_alone:.1f} ms;"
        " it is rendered once for all readers of a language who asked for the same."
    )
    return report
