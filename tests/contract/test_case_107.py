"""Case 107: what is kept of a person is given to them, and removed without a trace of theirs; on both databases."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from service.actions import managing, moving, sweeping
from service.actions.answers import edition_for
from service.actions.bringing import Tally, bring
from service.actions.subscriber_rows import Row
from service.app import Role
from service.domain.notice import Kind, State
from service.domain.subscription import Status, Wish
from service.mail.reading import Opened, forget
from service.mail.tokens import Purpose, stamp
from service.store import addressees, notices, subscribers, tables
from service.store.all_tables import everything
from tests.builders import a_habit
from tests.contract.conftest import NOW, Posting
from tests.smtp_server import Stage
from tests.unit.web.client import Answer, Client, Fields

ANI, NEW, OTHER = "Ani.Sargsyan@example.org", "new.ani@example.org", "vahan@example.org"
HIDDEN = ("sargsyan", "new.ani")


def client(posting: Posting) -> Client:
    return Client(posting.app.site(frozenset({Role.WEB})))


async def post(posting: Posting, path: str, fields: Fields = ()) -> Answer:
    """Post a form, and wait for what is done after the answer."""
    answer = await client(posting).post(path, fields)
    await posting.app.errands.done()
    return answer


def own(posting: Posting, id_: str, part: str = "") -> str:
    return f"/manage/{posting.app.desk.manage(id_, posting.now)}{part}"


async def mailed(posting: Posting, path: str) -> tuple[str, str]:
    """Have what waits sent, and give to whom the newest letter went and the path of its link."""
    await posting.send()
    to, letter = posting.letters()[-1]
    return to, link_of(letter, path)


def link_of(letter: Opened, path: str) -> str:
    (found,) = [word for word in letter.text.split() if f"/{path}/" in word]
    return f"/{path}/" + found.rpartition("/")[2]


async def fetched(posting: Posting, link: str) -> Answer:
    return await post(posting, link)


async def rows(posting: Posting) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    async with posting.app.store.read() as tx:
        return {
            table.name: [tuple(row) for row in await tx.execute(table.select())] for table in everything.sorted_tables
        }


def bytes_of(folder: Path) -> bytes:
    """Everything that lies in a folder: the database's file, its log, and whatever is beside them."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def a_life(posting: Posting) -> str:
    """Have somebody get letters, some refused with their address in the words, move, and ask for this and that."""
    app = posting.app
    await posting.record()
    for number in range(30):  # others, among whom theirs lie
        await posting.reader(f"reader{number}@example.org", a_habit())
    id_ = await posting.reader(ANI, a_habit())
    async with app.store.write() as tx:
        for kind, due in ((Kind.LINK, NOW), (Kind.WELCOME, NOW + timedelta(days=1))):
            edition = await edition_for(tx, kind, "en", NOW)
            await notices.add_single(tx, notices.Single(id_, kind, NOW.date(), edition, due, NOW + timedelta(days=3)))
    posting.relay.once(Stage.RCPT, f"450 4.2.0 <{ANI}> is busy")
    await posting.send()
    posting.now += timedelta(hours=1)
    await posting.send()
    for part, fields in (
        ("/data", [("action", "download")]),
        ("/data", [("action", "address"), ("address", NEW)]),
        ("/topics", [("action", "add"), ("targets", "event:war"), ("lead_days", "7")]),
        ("", [("action", "leave-one"), ("target", "event:war")]),
    ):
        assert (await post(posting, own(posting, id_, part), fields)).status == 303
    await posting.send()
    link = next(link_of(letter, "address") for to, letter in posting.letters() if to == NEW)
    assert (await post(posting, link)).status == 200
    await posting.send()
    return id_


async def test_case_107_the_data_come_by_a_fresh_mailed_link_once_within_an_hour(posting: Posting) -> None:
    await posting.record()
    id_ = await posting.reader(ANI, a_habit())
    asked = await post(posting, own(posting, id_, "/data"), [("action", "download")])
    assert asked.headers["location"].endswith("done=mailed")
    to, link = await mailed(posting, "download")
    assert to == ANI
    for method in ("GET", "HEAD", "GET"):  # a scanner uses nothing up
        assert (await client(posting).get(link, method)).status == 200
    posting.now += timedelta(minutes=59)
    answer = await fetched(posting, link)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        kept = json.loads(archive.read("remembrancer-data/data.json"))
        page = archive.read("remembrancer-data/data.html").decode()
    assert kept["subscriber"]["address"] == ANI
    assert [one["target"] for one in kept["subscriptions"]] == ["collection:wars"]
    assert "Wars: On the day itself" in page
    assert (await fetched(posting, link)).status == 404
    assert (await client(posting).get(link)).status == 404


