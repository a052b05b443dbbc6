"""Saving records keeps every version, overwrites nobody, and is one transaction, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from service.actions import importing, records, yaml_files
from service.domain.documents import DocumentError
from service.domain.editor import Editor, Role
from service.domain.errors import ConflictError, NotFoundError
from service.domain.event import Event
from service.domain.notice import Kind
from service.store import audit, editions, editors, event_drafts, events, occasions, revisions, versions
from service.store.dialect import Store
from tests.builders import a_collection, an_event, at, on

NOW = at("2024-09-20T08:00")
LATER = NOW + timedelta(minutes=5)


async def an_editor(store: Store, address: str = "ani@example.org") -> Editor:
    async with store.write() as tx:
        return await editors.add(tx, address, "Ani", Role.EDITOR, "en", NOW)


async def recorded(store: Store, *known: Event) -> None:
    """A record from before versions were kept."""
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), NOW)
        for place, event in enumerate(known):
            await events.save_event(tx, event, "wars", place, NOW)
        await occasions.set_horizon(tx, NOW.date(), (NOW + timedelta(days=400)).date())


async def test_what_is_saved_is_a_version_with_who_and_why_and_its_days_are_reckoned(store: Store):
    ani = await an_editor(store)
    await recorded(store)
    async with store.write() as tx:
        assert await records.save(tx, ani, "wars", an_event(), 0, "New.", NOW) == 1
    async with store.write() as tx:
        changed = an_event(title={"en": "The war"}, first_day="2020-09-28")
        assert await records.save(tx, ani, "wars", changed, 1, "The day.", LATER) == 2
        assert await records.save(tx, ani, "wars", changed, 2, "Nothing.", LATER) == 2
    async with store.read() as tx:
        kept = [(one.number, one.who, one.why, one.at) for one in await records.history(tx, "war")]
        assert kept == [(2, ani.who, "The day.", LATER), (1, ani.who, "New.", NOW)]
        assert await records.version_of(tx, "war", 1) == an_event()
        days = [
            one.occasion.on.isoformat() for one in await occasions.between(tx, NOW.date(), NOW.date() + timedelta(20))
        ]
        assert days == ["2024-09-28"]
        done = [(one.action, one.subject) for one in await audit.entries(tx, audit.Asked(), 9)]
        assert done == [("changed", "event war"), ("recorded", "event war")]
        assert await audit.broken_at(tx) is None


@pytest.mark.parametrize("how", ["saved", "returned to", "withdrawn", "imported"])
async def test_case_057_what_tells_of_a_record_as_it_was_is_stopped_in_the_transaction_that_changes_it(
    store: Store, how: str
):
    ani = await an_editor(store)
    await recorded(store, an_event(), an_event(id="fire"))
    async with store.write() as tx:
        await records.save(tx, ani, "wars", an_event(title={"en": "The war"}), 1, "", NOW)
        ids = {}
        for id_ in ("war", "fire"):
            told = editions.Told(id_, "yearly", on("2024-09-27"), 4)
            plan = editions.Plan(Kind.NOTICE, "en", NOW.date(), "words-1", id_, (told,), ())
            ids[id_] = await editions.ensure(tx, plan, NOW)
    async with store.write() as tx:
        if how == "saved":
            await records.save(tx, ani, "wars", an_event(title={"en": "Another"}), 2, "", LATER)
        elif how == "returned to":
            await records.return_to(tx, ani, "war", 1, 2, "", LATER)
        elif how == "withdrawn":
            await records.withdraw(tx, ani, "war", 2, "", LATER)
        else:
            await importing.bring_in(tx, ani, yaml_files.read("x", yaml_files.write([a_collection()])), "", LATER)
    async with store.read() as tx:
        assert await revisions.superseded(tx) == [ids["war"]]


async def test_a_record_from_before_versions_were_kept_is_the_first_of_them(store: Store):
    ani = await an_editor(store)
    await recorded(store, an_event())
    async with store.write() as tx:
        assert (await records.standing(tx, "war")).number == 1
        assert await records.version_of(tx, "war", 1) == an_event()
        assert await records.save(tx, ani, "wars", an_event(title={"en": "The war"}), 1, "", LATER) == 2
        assert await records.return_to(tx, ani, "war", 1, 2, "As it was.", LATER) == 3
        kept = await events.event_named(tx, "war")
    assert kept is not None
    assert kept.event == an_event()


async def test_the_second_of_two_editors_overwrites_nothing(store: Store):
    """Both began from the same version, and save at the same time."""
    both = [await an_editor(store, "ani@example.org"), await an_editor(store, "ben@example.org")]
    await recorded(store, an_event())

    async def saves(editor: Editor) -> int:
        async with store.write() as tx:
            title = {"en": f"The war of {editor.address}"}
            return await records.save(tx, editor, "wars", an_event(title=title), 1, "", LATER)

    ended = await asyncio.gather(*map(saves, both), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["ConflictError", "int"]
    assert [one.number for one in ended if isinstance(one, ConflictError)] == [2]
    async with store.read() as tx:
        assert [one.number for one in await records.history(tx, "war")] == [2, 1]


async def test_two_editors_cannot_record_two_events_under_one_id(store: Store):
    ani = await an_editor(store)
    await recorded(store, an_event())
    async with store.write() as tx:
        with pytest.raises(ConflictError):
            await records.save(tx, ani, "wars", an_event(title={"en": "Another"}), 0, "", LATER)


async def test_what_is_withdrawn_keeps_its_versions_and_returns_in_one_step(store: Store):
    ani = await an_editor(store)
    await recorded(store, an_event())
    async with store.write() as tx:
        assert await records.withdraw(tx, ani, "war", 1, "A mistake.", LATER) == 2
    async with store.write() as tx:
        assert await events.event_named(tx, "war") is None
        assert [(one.event, one.number) for one in await versions.withdrawn(tx, 9)] == [("war", 2)]
        with pytest.raises(NotFoundError):
            await records.withdraw(tx, ani, "war", None, "", LATER)
        with pytest.raises(NotFoundError):
            await records.version_of(tx, "war", 2)
        assert await records.return_to(tx, ani, "war", 1, 2, "After all.", LATER) == 3
        assert await versions.withdrawn(tx, 9) == []
        assert await occasions.between(tx, NOW.date(), NOW.date() + timedelta(20)) != []


async def test_a_link_to_nothing_and_an_unknown_collection_are_refused(store: Store):
    await recorded(store)
    linked = an_event(links=[{"kind": "led_to", "event": "nothing"}])
    async with store.write() as tx:
        with pytest.raises(DocumentError, match=r"links\.0\.event: there is no event 'nothing'"):
            await records.save(tx, "program", "wars", linked, 0, "", NOW)
        with pytest.raises(NotFoundError):
            await records.save(tx, "program", "peace", an_event(), 0, "", NOW)


async def test_an_import_leaves_versions_and_one_line_in_the_audit(store: Store):
    await recorded(store)
    reading = yaml_files.read("wars.yaml", yaml_files.write([a_collection(an_event(), an_event(id="fire"))]))
    async with store.write() as tx:
        done = await importing.bring_in(tx, "program", reading, "Imported.", NOW)
        again = await importing.bring_in(tx, "program", reading, "Imported.", LATER)
        assert (done.events, done.changed, again.changed) == (2, 2, 0)
        assert [one.why for one in await records.history(tx, "fire")] == ["Imported."]
        found = [(one.action, one.subject, one.details["events"]) for one in await audit.entries(tx, audit.Asked(), 9)]
        assert found == [("imported", "collection wars", ["war", "fire"])]


async def test_a_collection_that_somebody_changed_meanwhile_is_not_overwritten(store: Store):
    await recorded(store, an_event(), an_event(id="fire"))
    async with store.write() as tx:
        seen = await records.collection_version(tx, "wars")
        await records.save_collection(tx, "program", a_collection(), ["fire", "war"], seen, "", NOW)
        assert [kept.event.id for kept in await events.events_in(tx, "wars")] == ["fire", "war"]
        with pytest.raises(ConflictError):
            await records.save_collection(tx, "program", a_collection(), None, seen, "", LATER)
        with pytest.raises(ConflictError):
            await records.save_collection(tx, "program", a_collection(), None, "", "", LATER)


async def test_a_draft_is_its_editor_s_own_and_goes_when_the_event_is_saved(store: Store):
    ani, ben = await an_editor(store), await an_editor(store, "ben@example.org")
    await recorded(store, an_event())
    draft = event_drafts.Draft("war", "wars", {"title.en": "The w"}, 1, NOW)
    async with store.write() as tx:
        await event_drafts.save_draft(tx, ani.id, draft)
        await event_drafts.save_draft(tx, ben.id, draft)
        await records.save(tx, ani, "wars", an_event(title={"en": "The war"}), 1, "", LATER)
        assert await event_drafts.draft_of(tx, ani.id, "war") is None
        assert await event_drafts.draft_of(tx, ben.id, "war") == draft
