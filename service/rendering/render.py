"""Templates and a context to the words of a letter: Jinja2, the MJML checked, mrml, styles moved inline.

Rendering never raises for a bad template: it gives findings, the same that an editor is shown.
"""

import html
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

import css_inline
import mrml
from jinja2 import Template, TemplateNotFound, TemplateSyntaxError

from service.domain.letter import Words
from service.rendering.asked import Asked, Rendered, TemplateFinding
from service.rendering.budget import LARGEST_OUTPUT, Budget, SpentError
from service.rendering.check import check_mjml
from service.rendering.context import LetterContext, folder_for, letter_context
from service.rendering.locales import language_in
from service.rendering.plain import betrays_a_reader, one_line, subject_line
from service.rendering.sandbox import Sandbox, loader_of
from service.rendering.templates import LOCALES, Templates

_FOOT = "-- "  # what comes after it is no part of what is told, and mail programs leave it out of replies (RFC 3676)
# mrml hides the preview twice over: not shown, and white on white. The second is what spam has, and is counted so.
_HIDDEN_IN_WHITE = "display:none;font-size:1px;color:#ffffff;"
_HIDDEN = "display:none;font-size:1px;"
LARGEST_HTML = 90_000  # bytes; Gmail cuts a letter off at about 102 kB


class _Refused(Exception):  # noqa: N818  (not an error: it carries findings to where they are returned)
    def __init__(self, *findings: TemplateFinding, for_its_length: bool = False) -> None:
        super().__init__(*map(str, findings))
        self.findings = findings
        self.for_its_length = for_its_length  # there may be room for less detail


class Renderer:
    """Renders letters with one set of templates."""

    def __init__(self, templates: Templates, beginning: Callable[[str], None] = lambda _name: None) -> None:
        """Take the templates, and what is told the name of each that is begun: whoever must be blamed if none ends."""
        self.templates = templates
        self._beginning = beginning
        self._sandbox = Sandbox(loader_of(templates.pieces))
        self._inliner = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)

    @property
    def version(self) -> str:
        """What names all that letters are made of but the code: templates and catalogues."""
        return self.templates.version

    @property
    def used(self) -> list[str]:
        """The names of the templates that were compiled for what was rendered."""
        return self._sandbox.used

    def compile(self, names: Iterable[str]) -> None:
        """Compile templates before they are needed; raise TemplateError."""
        for name in names:
            self._sandbox.get_template(name)

    def print(self, asked: Asked) -> Rendered:
        """Render what was asked, with the catalogues of the set."""
        name = f"{LOCALES}{asked.language}.po"
        self._beginning(name)
        try:
            context = letter_context(asked, language_in(self.templates.catalogues, asked.language))
        except Exception as error:  # noqa: BLE001  (its texts are data from people, too)
            return Rendered(None, (TemplateFinding(name, 0, _told(error)),))
        return self.letter(context)

    def letter(self, context: LetterContext) -> Rendered:
        """Render a letter, in less detail if it would be cut off: whole, then summaries, then a list."""
        findings: tuple[TemplateFinding, ...] = ()
        for detail in _details(context):
            try:
                words, size = self._words(context, detail)
            except _Refused as refused:
                findings = findings or refused.findings
                if refused.for_its_length:
                    continue
                return Rendered(None, refused.findings)
            if size <= LARGEST_HTML:
                return Rendered(words)
            told = f"the letter would have {size:,} bytes; mail programs cut it off (allowed: {LARGEST_HTML:,})"
            findings = (TemplateFinding(f"letters/{folder_for(context)}/body.mjml", 0, told),)
        return Rendered(None, findings)

    def _words(self, context: LetterContext, detail: str) -> tuple[Words, int]:
        folder = f"letters/{folder_for(context)}"
        values = _values(context, detail, self._sandbox.begin())
        subject = subject_line(self._run(f"{folder}/subject.txt", values))
        if not subject:
            raise _Refused(TemplateFinding(f"{folder}/subject.txt", 0, "the subject is empty"))
        text = _tidy(self._run(f"{folder}/body.txt", values))
        page = self._html(f"{folder}/body.mjml", self._run(f"{folder}/body.mjml", values))
        for part, name in ((text, "body.txt"), (page, "body.mjml")):
            if betrays_a_reader(part):
                told = "a link that is the reader's own stands behind another address"
                raise _Refused(TemplateFinding(f"{folder}/{name}", 0, told))
        return Words(subject, page, text), len(page.encode())

    def _run(self, name: str, values: Mapping[str, Any]) -> str:
        self._beginning(name)
        try:
            return "".join(_bounded(self._sandbox.get_template(name), values))
        except TemplateNotFound as error:
            told = f"there is no template {error.name!r}"
            raise _Refused(TemplateFinding(*self._place_of(error, name), told)) from None
        except TemplateSyntaxError as error:
            raise _Refused(TemplateFinding(error.name or name, error.lineno, error.message or "not readable")) from None
        except Exception as error:  # noqa: BLE001  (whatever a template does, it ends as a finding)
            found = TemplateFinding(*self._place_of(error, name), _told(error))
            raise _Refused(found, for_its_length=isinstance(error, SpentError)) from None

    def _html(self, name: str, source: str) -> str:
        wrong = check_mjml(source)
        if wrong:
            raise _Refused(*(self._placed(name, finding.near, finding.line, finding.message) for finding in wrong))
        try:
            compiled = mrml.to_html(source, render_options=mrml.RenderOptions(fonts={})).content
            return self._inliner.inline(compiled.replace(_HIDDEN_IN_WHITE, _HIDDEN, 1))
        except Exception as error:  # noqa: BLE001  (both are foreign code and have no family of errors)
            raise _Refused(TemplateFinding(name, 0, _told(error))) from None

    def _place_of(self, error: Exception, name: str) -> tuple[str, int]:
        """Find the template and line in which a template failed: Jinja2 puts them into the traceback."""
        for frame, line in reversed([*traceback.walk_tb(error.__traceback__)]):
            if frame.f_code.co_filename in self.templates.pieces:
                return frame.f_code.co_filename, line
        return name, 0

    def _placed(self, name: str, near: str, line: int, message: str) -> TemplateFinding:
        """Name the template's own line if what is wrong stands there in these words, else that of the result."""
        pieces = self.templates.pieces
        shared = sorted(piece for piece in pieces if piece.startswith("letters/_") and piece.endswith(".mjml"))
        for template in (name, *shared):
            source = pieces[template]
            found = re.search(re.escape(near) + r"(?![\w-])", source) if near else None
            if found:
                return TemplateFinding(template, source.count("\n", 0, found.start()) + 1, message)
        return TemplateFinding(name, line, f"{message} (the line is that of the finished MJML)")


