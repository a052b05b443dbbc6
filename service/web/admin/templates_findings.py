"""What is wrong with a text, in words, with its line and column: of the text alone, of one letter, of all samples."""

from asyncio import to_thread
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from service.actions import templates as actions
from service.domain.errors import InvalidError, NotFoundError
from service.domain.templates import Templates
from service.rendering.checks import Check, Severity, check_proofs, check_source
from service.rendering.proof import Proof
from service.web.admin.access import editor_of
from service.web.admin.templates_names import url_of
from service.web.admin.templates_proofs import Proofs, proofs_of
from service.web.given import Site
from service.web.pages import pages_of, site_of

_LONGEST_EXCERPT = 120


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong: whether it keeps the text from being published, where it is, and in words.

    `here` says that it stands in the piece that is worked on, `where` tells the place in words, `excerpt` is the line,
    `url` the page of its piece.
    """

    stops: bool
    place: str
    line: int
    column: int
    words: str
    here: bool
    where: str
    excerpt: str
    url: str

    def as_json(self) -> dict[str, Any]:
        """Give it for the page's script."""
        return {name: getattr(self, name) for name in self.__slots__}


async def of_the_text(request: Request, name: str, text: str) -> tuple[Found, ...]:
    """Give what can be seen in the text alone."""
    templates = await _altered(site_of(request), name, text)
    return _found(request, name, templates, await to_thread(check_source, name, text, templates))


async def found_in(request: Request, name: str, text: str, proofs: Sequence[Proof]) -> tuple[Found, ...]:
    """Give what is wrong with the text, and with letters that were made of it."""
    templates = await _altered(site_of(request), name, text)
    return _found(request, name, templates, await to_thread(_all, name, text, proofs, templates))


async def samples_checked(request: Request, name: str, text: str) -> tuple[Found, ...]:
    """Give what is wrong with the text and every letter that publishing asks for, in all languages.

    Raises TooManyRequestsError for an editor who has asked for too many.
    """
    site, editor = site_of(request), editor_of(request)
    templates, checks = await _samples(site, proofs_of(request), editor.id, name, text)
    return _found(request, name, templates, checks)


async def stopping_checks(site: Site, proofs: Proofs, editor: str, name: str, text: str) -> list[Check]:
    """Give what keeps a text from being published, as `samples_checked` finds it, for who is shown no page."""
    _, checks = await _samples(site, proofs, editor, name, text)
    return [check for check in checks if check.severity is Severity.STOPS]


async def _samples(
    site: Site, proofs: Proofs, editor: str, name: str, text: str
) -> tuple[Templates, tuple[Check, ...]]:
    async with site.store.read() as tx:
        wanted = await actions.samples(tx, name, site.clock().date())
    made, refused = [], []
    for one in wanted:
        try:
            made.append(await proofs.of(editor, one, {name: text}))
        except (InvalidError, NotFoundError) as error:
            refused.append(Check(Severity.WARNS, name, 0, 0, str(error)))
    templates = await _altered(site, name, text)
    checks = await to_thread(_all, name, text, made, templates)  # the others' pages go on meanwhile
    return templates, (*checks, *refused)


def stopping(found: Iterable[Found]) -> tuple[Found, ...]:
    """Give what keeps a text from being published."""
    return tuple(one for one in found if one.stops)


async def _altered(site: Site, name: str, text: str) -> Templates:
    async with site.store.read() as tx:
        templates = await actions.in_use(tx)
    return templates.altered({name: text})


def _all(name: str, text: str, proofs: Sequence[Proof], templates: Templates) -> tuple[Check, ...]:
    """Give what is wrong with the text and with letters; why a letter failed is not told twice."""
    of_text = check_source(name, text, templates)
    told = any(check.stops for check in of_text)
    failed = {(finding.template, finding.line) for proof in proofs for finding in proof.findings if told}
    return (*of_text, *(one for one in check_proofs(proofs, templates) if (one.place, one.line) not in failed))


def _found(request: Request, name: str, templates: Templates, checks: Iterable[Check]) -> tuple[Found, ...]:
    """Give each thing once, what stops first, in the order of the lines."""
    seen: dict[tuple[Any, ...], Found] = {}
    for check in checks:
        one = _in_words(request, name, templates, check)
        seen.setdefault((one.place, one.line, one.words), one)
    return tuple(sorted(seen.values(), key=lambda one: (not one.stops, not one.here, one.place, one.line, one.column)))


def _in_words(request: Request, name: str, templates: Templates, check: Check) -> Found:
    here = check.place == name
    lines = templates.pieces.get(check.place, "").split("\n")
    line = check.line if 0 < check.line <= len(lines) else 0
    excerpt = lines[line - 1].strip()[:_LONGEST_EXCERPT] if line else ""
    language = pages_of(request).language(request, editor_of(request).language)
    where = "" if here or not check.place else check.place
    if line and check.column:
        at = language.text("line {line, number}, column {column, number}", line=line, column=check.column)
        where = f"{where}, {at}" if where else language.sentence(at)
    elif line:
        at = language.text("line {line, number}", line=line)
        where = f"{where}, {at}" if where else language.sentence(at)
    url = url_of(request, check.place, **({"line": str(line)} if line else {})) if check.place else ""
    stops = check.severity is Severity.STOPS
    return Found(stops, check.place, line, check.column, check.message, here, where, excerpt, url)
