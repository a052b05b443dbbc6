"""From the bytes of a mail that somebody wrote to what follows, through the letter box; on both databases."""

import re
from email.header import Header

import pytest
from sqlalchemy import select

from service.domain.heard import Did, What
from service.domain.letter_box import For
from service.domain.subscription import Status
from service.mail.tokens import Purpose
from service.store import heard_seen, subscribers
from service.store.inbox import Arrival
from service.store.tables import notices
from tests.builders import a_habit
from tests.contract.conftest import Posting
from tests.contract.letters_back import a_mail, a_report
from tests.databases import on_either
from tests.sizes import sized

pytestmark = on_either

ANI = "ani@example.net"


@pytest.fixture
def letter_box() -> str:
    return "@remember.example"


@pytest.fixture(autouse=True)
async def _record(posting: Posting) -> None:
    await posting.record()


async def arrives(posting: Posting, to: str, content: bytes, sender: str = ANI) -> tuple[What, Did]:
    """Have a mail arrive; gives what it was taken for, and what was done."""
    recipient = to if "@" in to else f"{to}@remember.example"
    await posting.app.mailbox.keep([Arrival("lmtp", sender, recipient, content)])
    await posting.app.mailbox.reader.read_all()
    async with posting.app.store.read() as tx:
        (seen, *_) = await heard_seen.listed(tx, 1)
    return seen.entry.what, seen.entry.did


async def status(posting: Posting, address: str = ANI) -> Status | None:
    async with posting.app.store.read() as tx:
        found = await subscribers.by_address(tx, address)
    return found.status if found else None


async def confirming(posting: Posting) -> str:
    """Give the address to which one answers the confirmation letter, from its bytes."""
    await posting.send()
    (found,) = re.findall(rb"(?m)^Reply-To: (\S+)\r$", posting.relay.received[-1].content)
    return found.decode()


async def test_a_whole_story_by_mail(posting: Posting) -> None:
    asking = a_mail(ANI, Header("подписаться на Wars", "utf-8").encode(), "Content-Language: ru")
    assert await arrives(posting, "subscribe", asking) == (What.PERSON, Did.ASKED)
    assert await status(posting) is Status.PENDING
    asked = Header("Re: Пожалуйста, подтвердите, что хотите получать напоминания", "utf-8").encode(linesep="\r\n")
    answer = a_mail(ANI, asked, body="Да.\r\n> Пожалуйста, подтвердите")
    assert await arrives(posting, await confirming(posting), answer) == (What.PERSON, Did.CONFIRMED)
    assert await status(posting) is Status.ACTIVE
    await posting.send()
    welcome = posting.relay.received[-1].content
    (leaving,) = re.findall(rb"<mailto:(leave\+[^?>]+)\?subject=unsubscribe>", welcome)
    assert await arrives(posting, leaving.decode(), a_mail(ANI, "unsubscribe")) == (What.PERSON, Did.LEFT)
    assert await status(posting) is Status.LEFT
    await posting.send()
    assert [letter.subject for _, letter in posting.letters()][1:] == [
        "Вы будете получать напоминания",
        "Вы отписались",
    ]


ROBOTS = {
    "out of office": a_mail(ANI, "Out of Office: Please confirm", "Auto-Submitted: auto-replied"),
    "exchange": a_mail(ANI, "Automatic reply: Please confirm", "X-Auto-Response-Suppress: All"),
    "vacation": a_mail(ANI, "Re: Please confirm", "X-Vacation: yes"),
    "precedence": a_mail(ANI, "subscribe wars", "Precedence: auto_reply"),
    "challenge": a_mail(ANI, "Please prove that you are human", "X-TMDA-Confirm: yes"),
    "list": a_mail(ANI, "unsubscribe", "List-Id: <other.example.net>"),
    "robot": a_mail("no-reply@example.net", "help"),
    "receipt": a_mail(ANI, "Read: Please confirm", "Content-Type: multipart/report; boundary=x", body="--x--"),
}


@pytest.mark.parametrize("content", ROBOTS.values(), ids=ROBOTS)
async def test_case_124_what_nobody_wrote_confirms_asks_and_is_answered_nothing(
    posting: Posting, content: bytes
) -> None:
    await arrives(posting, "subscribe+wars", a_mail(ANI))
    await posting.reader("reader@example.net", a_habit())
    confirm = await confirming(posting)
    for to in (confirm, "subscribe+wars", "unsubscribe", "manage", "help", "confirm", "leave"):
        what, did = await arrives(posting, to, content)
        assert what in {What.AUTOMATIC, What.LISTED}
        assert did in {Did.NOTHING, Did.NOT_VALID}
    assert await status(posting) is Status.PENDING
    assert await posting.send() == 0


