"""The letter box killed at every point: each mail that was answered for is read exactly once after it starts again."""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.domain.letter_box import For, LetterBox
from service.domain.notice import Kind
from service.domain.subscription import Status, Wish
from service.mail.tokens import Purpose, Tokens
from service.store import events, notices, subscribers, subscriptions
from service.store import inbox as inbox_store
from service.store.dialect import Store, Tx
from service.store.inbox_tables import heard, inbox
from service.store.tables import editions
from service.store.tables import notices as notice_table
from tests import children
from tests.builders import a_collection, a_habit, an_event, at
from tests.contract.letters_back import a_mail, a_report, hand_over, said
from tests.faults.crew import until

SECRET = "s" * 32
BOUNCES, ORDERS = 24, 8
POINTS = ("stored", "taken", "understood", "followed", "committed")
PATIENCE_SECONDS = 120
NOW = at("2026-09-01T08:00")
BOX = LetterBox("remember.example")


@asynccontextmanager
async def a_hearer(
    database_url: str, home: Path, point: str = "-", number: int = 0
) -> AsyncIterator[tuple[int, object]]:
    """A process that hears, on a port of its own."""
    settings = {
        "REMEMBRANCER_DATA_DIR": str(home),
        "REMEMBRANCER_DATABASE_URL": database_url,
        "REMEMBRANCER_SECRET_KEY": SECRET,
        "REMEMBRANCER_LETTER_BOX": f"{BOX}",
    }
    words = ("tests.faults.hearer", point, str(number))
    process = await children.start(*words, stdout=PIPE, environment=os.environ | settings)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield int(await process.stdout.readline()), process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await process.wait()


async def the_mails(store: Store) -> list[tuple[str, str, bytes]]:
    """Bounces of letters to as many readers, and orders of strangers: sender, recipient, content."""
    tokens, mails = Tokens((SECRET.encode(),)), []
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), NOW)
        await events.save_event(tx, an_event(), "wars", 0, NOW)
        row = {
            "id": "e1",
            "kind": Kind.NOTICE,
            "language": "en",
            "day": NOW.date(),
            "template_version": "v",
            "key": "k",
        }
        await tx.execute(editions.insert().values(**row, dues=[], because=[], created_at=NOW))
        for number in range(BOUNCES):
            arrival = subscribers.Arrival(f"reader{number}@example.org", a_habit(), Status.ACTIVE, "page", NOW)
            reader = await subscribers.add(tx, arrival, NOW)
            await subscriptions.add(tx, reader, (Wish(collection="wars"),), NOW, NOW)
            letter = await _a_letter(tx, reader)
            to = BOX.address(For.RETURN, tokens.postal(Purpose.RETURN, letter))
            mails.append(("", to, a_report("5.0.0", f"reader{number}@example.org")))
    for number in range(ORDERS):
        stranger = f"stranger{number}@example.com"
        mails.append((stranger, BOX.address(For.SUBSCRIBE, "wars"), a_mail(stranger)))
    return mails


async def _a_letter(tx: Tx, reader: str) -> str:
    moment = datetime.now(UTC) - timedelta(hours=1)
    single = notices.Single(reader, Kind.NOTICE, NOW.date(), "e1", moment, moment + timedelta(days=1), dated_at=moment)
    await notices.add_single(tx, single)
    await tx.execute(notice_table.update().where(notice_table.c.id == single.id).values(state="accepted"))
    return single.id


async def handed_over(port: int, mails: list[tuple[str, str, bytes]]) -> list[tuple[str, str, bytes]]:
    """Hand over what a mail server has in its queue; gives what stays there, since nobody answered for it."""
    left = []
    for mail in mails:
        try:
            answers = await hand_over(port, lambda lmtp, mail=mail: said(lmtp, mail[0], [mail[1]], mail[2]))
        except OSError:  # smtplib's errors are of this kind
            left.append(mail)
            continue
        if [code for code, _ in answers] != [250, 250]:
            left.append(mail)
    return left


async def all_read(store: Store) -> bool:
    async with store.read() as tx:
        return not await inbox_store.any_unread(tx)


@pytest.mark.parametrize("point", POINTS)
async def test_case_131_killed_at_a_point_it_reads_each_mail_exactly_once_after_a_restart(
    database_url: str, store: Store, tmp_path: Path, point: str
) -> None:
    mails = await the_mails(store)
    queue = mails
    for number in (3, 11):
        async with a_hearer(database_url, tmp_path, point, number) as (port, process):
            queue = await handed_over(port, queue)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await process.wait()
        assert process.returncode == -signal.SIGKILL
    async with a_hearer(database_url, tmp_path) as (port, _):
        assert await handed_over(port, queue) == []
        assert await handed_over(port, mails[:5]) == []  # a mail server that did not hear the answer
        await until(lambda: all_read(store), PATIENCE_SECONDS)
    await judge(store)


async def judge(store: Store) -> None:
    """Each mail is kept once and read; each bounce counts once; each order has one answer."""
    async with store.read() as tx:
        kept = (await tx.execute(select(func.count(), func.max(inbox.c.trouble)).select_from(inbox))).one()
        told = (await tx.execute(select(heard.c.did, func.count()).group_by(heard.c.did))).all()
        letters = select(notice_table.c.kind, func.count()).group_by(notice_table.c.kind)
        sent = (await tx.execute(letters)).all()
    assert tuple(kept) == (BOUNCES + ORDERS, "")
    assert dict(map(tuple, told)) == {"counted": BOUNCES, "asked": ORDERS}
    assert dict(map(tuple, sent)) == {Kind.NOTICE: BOUNCES, Kind.CONFIRMATION: ORDERS}
