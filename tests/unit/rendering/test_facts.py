"""Letters that say more than occasions: alerts, welcomes, farewells, and what is told ahead."""

from datetime import date, timedelta

import pytest

from service.domain.alert import LINES_MOST, Alert, Fact, Matter, read_alert
from service.domain.letter import Mark, Words
from service.domain.notice import Kind
from service.domain.subscription import Cadence, Parting
from service.rendering.context import folder_for
from service.rendering.facts import comes_words
from service.rendering.render import Rendered
from tests.unit.rendering.letters import LANGUAGES, context_of, flat, letter_of, seen, shipped

DAY = date(2024, 9, 20)
WAR = date(2024, 9, 27)


def words_of(rendered: Rendered) -> Words:
    assert rendered.words is not None, rendered.findings
    return rendered.words


def said_alike(said: Words) -> bool:
    """Say whether the text has every word and link of the HTML."""
    text, found = flat(said.text).casefold(), seen(said.html)
    return all(part.casefold().lstrip("., ") in text for part in (*found.texts, *found.links))


@pytest.mark.parametrize("language", LANGUAGES.codes)
@pytest.mark.parametrize("matter", Matter)
def test_every_matter_is_told_whole_in_every_language(matter: Matter, language: str) -> None:
    facts = tuple(Fact({"en": f"fact {number}"}, WAR) for number in range(LINES_MOST + 3))
    alert = Alert(matter, facts, path="/admin/due")
    said = words_of(letter_of(day=DAY, kind=Kind.ALERT, language=language, facts=alert.document()))
    assert said_alike(said)
    assert f"fact {LINES_MOST - 1}" in said.text
    assert f"fact {LINES_MOST}" not in said.text
    assert "3" in flat(said.text).partition(f"fact {LINES_MOST - 1}")[2]
    assert seen(said.html).links == ["https://remember.example/admin/due"]
    assert len(said.subject) <= 60


def test_an_alert_is_read_as_it_was_kept() -> None:
    alert = Alert(Matter.APPROVAL, (Fact({"en": "A war", "hy": "Պատերազմ"}, WAR), Fact({"en": "x"})), count=4)
    assert (read_alert(alert.document()), alert.more) == (alert, 2)


@pytest.mark.parametrize("language", LANGUAGES.codes)
@pytest.mark.parametrize("cadence", Cadence)
@pytest.mark.parametrize("leads", [(0,), (7,), (0, 1, 30)])
def test_a_welcome_says_when_letters_come(cadence: Cadence, leads: tuple[int, ...], language: str) -> None:
    facts = {"cadence": cadence, "hour": "07:30", "zone": "Europe/Paris", "leads": list(leads)}
    said = words_of(letter_of(*shipped().events, day=DAY, kind=Kind.WELCOME, on=[WAR], language=language, facts=facts))
    assert said_alike(said)
    assert "07:30" in said.text
    assert "Europe/Paris" in said.text
    assert ("30" in said.text.replace("07:30", "")) is (30 in leads)
    assert {Mark.MANAGE_URL.value, Mark.LEAVE_URL.value} <= set(seen(said.html).links)


def test_a_welcome_says_so_if_no_day_is_near() -> None:
    assert "there is no such day" in flat(words_of(letter_of(day=DAY, kind=Kind.WELCOME)).text)


@pytest.mark.parametrize("language", LANGUAGES.codes)
@pytest.mark.parametrize("why", Parting)
def test_a_farewell_says_why_and_how_to_come_back_and_has_no_link_that_is_the_readers_own(
    why: Parting, language: str
) -> None:
    said = words_of(letter_of(day=DAY, kind=Kind.FAREWELL, language=language, facts={"parting": why.value}))
    assert said_alike(said)
    assert seen(said.html).links == ["https://remember.example/subscribe"]
    assert "RMBR" not in said.text


@pytest.mark.parametrize("language", LANGUAGES.codes)
def test_what_is_told_ahead_alone_has_a_letter_of_its_own(language: str) -> None:
    days = [WAR + timedelta(days=one) for one in (0, 13)]
    ahead = context_of(*shipped().events, day=DAY, on=days, language=language)
    today = context_of(*shipped().events, day=WAR, on=days, language=language)
    assert (folder_for(ahead), folder_for(today)) == ("advance", "notice")
    said = words_of(letter_of(*shipped().events, day=DAY, on=days, language=language))
    assert said_alike(said)
    assert len(said.subject) <= 60
    assert {Mark.MANAGE_URL.value, Mark.LEAVE_URL.value} <= set(seen(said.html).links)


def test_what_letters_are_made_of_and_how_late_they_may_be_is_said_where_it_is_not_as_usual() -> None:
    facts = {"cadence": "weekly", "on": 5, "hour": "07:30", "zone": "Europe/Paris"}
    english = LANGUAGES.of("en")
    (often,) = comes_words(facts, english)
    assert often.startswith(
        "A letter comes once a week (Friday) at 07:30 by the clock of Europe/Paris, if the seven days"
    )
    assert comes_words(facts | {"variant": 3, "late_hours": 1}, english)[1:] == (
        "They are in plain text alone.",
        "Those that tell of days have a calendar file.",
        "One that would leave more than 1 hour late does not come.",
    )
