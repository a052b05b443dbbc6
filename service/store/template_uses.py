"""Which letters were made of a version of a piece: editions name the set of everything that they were made of."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select

from service.domain.notice import Kind
from service.store.dialect import Tx
from service.store.editing_tables import template_sets, template_versions
from service.store.editions import IS_PUBLIC
from service.store.tables import editions

# Rendered, and no letter to try: that says what somebody typed, whatever was in use. Nor what is a reader's own.
_IS_TOLD = and_(editions.c.subject.is_not(None), editions.c.kind != Kind.TEST.value, IS_PUBLIC)


@dataclass(frozen=True, slots=True)
class Use:
    """An edition that was made of a version: what it was called, of which day and language."""

    id: str
    kind: str
    language: str
    day: date
    subject: str


async def counted(tx: Tx, name: str) -> dict[int, int]:
    """Give, for each version of a piece by its number, how many editions were made of it."""
    sets = await _sets(tx, name)
    per_set = select(editions.c.template_version, func.count()).where(_IS_TOLD)
    counts = {row[0]: row[1] for row in await tx.execute(per_set.group_by(editions.c.template_version))}
    own = select(template_versions.c.number, template_versions.c.digest).where(template_versions.c.name == name)
    return {
        row.number: sum(counts.get(version, 0) for version, used in sets.items() if used == row.digest)
        for row in await tx.execute(own)
    }


async def editions_of(tx: Tx, name: str, number: int, most: int) -> list[Use]:
    """Give the editions that were made of the text of a version, the newest first."""
    own = and_(template_versions.c.name == name, template_versions.c.number == number)
    digest = (await tx.execute(select(template_versions.c.digest).where(own))).scalar()
    versions = [version for version, used in (await _sets(tx, name)).items() if used == digest]
    wanted = (
        select(editions.c.id, editions.c.kind, editions.c.language, editions.c.day, editions.c.subject)
        .where(editions.c.template_version.in_(versions), _IS_TOLD)
        .order_by(editions.c.day.desc(), editions.c.id.desc())
        .limit(most)
    )
    return [Use(*row) for row in await tx.execute(wanted)]


async def _sets(tx: Tx, name: str) -> dict[str, str]:
    """Give, for each set that has a piece of that name, the digest of its text."""
    rows = await tx.execute(select(template_sets.c.version, template_sets.c.pieces))
    return {row.version: row.pieces[name] for row in rows if name in row.pieces}
