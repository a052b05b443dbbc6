"""Letters that say more than occasions: alerts, welcomes, farewells, and what is told ahead."""

from datetime import date, timedelta

import pytest

from service.domain.alert import LINES_MOST, Alert, Fact, Matter, read_alert
from service.domain.channel import NAMES, Channel
from service.domain.letter import Mark, Words
from service.domain.letter_box import Addressed, For
from service.domain.notice import Kind
from service.domain.orders import Offered, Order, Wants, order
from service.domain.subscription import Cadence, Parting
from service.rendering.context import WRITTEN, folder_for
from service.rendering.facts import comes_words, sample_facts
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
    links = [link.removeprefix("mailto:") for link in found.links]
    return all(part.casefold().lstrip("., ") in text for part in (*found.texts, *links))


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
def test_help_names_every_address_and_has_no_link_that_is_the_readers_own(language: str) -> None:
    facts = sample_facts(Kind.HELP)
    said = words_of(letter_of(day=DAY, kind=Kind.HELP, language=language, facts=facts))
    assert said_alike(said)
    addresses = [address for _, address in facts["collections"]]
    addresses += [facts["manage"], facts["unsubscribe"], facts["help"]]
    assert seen(said.html).links == [f"mailto:{one}" for one in addresses] + ["https://remember.example/subscribe"]
    assert all(f"\n{one}\n" in said.text for one in addresses)
    assert "RMBR" not in said.text
    assert len(said.subject) <= 60


def test_help_of_a_house_without_collections_names_none() -> None:
    facts = {**sample_facts(Kind.HELP), "collections": []}
    said = words_of(letter_of(day=DAY, kind=Kind.HELP, facts=facts))
    assert "To be reminded" not in said.text


@pytest.mark.parametrize("language", LANGUAGES.codes)
@pytest.mark.parametrize("ways", [("ntfy", ""), ("telegram", "ntfy"), ("matrix", "matrix"), ("", "signal")])
def test_a_change_of_way_names_both_and_when_and_leads_to_the_page(ways: tuple[str, str], language: str) -> None:
    channel, before = ways
    facts = {"channel": channel, "before": before, "on": "2024-09-20", "hour": "21:45"}
    said = words_of(letter_of(day=DAY, kind=Kind.CHANNEL, language=language, facts=facts))
    assert said_alike(said)
    assert all(NAMES[Channel(one)] in flat(said.text) for one in ways if one)
    assert "21:45" in said.text
    assert seen(said.html).links == [Mark.CONFIRM_URL.value]
    assert len(said.subject) <= 60


@pytest.mark.parametrize("language", LANGUAGES.codes)
def test_a_way_that_is_undone_with_a_change_of_address_says_so_and_not_when_it_was_chosen(language: str) -> None:
    facts = {"channel": "", "before": "signal", "undone": True}
    said = words_of(letter_of(day=DAY, kind=Kind.CHANNEL, language=language, facts=facts))
    chosen = words_of(letter_of(day=DAY, kind=Kind.CHANNEL, language=language, facts=facts | {"undone": False}))
    assert said_alike(said)
    assert NAMES[Channel.SIGNAL] in said.text
    assert said.subject == chosen.subject
    assert said.text != chosen.text


@pytest.mark.parametrize("language", LANGUAGES.codes)
def test_who_asks_by_mail_to_leave_is_sent_the_link(language: str) -> None:
    said = words_of(letter_of(day=DAY, kind=Kind.LEAVING, language=language))
    assert said_alike(said)
    assert seen(said.html).links == [Mark.LEAVE_URL.value]


@pytest.mark.parametrize("language", LANGUAGES.codes)
def test_a_confirmation_says_that_to_answer_it_is_enough_only_where_mail_is_taken_in(language: str) -> None:
    words = LANGUAGES.of(language).text("You may also simply answer this letter: that confirms it, too.")
    for facts, is_said in (({"answerable": True}, True), ({}, False)):
        said = words_of(letter_of(day=DAY, kind=Kind.CONFIRMATION, language=language, facts=facts))
        assert said_alike(said)
        assert (flat(words) in flat(said.text), flat(words) in seen(said.html).texts) == (is_said, is_said)


@pytest.mark.parametrize("language", LANGUAGES.codes)
@pytest.mark.parametrize("kind", [kind for kind in WRITTEN if not kind.remembers])
def test_the_subject_of_no_letter_is_an_order_when_it_is_answered(kind: Kind, language: str) -> None:
    said = words_of(letter_of(*shipped().events, day=DAY, kind=kind, on=[WAR], language=language))
    offered = Offered.of({"collection:artsakh": shipped().title.values()})
    for before in ("", "Re: ", "Fwd: "):
        assert order(Addressed(For.HOUSE), before + said.subject, offered).wants is Wants.NOTHING


@pytest.mark.parametrize("language", LANGUAGES.codes)
def test_the_words_of_the_links_in_letters_are_orders_too(language: str) -> None:
    meant = {"Unsubscribe": Wants.UNSUBSCRIBE, "Change what you asked for": Wants.MANAGE}
    for words, wants in meant.items():
        said = order(Addressed(For.HOUSE), LANGUAGES.of(language).text(words), Offered.of({}))
        assert said == Order(wants, (), language)


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
