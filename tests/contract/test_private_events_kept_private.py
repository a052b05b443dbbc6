"""What is private stands on no page but its readers', in no log, in no row that is not theirs; on both databases."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service.app import Role as Part
from service.domain.documents import read_private
from service.domain.editor import Role
from service.domain.targets import target_of
from service.mail.tokens import Purpose
from service.scheduling import horizon
from service.store import private_events, subscriptions
from service.store.tables import editions, metadata, notices
from service.web.admin.routes import SEATS
from service.web.api.routes import OPERATIONS
from tests.builders import a_habit, at
from tests.contract.conftest import NOW, Posting
from tests.unit.web.client import Client
from tests.unit.web.editors import seated
from tests.unit.web.programs import Program, a_token

WORDS = ("Quillfeather", "Nightjar")
OWN_TABLES = {"private_events", "private_occasions", "private_pictures", "private_shares"}
PUBLIC = (
    "/",
    "/editions",
    "/editions/{id}",
    "/collections/wars",
    "/events/war",
    "/days/09-27",
    "/years/2026",
    "/subscribe",
)


async def told(posting: Posting, *, fails: bool = False) -> tuple[str, str]:
    """Have a private date told in a letter; gives its edition and its reader."""
    await posting.record()
    owner = await posting.reader("ani@example.org", a_habit())
    record = {"name": WORDS[0], "words": WORDS[1], "first_day": "1990-09-27", "rules": [{"kind": "yearly"}]}
    async with posting.app.store.write() as tx:
        id_ = await private_events.add(tx, owner, read_private(record), NOW)
        await subscriptions.set_private(tx, owner, target_of(id_), (0,), NOW)
    posting.now = at("2026-09-27T05:00")
    await posting.app.planner.plan(posting.now)
    if not fails:
        assert await posting.send() == 1
        ((_, letter),) = posting.letters()
        assert all(word in letter.html and word in letter.text for word in WORDS)
    async with posting.app.store.read() as tx:
        (edition,) = (await tx.execute(select(editions.c.id).where(editions.c.subscriber_id == owner))).scalars()
    return edition, owner


async def test_no_page_of_editors_or_of_anybody_shows_what_is_private(posting: Posting) -> None:
    edition, owner = await told(posting)
    async with posting.app.store.read() as tx:
        notice = (await tx.execute(select(notices.c.id))).scalar_one()
    cookies = await seated(posting.app.store, Role.OWNER, posting.now)
    client = Client(posting.app.site(frozenset(Part)))
    ids = {"id": edition, "event": target_of("x"), "day": "2026-09-27", "on": "2026-09-27", "collection": "wars"}
    seen = 0
    for seat in SEATS:
        if seat.method != "GET":
            continue
        for id_ in (edition, notice, owner, "war", "wars", "2026-09-27"):
            path = re.sub(
                r"\{(\w+)(:\w+)?\}",
                lambda part, id_=id_: ids[part[1]] if part[1] in ids and part[1] != "id" else id_,
                seat.path,
            )
            answer = await client.get(path, **cookies)
            assert not any(word in answer.text for word in WORDS), path
            seen += answer.status == 200
            if path == seat.path:
                break
    assert seen > 20
    for path in PUBLIC:
        answer = await client.get(path.format(id=edition))
        assert not any(word in answer.text for word in WORDS), path
    assert (await client.get(f"/editions/{edition}")).status == 404
    status = posting.app.status_link().removeprefix(posting.app.settings.base_url)
    for path in (status, f"{status}/notices/{notice}"):
        answer = await client.get(path)
        assert answer.status == 200, path
        assert not any(word in answer.text for word in WORDS), path
    manage = f"/manage/{posting.app.desk.tokens.sign(Purpose.MANAGE, owner)}"
    assert WORDS[0] in (await client.get(f"{manage}/dates")).text
    assert WORDS[0] in (await client.get(f"{manage}/letters")).text
    assert f"/editions/{edition}" not in (await client.get(f"{manage}/letters")).text
    posting.now += timedelta(hours=12)
    assert WORDS[0] in (await client.get(manage)).text


async def test_no_answer_of_the_api_tells_of_it(posting: Posting) -> None:
    """Whatever its token allows: neither the words, nor the id of the event, nor that of its reader's edition."""
    edition, owner = await told(posting)
    async with posting.app.store.read() as tx:
        notice = (await tx.execute(select(notices.c.id))).scalar_one()
        own = (await private_events.of_owner(tx, owner))[0].id
    client = Client(posting.app.site(frozenset(Part)))
    program = Program(client, await a_token(posting.app.store, now=posting.now))
    seen = 0
    for one in OPERATIONS:
        if one.method != "GET" and one.noun != "editions":
            continue
        for id_ in (edition, notice, owner, own, "war", "wars"):
            path = re.sub(r"\{(\w+)(:\w+)?\}", id_, one.path)
            answer = await program.ask(one.method, path, {} if one.method == "POST" else None)
            if one.method == "GET":
                assert not any(word in answer.text for word in (*WORDS, own, edition) if word != id_), path
                seen += answer.status == 200
            else:
                assert answer.status == 404, (one.method, path)
    assert seen > 20
    (found,) = await program.every(f"/notices?subscriber={owner}", 10)
    assert (found["id"], found["edition"]) == (notice, None)
    assert await program.every(f"/notices?edition={edition}", 10) == []


