"""What came back, as the editors' room shows it: in words, with what was done, to be undone by whom it concerns."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from service.domain.editor import Role
from service.domain.heard import By, Did, Heard, What
from service.domain.notice import Kind
from service.domain.subscription import Status
from service.store import audit, consequences, heard_seen, inbox, notices, subscribers
from service.store.audit import Asked
from tests.heard import BOUNCE, COMPLAINT, Returned
from tests.unit.web.client import Answer
from tests.unit.web.editors import seated
from tests.unit.web.given import NOW, Grounds


@dataclass
class Desk:
    """A reader who got a letter, and what is heard of it."""

    grounds: Grounds
    reader: str
    notice: str
    count: int = 0

    @property
    def back(self) -> Returned:
        return Returned(self.grounds.store, NOW, self.notice, self.reader, tokens=self.grounds.tokens, count=self.count)

    async def hears(self, told: Heard, did: Did, reason: str = "") -> str:
        self.count += 1
        return await self.back.hears(told, did, reason)

    async def get(self, role: Role, path: str = "", language: str = "en") -> Answer:
        seat = await seated(self.grounds.store, role, address=f"{role.code}{self._number()}@example.org")
        return await self.grounds.client().get(f"/admin/heard{path}", **seat, **{"accept-language": language})

    async def post(self, role: Role, path: str, **fields: str) -> Answer:
        seat = await seated(self.grounds.store, role, address=f"{role.code}{self._number()}@example.org")
        return await self.grounds.client().post(f"/admin/heard{path}", list(fields.items()), **seat)

    async def is_suppressed(self) -> bool:
        async with self.grounds.store.read() as tx:
            return bool(await subscribers.suppressed(tx, [self.grounds.tokens.address_hash("ani@example.org")]))

    async def acts(self) -> list[tuple[str, str]]:
        async with self.grounds.store.read() as tx:
            return [(one.action, one.subject) for one in await audit.entries(tx, Asked(), 50)]

    def _number(self) -> int:
        self.count += 1
        return self.count


@pytest.fixture
async def desk(grounds: Grounds) -> Desk:
    reader = await grounds.reader()
    edition = await grounds.edition("<p>It began.</p>")
    letter = notices.Single(reader, Kind.NOTICE, NOW.date(), edition, NOW, NOW + timedelta(days=1), dated_at=NOW)
    async with grounds.store.write() as tx:
        await notices.add_single(tx, letter)
    return Desk(grounds, reader, letter.id)


async def test_the_list_says_in_words_what_came_back_and_what_was_done(desk: Desk) -> None:
    entry = await desk.hears(BOUNCE, Did.SUPPRESSED, "no such mailbox")
    page = await desk.get(Role.VIEWER)
    assert page.status == 200
    for words in ("A letter came back", "the address was struck off", "there is no such mailbox", "notices"):
        assert words in page.text, words
    assert f"/admin/heard/{entry}" in page.text
    assert "In thirty days, 1 letter came back and nobody complained." in page.text


async def test_addresses_are_hidden_from_all_but_owners_and_in_the_servers_words_from_them_too(desk: Desk) -> None:
    entry = await desk.hears(BOUNCE, Did.COUNTED)
    for path in ("", f"/{entry}"):
        assert "ani@example.org" not in (await desk.get(Role.APPROVER, path)).text
        owners = (await desk.get(Role.OWNER, path)).text
        assert "ani@example.org" in owners
        assert "…@example.org&gt; no such user" in owners


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ("", {"A letter came back", "A complaint", "An answer that nobody wrote", "Mail from somebody"}),
        ("bounces", {"A letter came back"}),
        ("complaints", {"A complaint"}),
        ("automatic", {"An answer that nobody wrote"}),
        ("people", {"Mail from somebody"}),
        ("aside", set()),
        ("anything else", {"A letter came back", "A complaint", "An answer that nobody wrote", "Mail from somebody"}),
    ],
)
async def test_each_view_shows_its_own(desk: Desk, view: str, shown: set[str]) -> None:
    for told in (BOUNCE, COMPLAINT, Heard(What.AUTOMATIC, By.HEADERS), Heard(What.PERSON, By.HEADERS)):
        await desk.hears(told, Did.NOTHING)
    page = await desk.get(Role.VIEWER, f"?view={view}")
    words = {"A letter came back", "A complaint", "An answer that nobody wrote", "Mail from somebody"}
    assert {one for one in words if f">{one}</a>" in page.text} == shown


async def test_older_entries_are_on_the_next_page(desk: Desk) -> None:
    first = await desk.hears(BOUNCE, Did.NOTHING)
    later = [await desk.hears(COMPLAINT, Did.NOTHING) for _ in range(50)]
    page = await desk.get(Role.VIEWER)
    assert f"/admin/heard/{first}" not in page.text
    assert f"before={later[0]}" in page.text
    assert f"/admin/heard/{first}" in (await desk.get(Role.VIEWER, f"?before={later[0]}")).text


async def test_an_approver_undoes_a_bounce_with_a_reason_and_the_reader_stands_as_before(desk: Desk) -> None:
    entry = await desk.hears(BOUNCE, Did.SUPPRESSED, "no such mailbox")
    assert (await desk.grounds.status(desk.reader), await desk.is_suppressed()) == (Status.SUPPRESSED, True)
    assert "Write to this reader again" in (await desk.get(Role.APPROVER, f"/{entry}")).text
    answer = await desk.post(Role.APPROVER, f"/{entry}", why="Their server was misconfigured; they wrote to us.")
    assert (answer.status, answer.headers["location"]) == (303, "/admin/heard?done=undone")
    assert (await desk.grounds.status(desk.reader), await desk.is_suppressed()) == (Status.ACTIVE, False)
    assert ("lifted the suppression of", f"subscriber {desk.reader}") in await desk.acts()
    page = await desk.get(Role.APPROVER, f"/{entry}")
    assert "Undone on 20 September 2024" in page.text
    assert "Write to this reader again" not in page.text
    assert (await desk.post(Role.APPROVER, f"/{entry}", why="Twice.")).status == 404


async def test_somebody_who_had_left_or_never_confirmed_is_not_made_a_reader_by_undoing(grounds: Grounds) -> None:
    for number, status in enumerate((Status.LEFT, Status.PENDING)):
        address = f"reader{number}@example.org"
        id_ = await grounds.reader(address, Status.PENDING if status is Status.PENDING else Status.ACTIVE)
        async with grounds.store.write() as tx:
            if status is Status.LEFT:
                await subscribers.set_status(tx, id_, Status.LEFT, NOW)
            await tx.run_sync(consequences.suppress, id_, address, grounds.tokens.address_hash(address), "x", NOW)
            assert await subscribers.take_back(tx, id_) is status
            assert await subscribers.take_back(tx, id_) is None


async def test_undoing_wants_a_reason_and_keeps_what_was_typed(desk: Desk) -> None:
    entry = await desk.hears(COMPLAINT, Did.SUPPRESSED, "complaint")
    for why in ("", " \n ", "a" * 501):
        assert (await desk.post(Role.APPROVER, f"/{entry}", why=why, sure="1")).status == 422
    page = await desk.post(Role.APPROVER, f"/{entry}", why="They asked us to.")
    assert page.status == 422
    assert "Please say that you are sure" in page.text
    assert 'value="They asked us to."' in page.text
    assert await desk.grounds.status(desk.reader) is Status.SUPPRESSED


async def test_a_complaint_is_undone_only_after_its_warning(desk: Desk) -> None:
    entry = await desk.hears(COMPLAINT, Did.SUPPRESSED, "complaint")
    assert "harms them, and every other reader" in (await desk.get(Role.APPROVER, f"/{entry}")).text
    answer = await desk.post(Role.APPROVER, f"/{entry}", why="They asked us to.", sure="1")
    assert answer.status == 303
    assert await desk.grounds.status(desk.reader) is Status.ACTIVE


async def test_a_bounce_of_one_who_complained_as_well_is_not_undone_without_that_warning(desk: Desk) -> None:
    entry = await desk.hears(BOUNCE, Did.SUPPRESSED, "no such mailbox")
    await desk.hears(COMPLAINT, Did.SUPPRESSED, "complaint")
    assert "harms them, and every other reader" in (await desk.get(Role.APPROVER, f"/{entry}")).text
    assert (await desk.post(Role.APPROVER, f"/{entry}", why="Moved house.")).status == 422
    assert await desk.is_suppressed()


async def test_what_suppressed_an_address_for_another_cause_stays(desk: Desk) -> None:
    hashed = desk.grounds.tokens.address_hash("ani@example.org")
    async with desk.grounds.store.write() as tx:
        await subscribers.suppress(tx, hashed, "asked us not to", NOW)
    entry = await desk.hears(BOUNCE, Did.SUPPRESSED, "no such mailbox")
    page = await desk.post(Role.APPROVER, f"/{entry}", why="Moved house.")
    assert (page.status, "for another cause as well" in page.text) == (422, True)
    assert await desk.is_suppressed()


async def test_who_may_not_undo_sees_no_button_and_is_refused(desk: Desk) -> None:
    entry = await desk.hears(BOUNCE, Did.SUPPRESSED, "no such mailbox")
    assert "Write to this reader again" not in (await desk.get(Role.EDITOR, f"/{entry}")).text
    assert (await desk.post(Role.EDITOR, f"/{entry}", why="I may not.")).status == 403
    assert await desk.is_suppressed()


async def test_what_did_nothing_to_a_reader_cannot_be_undone(desk: Desk) -> None:
    entry = await desk.hears(BOUNCE, Did.COUNTED)
    assert (await desk.post(Role.APPROVER, f"/{entry}", why="Why not.")).status == 404
    assert (await desk.post(Role.APPROVER, "/nothing", why="Why not.")).status == 404
    assert (await desk.get(Role.VIEWER, "/nothing")).status == 404


async def test_an_owner_reads_a_mail_as_it_arrived_as_plain_text_and_that_is_kept(desk: Desk) -> None:
    entry = await desk.hears(BOUNCE, Did.COUNTED)
    async with desk.grounds.store.read() as tx:
        seen = await heard_seen.by_id(tx, entry)
    assert seen is not None
    mail = await desk.get(Role.OWNER, f"/mails/{seen.entry.mail}")
    assert mail.headers["content-type"] == "text/plain; charset=utf-8"
    assert mail.text == "Subject: <b>back</b> 2\r\n\r\nխոսք"
    assert ("read the mail", f"mail {seen.entry.mail}") in await desk.acts()
    assert (await desk.get(Role.APPROVER, f"/mails/{seen.entry.mail}")).status == 403
    assert (await desk.get(Role.OWNER, "/mails/nothing")).status == 404
    assert f"/mails/{seen.entry.mail}" not in (await desk.get(Role.APPROVER, f"/{entry}")).text


async def test_a_mail_that_was_set_aside_is_shown_and_read_again(desk: Desk) -> None:
    mail = await desk.back.sets_aside()
    page = await desk.get(Role.APPROVER, "?view=aside")
    assert "A mail that could not be read" in page.text
    assert "ValueError" in page.text
    assert "1 mail was set aside unread." in page.text
    assert (await desk.post(Role.EDITOR, f"/mails/{mail}/again")).status == 403
    answer = await desk.post(Role.APPROVER, f"/mails/{mail}/again")
    assert answer.headers["location"] == "/admin/heard?view=aside&done=again"
    async with desk.grounds.store.read() as tx:
        assert await inbox.count(tx) == (1, 0)
    assert (await desk.post(Role.APPROVER, "/mails/nothing/again")).status == 404


@pytest.mark.parametrize("language", ["hy", "ru", "fr", "es", "he", "ar"])
async def test_it_speaks_every_language_of_the_room(grounds: Grounds, desk: Desk, language: str) -> None:
    await desk.hears(BOUNCE, Did.SUPPRESSED, "no such mailbox")
    page = await desk.get(Role.VIEWER, f"?lang={language}")
    assert page.status == 200
    assert "struck off" not in page.text
    assert "came back" not in page.text.lower()


async def test_the_front_page_says_how_much_came_back(desk: Desk) -> None:
    await desk.hears(BOUNCE, Did.COUNTED)
    await desk.hears(COMPLAINT, Did.SUPPRESSED, "complaint")
    seat = await seated(desk.grounds.store, Role.VIEWER)
    page = await desk.grounds.client().get("/admin", **seat)
    assert "In thirty days, 1 letter came back and 1 reader complained." in page.text
    assert 'href="/admin/heard"' in page.text