def print_letter(asked: Asked, templates: Templates) -> Rendered:
    """Render what was asked with a set of templates and its catalogues, here and now."""
    return Renderer(templates).print(asked)


def _details(context: LetterContext) -> tuple[str, ...]:
    if not context.today and not context.ahead:
        return ("full",)
    return ("full", "brief", "list") if context.kind == "notice" else ("brief", "list")


def _values(context: LetterContext, detail: str, budget: Budget) -> dict[str, Any]:
    """Give templates the context's fields, how much to tell, and `t`; a closure, so that no object hangs on it."""
    voice = context.voice

    def t(message: str, **values: object) -> str:
        pattern = voice.catalogue.get(message, "")
        longest = max((len(str(value)) for value in values.values()), default=0)
        budget.text(longest * max(message.count("{"), pattern.count("{")))  # before it is put together
        return voice.text(message, **values)

    seen = {field.name: getattr(context, field.name) for field in fields(context) if field.name != "voice"}
    return {**seen, "detail": detail, "t": t}


def _bounded(template: Template, values: Mapping[str, Any]) -> Iterator[str]:
    given = 0
    for piece in template.generate(**values):
        given += len(piece) if piece.isascii() else len(piece.encode("utf-8", "surrogatepass"))
        if given > LARGEST_OUTPUT:
            raise SpentError(f"it gives more than {LARGEST_OUTPUT:,} bytes")
        yield piece


def _tidy(text: str) -> str:
    """Leave no blanks at line ends, never more than two empty lines, and one line feed at the end."""
    lines = "\n".join(line if line == _FOOT else line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{4,}", "\n\n\n", lines) + "\n"


def _told(error: Exception) -> str:
    return html.unescape(one_line(str(error))) or type(error).__name__
