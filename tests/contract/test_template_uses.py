"""Which editions were made of which version of a piece."""

from service.actions import templates as actions
from service.domain.letter import Words
from service.domain.notice import Kind
from service.store import editions, template_uses, templates
from service.store.dialect import Store
from tests.builders import at
from tests.printers import shipped_set

NOW = at("2026-09-01T08:00")
NAME = "letters/notice/subject.txt"


async def test_an_edition_is_counted_for_the_text_that_it_was_made_of(store: Store):
    shipped = shipped_set()
    async with store.write() as tx:
        await templates.ensure_shipped(tx, shipped, NOW)
    for number, text in enumerate((shipped.pieces[NAME], "one", "two", shipped.pieces[NAME])):
        async with store.write() as tx:
            if number:
                await actions.publish_all(tx, "somebody", {NAME: text}, "why", NOW)
            version = await templates.version_in_use(tx)
            plan = editions.Plan(Kind.NOTICE, "en", NOW.date(), version, f"key {number}", (), ())
            edition = await editions.ensure(tx, plan, NOW)
            await editions.freeze(tx, edition, Words(f"of {text[:3]}", "<p>", "text"), (), NOW)
    async with store.read() as tx:
        counts = await template_uses.counted(tx, NAME)
        shared = await template_uses.counted(tx, "letters/notice/body.txt")
        found = await template_uses.editions_of(tx, NAME, 1, 10)
        newest = await template_uses.editions_of(tx, NAME, 3, 1)
    assert counts == {0: 2, 1: 1, 2: 1, 3: 2}  # version 3 says what ships: both tell of the same letters
    assert shared == {0: 4}
    assert [use.subject for use in found] == ["of one"]
    assert len(newest) == 1
