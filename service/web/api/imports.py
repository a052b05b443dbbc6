"""Imports over the API: a file of events, tried row by row, or brought in whole or not at all."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from service.actions import collections, importing
from service.actions.event_files import MOST_BYTES, Reading
from service.actions.importing import Fate, Row
from service.domain.scope import Scope
from service.domain.subscription import check_language
from service.web.api.operations import Answer, Call, Operation
from service.web.api.shapes import Shape, Why


class Form(StrEnum):
    """What a file is, by the ending of its name."""

    YAML = "yaml"
    CSV = "csv"
    ICALENDAR = "ics"


@dataclass(frozen=True, slots=True)
class ImportSent(Shape):
    """A file of events. `collection` is where those belong that say nothing else, `language` that of a calendar.

    With `dry_run` nothing is changed: the fate of each row is told. Without, all is brought in, or nothing.
    """

    form: Form
    content: Annotated[str, Field(max_length=MOST_BYTES)]
    collection: Annotated[str, Field(max_length=64)] = ""
    language: Annotated[str, Field(max_length=16)] = "en"
    dry_run: bool = False
    why: Why = ""


@dataclass(frozen=True, slots=True)
class RowTold(Shape):
    """A row of the file: where it stands, what it is called, what becomes of it and why.

    `changes` names the parts that differ, `like` an event that seems to be the same.
    """

    where: str
    name: str
    is_collection: bool
    fate: Fate
    why: str
    like: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportTold(Shape):
    """What became, or would become, of a file. `changed` is how many events were, 0 for a dry run."""

    rows: tuple[RowTold, ...]
    changed: int


async def brought(call: Call[None, ImportSent]) -> Answer:
    """Try a file, or bring it in; raise ImportRefusedError with every finding, InvalidError."""
    sent = call.body
    language = check_language(sent.language, call.site.languages.codes)
    known = await collections.documents(call.tx)
    content = sent.content.encode("utf-8", "surrogatepass")
    reading: Reading = collections.read(f"sent.{sent.form}", content, sent.collection, known, language)
    rows = tuple(_told(row) for row in await importing.tried(call.tx, reading))
    if sent.dry_run:
        return Answer(ImportTold(rows, 0))
    why = sent.why or "Imported over the API."
    done = await importing.bring_in(call.tx, call.by, reading, why, call.now)
    return Answer(ImportTold(rows, done.changed))


def _told(row: Row) -> RowTold:
    changes = tuple(dict.fromkeys(".".join(map(str, one.place)) for one in row.changes))
    return RowTold(row.where, row.name, row.collection, row.fate, row.why, row.like, changes)


OPERATIONS: Final = (
    Operation(
        *("POST", "/imports", brought, Scope.WRITE_EVENTS, "Try a file of events, or bring it in whole", ImportTold),
        body=ImportSent,
        example={"form": "csv", "content": "id,title.en\n", "collection": "artsakh", "dry_run": True},
    ),
)
