"""What people ask for by mail, from its address and subject to the letter that they get; on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from service.actions import sweeping
from service.actions.by_mail import Written, obey
from service.actions.subscribing import Desk
from service.domain.heard import Did
from service.domain.letter_box import LetterBox
from service.domain.subscription import Status, Subscriber
from service.mail.tokens import Purpose
from service.store import consents, events, subscribers, subscriptions
from service.store.tables import notices
from tests.builders import a_collection, a_habit
from tests.contract.conftest import NOW, Posting

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