async def test_case_107_a_link_to_the_data_is_of_no_use_after_an_hour_or_for_anything_else(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit())
    await post(posting, own(posting, id_, "/data"), [("action", "download")])
    _, link = await mailed(posting, "download")
    tokens, addressee = posting.app.desk.tokens, link.rpartition("/")[2].split(".")[0]
    for wrong in (
        tokens.sign(Purpose.DOWNLOAD, id_, stamp(NOW + timedelta(minutes=30))),
        tokens.sign(Purpose.DOWNLOAD, addressee, stamp(NOW + timedelta(hours=2))),
        tokens.sign(Purpose.ADDRESS, addressee, stamp(NOW + timedelta(minutes=30))),
        tokens.sign(Purpose.MANAGE, id_),
        "x",
    ):
        assert (await fetched(posting, f"/download/{wrong}")).status == 404
    as_move = tokens.sign(Purpose.ADDRESS, addressee, stamp(NOW + timedelta(minutes=30)))
    assert (await post(posting, f"/address/{as_move}")).status == 404
    posting.now += timedelta(hours=1, seconds=1)
    assert (await fetched(posting, link)).status == 404


async def test_case_107_the_link_to_the_data_may_not_be_asked_for_without_end(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit())
    for minute in range(8):
        posting.now = NOW + timedelta(minutes=minute)
        answer = await post(posting, own(posting, id_, "/data"), [("action", "download")])
        assert answer.status == 303
    assert await posting.send() == 5


async def test_case_107_who_has_left_gets_their_data_and_a_suppressed_address_gets_nothing(posting: Posting) -> None:
    left = await posting.reader(ANI, a_habit(), Status.LEFT)
    barred = await posting.reader(OTHER, a_habit(), Status.SUPPRESSED)
    for id_ in (left, barred):
        await post(posting, own(posting, id_, "/data"), [("action", "download")])
    await posting.send()
    assert [to for to, _ in posting.letters()] == [ANI]


async def test_case_107_after_erasure_nothing_of_theirs_is_left_but_the_keyed_hash(
    posting: Posting, tmp_path: Path, database_url: str
) -> None:
    app = posting.app
    id_ = await a_life(posting)
    sent = len(posting.letters())
    before = await rows(posting)
    assert all(hidden in repr(before).lower() for hidden in HIDDEN)
    asked = await client(posting).get(own(posting, id_, "/erase"))
    assert "What stays" in asked.text
    unsure = await post(posting, own(posting, id_, "/erase"))
    assert (unsure.status, await rows(posting)) == (422, before)

    answer = await post(posting, own(posting, id_, "/erase"), [("sure", "yes")])
    assert (answer.status, "Everything is erased" in answer.text) == (200, True)
    after = await rows(posting)
    for hidden in (*HIDDEN, id_):
        assert hidden not in repr(after).lower()
    assert [row[:2] for row in after["suppressions"]] == [(app.desk.tokens.address_hash(NEW), "erased")]
    of_nobody = {row[0] for row in after["subscribers"]} - {row[0] for row in before["subscribers"]}
    (kept,) = [row for row in after["notices"] if row[1] in of_nobody]
    assert {Kind.LINK.value, State.ACCEPTED.value} <= set(kept[2:])
    assert [(row[0], row[2], row[4]) for row in after["attempts"]] == [(kept[0], "deferred", "")]
    assert len(after["subscribers"]) == 31
    for path in (own(posting, id_), f"/leave/{app.desk.tokens.sign(Purpose.LEAVE, id_, 'x')}"):
        assert (await client(posting).get(path)).status == 404
    posting.now += timedelta(days=2)
    await posting.send()
    assert len(posting.letters()) == sent
    if database_url.startswith("sqlite"):
        content = bytes_of(tmp_path).lower()
        assert b"reader7@example.org" in content
        assert [hidden for hidden in HIDDEN if hidden.encode() in content] == []


async def test_case_107_an_erased_or_unsubscribed_address_is_refused_by_an_import_and_listed(posting: Posting) -> None:
    app = posting.app
    await posting.record()
    await posting.reader(ANI, a_habit())
    await posting.reader(OTHER, a_habit(), Status.LEFT)
    async with app.store.write() as tx:
        await managing.erase(tx, app.desk, ANI, NOW)
    rows = [
        Row(address, a_habit(), (Wish(collection="wars"),), NOW)
        for address in (ANI.upper(), OTHER, "third@example.org")
    ]
    tally = Tally()
    async with app.store.write() as tx:
        await bring(tx, app.desk, rows, tally, NOW)
    assert (tally.refused, tally.refused_addresses, tally.confirmed) == (2, [ANI.upper(), OTHER], 1)


