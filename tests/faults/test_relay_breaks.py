"""The dialogue breaks, lies or is left in the middle (`faults.md`, B.1, cases 15 to 21, 25, 26 and 29)."""

import asyncio
from collections.abc import Callable
from email import policy
from email.parser import BytesParser

import pytest

from service.delivery.relay import Patience
from service.store.tables import editions
from tests.databases import on_either
from tests.faults.post import Post, time_has_passed, turn_the_loop
from tests.faults.script import Rule, Stage
from tests.faults.wire import Wire
from tests.smtp_server import SmtpServer

pytestmark = on_either

Relay = Callable[..., Wire]
TURNED_SECONDS = 100_000.0
ENDLESS = b"250-" + b"x" * 10_000_000
GARBAGE = [b"\xff\xfe what?\r\n", b"999 \r\n", ENDLESS]
GARBAGE_NAMES = ["no reply", "no such code", "10 MB"]


def copies(wire: Wire) -> list[int]:
    """Give how many copies were kept of each letter, and see to it that those of one letter are the same."""
    kept = wire.journal.read()
    for one in kept:
        assert len({copy.sha256 for copy in kept if copy.message_id == one.message_id}) == 1
    by_reader = [copy.recipients for copy in kept]
    assert len({copy.message_id for copy in kept}) == len(set(by_reader)), "one identity for each letter"
    return sorted(by_reader.count(reader) for reader in set(by_reader))


def dialogue(wire: Wire, connection: int) -> list[str]:
    """Give the verbs that came on a connection."""
    return [line.partition(" ")[0] for number, line in wire.commands if number == connection]


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA, Stage.CONTENT])
async def test_case_015_a_connection_dropped_before_the_dot_costs_an_attempt_and_doubles_nothing(
    post: Post, relay: Relay, stage: Stage
) -> None:
    """Dropped after RCPT: retry at once on a new connection, attempt + 1, no duplicate."""
    async with relay(Rule(stage, drop=True, times=1)) as wire:
        await post.opens(wire.url)
        await post.fill(3)
        tally = await post.drain()
    rows = await post.rows()
    doubts = 1 if stage is Stage.CONTENT else 0  # the dot was on its way: nobody can know
    assert (tally.accepted, tally.deferred, copies(wire), wire.connections) == (3, 1, [1, 1, 1], 2)
    assert sorted((row.state, row.attempts, row.doubts) for row in rows) == [
        ("accepted", 1, 0),
        ("accepted", 1, 0),
        ("accepted", 2, doubts),
    ]
    assert await post.tried() == [("in doubt" if doubts else "deferred", 0)]


async def test_case_016_a_letter_accepted_and_never_answered_comes_once_more_and_is_the_same(
    post: Post, relay: Relay
) -> None:
    """Dropped after the dot, accepted: in doubt, one resend with the same id; 2 copies, 1 doubt."""
    async with relay(Rule(Stage.DOT, drop=True, keep=True, times=1)) as wire:
        await post.opens(wire.url)
        await post.fill(3)
        await post.drain()
    rows = await post.rows()
    assert sorted((row.state, row.attempts, row.doubts) for row in rows) == [
        ("accepted", 1, 0),
        ("accepted", 1, 0),
        ("accepted", 2, 1),
    ]
    assert (await post.tried(), copies(wire), wire.connections) == ([("in doubt", 0)], [1, 1, 2], 2)


async def test_case_016_a_letter_in_doubt_twice_is_held_for_a_person(post: Post, relay: Relay) -> None:
    """One resend, not one for each time."""
    async with relay(Rule(Stage.DOT, drop=True, keep=True)) as wire:
        await post.opens(wire.url)
        await post.fill(1)
        await post.drain()
        post.turn(hours=5)
        await post.drain()
    row = await post.row()
    assert (row.state, row.reason, row.doubts, copies(wire)) == ("held", "in doubt again", 2, [2])


async def test_case_016_where_the_collection_would_rather_have_none_than_two_it_is_held(
    post: Post, relay: Relay
) -> None:
    """Of an edition that holds what is in doubt, there is no resend."""
    async with relay(Rule(Stage.DOT, drop=True, keep=True, times=1)) as wire:
        await post.opens(wire.url)
        await post.fill(1)
        await post.change(editions, (await post.edition()).id, in_doubt="hold")
        await post.drain()
    row = await post.row()
    assert (row.state, row.reason, row.doubts, copies(wire)) == ("held", "in doubt", 1, [1])


