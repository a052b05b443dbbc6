"""Rounds: who is written to when, and that nobody is written to twice."""

import pytest

from tests.databases import on_either
from tests.journeys.program import ANNA, Program, opened
from tests.smtp_server import SmtpServer

pytestmark = on_either

READERS = [
    {**ANNA, "language": "hy", "hour": "9", "cadence": "daily", "lead_days": "0", "events": ""},
    {**ANNA, "email": "lena@example.org", "language": "en", "zone": "America/Los_Angeles", "hour": "9"},
    {**ANNA, "email": "early@example.org", "zone": "UTC", "hour": "04:00", "lead_days": "7 0"},
    {
        **ANNA,
        "email": "single@example.org",
        "zone": "UTC",
        "hour": "4",
        "collections": "",
        "events": "artsakh-war-2020",
    },
    {**ANNA, "email": "both@example.org", "zone": "UTC", "hour": "4", "events": "artsakh-war-2020"},
    {**ANNA, "email": "monthly@example.org", "zone": "UTC", "hour": "4", "cadence": "monthly"},
    {**ANNA, "email": "unasked@example.org", "zone": "UTC", "hour": "4", "confirmed_at": ""},
]


def subjects(relay: SmtpServer) -> dict[str, list[str]]:
    """What came, by reader; the requests to confirm left out."""
    found: dict[str, list[str]] = {}
    for letter in relay.received:
        message = opened(letter.content)
        if "confirm" not in str(message["Subject"]):
            found.setdefault(letter.rcpt_tos[0], []).append(str(message["Subject"]))
    return found


async def test_everybody_is_written_to_at_their_own_hour_and_once(posting: Program, relay: SmtpServer):
    brought = await posting.readers(*READERS)
    assert (brought.told["confirmed"], brought.told["asked"]) == (6, 1)

    await posting.tick("2026-09-20T08:00:00Z")
    assert subjects(relay) == {
        "early@example.org": ["The 44-day war in Artsakh: in 7 days, on 27 September"],
    }
    relay.received.clear()

    round_ = await posting.tick("2026-09-27T05:00:00Z")
    assert round_["sent"] >= 4
    english = "The 44-day war in Artsakh: six years ago today"
    at_five = {
        "anna@example.org": ["Արցախի 44-օրյա պատերազմը՝ վեց տարի առաջ այս օրը"],
        "early@example.org": [english],
        "single@example.org": [english],
        "both@example.org": [english],
    }
    assert subjects(relay) == at_five

    again = await posting.tick("2026-09-27T05:00:00Z")
    assert (again["planned"], again["sent"]) == (0, 0)
    await posting.tick("2026-09-27T15:59:59Z")
    assert subjects(relay) == at_five

    await posting.tick("2026-09-27T16:00:00Z")
    assert subjects(relay) == at_five | {"lena@example.org": [english]}

    await posting.tick("2026-10-01T05:00:00Z")
    assert "monthly@example.org" not in subjects(relay)  # nothing of it falls in October
    await posting.tick("2026-11-01T05:00:00Z")
    (summary,) = subjects(relay)["monthly@example.org"]
    assert summary.startswith("November 2026: ")


async def test_a_letter_that_nobody_sent_on_its_day_is_not_sent_on_the_next(posting: Program, relay: SmtpServer):
    await posting.readers(ANNA)
    await posting.tick("2026-09-26T05:00:00Z")
    late = await posting.tick("2026-09-27T20:00:01Z")  # it is the 28th in Yerevan
    assert (late["sent"], late["missed"], relay.received) == (0, 1, [])


@pytest.mark.parametrize("now", ["2026-09-27T19:59:59Z", "2026-09-27T05:00:01Z"])
async def test_a_letter_is_sent_late_as_long_as_its_day_lasts(alone: Program, relay: SmtpServer, now: str):
    posting = alone.with_(SMTP_URL=relay.url())
    await posting.does("import")
    await posting.readers(ANNA)
    assert (await posting.tick(now))["sent"] == 1
