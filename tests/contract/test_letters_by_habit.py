"""Letters as each reader wants them, from the planner to the relay, on both databases."""

from datetime import date, datetime, timedelta
from email import message_from_bytes

import pytest
from icalendar import Calendar

from service.domain.letter import Variant
from tests.builders import a_habit, at
from tests.contract.conftest import Posting
from tests.databases import on_either
from tests.unit.mail.test_variants import made_of
from tests.unit.rendering.letters import flat

pytestmark = on_either

NINE = at("2026-09-27T05:00")
SAYS_LATE = "This letter comes later than it should"
PLAIN, CALENDAR = Variant.PLAIN, Variant.CALENDAR


@pytest.fixture(autouse=True)
async def _record(posting: Posting) -> None:
    await posting.record()


async def sent(posting: Posting, planned_at: datetime, sent_at: datetime) -> dict[str, bytes]:
    """Plan and send; gives each reader's letter."""
    posting.now = planned_at
    await posting.app.planner.plan(planned_at)
    posting.now = sent_at
    await posting.send()
    return {received.rcpt_tos[0].partition("@")[0]: received.content for received in posting.relay.received}


async def test_readers_of_one_edition_have_it_in_plain_text_in_both_parts_and_with_a_calendar_file(
    posting: Posting,
) -> None:
    wanted = {"both": Variant.BOTH_PARTS, "plain": PLAIN, "file": CALENDAR, "plain-file": PLAIN | CALENDAR}
    for name, variant in wanted.items():
        await posting.reader(f"{name}@example.org", a_habit(variant=variant))
    letters = await sent(posting, NINE, NINE)
    both = ["multipart/alternative", "text/plain", "text/html"]
    assert {name: made_of(content) for name, content in letters.items()} == {
        "both": both,
        "plain": ["text/plain"],
        "file": ["multipart/mixed", *both, "text/calendar"],
        "plain-file": ["multipart/mixed", "text/plain", "text/calendar"],
    }
    texts = {flat(opened.text.split("You receive")[0]) for _, opened in posting.letters()}
    assert len(texts) == 1


async def test_the_calendar_file_has_the_days_that_the_letter_tells_of(posting: Posting) -> None:
    await posting.reader("a@example.org", a_habit(variant=PLAIN | CALENDAR))
    letter = (await sent(posting, NINE, NINE))["a"]
    *_, part = message_from_bytes(letter).walk()
    file = Calendar.from_ical(part.get_payload(decode=True))
    (entry,) = file.walk("VEVENT")
    assert file["method"] == "PUBLISH"
    assert entry.decoded("dtstart") == date(2026, 9, 27)
    assert str(entry["summary"]) == "A war"
    assert str(entry["uid"]).endswith("@remember.example")


@pytest.mark.parametrize(("minutes", "says"), [(0, False), (59, False), (61, True), (600, True)])
async def test_a_letter_that_leaves_late_says_so(posting: Posting, minutes: int, *, says: bool) -> None:
    await posting.reader("a@example.org", a_habit())
    letters = await sent(posting, NINE + timedelta(minutes=minutes), NINE + timedelta(minutes=minutes))
    assert letters.keys() == {"a"}
    ((_, opened),) = posting.letters()
    assert (SAYS_LATE in opened.text, SAYS_LATE in opened.html) == (says, says)


async def test_a_letter_that_was_put_off_by_its_relay_is_the_same_later(posting: Posting) -> None:
    await posting.reader("a@example.org", a_habit())
    posting.relay.once("a@example.org", "451 4.7.1 later")
    assert await sent(posting, NINE, NINE) == {}
    letters = await sent(posting, NINE + timedelta(hours=3), NINE + timedelta(hours=3))
    assert letters.keys() == {"a"}
    assert SAYS_LATE not in posting.letters()[0][1].text
    assert b"Date: Sun, 27 Sep 2026 05:00:00 +0000" in letters["a"]


async def test_who_comes_after_the_hour_is_not_told_of_a_late_letter(posting: Posting) -> None:
    await posting.reader("early@example.org", a_habit())
    await sent(posting, NINE, NINE)
    await posting.reader("comes@example.org", a_habit(late_hours=1))
    later = NINE + timedelta(hours=6)
    assert (await sent(posting, later, later)).keys() == {"early", "comes"}
    assert not any(SAYS_LATE in opened.text for _, opened in posting.letters())


async def test_nothing_is_sent_after_the_readers_own_limit(posting: Posting) -> None:
    for hours in (1, 3, 0):
        await posting.reader(f"limit-{hours}@example.org", a_habit(late_hours=hours))
    later = NINE + timedelta(hours=2)
    assert (await sent(posting, NINE, later)).keys() == {"limit-3", "limit-0"}
