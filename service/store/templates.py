"""What letters are made of, as it was published: texts, the versions of each piece, and the sets they made together.

A text is kept once, by its digest. Version 0 of a piece is what ships with the program; those that editors publish
follow from 1. A set is everything that was in use at one time, under the version that editions name.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, select, update

from service.domain.editor import Editor
from service.domain.templates import Templates
from service.store.audit import PROGRAM
from service.store.dialect import Tx, insert_or_ignore, insert_or_update, new_id, one_at_a_time
from service.store.editing_tables import template_sets, template_texts, template_versions

SHIPPED = 0
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Version:
    """A published version of a piece, without its text; number 0 is what ships."""

    number: int
    who: str
    why: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece as it is in use; `is_shipped` says that its text is what ships, whoever published it."""

    name: str
    number: int
    text: str
    who: str
    why: str
    published_at: datetime
    is_shipped: bool


async def alone(tx: Tx) -> None:
    """Let nobody else publish until this transaction ends."""
    await one_at_a_time(tx, template_sets.name)


async def in_use(tx: Tx) -> Templates | None:
    """Give everything that letters are made of now; None before `ensure_shipped`."""
    newest = await _newest_set(tx)
    return await _read_set(tx, newest) if newest else None


async def version_in_use(tx: Tx) -> str:
    """Give the version of what is in use, which editions name; "" before `ensure_shipped`."""
    wanted = select(template_sets.c.version).order_by(template_sets.c.position.desc()).limit(1)
    return (await tx.execute(wanted)).scalar() or ""


async def set_named(tx: Tx, version: str) -> Templates | None:
    """Give what was in use under a version; None if it was never."""
    row = (await tx.execute(select(template_sets).where(template_sets.c.version == version))).first()
    return await _read_set(tx, row) if row else None


async def put(tx: Tx, texts: Mapping[str, str], by: Editor | str, why: str, now: datetime) -> dict[str, int]:
    """Publish texts under their names, all in one new set; gives the number of each. For whoever is `alone`."""
    digests = await _keep_texts(tx, texts)
    numbers = {name: await newest_number(tx, name) + 1 for name in texts}
    rows = [_version(name, numbers[name], digests[name], by, why, now) for name in texts]
    await tx.execute(template_versions.insert(), rows)
    newest = await _newest_set(tx)
    await _use(tx, {**(newest.pieces if newest else {}), **digests}, now)
    return numbers


async def is_shipped(tx: Tx, shipped: Templates) -> bool:
    """Say whether what ships with this release is known here as such, so that `ensure_shipped` has nothing to do."""
    kept = {row.name: row.digest for row in await tx.execute(_numbered(SHIPPED))}
    return bool(await version_in_use(tx)) and kept == {name: digest_of(text) for name, text in shipped.pieces.items()}


async def ensure_shipped(tx: Tx, shipped: Templates, now: datetime) -> bool:
    """Keep what ships with this release as version 0, and have it in use where nobody has published otherwise.

    A piece in use that is what shipped before follows; what was in use stays in its history. Gives whether anything
    has changed.
    """
    await alone(tx)
    digests = {name: digest_of(text) for name, text in shipped.pieces.items()}
    kept = {row.name: row for row in await tx.execute(_numbered(SHIPPED))}
    newest = await _newest_set(tx)
    changed = {name for name in digests if name not in kept or kept[name].digest != digests[name]}
    gone = kept.keys() - digests.keys()
    if newest and not changed and not gone:
        return False
    used: dict[str, str] = dict(newest.pieces) if newest else {}
    await _keep_texts(tx, {name: shipped.pieces[name] for name in changed})
    for name in sorted(changed):
        if name not in used or (name in kept and used[name] == kept[name].digest):
            await _follow(tx, kept.get(name), name, digests[name], now)
            used[name] = digests[name]
        row = _version(name, SHIPPED, digests[name], PROGRAM, "", now)
        await tx.execute(insert_or_update(tx, template_versions, row, ("name", "number")))
    for name in sorted(gone):
        await tx.execute(delete(template_versions).where(_own(name, SHIPPED)))
        if used.get(name) == kept[name].digest:
            del used[name]
    await _use(tx, used, now)
    return True


async def pieces(tx: Tx) -> list[Piece]:
    """Give every piece in use by name, without its text."""
    newest = await _newest_set(tx)
    used: Mapping[str, str] = newest.pieces if newest else {}
    shipped = {row.name: row.digest for row in await tx.execute(_numbered(SHIPPED))}
    latest = select(template_versions.c.name, func.max(template_versions.c.number).label("number"))
    last = latest.group_by(template_versions.c.name).subquery()
    own = and_(last.c.name == template_versions.c.name, last.c.number == template_versions.c.number)
    found = await tx.execute(select(template_versions).join(last, own).order_by(template_versions.c.name))
    return [_piece(row, "", shipped.get(row.name)) for row in found if row.name in used]