def test_case_107_letters_in_the_local_outbox_go_with_the_person(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    for number, to in enumerate((ANI, OTHER, f"Ani <{ANI.upper()}>", "")):
        (folder / f"{number}.eml").write_text(f"From: r@example.org\r\nTo: {to}\r\n\r\n{ANI}\r\n")
    assert forget(folder, [ANI]) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["1.eml", "3.eml"]
    assert forget(tmp_path / "nowhere", [ANI]) == 0


async def swept(posting: Posting, days: int) -> int:
    """Have what is too old forgotten, and count the addressees that are left."""
    async with posting.app.store.write() as tx:
        await sweeping.forget(tx, NOW + timedelta(days=days))
    return sum(row[1] != ANI for row in (await rows(posting))["subscribers"])


async def test_addressees_and_what_was_counted_are_swept_when_they_are_of_no_use_any_more(posting: Posting) -> None:
    app = posting.app
    id_ = await posting.reader(ANI, a_habit())
    async with app.store.write() as tx:
        found = await subscribers.by_id(tx, id_)
        assert found is not None
        await moving.ask(tx, app.desk, found, NEW, NOW)
        await addressees.add(tx, "test:1", OTHER, "en", NOW)
    await app.store.group(lambda tx: addressees.bar(tx, OTHER))
    assert await swept(posting, 13) == 2
    assert await swept(posting, 15) == 0
    left = await rows(posting)
    assert [row[1] for row in left["subscribers"]] == [ANI]
    assert left["notices"] == []
    assert len(left["requests"]) == 2
    await swept(posting, 32)
    assert (await rows(posting))["requests"] == []


async def ask_to_move(posting: Posting, id_: str, address: str = NEW) -> Answer:
    return await post(posting, own(posting, id_, "/data"), [("action", "address"), ("address", address)])


async def test_an_address_changes_when_the_new_one_says_so_and_the_old_one_can_have_it_back(posting: Posting) -> None:
    await posting.record()
    id_ = await posting.reader(ANI, a_habit())
    await ask_to_move(posting, id_)
    to, link = await mailed(posting, "address")
    assert to == NEW
    page = await client(posting).get(link)
    assert (NEW in page.text, ANI in page.text) == (True, False)
    assert await address_of(posting, id_) == ANI
    for _ in range(2):
        assert "The address is changed" in (await post(posting, link)).text
    assert await address_of(posting, id_) == NEW
    to, back = await mailed(posting, "address")
    assert (to, len(posting.letters()), NEW in posting.letters()[-1][1].text) == (ANI, 2, False)
    assert (await post(posting, back)).status == 200
    assert await address_of(posting, id_) == ANI
    assert (await post(posting, link)).status == 404  # what the other one had is of no use now
    assert await posting.send() == 0
    async with posting.app.store.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM subscriptions WHERE ended_at IS NULL"))).scalar() == 1


async def address_of(posting: Posting, id_: str) -> str:
    async with posting.app.store.read() as tx:
        found = await subscribers.by_id(tx, id_)
    assert found is not None
    return found.address


@pytest.mark.parametrize("standing", [Status.ACTIVE, Status.PENDING, Status.LEFT, Status.SUPPRESSED])
async def test_what_is_known_of_a_new_address_is_told_to_nobody(posting: Posting, standing: Status) -> None:
    id_ = await posting.reader(ANI, a_habit())
    await posting.reader(OTHER, a_habit(), standing)
    known, unknown = await ask_to_move(posting, id_, OTHER), await ask_to_move(posting, id_)
    assert (known.status, known.headers, known.body) == (unknown.status, unknown.headers, unknown.body)
    await posting.send()
    assert [to for to, _ in posting.letters()] == [NEW]


async def test_one_readers_link_cannot_be_turned_against_many(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit())
    for number in range(9):
        assert (await ask_to_move(posting, id_, f"victim{number}@example.org")).status == 303
    assert await posting.send() == 5


@pytest.mark.parametrize("typed", ["", "nobody", "a@b.org, c@d.org", "a@b.org\r\nBcc: c@d.org", ANI.upper()])
async def test_an_address_that_is_none_or_the_same_is_refused_with_what_was_typed(posting: Posting, typed: str) -> None:
    id_ = await posting.reader(ANI, a_habit())
    answer = await ask_to_move(posting, id_, typed)
    assert answer.status == 422
    assert 'id="address-error"' in answer.text
    assert await posting.send() == 0


async def test_an_erased_row_is_not_written_to_while_its_letter_is_in_hand(posting: Posting) -> None:
    app = posting.app
    await posting.reader(ANI, a_habit())
    async with app.store.write() as tx:
        found = await subscribers.by_address(tx, ANI)
        assert found is not None
        edition = await edition_for(tx, Kind.LINK, "en", NOW)
        await notices.add_single(tx, notices.Single(found.id, Kind.LINK, NOW.date(), edition, NOW, NOW))
        await tx.execute(update(tables.notices).values(state=State.SENDING, owner="somebody"))
        await managing.erase(tx, app.desk, ANI, NOW)
    assert (await rows(posting))["notices"] == []