async def test_case_017_a_letter_neither_accepted_nor_answered_comes_once(post: Post, relay: Relay) -> None:
    """Dropped after the dot, not accepted: one resend, exactly one copy."""
    async with relay(Rule(Stage.DOT, drop=True, times=1)) as wire:
        await post.opens(wire.url)
        await post.fill(3)
        await post.drain()
    assert await post.states() == {"accepted": 3}
    assert (await post.tried(), copies(wire), wire.times(Stage.DOT)) == ([("in doubt", 0)], [1, 1, 1], 4)


@pytest.mark.parametrize(("minutes", "found"), [(9, [1]), (11, [2])])
async def test_case_018_the_answer_to_the_dot_is_waited_for_ten_minutes(
    post: Post, relay: Relay, minutes: int, found: list[int]
) -> None:
    """Reply after 9 min: waited for, 1 copy. After 11 min: as case 16."""
    slow = asyncio.Event()
    async with relay(Rule(Stage.DOT, until=slow, keep=True, times=1)) as wire:
        await post.opens(wire.url)
        await post.fill(1)
        draining = asyncio.create_task(post.drain(TURNED_SECONDS))
        await wire.reached(Stage.DOT)
        if minutes < 10:
            await time_has_passed(minutes * 60 - 1, turned=minutes * 60)
            assert not draining.done()
            slow.set()
        else:
            turn_the_loop(minutes * 60)
        await draining
    row = await post.row()
    doubts = found[0] - 1
    assert (row.state, row.attempts, row.doubts, copies(wire)) == ("accepted", found[0], doubts, found)
    assert wire.connections == found[0]
    assert (Patience().connect, Patience().dot) == (30, 600)


@pytest.mark.parametrize("garbage", GARBAGE, ids=GARBAGE_NAMES)
@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
async def test_case_019_a_connection_on_which_garbage_came_is_never_used_again(
    post: Post, relay: Relay, stage: Stage, garbage: bytes
) -> None:
    """Garbage, or 10 MB of it: connection closed; in doubt if after the dot, else tried again."""
    async with relay(Rule(stage, garbage=garbage, times=1)) as wire:
        await post.opens(wire.url)
        await post.fill(1)
        await post.drain()
        post.turn(minutes=10)
        await post.drain()
    row, doubts = await post.row(), int(stage is Stage.DOT)
    assert (row.state, row.attempts, row.doubts) == ("accepted", 1 if stage is Stage.MAIL else 2, doubts)
    tried = "unreached" if stage is Stage.MAIL else "in doubt" if doubts else "deferred"
    assert [result for result, _ in await post.tried()] == [tried]
    assert copies(wire) == [2 if stage is Stage.DOT else 1]
    assert wire.connections == 2
    asked = {Stage.MAIL: 1, Stage.RCPT: 2, Stage.DATA: 3, Stage.DOT: 3}[stage]
    assert dialogue(wire, 1)[1:][:asked] == ["MAIL", "RCPT", "DATA"][:asked]
    assert dialogue(wire, 1).count("MAIL") == 1
    assert not {"RSET", "QUIT"} & set(dialogue(wire, 1))


@pytest.mark.parametrize("stray", ["250 2.0.0 more", "550 5.1.1 nobody", "354 go on", "421 4.3.2 bye"])
async def test_case_020_no_letter_takes_an_answer_too_many_for_its_own(post: Post, relay: Relay, stray: str) -> None:
    """After a letter's answer comes another, unasked: every letter is recorded with what was said of itself."""
    async with relay(Rule(Stage.DOT, f"250 2.0.0 kept\r\n{stray}", skip=1, times=1)) as wire:
        app = await post.opens(wire.url)
        rows = await post.fill(5)
        refused = rows[3].address
        wire.script.add(Rule(Stage.RCPT, "550 5.1.1 not this one", recipient=refused))
        await post.drain()
        post.turn(minutes=10)
        await post.drain()
    states = {row.address: (row.state, row.words) for row in await post.rows()}
    assert states.pop(refused) == ("failed", "5.1.1 not this one")
    assert {state for state, _ in states.values()} == {"accepted"}
    assert (copies(wire), await post.suppressed()) == ([1, 1, 1, 1], ["no such mailbox"])
    assert (wire.connections, app.sender.circuit.failures) == (2, 0)


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.CONTENT, Stage.DOT])
async def test_case_021_a_sending_that_is_cancelled_takes_its_connection_with_it(
    post: Post, relay: Relay, stage: Stage
) -> None:
    """Cancelled in DATA: the connection is dropped, not kept; the next letter has its own.

    In doubt is only a letter of whose content something has left.
    """
    held = asyncio.Event()
    async with relay(Rule(stage, until=held, times=1)) as wire:
        await post.opens(wire.url)
        await post.fill(2)
        sending = asyncio.create_task(post.app.sender.drain())
        await wire.reached(stage)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        rows = await post.rows()
        doubts = int(stage in {Stage.CONTENT, Stage.DOT})
        assert sorted((row.state, row.doubts, row.owner) for row in rows) == [
            ("ready", 0, None),
            ("ready", doubts, None),
        ]
        held.set()
        await post.drain()
    assert not {"RSET", "QUIT"} & set(dialogue(wire, 1))
    assert dialogue(wire, 1).count("DATA") <= 2, "its own, and one that was announced and has no content"
    assert await post.states() == {"accepted": 2}
    assert {kept.connection for kept in wire.journal.read()[-2:]} == {2}
    assert len(copies(wire)) == 2