async def piece(tx: Tx, name: str) -> Piece | None:
    """Give a piece as it is in use, None if none of that name is."""
    newest = await _newest_set(tx)
    if newest is None or name not in newest.pieces:
        return None
    wanted = select(template_versions, template_texts.c.text).join(template_texts)
    wanted = wanted.where(template_versions.c.name == name).order_by(template_versions.c.number.desc()).limit(1)
    row = (await tx.execute(wanted)).one()
    shipped = select(template_versions.c.digest).where(_own(name, SHIPPED))
    return _piece(row, row.text, (await tx.execute(shipped)).scalar())


async def history(tx: Tx, name: str) -> list[Version]:
    """Give the versions of a piece, the newest first, and last what ships."""
    own = select(template_versions).where(template_versions.c.name == name)
    rows = (await tx.execute(own.order_by(template_versions.c.number.desc()))).all()
    return [Version(row.number, row.who, row.why, row.published_at) for row in rows]


async def text_of(tx: Tx, name: str, number: int) -> str | None:
    """Give the text of a version of a piece, None if there is none."""
    wanted = select(template_texts.c.text).join(template_versions).where(_own(name, number))
    return (await tx.execute(wanted)).scalar()


async def newest_number(tx: Tx, name: str) -> int:
    """Give the number of the newest version of a piece, 0 if nobody has published one."""
    newest = select(func.max(template_versions.c.number)).where(template_versions.c.name == name)
    return (await tx.execute(newest)).scalar() or SHIPPED


def digest_of(text: str) -> str:
    """Give what a text is kept under."""
    return hashlib.sha256(text.encode()).hexdigest()


async def _follow(tx: Tx, before: Row[Any] | None, name: str, digest: str, now: datetime) -> None:
    """Number what a release brings in the place of what shipped before, so that drafts know that they are older."""
    if before is None:
        return
    number = await newest_number(tx, name)
    if number == SHIPPED:
        number += 1
        was = _version(name, number, before.digest, PROGRAM, "As it shipped before.", before.published_at)
        await tx.execute(template_versions.insert().values(was))
    came = _version(name, number + 1, digest, PROGRAM, "It came with a new release.", now)
    await tx.execute(template_versions.insert().values(came))


async def _keep_texts(tx: Tx, texts: Mapping[str, str]) -> dict[str, str]:
    digests = {name: digest_of(text) for name, text in texts.items()}
    rows = {digests[name]: text for name, text in texts.items()}
    if rows:
        kept = [{"digest": digest, "text": text} for digest, text in sorted(rows.items())]
        await tx.execute(insert_or_ignore(tx, template_texts), kept)
    return digests


async def _use(tx: Tx, digests: Mapping[str, str], now: datetime) -> None:
    """Have a set in use from now on: a new one, or one that was in use before."""
    templates = Templates(await _texts(tx, digests))
    last = (await tx.execute(select(func.max(template_sets.c.position)))).scalar() or 0
    row = {"version": templates.version, "pieces": dict(digests), "position": last + 1, "made_at": now}
    if not (await tx.execute(insert_or_ignore(tx, template_sets).values(row))).rowcount:
        again = update(template_sets).where(template_sets.c.version == templates.version)
        await tx.execute(again.values(position=last + 1))


async def _newest_set(tx: Tx) -> Row[Any] | None:
    return (await tx.execute(select(template_sets).order_by(template_sets.c.position.desc()).limit(1))).first()


async def _read_set(tx: Tx, row: Row[Any]) -> Templates:
    return Templates(await _texts(tx, row.pieces))


async def _texts(tx: Tx, digests: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _parts(sorted(set(digests.values()))):
        wanted = select(template_texts.c.digest, template_texts.c.text).where(template_texts.c.digest.in_(part))
        found.update((await tx.execute(wanted)).all())
    return {name: found[digest] for name, digest in sorted(digests.items())}


def _parts(digests: list[str]) -> Iterable[list[str]]:
    return (digests[start : start + _AT_ONCE] for start in range(0, len(digests), _AT_ONCE))


def _numbered(number: int) -> Any:
    return select(template_versions).where(template_versions.c.number == number)


def _own(name: str, number: int) -> Any:
    return and_(template_versions.c.name == name, template_versions.c.number == number)


def _version(name: str, number: int, digest: str, by: Editor | str, why: str, now: datetime) -> dict[str, Any]:
    editor, who = (by.id, by.who) if isinstance(by, Editor) else (None, by)
    return {
        "id": new_id(),
        "name": name,
        "number": number,
        "digest": digest,
        "editor_id": editor,
        "who": who,
        "why": why,
        "published_at": now,
    }


def _piece(row: Row[Any], text: str, shipped: str | None) -> Piece:
    return Piece(row.name, row.number, text, row.who, row.why, row.published_at, row.digest == shipped)