async def test_no_log_tells_of_it_even_when_its_letter_cannot_be_written(
    posting: Posting, capsys: pytest.CaptureFixture[str]
) -> None:
    edition, owner = await told(posting, fails=True)
    async with posting.app.store.write() as tx:
        own = (await private_events.of_owner(tx, owner))[0]
    assert own.event.name == WORDS[0]
    await posting.app.press.render_all(posting.now)
    assert (await posting.app.sender.drain()).accepted == 1
    client = Client(posting.app.site(frozenset(Part)))
    manage = f"/manage/{posting.app.desk.tokens.sign(Purpose.MANAGE, owner)}"
    for path in (f"{manage}/dates", f"{manage}/dates/{own.id}", f"/editions/{edition}"):
        await client.get(path)
    said = capsys.readouterr()
    assert not any(word in said.out + said.err for word in WORDS)


async def test_no_row_but_of_its_own_tables_and_its_readers_edition_holds_it(posting: Posting) -> None:
    edition, _ = await told(posting)
    async with posting.app.store.read() as tx:
        for table in metadata.sorted_tables:
            rows: list[Any] = [row._asdict() for row in (await tx.execute(select(table))).all()]
            if table.name == "editions":
                rows = [row for row in rows if row["id"] != edition]
            if table.name not in OWN_TABLES:
                assert not any(word in json.dumps(rows, default=str) for word in WORDS), table.name


async def test_a_date_that_is_removed_while_a_page_is_planned_is_told_to_nobody(posting: Posting) -> None:
    await posting.record()
    owner = await posting.reader("ani@example.org", a_habit())
    record = {"name": WORDS[0], "first_day": "1990-09-27", "rules": [{"kind": "yearly"}]}
    async with posting.app.store.write() as tx:
        id_ = await private_events.add(tx, owner, read_private(record), NOW)
        await subscriptions.set_private(tx, owner, target_of(id_), (0,), NOW)
    await horizon.cover(posting.app.store, NOW.date(), NOW.date() + timedelta(days=120))
    posting.now = at("2026-09-27T05:00")

    async def removing() -> None:
        async with posting.app.store.write() as tx:
            await private_events.remove(tx, id_, posting.now)

    await asyncio.gather(posting.app.planner.plan(posting.now), removing())
    await posting.app.planner.plan(posting.now + timedelta(minutes=1))
    await posting.send()
    assert all(WORDS[0] not in letter.html + letter.text + letter.subject for _, letter in posting.letters())
