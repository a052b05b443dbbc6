"""Letters are made with the words in use: at the next tick, to the end of what has begun, and again later."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from service.actions import templates as acting
from service.actions.answers import edition_for
from service.delivery.editions import Press
from service.delivery.sets import Sets
from service.domain.errors import NotFoundError
from service.domain.notice import Kind
from service.domain.subscription import Status, Wish
from service.domain.templates import Templates
from service.scheduling import horizon
from service.scheduling.planner import Planner
from service.store import editions, events, subscribers, subscriptions
from service.store import templates as kept
from service.store.dialect import Store
from service.store.editions import Edition
from service.store.slots import RunState, run_of
from service.store.tables import editions as edition_table
from tests.builders import a_collection, a_habit, an_event, at, on
from tests.databases import on_either
from tests.printers import AtHand, shipped_set

pytestmark = on_either

NINE_IN_YEREVAN = at("2026-09-27T05:00")
NINE_IN_PARIS = at("2026-09-27T07:00")
SUBJECT, SHARED = "letters/notice/subject.txt", "letters/_parts.txt"
SHIPPED = shipped_set()


@pytest.fixture(autouse=True)
async def _recorded(store: Store) -> None:
    async with store.write() as tx:
        await kept.ensure_shipped(tx, SHIPPED, NINE_IN_YEREVAN)
        await events.save_collection(tx, a_collection(), NINE_IN_YEREVAN)
        await events.save_event(tx, an_event(), "wars", 0, NINE_IN_YEREVAN)
    await horizon.cover(store, on("2026-09-01"), on("2026-12-31"))


async def reader(store: Store, name: str, **habit: object) -> None:
    async with store.write() as tx:
        arrival = subscribers.Arrival(f"{name}@example.org", a_habit(**habit), Status.ACTIVE, "import", NINE_IN_YEREVAN)
        id_ = await subscribers.add(tx, arrival, NINE_IN_YEREVAN)
        await subscriptions.add(tx, id_, (Wish(collection="wars"),), NINE_IN_YEREVAN, NINE_IN_YEREVAN)


async def publish(store: Store, **texts: str) -> str:
    names = {"subject": SUBJECT, "shared": SHARED, "armenian": "locales/hy.po", "body": "letters/notice/body.txt"}
    async with store.write() as tx:
        pieces = {names[name]: text for name, text in texts.items()}
        await acting.publish_all(tx, "an editor", pieces, "For a test.", NINE_IN_YEREVAN)
        return await kept.version_in_use(tx)


def press(store: Store, sets: Sets | None = None) -> Press:
    return Press(store, AtHand(), sets or Sets(SHIPPED), "https://remember.example.org")


async def made(store: Store) -> Sequence[Edition]:
    async with store.read() as tx:
        ids = list((await tx.execute(select(edition_table.c.id).order_by(edition_table.c.id))).scalars())
        return [edition for id_ in ids if (edition := await editions.named(tx, id_))]


def subjects(found: Sequence[Edition]) -> list[str]:
    return [edition.words.subject if edition.words else "" for edition in found]


async def test_the_next_tick_uses_what_was_published(store: Store) -> None:
    await reader(store, "ani")
    await reader(store, "marie", zone="Europe/Paris")
    first = press(store)
    await Planner(store).plan(NINE_IN_YEREVAN)
    await first.render_all(NINE_IN_YEREVAN)
    version = await publish(store, subject="In other words: {{ today[0].event.title }}")
    await Planner(store).plan(NINE_IN_PARIS)
    await first.render_all(NINE_IN_PARIS)
    found = await made(store)
    assert [edition.plan.template_version for edition in found] == [SHIPPED.version, version]
    assert subjects(found) == ["A war: six years ago today", "In other words: A war"]


async def test_an_edited_translation_is_in_the_next_letters(store: Store) -> None:
    await reader(store, "ani", language="hy")
    spoken = SHIPPED.pieces["locales/hy.po"]
    await publish(store, armenian=spoken.replace('msgid "Sources"\nmsgstr "', 'msgid "Sources"\nmsgstr "Ա'))
    await Planner(store).plan(NINE_IN_YEREVAN)
    await press(store).render_all(NINE_IN_YEREVAN)
    (edition,) = await made(store)
    assert edition.words is not None
    assert "ԱԱղբյուրներ" in edition.words.text


async def test_case_090_what_has_begun_keeps_the_words_that_it_began_with(store: Store) -> None:
    """A slot of several pages, and an edition that waits, while an editor publishes."""
    for number in range(3):
        await reader(store, f"r{number}", language=["en", "hy", "en"][number])
    pages: list[datetime] = []

    async def planned() -> None:
        if not pages:
            await publish(store, subject="Too late: {{ today[0].event.title }}")
        pages.append(NINE_IN_YEREVAN)

    await Planner(store, planned=planned, page=1, first_page=1).plan(NINE_IN_YEREVAN)
    await press(store).render_all(NINE_IN_YEREVAN)
    found = await made(store)
    assert len(pages) == 3
    assert {edition.plan.template_version for edition in found} == {SHIPPED.version}
    assert not any("Too late" in subject for subject in subjects(found))
    async with store.read() as tx:
        run = await run_of(tx, a_habit().slot, on("2026-09-27"))
    assert run is not None
    assert (run.state, run.words) == (RunState.RUN, SHIPPED.version)


async def test_case_090_a_run_that_was_interrupted_goes_on_with_the_words_that_it_began_with(store: Store) -> None:
    for number in range(2):
        await reader(store, f"r{number}", language=["en", "hy"][number])

    async def dies() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await Planner(store, planned=dies, page=1, first_page=1).plan(NINE_IN_YEREVAN)
    await publish(store, subject="Too late")
    await Planner(store).plan(NINE_IN_YEREVAN + timedelta(minutes=5))
    assert {edition.plan.template_version for edition in await made(store)} == {SHIPPED.version}


async def test_an_edition_can_be_rendered_again_from_the_version_that_it_names(store: Store) -> None:
    await reader(store, "ani")
    await publish(store, subject="First: {{ today[0].event.title }}")
    await Planner(store).plan(NINE_IN_YEREVAN)
    await press(store).render_all(NINE_IN_YEREVAN)
    await publish(store, subject="Second", body="Nothing.", shared="")
    (edition,) = await made(store)
    assert edition.words is not None
    assert edition.words.subject == "First: A war"
    assert (await press(store).again(edition.id)).words == edition.words
    with pytest.raises(NotFoundError):
        await press(store).again("no-such-edition")


async def test_an_answer_to_somebody_is_in_the_words_in_use(store: Store) -> None:
    link = SHIPPED.pieces["letters/link/subject.txt"]
    async with store.write() as tx:
        await edition_for(tx, Kind.LINK, "en", NINE_IN_YEREVAN)
        await acting.publish_all(
            tx, "an editor", {"letters/link/subject.txt": "Your link"}, "Shorter.", NINE_IN_YEREVAN
        )
        await edition_for(tx, Kind.LINK, "en", NINE_IN_YEREVAN)
    await press(store).render_all(NINE_IN_YEREVAN)
    assert subjects(await made(store)) == [link.split('"')[1], "Your link"]


async def test_an_edition_of_an_unknown_version_is_rendered_with_what_is_in_use(store: Store) -> None:
    await publish(store, subject="In use: {{ today[0].event.title }}")
    told = editions.Told("war", an_event().rules[0].id, on("2026-09-27"), 6)
    plan = editions.Plan(Kind.NOTICE, "en", on("2026-09-27"), "lost", "war", (told,), ())
    async with store.write() as tx:
        await editions.ensure(tx, plan, NINE_IN_YEREVAN)
    await press(store).render_all(NINE_IN_YEREVAN)
    assert subjects(await made(store)) == ["In use: A war"]


async def test_the_press_reads_a_set_once_and_keeps_the_last_few(store: Store) -> None:
    sets = Sets(Templates({}))
    versions = [await publish(store, subject=f"Number {number}") for number in range(6)]
    async with store.read() as tx:
        for version in versions:
            assert (await sets.of(tx, version)).version == version
        assert (await sets.in_use(tx)).pieces[SUBJECT] == "Number 5"
    assert [sets.kept(version) is not None for version in versions] == [False, False, True, True, True, True]
