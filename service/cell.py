"""A process in which letters are rendered: `python -m service.cell`, begun by `delivery/chamber.py`.

It has loaded what renders, and makes a child of itself for each letter: which has a second, so much memory, no file
and no connection, and tells its parent what came of it in JSON. A template that exhausts or ends that child has done
all that it can. What a child compiled without harm is then compiled here, for the next ones.
"""

import gc
import json
import os
import pickle
import resource
import selectors
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from jinja2 import TemplateError

from service.domain.notice import Kind
from service.processes import ENDING, framed, read_frame
from service.rendering.asked import Asked, Links, Rendered, TemplateFinding
from service.rendering.locales import language_in, load
from service.rendering.render import Renderer, print_letter
from service.rendering.templates import Templates

CPU_SECONDS: Final = 1
MEMORY: Final = 256 * 2**20  # bytes of address space, beside what this process has
_SOFT_SECONDS = 0.9  # of processor: then it is told, and can say in which line it was
_NEARLY_SECONDS = 0.7  # the kernel, which ends it, counts in ticks
_WALL_SECONDS = 10.0  # it has nothing to wait for: more than its second passes only where the processor is not given
_LARGEST_SAID = 4_000_000  # bytes
_TOO_LONG = "it takes more than a second"


# Rendered once in this process, so that all is loaded that a child could not read any more: a letter, and an error.
_WARM = {
    "letters/link/subject.txt": "{% macro a(b) %}{{ b | wrap }}{% endmacro %}{{ a('\\u2026') ~ t('{n}', n=1) }}",
    "letters/link/body.txt": "{% for one in ['a'] %}{{ loop.index + 1 }}{{ one | urlencode | shorten(9) }}{% endfor %}",
    "letters/link/body.mjml": "<mjml><mj-body><mj-section><mj-column><mj-text>{{ day }}</mj-text></mj-column>"
    "</mj-section></mj-body></mjml>",
    "locales/en.po": 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8"\n\nmsgid "{n}"\nmsgstr "{n}."\n',
}
_WRONG = {"letters/link/body.txt": "{{ nowhere }}"}


class _OutOfTimeError(Exception):
    def __init__(self) -> None:
        super().__init__(_TOO_LONG)


def main() -> None:
    """Render what standard input asks for, until it ends."""
    for name in ENDING:
        signal.signal(name, signal.SIG_IGN)  # told to a whole group, they are the parent's
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    given = json.loads(read_frame(source) or b"{}")
    os.nice(given.get("niceness", 0))
    _warm()
    gc.freeze()
    answer: bytes | None = b"ready"
    while answer is not None:
        sink.write(framed(answer))
        sink.flush()
        said = read_frame(source)
        answer = _answer(*pickle.loads(said)) if said else None  # noqa: S301  (from the parent, which is us)


def _warm() -> None:
    asked = Asked(Kind.LINK, "en", date(2020, 9, 27), (), (), {}, Links(""))
    templates = Templates(_WARM)
    for one in (templates, templates.altered(_WRONG)):
        load(asked.language)
        print_letter(asked, one)


def _answer(asked: Asked, templates: Templates) -> bytes:
    for code in {asked.language, *_codes(asked)}:
        load(code)  # from files, which the child cannot read
    said = rendered_apart(asked, templates)
    _keep(asked, templates, said.pop("used"))
    return json.dumps(said, ensure_ascii=False).encode()


def rendered_apart(asked: Asked, templates: Templates) -> dict[str, Any]:
    """Have a child render it: give its words or None, the findings, the templates that it used, and what it took.

    That is `cpu` in seconds, and `grew`: by how many bytes it became larger than this process.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            confine(writing)
            _render(asked, templates, writing)
        finally:
            os._exit(0)
    os.close(writing)
    said = _heard(reading)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, _, used = os.wait4(child, 0)
    os.close(reading)
    cost = {"cpu": used.ru_utime + used.ru_stime, "grew": max(0, used.ru_maxrss * 1024 - _size()[1])}
    begun, ended, answer = said.partition(b"\0")
    if ended:
        with suppress(ValueError, TypeError):
            answered: dict[str, Any] = json.loads(answer)
            return answered | cost
    name = begun.decode(errors="replace").strip().rpartition("\n")[2] or f"letters/{asked.kind}"
    too_long = cost["cpu"] >= _NEARLY_SECONDS
    told = _TOO_LONG if too_long else "the process that renders it ended; it may have wanted too much memory"
    return _told(Rendered(None, (TemplateFinding(name, 0, told),)), ()) | cost


def confine(kept: int) -> None:
    """Give up everything but one open file, and take the limits that a template is rendered within."""
    os.closerange(0, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
    memory, _ = _size()
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, memory + MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _size() -> tuple[int, int]:
    """Give the address space of this process and what of it lies in memory, in bytes."""
    space, resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
    return int(space) * resource.getpagesize(), int(resident) * resource.getpagesize()


def _render(asked: Asked, templates: Templates, writing: int) -> None:
    """Render in the child: say the name of each template that is begun, then what came of all."""

    def late(*_: object) -> None:
        raise _OutOfTimeError

    signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, _SOFT_SECONDS)
    renderer = Renderer(templates, lambda name: _write(writing, f"{name}\n".encode()))
    rendered = renderer.print(asked)
    signal.setitimer(signal.ITIMER_PROF, 0)
    said = json.dumps(_told(rendered, renderer.used), ensure_ascii=False).encode("utf-8", "replace")
    _write(writing, b"\0" + said)


def _told(rendered: Rendered, used: Iterable[str]) -> dict[str, Any]:
    words = rendered.words
    return {
        "words": [words.subject, words.html, words.text] if words else None,
        "findings": [[one.template, one.line, one.message] for one in rendered.findings],
        "used": [*used],
    }


def _write(writing: int, said: bytes) -> None:
    while said:
        said = said[os.write(writing, said) :]


def _heard(reading: int) -> bytes:
    """Give what the child says until it ends, its time is over, or it says too much."""
    said = b""
    end = time.monotonic() + _WALL_SECONDS
    with selectors.DefaultSelector() as waiting:
        waiting.register(reading, selectors.EVENT_READ)
        while len(said) <= _LARGEST_SAID and waiting.select(max(0.0, end - time.monotonic())):
            more = os.read(reading, 2**16)
            if not more:
                break
            said += more
    return said


def _keep(asked: Asked, templates: Templates, used: Iterable[str]) -> None:
    """Read and compile here what the child did without harm, so that the next one finds it done."""
    if used:
        with suppress(TemplateError):
            len(language_in(templates.catalogues, asked.language).catalogue)  # reads it
            Renderer(templates).compile(used)


def _codes(value: Any) -> Iterable[str]:
    """Give the codes of all languages in which the texts of what is asked are written."""
    if isinstance(value, Mapping):
        yield from (key for key in value if isinstance(key, str))
        value = value.values()
    elif is_dataclass(value):
        value = [getattr(value, field.name) for field in fields(value)]
    if not isinstance(value, str) and isinstance(value, Iterable):
        for part in value:
            yield from _codes(part)


if __name__ == "__main__":
    main()
