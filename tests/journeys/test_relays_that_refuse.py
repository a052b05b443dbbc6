"""What a relay says decides what becomes of a letter: later, never, or when the relay is back."""

from typing import Any

from tests.databases import on_either
from tests.journeys.program import ANNA, Program
from tests.smtp_server import Drop, SmtpServer, Stage

pytestmark = on_either

BORIS = ANNA | {"email": "boris@example.org"}
CLARA = ANNA | {"email": "clara@example.org"}


class Listener(SmtpServer):
    """A relay that remembers the content of every letter, also of those that it then refuses."""

    heard: list[bytes]

    async def note(self, stage: Stage, recipient: str = "") -> Any:
        """Keep what has come in when the final dot is there."""
        if stage is Stage.DOT:
            own = [session.envelope.original_content for session in self._sessions if session.envelope]
            self.heard = [*getattr(self, "heard", []), *(content for content in own if content)]
        return await super().note(stage, recipient)


def recipients(relay: SmtpServer) -> list[str]:
    return sorted(letter.rcpt_tos[0] for letter in relay.received)


async def test_a_letter_told_to_come_later_comes_later_with_the_same_bytes(program: Program):
    async with Listener() as relay:
        posting = program.with_(SMTP_URL=relay.url())
        await posting.does("import")
        await posting.readers(ANNA)
        relay.once(Stage.DOT, "451 4.7.1 greylisted, come again")
        first = await posting.tick("2026-09-27T05:00:00Z")
        too_soon = await posting.tick("2026-09-27T05:02:00Z")
        later = await posting.tick("2026-09-27T05:30:00Z")
        after = await posting.tick("2026-09-27T09:00:00Z")
    assert [(one["sent"], one["deferred"]) for one in (first, too_soon, later, after)] == [
        (0, 1),
        (0, 0),
        (1, 0),
        (0, 0),
    ]
    assert len(relay.received) == 1
    refused, taken = relay.heard
    assert refused == taken == relay.received[0].content
    assert b"Date: Sun, 27 Sep 2026 05:00:00 +0000\r\n" in taken


async def test_a_letter_whose_answer_was_lost_comes_again_with_the_same_bytes(posting: Program, relay: SmtpServer):
    await posting.readers(ANNA)
    relay.once(Stage.DOT, Drop.AFTER)
    for now in ("2026-09-27T05:00:00Z", "2026-09-27T05:10:00Z", "2026-09-27T06:00:00Z"):
        await posting.tick(now)
    first, second = (letter.content for letter in relay.received)
    assert first == second


async def test_a_refused_letter_is_never_tried_again(posting: Program, relay: SmtpServer):
    await posting.readers(ANNA, BORIS, CLARA)
    relay.answers["boris@example.org"] = "550 5.1.1 no such user"
    first = await posting.tick("2026-09-27T05:00:00Z")
    assert (first["sent"], first["failed"]) == (2, 1)
    del relay.answers["boris@example.org"]
    for now in ("2026-09-27T06:00:00Z", "2026-09-27T19:00:00Z"):
        later = await posting.tick(now)
        assert (later["sent"], later["failed"], later["deferred"]) == (0, 0, 0)
    assert recipients(relay) == ["anna@example.org", "clara@example.org"]


async def test_when_the_relay_is_down_all_letters_wait_and_leave_when_it_is_back(program: Program):
    async with SmtpServer() as closed:
        port = closed.port
    posting = program.with_(SMTP_URL=f"smtp://127.0.0.1:{port}")
    await posting.does("import")
    await posting.readers(*({**ANNA, "email": f"reader{number}@example.org"} for number in range(25)))
    down = await posting.tick("2026-09-27T05:00:00Z")
    assert (down["planned"], down["sent"], down["failed"], down["dropped"]) == (25, 0, 0, 0)
    async with SmtpServer(port=port) as relay:
        back = await posting.tick("2026-09-27T05:05:00Z")
        after = await posting.tick("2026-09-27T06:00:00Z")
    assert (back["sent"], after["sent"]) == (25, 0)
    assert len(set(recipients(relay))) == len(relay.received) == 25
