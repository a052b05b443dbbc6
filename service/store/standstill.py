"""What may keep all mail where it is: a relay that cannot be used, an approval that is missing, a disk that is full."""

import asyncio
import errno
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, func, select, text

from service.domain.approval import Fate
from service.domain.notice import Result
from service.domain.standing import RELAY_TROUBLES, Group, Line, Unapproved
from service.store import holding, postgres
from service.store.dialect import Store, TroubleError, Tx
from service.store.lanes import RELAY
from service.store.tables import attempts, editions, lanes, notices

_LEAST_BYTES = 2**20  # what a commit of a page of notices may take
_LISTED = 10
_DAYS = timedelta(days=3)  # a letter is of use on its day, which somewhere lasts until the day after tomorrow
# What a disk says that takes nothing. Who asks may be another than who writes (EACCES), have no descriptor left, or be
# on a file system that reserves nothing (EOPNOTSUPP, EINVAL): none of these keeps the post where it is.
_TAKES_NOTHING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
_TAKE_ROOM = """
CREATE TEMPORARY TABLE room_for_changes ON COMMIT DROP AS SELECT repeat(md5('0'), 32) FROM generate_series(1, 1024)
"""


async def relay_trouble(tx: Tx, nearest: Sequence[Line]) -> tuple[Group | None, datetime | None]:
    """Tell why the relay cannot be used, and since when: as its senders told, else as the letters remember it."""
    waiting = [line for line in nearest if line.reason in RELAY_TROUBLES]
    if told := (await tx.execute(select(lanes).where(lanes.c.domain == RELAY))).first():
        return Group(
            waiting[0].reason if waiting else Result.UNREACHED, len(waiting), words=told.reason
        ), told.updated_at
    if not waiting:
        return None, None
    tried = and_(
        attempts.c.notice_id.in_([line.notice for line in waiting[:_LISTED]]),
        attempts.c.result.in_(sorted(RELAY_TROUBLES)),
    )
    first: datetime | None = (await tx.execute(select(func.min(attempts.c.at)).where(tried))).scalar_one()
    group = Group(waiting[0].reason, len(waiting), words=waiting[0].words)
    return group, first or min(line.created_at for line in waiting)


async def unapproved(tx: Tx, now: datetime) -> Unapproved:
    """Count the letters whose moment has come and that an editor has yet to approve, and tell since when."""
    asked = select(editions.c.id).where(
        editions.c.stopped_at.is_not(None),
        editions.c.stopped_reason == Fate.AWAITING,
        editions.c.day >= now.date() - _DAYS,
    )
    which = and_(
        holding.IS_STOPPED, notices.c.edition_id.in_(asked), notices.c.due_at <= now, notices.c.expires_at > now
    )
    count, first = (await tx.execute(select(func.count(), func.min(notices.c.due_at)).where(which))).one()
    return Unapproved(count, first)


async def no_room(store: Store, *, is_asked: bool) -> str:
    """Say why the database cannot be written to, "" if it can; nothing is kept of the try.

    A file's disk is always asked, another machine's only if `is_asked`: it is work for the server.
    """
    if store.file:
        return await asyncio.to_thread(_beside, Path(store.file))
    return await _elsewhere(store) if is_asked else ""


def _beside(file: Path) -> str:
    """Take room beside a file, without a name, and give it back."""
    try:
        with tempfile.TemporaryFile(dir=file.parent) as taken:
            os.posix_fallocate(taken.fileno(), 0, _LEAST_BYTES)
    except OSError as error:
        return why_no_room(error, file.parent)
    return ""


def why_no_room(error: OSError, folder: Path) -> str:
    """Say in the system's words why a folder's disk takes nothing; "" if the error is about something else."""
    return f"{error.strerror} ({folder})" if error.errno in _TAKES_NOTHING else ""


async def _elsewhere(store: Store) -> str:
    try:
        async with store.write() as tx:
            await tx.execute(text(_TAKE_ROOM))
    except TroubleError as error:
        is_full = getattr(error.orig, "sqlstate", None) == postgres.FULL
        return str(error.orig).strip().partition("\n")[0] if is_full else ""
    return ""
