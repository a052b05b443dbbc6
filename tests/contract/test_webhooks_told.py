"""Each of the six things that webhooks are told of is told by what really does it, on both databases."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, event, select

from service.actions import enrolling, hearing_undo, managing, moving, sharing, subscribing, suppressing, webhooks
from service.actions.subscribing import Asked
from service.app import App
from service.domain.approval import Approval
from service.domain.consent import Came
from service.domain.documents import read_private
from service.domain.editor import Role
from service.domain.letter_box import For
from service.domain.subscription import Subscriber, Wish
from service.domain.targets import target_of
from service.domain.webhook import ASKABLE
from service.mail.tokens import Purpose, stamp
from service.store import editors, events, heard_seen, own, private_events, subscribers, subscriptions
from service.store import webhooks as webhook_store
from service.store.inbox import Arrival
from service.store.tables import subscribers as subscriber_table
from service.store.tables import subscriptions as subscription_table
from service.store.webhook_tables import webhook_messages as table
from tests.builders import a_collection, a_habit, at
from tests.contract.conftest import NOW, Posting
from tests.contract.letters_back import a_report
from tests.smtp_server import Stage

NINE = at("2026-09-27T05:00")
URL = "https://crm.example.org/hook"
WARS = Wish(collection="wars")


@pytest.fixture
def letter_box() -> str:
    return "@remember.example"


@pytest.fixture
async def app(posting: Posting) -> App:
    """The program with a record, and a webhook that wants to know everything."""
    await posting.app.stock()
    await posting.record()
    await hook(posting.app, *ASKABLE)
    return posting.app


async def hook(app: App, *types: str) -> None:
    async with app.store.write() as tx:
        await webhooks.add(tx, "a test", URL, types, NOW)


async def told(app: App) -> list[tuple[str, dict[str, Any]]]:
    """Give what is to be told, in the order in which it happened."""
    async with app.store.read() as tx:
        found = (await tx.execute(select(table).order_by(table.c.happened_at, table.c.id))).all()
    return [(row.type, json.loads(row.data)) for row in found]


async def reader(app: App, address: str = "ani@example.org") -> Subscriber:
    async with app.store.read() as tx:
        found = await subscribers.by_address(tx, address)
    assert found is not None
    return found


async def ask(app: App) -> str:
    async with app.store.write() as tx:
        await subscribing.ask(tx, app.desk, Asked("ani@example.org", a_habit(), (WARS,), "203.0.113.7"), NOW)
    return (await reader(app)).id


async def confirm(app: App, id_: str) -> None:
    token = app.desk.tokens.sign(Purpose.CONFIRM, id_, stamp(NOW.replace(hour=20)))
    async with app.store.write() as tx:
        await subscribing.confirm(tx, app.desk, token, NOW)


async def test_who_asks_is_told_without_the_address_and_who_confirms_with_it_once(app: App) -> None:
    id_ = await ask(app)
    for _ in range(2):
        await confirm(app, id_)
    common = {"subscriber": id_, "language": "en", "targets": ["collection:wars"], "source": "page"}
    assert await told(app) == [("subscribed", common), ("confirmed", {**common, "address": "ani@example.org"})]


async def test_who_leaves_comes_back_or_is_suppressed_is_told(app: App) -> None:
    await confirm(app, await ask(app))
    async with app.store.write() as tx:
        await managing.leave(tx, await reader_in(tx), NOW, Came("one click"))
        await managing.leave(tx, await reader_in(tx), NOW)
        await managing.come_back(tx, await reader_in(tx), [], NOW)
        await suppressing.suppress(tx, app.desk, "an owner", "ani@example.org", "asked", NOW)
    found = [(type_, data.get("why"), data["source"]) for type_, data in (await told(app))[2:]]
    assert found == [("left", "left", "one click"), ("confirmed", None, "page"), ("left", "suppressed", "editor")]


async def reader_in(tx: Any) -> Subscriber:
    found = await subscribers.by_address(tx, "ani@example.org")
    assert found is not None
    return found


async def test_who_is_erased_is_told_by_an_id_alone_and_nothing_else_of_them_is_kept(app: App) -> None:
    id_ = await ask(app)
    await confirm(app, id_)
    async with app.store.write() as tx:
        await managing.erase(tx, app.desk, "ani@example.org", NOW)
    assert await told(app) == [("left", {"subscriber": id_, "address": None, "why": "erased", "source": ""})]


async def test_who_has_another_address_is_told_as_confirmed_with_it(app: App) -> None:
    id_ = await ask(app)
    await confirm(app, id_)
    async with app.store.write() as tx:
        await moving.ask(tx, app.desk, await reader_in(tx), "ani@example.net", NOW)
    async with app.store.write() as tx:
        asked = subscriber_table.c.address == "ani@example.net"
        addressee = (await tx.execute(select(subscriber_table.c.id).where(asked))).scalar_one()
        token = app.desk.tokens.sign(Purpose.ADDRESS, addressee, stamp(NINE))
        await moving.confirm(tx, app.desk, token, NOW)
    (*_, (type_, data)) = await told(app)
    assert (type_, data["subscriber"], data["address"]) == ("confirmed", id_, "ani@example.net")
    assert data["targets"] == ["collection:wars"]


async def test_of_an_erasure_those_hear_who_did_not_ask_for_it_or_are_switched_off(posting: Posting) -> None:
    await posting.app.stock()
    await posting.record()
    for types in (("confirmed",), ("sent", "edition_ready"), ("edition_ready",)):
        await hook(posting.app, *types)
    await confirm(posting.app, await ask(posting.app))
    async with posting.app.store.write() as tx:
        (off, *_) = await webhook_store.listed(tx)
        await webhook_store.switch_off(tx, off.id, "a test", NOW)
        await managing.erase(tx, posting.app.desk, "ani@example.org", NOW)
    assert [data["why"] for _, data in await told(posting.app)] == ["erased", "erased"]


async def test_what_others_were_told_of_somebody_is_among_what_they_can_take(app: App) -> None:
    id_ = await ask(app)
    await confirm(app, id_)
    async with app.store.read() as tx:
        found = (await own.everything_of(tx, id_))["webhook_messages"]
    assert [one["type"] for one in found] == ["subscribed", "confirmed"]


async def test_whom_a_program_or_a_file_brings_is_told_as_what_they_are(app: App) -> None:
    for address, agreed_at in (("vahan@example.org", NOW), ("mane@example.org", None)):
        whom = enrolling.Enrolled(address, a_habit(), (WARS,), agreed_at)
        async with app.store.write() as tx:
            await enrolling.enrol(tx, app.desk, whom, NOW)
    assert [(type_, data.get("address"), data["source"]) for type_, data in await told(app)] == [
        ("confirmed", "vahan@example.org", "api"),
        ("subscribed", None, "api"),
    ]


async def test_a_letter_that_was_sent_is_told_without_address_and_words(posting: Posting, app: App) -> None:
    id_ = await posting.reader("ani@example.org", a_habit())
    posting.now = NINE
    await app.planner.plan(NINE)
    assert await posting.send() == 1
    ((type_, data),) = await told(app)
    assert type_ == "sent"
    assert {name: data[name] for name in ("subscriber", "kind", "language", "day", "targets")} == {
        "subscriber": id_,
        "kind": "notice",
        "language": "en",
        "day": "2026-09-27",
        "targets": ["collection:wars"],
    }
    assert data.keys() == {"subscriber", "notice", "kind", "language", "day", "targets"}


async def test_where_nobody_asks_for_it_sending_a_letter_has_no_statement_more(posting: Posting) -> None:
    await posting.app.stock()
    await posting.record()
    await hook(posting.app, "subscribed", "left")
    await posting.reader("ani@example.org", a_habit())
    posting.now = NINE
    await posting.app.planner.plan(NINE)
    asked: list[str] = []
    engine = posting.app.store._groups._engine
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    assert await posting.send() == 1
    assert [one for one in asked if "webhook" in one] == []
    assert await told(posting.app) == []


async def test_a_letter_that_the_relay_refuses_for_good_is_told_and_what_followed(posting: Posting, app: App) -> None:
    await posting.reader("ani@example.org", a_habit())
    posting.now = NINE
    await app.planner.plan(NINE)
    posting.relay.once(Stage.RCPT, "550 5.1.1 no such user")
    assert await posting.send() == 0
    ((type_, data),) = await told(app)
    assert (type_, data["address"], data["reason"], data["suppressed"]) == (
        "bounced",
        "ani@example.org",
        "no such mailbox",
        True,
    )


async def test_a_letter_that_comes_back_is_told_and_so_is_who_is_written_to_again(posting: Posting, app: App) -> None:
    id_ = await posting.reader("ani@example.org", a_habit())
    posting.now = NINE
    await app.planner.plan(NINE)
    await posting.send()
    notice = (await told(app))[0][1]["notice"]
    assert app.desk.letter_box is not None
    returned = app.desk.letter_box.address(For.RETURN, app.desk.tokens.postal(Purpose.RETURN, notice))
    for _ in range(2):
        await app.mailbox.keep([Arrival("lmtp", "", returned, a_report("5.1.1"))])
        await app.mailbox.reader.read_all()
    bounced = {"subscriber": id_, "address": "ani@example.org", "notice": notice, "reason": "no such mailbox"}
    assert (await told(app))[1:] == [("bounced", {**bounced, "suppressed": True})]
    async with app.store.write() as tx:
        editor = await editors.add(tx, "editor@example.org", "Ani", Role.APPROVER, "en", NOW)
        (entry, *_) = [one for one in await heard_seen.listed(tx, 10) if one.can_be_undone]
        await hearing_undo.undo(tx, app.desk, editor, entry.entry.id, "a mistake of theirs", posting.now)
    assert [type_ for type_, _ in await told(app)] == ["sent", "bounced", "confirmed"]


async def test_what_waits_for_an_approval_is_told_as_a_draft_and_when_it_is_held(posting: Posting, app: App) -> None:
    async with app.store.write() as tx:
        await events.save_collection(tx, replace(a_collection(), approval=Approval.HOLD), NOW)
    await posting.reader("ani@example.org", a_habit())
    for now in (at("2026-09-25T05:00"), NINE):
        posting.now = now
        for _ in range(2):
            await app.planner.plan(now)
    (draft, held) = await told(app)
    assert [draft[0], held[0]] == ["edition_ready"] * 2
    on_day = {"events": [{"event": "war", "on": "2026-09-27"}], "page": "/admin/days/2026-09-27"}
    assert draft[1] == {"edition": None, **on_day}
    assert {**held[1], "edition": None} == draft[1]
    assert held[1]["edition"]


async def a_private_date(app: App, owner: str) -> str:
    record = {"name": "Grandmother Tamar", "first_day": "1990-09-27", "rules": [{"kind": "yearly"}]}
    async with app.store.write() as tx:
        id_ = await private_events.add(tx, owner, read_private(record), NOW)
        await subscriptions.set_private(tx, owner, target_of(id_), (0,), NOW)
    return id_


async def end_public(app: App, owner: str) -> None:
    async with app.store.write() as tx:
        await tx.execute(delete(subscription_table).where(subscription_table.c.subscriber_id == owner))


@pytest.mark.parametrize("is_public", [True, False])
async def test_a_letter_tells_of_no_private_date_and_of_its_own_edition(
    posting: Posting, app: App, *, is_public: bool
) -> None:
    id_ = await posting.reader("ani@example.org", a_habit())
    if not is_public:
        await end_public(app, id_)
    await a_private_date(app, id_)
    posting.now = NINE
    await app.planner.plan(NINE)
    assert await posting.send() == 1
    found = [(type_, data["targets"], "edition" in data) for type_, data in await told(app)]
    assert found == ([("sent", ["collection:wars"], False)] if is_public else [])


async def test_of_who_only_shares_a_private_date_nobody_is_told(posting: Posting, app: App) -> None:
    ani = await posting.reader("ani@example.org", a_habit())
    date = await a_private_date(app, ani)
    async with app.store.write() as tx:
        owner = await subscribers.by_id(tx, ani)
        assert owner is not None
        await sharing.invite(tx, app.desk, owner, date, "sona@example.org", NOW)
        asked = subscriber_table.c.address_key.startswith("invitation:")
        addressee = (await tx.execute(select(subscriber_table.c.id).where(asked))).scalar_one()
        token = app.desk.tokens.sign(Purpose.INVITATION, addressee, stamp(NINE))
        await sharing.accept(tx, app.desk, token, NOW, Came("invitation"))
    posting.now = NINE
    await app.planner.plan(NINE)
    posting.relay.once("sona@example.org", "550 5.1.1 no such user")
    await posting.send()
    async with app.store.write() as tx:
        sona = await subscribers.by_address(tx, "sona@example.org")
        assert sona is not None
        await managing.leave(tx, sona, NOW)
    assert {data["subscriber"] for _, data in await told(app)} == {ani}
