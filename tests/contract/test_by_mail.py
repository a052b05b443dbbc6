"""What people ask for by mail, from its address and subject to the letter that they get; on both databases."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from service.actions import managing, sweeping
from service.actions.by_mail import Written, obey
from service.actions.subscribing import Desk
from service.domain.heard import Did
from service.domain.letter_box import Addressed, For, LetterBox
from service.domain.subscription import Status, Subscriber
from service.mail.arrived import decoded
from service.mail.tokens import Purpose
from service.store import consents, events, subscribers, subscriptions
from service.store.tables import notices
from service.store.tables import subscribers as subscriber_table
from tests.builders import a_collection, a_habit
from tests.contract.conftest import NOW, Posting
from tests.databases import on_either
from tests.sizes import sized
from tests.unit.rendering.letters import flat

pytestmark = on_either

ANI = "ani@example.net"
BOX = LetterBox.of("", "remembrancer@example.org")


@pytest.fixture(autouse=True)
async def _record(posting: Posting) -> None:
    await posting.record()
    async with posting.app.store.write() as tx:
        await events.save_collection(tx, a_collection(id_="peace"), NOW)


def desk_of(posting: Posting) -> Desk:
    return replace(posting.app.desk, letter_box=BOX)


async def arrives(
    posting: Posting, to: str, subject: str = "", sender: str = ANI, *, languages: str = "", at: datetime | None = None
) -> tuple[Did, str | None]:
    addressed = BOX.read(f"{to}@example.org")
    assert addressed is not None
    async with posting.app.store.write() as tx:
        return await obey(tx, desk_of(posting), Written(sender, addressed, subject, languages), at or posting.now)


async def reader(posting: Posting, address: str = ANI) -> Subscriber | None:
    async with posting.app.store.read() as tx:
        return await subscribers.by_address(tx, address)


async def wishes(posting: Posting, *, confirmed: bool) -> list[str]:
    found = await reader(posting)
    assert found is not None
    async with posting.app.store.read() as tx:
        return sorted(wish.target for wish in await subscriptions.wishes_of(tx, found.id, confirmed=confirmed))


async def notice_of(posting: Posting, kind: str) -> str:
    async with posting.app.store.read() as tx:
        return (await tx.execute(select(notices.c.id).where(notices.c.kind == kind))).scalar_one()


async def confirming(posting: Posting) -> str:
    """Give the address that answers to the confirmation letter go to."""
    token = posting.app.desk.tokens.postal(Purpose.CONFIRM_BY_MAIL, await notice_of(posting, "confirmation"))
    return f"confirm+{token}"


def leaving(posting: Posting, id_: str) -> str:
    return f"leave+{posting.app.desk.tokens.postal(Purpose.LEAVE_BY_MAIL, id_)}"


async def subjects(posting: Posting) -> list[tuple[str, str]]:
    """Send what is there, and give to whom letters went until now, and their subjects."""
    await posting.send()
    return [(to, letter.subject) for to, letter in posting.letters()]


async def test_a_mail_to_a_collections_address_is_answered_with_a_confirmation_and_an_answer_confirms(
    posting: Posting,
) -> None:
    did, id_ = await arrives(posting, "subscribe+wars", "Hello")
    found = await reader(posting)
    assert found is not None
    assert (did, id_, found.status) == (Did.ASKED, found.id, Status.PENDING)
    assert await subjects(posting) == [(ANI, "Please confirm that you wish to be reminded")]
    assert (await wishes(posting, confirmed=True), await wishes(posting, confirmed=False)) == ([], ["collection:wars"])
    again = await arrives(posting, await confirming(posting), "Re: Please confirm that you wish to be reminded")
    assert again == (Did.CONFIRMED, id_)
    assert (await subjects(posting))[1:] == [(ANI, "You will be reminded")]
    assert await wishes(posting, confirmed=True) == ["collection:wars"]


async def test_what_was_done_by_mail_is_proved_as_such(posting: Posting) -> None:
    _, id_ = await arrives(posting, "subscribe+wars")
    await posting.send()
    await arrives(posting, await confirming(posting))
    await arrives(posting, leaving(posting, str(id_)))
    async with posting.app.store.read() as tx:
        done, _ = await consents.of(tx, str(id_))
    assert [(one.act, one.source, one.network) for one in done] == [
        ("asked", "mail", ""),
        ("confirmed", "mail", ""),
        ("left", "mail", ""),
    ]


async def test_a_subject_orders_what_the_address_does_not_say(posting: Posting) -> None:
    assert (await arrives(posting, "remembrancer", "Fwd: подписаться на Wars"))[0] is Did.ASKED
    found = await reader(posting)
    assert found is not None
    assert (found.habit.language, found.habit.zone) == ("ru", "UTC")
    assert await subjects(posting) == [(ANI, "Пожалуйста, подтвердите, что хотите получать напоминания")]


@pytest.mark.parametrize(
    ("subject", "languages", "wanted"),
    [
        ("subscribe", "hy", ("en", "UTC")),
        ("", "hy", ("hy", "Asia/Yerevan")),
        ("", "fr-CH, de;q=0.5", ("fr", "Europe/Zurich")),
        ("", "xx", ("en", "UTC")),
    ],
)
async def test_the_language_is_that_of_the_words_or_what_the_mail_says(
    posting: Posting, subject: str, languages: str, wanted: tuple[str, str]
) -> None:
    await arrives(posting, "subscribe+wars", subject, languages=languages)
    found = await reader(posting)
    assert found is not None
    assert (found.habit.language, found.habit.zone) == wanted


async def test_who_is_known_keeps_their_habits_and_has_the_new_wish_confirmed(posting: Posting) -> None:
    await posting.reader(ANI, a_habit(language="hy", hour="07:00"))
    assert (await arrives(posting, "subscribe+peace", "s'abonner"))[0] is Did.ASKED
    found = await reader(posting)
    assert found is not None
    assert (found.status, found.habit) == (Status.ACTIVE, a_habit(language="hy", hour="07:00"))
    assert await wishes(posting, confirmed=True) == ["collection:wars"]
    await posting.send()
    assert (await arrives(posting, await confirming(posting)))[0] is Did.CONFIRMED
    assert await wishes(posting, confirmed=True) == ["collection:peace", "collection:wars"]
    assert len(await subjects(posting)) == 1


async def test_a_token_to_leave_acts_at_once_whoever_writes_and_is_answered_once(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit())
    for _ in range(3):
        assert await arrives(posting, leaving(posting, id_), "", "somebody@example.net") == (Did.LEFT, id_)
    assert await subjects(posting) == [(ANI, "You have left")]
    found = await reader(posting)
    assert found is not None
    assert found.status is Status.LEFT


async def test_a_wrong_token_does_nothing_and_is_not_answered(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit())
    tokens = posting.app.desk.tokens
    await arrives(posting, "subscribe+peace", sender="other@example.net")
    await posting.send()
    confirmation = await notice_of(posting, "confirmation")
    for to in (
        f"leave+{tokens.postal(Purpose.CONFIRM_BY_MAIL, id_)}",
        f"leave+{tokens.postal(Purpose.RETURN, confirmation)}",
        f"leave+{id_}",
        "leave",
        f"confirm+{tokens.postal(Purpose.LEAVE_BY_MAIL, id_)}",
        f"confirm+{tokens.postal(Purpose.RETURN, confirmation)}",
        f"confirm+{tokens.postal(Purpose.CONFIRM_BY_MAIL, id_)}",
        "confirm",
    ):
        assert await arrives(posting, to, "unsubscribe") == (Did.NOT_VALID, None)
    assert len(await subjects(posting)) == 1


async def test_the_token_of_another_letter_confirms_nothing(posting: Posting) -> None:
    await posting.reader(ANI, a_habit())
    await arrives(posting, "manage")
    await posting.send()
    token = posting.app.desk.tokens.postal(Purpose.CONFIRM_BY_MAIL, await notice_of(posting, "link"))
    assert await arrives(posting, f"confirm+{token}") == (Did.NOT_VALID, None)


async def test_an_answer_that_comes_too_late_confirms_nothing_and_its_owner_is_asked_again(posting: Posting) -> None:
    _, id_ = await arrives(posting, "subscribe+wars")
    await posting.send()
    to = await confirming(posting)
    posting.now = NOW + timedelta(days=8)
    assert await arrives(posting, to) == (Did.NOT_VALID, id_)
    found = await reader(posting)
    assert found is not None
    assert found.status is Status.PENDING
    assert len(await subjects(posting)) == 2


async def test_an_answer_to_the_confirmation_that_says_unsubscribe_is_a_no(posting: Posting) -> None:
    _, id_ = await arrives(posting, "subscribe+wars")
    await posting.send()
    assert await arrives(posting, await confirming(posting), "отписаться") == (Did.LEFT, id_)
    assert await arrives(posting, await confirming(posting), "Re: confirm") == (Did.NOT_VALID, None)
    assert len(await subjects(posting)) == 1


async def test_whom_a_complaint_has_struck_off_is_asked_nothing_by_mail_reader_or_not(posting: Posting) -> None:
    async with posting.app.store.write() as tx:
        await subscribers.suppress(tx, posting.app.desk.tokens.address_hash(ANI), "complaint", NOW)
    assert await arrives(posting, "subscribe+wars") == (Did.NOTHING, None)
    assert await subjects(posting) == []


async def test_case_124_what_answers_with_another_subject_than_an_answer_has_agrees_to_nothing(
    posting: Posting,
) -> None:
    _, id_ = await arrives(posting, "subscribe+wars")
    await posting.send()
    asked = "Please confirm that you wish to be reminded"
    for before in ("Automatic reply: ", "Odpowiedź automatyczna: ", "자동 회신: ", "Read: "):
        assert await arrives(posting, await confirming(posting), f"{before}{asked}") == (Did.NOTHING, id_)
    for subject in ("AUTO: Ani is out of the office", "[Ticket#2026] We have received your request"):
        assert await arrives(posting, await confirming(posting), subject) == (Did.NOTHING, id_)
    found = await reader(posting)
    assert found is not None
    assert found.status is Status.PENDING
    for before in ("RE: [EXTERNAL] Re: ", "\u202bתשובה:\u202c ", "ΑΠ: ", "R: "):
        assert await arrives(posting, await confirming(posting), f"{before}{asked}") == (Did.CONFIRMED, id_)


async def test_the_link_is_sent_to_who_asks_for_it_once_a_day(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit(language="fr"))
    assert await arrives(posting, "manage") == (Did.ANSWERED, id_)
    assert await arrives(posting, "remembrancer", "Gérer mon abonnement") == (Did.UNANSWERED, id_)
    assert [to for to, _ in await subjects(posting)] == [ANI]


async def test_what_people_write_to_the_house_is_left_for_people(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit())
    for subject in ("", "Re: Four years ago today", "How do I unsubscribe?", "My grandfather was there"):
        assert await arrives(posting, "remembrancer", subject) == (Did.NOTHING, id_)
        assert await arrives(posting, "abuse", subject, "stranger@example.net") == (Did.NOTHING, None)
    assert await subjects(posting) == []


@pytest.mark.parametrize(
    "sender",
    ["", "remembrancer@example.org", "subscribe+wars@example.org", "not an address", "a@b\r\nBcc: c@d.example"],
)
async def test_what_cannot_be_answered_or_comes_from_ourselves_is_not(posting: Posting, sender: str) -> None:
    for to in ("subscribe+wars", "unsubscribe", "manage", "help"):
        assert await arrives(posting, to, sender=sender) == (Did.NOTHING, None)
    assert await subjects(posting) == []


async def test_a_flood_of_mail_is_bounded_and_does_not_close_the_page(posting: Posting) -> None:
    desk = replace(desk_of(posting), most_per_hour=10)
    did = []
    for number in range(30):
        written = Written(f"victim{number}@example.net", BOX.read("subscribe+wars@example.org"))
        async with posting.app.store.write() as tx:
            did.append((await obey(tx, desk, written, NOW))[0])
    assert did == [Did.ASKED] * 5 + [Did.UNANSWERED] * 25
    assert len(await subjects(posting)) == 5


async def test_who_came_by_mail_and_never_confirmed_is_forgotten(posting: Posting) -> None:
    await arrives(posting, "subscribe+wars")
    async with posting.app.store.write() as tx:
        await sweeping.forget(tx, NOW + timedelta(days=29))
    assert await reader(posting) is not None
    async with posting.app.store.write() as tx:
        await sweeping.forget(tx, NOW + timedelta(days=31))
    assert await reader(posting) is None


async def test_asking_by_mail_and_on_the_page_share_one_letter_a_day(posting: Posting) -> None:
    for to in ("subscribe+wars", "subscribe+peace", "subscribe+wars+peace", "manage"):
        await arrives(posting, to)
    assert len(await subjects(posting)) == 1
    assert await wishes(posting, confirmed=False) == ["collection:peace", "collection:wars"]


async def test_help_is_sent_to_whoever_asks_and_leaves_no_reader_behind(posting: Posting) -> None:
    assert await arrives(posting, "help", languages="fr") == (Did.ANSWERED, None)
    await posting.send()
    ((to, letter),) = posting.letters()
    assert (to, letter.subject) == (ANI, "Ce qui peut se faire par courriel")
    for address in ("subscribe+wars", "subscribe+peace", "manage", "unsubscribe", "help"):
        assert f"{address}@example.org" in letter.text
        assert f"mailto:{address}@example.org" in (letter.html or "")
    assert "/subscribe" in letter.text
    assert not any(f"/{purpose}/" in letter.text for purpose in ("manage", "leave", "confirm"))
    assert ("Auto-Submitted", "auto-replied") in letter.headers
    assert await reader(posting) is None
    async with posting.app.store.read() as tx:
        assert await subscribers.count(tx) == {}
    async with posting.app.store.write() as tx:
        await sweeping.forget(tx, NOW + timedelta(days=32))
        assert not (await tx.execute(select(subscriber_table.c.id))).all()


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("help", ""),
        ("subscribe+nothing", ""),
        ("subscribe+wars+nothing", ""),
        ("subscribe", "I wish to be reminded"),
        ("remembrancer", "subscribe"),
        ("remembrancer", "subscribe warz"),
        ("remembrancer", "Ayuda"),
        ("remembrancer", "unsubscribe"),  # by who is none of ours: their letters may come to another address
        ("unsubscribe", ""),
        ("manage", ""),
    ],
)
async def test_what_is_clearly_to_us_and_cannot_be_done_is_answered_with_help(
    posting: Posting, to: str, subject: str
) -> None:
    assert await arrives(posting, to, subject) == (Did.ANSWERED, None)
    async with posting.app.store.read() as tx:
        assert list((await tx.execute(select(notices.c.kind))).scalars()) == ["help"]


async def test_help_comes_once_a_day_and_three_times_a_month_whoever_asks(posting: Posting) -> None:
    did = []
    for number in range(40):
        posting.now = NOW + timedelta(hours=7 * number)
        sender = ["ani@example.net", "Ani+x@EXAMPLE.net"][number % 2]
        did.append((await arrives(posting, "help", sender=sender))[0])
    assert did.count(Did.ANSWERED) == 3
    assert did[:5] == [Did.ANSWERED, *[Did.UNANSWERED] * 3, Did.ANSWERED]


async def test_a_flood_for_help_is_bounded_and_holds_up_no_reader(posting: Posting) -> None:
    desk = replace(desk_of(posting), most_per_hour=4)
    await posting.reader(ANI, a_habit())
    did = []
    for sender in (*(f"victim{number}@example.net" for number in range(9)), ANI):
        async with posting.app.store.write() as tx:
            did.append((await obey(tx, desk, Written(sender, Addressed(For.HELP)), NOW))[0])
    assert did == [Did.ANSWERED] * 2 + [Did.UNANSWERED] * 7 + [Did.ANSWERED]


@pytest.mark.parametrize("to", ["help", "manage", "unsubscribe", "subscribe+nothing"])
async def test_nothing_goes_to_who_is_suppressed_or_erased(posting: Posting, to: str) -> None:
    await posting.reader("complained@example.net", a_habit(), Status.SUPPRESSED)
    await posting.reader("gone@example.net", a_habit())
    async with posting.app.store.write() as tx:
        await managing.erase(tx, posting.app.desk, "gone@example.net", NOW)
    for sender in ("complained@example.net", "gone@example.net"):
        assert (await arrives(posting, to, sender=sender))[0] is Did.NOTHING
    assert await posting.send() == 0


async def test_an_erasure_takes_the_help_that_somebody_was_sent_with_it(posting: Posting) -> None:
    await arrives(posting, "help")
    async with posting.app.store.write() as tx:
        assert await managing.erase(tx, posting.app.desk, ANI, NOW) == [ANI]
    assert await posting.send() == 0


async def test_who_has_left_may_ask_for_help_and_to_come_back(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit(), Status.LEFT)
    assert await arrives(posting, "unsubscribe") == (Did.ANSWERED, id_)
    assert await arrives(posting, "subscribe+wars") == (Did.ASKED, id_)
    assert [subject for _, subject in await subjects(posting)] == [
        "What can be done by mail",
        "Please confirm that you wish to be reminded",
    ]


async def test_case_126_a_token_leaves_at_once_and_without_one_the_link_is_mailed(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit())
    for to, subject in (("unsubscribe", ""), ("remembrancer", "Désabonnement"), ("unsubscribe+wars", "x")):
        assert (await arrives(posting, to, subject))[1] == id_
        found = await reader(posting)
        assert found is not None
        assert found.status is Status.ACTIVE
    assert await subjects(posting) == [(ANI, "Please confirm that you wish to leave")]
    ((_, letter),) = posting.letters()
    (link,) = [word for word in letter.text.split() if "/leave/" in word]
    parts = posting.app.desk.tokens.read(Purpose.LEAVE, link.rpartition("/")[2])
    assert parts is not None
    assert parts[0] == id_
    assert await arrives(posting, leaving(posting, id_)) == (Did.LEFT, id_)
    assert (await subjects(posting))[1:] == [(ANI, "You have left")]


async def test_to_ask_to_leave_before_confirming_is_answered_with_the_link(posting: Posting) -> None:
    await arrives(posting, "subscribe+wars")
    assert (await arrives(posting, "unsubscribe"))[0] is Did.ANSWERED
    assert len(await subjects(posting)) == 2


@pytest.mark.parametrize("to", ["help", "unsubscribe", "manage", "subscribe+wars", "subscribe+nothing"])
async def test_case_125_a_loop_ends_after_one_answer(posting: Posting, to: str) -> None:
    """Whatever sends our answers back to us, a thousand times within a day: one letter goes."""
    await posting.reader("reader@example.net", a_habit())
    for sender in (ANI, "reader@example.net"):
        for number in range(sized(1000, 100) if to == "help" else 30):
            await arrives(posting, to, "Re: What can be done by mail", sender, at=NOW + timedelta(seconds=80 * number))
    assert sorted(to for to, _ in await subjects(posting)) == sorted([ANI, "reader@example.net"])
    assert all(("Auto-Submitted", "auto-replied") in letter.headers for _, letter in posting.letters())


HOSTILE = {
    "encoded": "=?utf-8?q?A=0D=0ABcc=3A_victim=40example=2Ecom?=",
    "two lines": "subscribe wars\r\nBcc: victim@example.com",
    "a line feed": "help\nX-Injected: yes",
    "a line separator": "unsubscribe\u2028Bcc: victim@example.com",
    "a link": "Viagra https://evil.example/",
    "a script": "subscribe <script>alert(1)</script>",
}


@pytest.mark.parametrize("subject", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("to", ["help", "unsubscribe", "manage", "subscribe+wars", "remembrancer"])
async def test_case_072_nothing_of_an_inbound_subject_is_in_a_letter_of_ours(
    posting: Posting, to: str, subject: str
) -> None:
    await posting.reader("reader@example.net", a_habit())
    for sender in (ANI, "reader@example.net"):
        await arrives(posting, to, decoded(subject), sender)
    await posting.send()
    for received in posting.relay.received:
        assert received.rcpt_tos in ((ANI,), ("reader@example.net",))
        head = received.content.partition(b"\r\n\r\n")[0]
        names = re.findall(rb"(?m)^([A-Za-z-]+):", head)
        assert len(names) == len(set(names))
        assert {b"bcc", b"x-injected"}.isdisjoint(name.lower() for name in names)
        for part in (b"victim", b"Viagra", b"evil", b"alert", b"=0D"):
            assert part not in received.content


async def test_case_101_a_forged_sender_gets_one_confirmation_that_holds_nothing_of_whoever_forged_it(
    posting: Posting,
) -> None:
    for number, subject in enumerate(HOSTILE.values()):
        posting.now = NOW + timedelta(minutes=number)
        for to in ("subscribe+wars", "subscribe+wars+peace", "remembrancer"):
            await arrives(posting, to, subject)
    await arrives(posting, "subscribe+wars", "", "plain@example.net")
    await posting.send()
    letters = {to: letter for to, letter in posting.letters() if "confirm" in letter.subject}
    assert set(letters) == {ANI, "plain@example.net"}
    told = [re.sub(r"/confirm/\S+", "", letters[to].text) for to in (ANI, "plain@example.net")]
    assert told[0] == told[1]
    assert [to for to, _ in posting.letters()].count(ANI) <= 2  # help once, too: the other orders name nothing known


async def test_a_confirmation_says_that_it_may_be_answered(posting: Posting) -> None:
    _, id_ = await arrives(posting, "subscribe+wars")
    await posting.send()
    assert "You may also simply answer this letter" in flat(posting.letters()[0][1].text)
    await arrives(posting, await confirming(posting))
    async with posting.app.store.read() as tx:
        done, worded = await consents.of(tx, str(id_))
    assert "You may also simply answer this letter" in worded[done[1].wording].words


async def test_a_house_without_a_letter_box_answers_no_mail(posting: Posting) -> None:
    async with posting.app.store.write() as tx:
        for to in (For.HELP, For.MANAGE, For.UNSUBSCRIBE, For.SUBSCRIBE):
            did = await obey(tx, posting.app.desk, Written(ANI, Addressed(to, "wars")), NOW)
            assert did == (Did.NOTHING, None)