async def test_case_025_without_8bitmime_the_bytes_are_the_same(post: Post, relay: Relay) -> None:
    """The body is 7-bit in any case: a letter in doubt comes again, with the same bytes, where there is none."""
    held = asyncio.Event()
    async with relay(Rule(Stage.DOT, until=held, drop=True, keep=True, times=1)) as wire:
        await post.opens(wire.url)
        await post.fill(1)
        sending = asyncio.create_task(post.drain())
        await wire.reached(Stage.DOT)
        wire.extensions = ("ENHANCEDSTATUSCODES",)
        held.set()
        await sending
    first, second = wire.contents
    assert first == second
    assert first.isascii()
    assert max(map(len, first.split(b"\r\n"))) <= 998
    assert not [line for _, line in wire.commands if line.startswith("MAIL") and "BODY" in line]
    assert copies(wire) == [2]


SMUGGLED = "MAIL FROM:<a@example.net>{0}RCPT TO:<b@example.net>{0}DATA{0}second{0}.{0}"
ENDS = ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r\n", "\r\n.\r", "\r.\n", "\n\n.\r\r\n"]


async def smuggling(post: Post) -> str:
    """Fill one letter whose words try to be two."""
    text = "".join(f".first{end}{SMUGGLED.format(end.replace('.', '') or chr(10))}" for end in ENDS) + "\n.\n..\n"
    await post.fill(1)
    await post.change(editions, (await post.edition()).id, subject="One", text=text, html=f"<pre>{text}</pre>")
    return text


async def test_case_026_a_letter_that_tries_to_be_two_is_one(post: Post, relay: Relay) -> None:
    """`.` lines, bare CR and LF, LF.LF: on the wire only CRLF and doubled dots, one letter at the server."""
    async with relay() as wire:
        await post.opens(wire.url)
        text = await smuggling(post)
        await post.drain()
    (content,) = wire.contents
    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r")
    assert dialogue(wire, 1) == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]
    body = BytesParser(policy=policy.SMTP).parsebytes(content).get_body(("plain",))
    assert body is not None
    assert body.get_content().split() == text.split()
    assert (await post.row()).state == "accepted"


async def test_case_026_another_server_reads_one_letter_too(post: Post, *, pipelining: bool) -> None:
    """Somebody else's reading of the standard, aiosmtpd's."""
    async with SmtpServer(pipelining=pipelining) as server:
        await post.opens(server.url())
        await smuggling(post)
        await post.drain()
    assert [letter.rcpt_tos for letter in server.received] == [((await post.row()).address,)]


async def test_case_029_there_is_one_recipient_in_a_transaction(post: Post, relay: Relay) -> None:
    """One RCPT for each letter, whatever happens before: partial acceptance cannot occur."""
    rules = [
        Rule(Stage.RCPT, "450 4.2.0 later", times=3),
        Rule(Stage.DOT, "451 4.3.0 later", skip=5, times=2),
        Rule(Stage.DOT, drop=True, keep=True, skip=10, times=2),
    ]
    async with relay(*rules) as wire:
        await post.opens(wire.url, connections=3)
        await post.fill(60)
        for _ in range(3):
            await post.drain()
            post.turn(minutes=20)
    assert await post.states() == {"accepted": 60}
    assert {len(kept.recipients) for kept in wire.journal.read()} == {1}
    for connection in range(1, wire.connections + 1):
        verbs = dialogue(wire, connection)
        begun = [place for place, verb in enumerate(verbs) if verb == "MAIL"]
        for begin, end in zip(begun, [*begun[1:], len(verbs)], strict=True):
            assert verbs[begin:end].count("RCPT") <= 1