async def test_a_mail_program_that_leaves_by_itself_is_obeyed(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit())
    token = posting.app.desk.tokens.postal(Purpose.LEAVE_BY_MAIL, id_)
    content = a_mail(ANI, "unsubscribe", "Auto-Submitted: auto-generated", "Precedence: bulk")
    assert await arrives(posting, f"leave+{token}", content) == (What.AUTOMATIC, Did.LEFT)
    assert await status(posting) is Status.LEFT


@pytest.mark.parametrize("to", ["return path", "help", "remembrancer"])
async def test_case_125_our_answer_bounced_to_us_again_and_again_is_not_answered_again(
    posting: Posting, to: str
) -> None:
    assert await arrives(posting, "help", a_mail(ANI)) == (What.PERSON, Did.ANSWERED)
    await posting.send()
    async with posting.app.store.read() as tx:
        notice = (await tx.execute(select(notices.c.id))).scalar_one()
    box, tokens = posting.app.desk.letter_box, posting.app.desk.tokens
    assert box is not None
    assert posting.relay.received[0].mail_from == box.address(For.RETURN, tokens.postal(Purpose.RETURN, notice))
    back = posting.relay.received[0].mail_from if to == "return path" else to
    for number in range(sized(1000, 30)):
        await arrives(posting, back, a_report("4.4.7", ANI, words=f"expired {number}"), sender="")
        await arrives(posting, "help", a_mail(ANI, f"Re: What can be done by mail {number}"))
    assert await posting.send() == 0
    assert len(posting.letters()) == 1


async def test_case_126_unsubscribe_by_mail(posting: Posting) -> None:
    id_ = await posting.reader(ANI, a_habit(language="fr"))
    assert await arrives(posting, "unsubscribe", a_mail(ANI)) == (What.PERSON, Did.ANSWERED)
    assert await arrives(posting, "unsubscribe", a_mail("forger@example.net")) == (What.PERSON, Did.ANSWERED)
    await posting.send()
    assert [(to, letter.subject) for to, letter in posting.letters()] == [
        (ANI, "Veuillez confirmer que vous souhaitez vous désabonner"),
        ("forger@example.net", "What can be done by mail"),
    ]
    assert await status(posting) is Status.ACTIVE
    token = posting.app.desk.tokens.postal(Purpose.LEAVE_BY_MAIL, id_)
    wrong = f"leave+{token[:-1]}{'a' if token[-1] != 'a' else 'b'}"
    assert await arrives(posting, wrong, a_mail(ANI)) == (What.PERSON, Did.NOT_VALID)
    assert await arrives(posting, f"LEAVE+{token.upper()}", a_mail("other@example.net")) == (What.PERSON, Did.LEFT)


async def test_case_072_the_headers_of_an_answer_are_ours_whatever_the_mail_says(posting: Posting) -> None:
    hostile = "=?utf-8?q?help=0D=0ABcc=3A_victim=40example=2Ecom?="
    content = a_mail(ANI, hostile, "Bcc: victim@example.com", "X-Injected: yes", "Content-Language: fr\r\n\tX: y")
    await arrives(posting, "help", content)
    await arrives(posting, "subscribe+wars", content, sender="other@example.net")
    await posting.send()
    for received in posting.relay.received:
        head, _, _ = received.content.partition(b"\r\n\r\n")
        assert received.rcpt_tos == (ANI,)
        assert b"victim" not in received.content
        assert not re.search(rb"(?mi)^(bcc|x-injected|x):", head)


async def test_an_answer_goes_to_who_wrote_by_the_mail_itself_and_to_one_address_alone(posting: Posting) -> None:
    assert await arrives(posting, "help", a_mail("a@example.net>, <b@example.net")) == (What.PERSON, Did.ANSWERED)
    await posting.send()
    assert [to for to, _ in posting.letters()] == [ANI]  # of two authors neither is meant: the envelope's sender


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("Yes, please.\r\n\r\n> If it was not you", (Did.CONFIRMED, Status.ACTIVE)),
        ("> Please confirm\r\n> If it was not you", (Did.CONFIRMED, Status.ACTIVE)),
        ("", (Did.CONFIRMED, Status.ACTIVE)),
        ("Hello,\r\n\r\nI did not ask for this.", (Did.NOTHING, Status.PENDING)),
        ("No, thank you", (Did.NOTHING, Status.PENDING)),
        ("Unsubscribe me, please", (Did.LEFT, Status.LEFT)),
    ],
)
async def test_an_answer_that_says_no_is_no_consent(posting: Posting, body: str, wanted: tuple[Did, Status]) -> None:
    await arrives(posting, "subscribe+wars", a_mail(ANI))
    answer = a_mail(ANI, "Re: Please confirm that you wish to be reminded", body=body)
    assert (await arrives(posting, await confirming(posting), answer))[1] is wanted[0]
    assert await status(posting) is wanted[1]
