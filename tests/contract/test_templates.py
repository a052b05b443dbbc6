"""Publishing what letters are made of, on both databases: nothing that was good is lost, and nobody is overwritten."""

import asyncio
from datetime import timedelta

import pytest

from service.actions import templates as acting
from service.domain.editor import Editor, Role
from service.domain.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from service.domain.templates import Templates
from service.store import audit, editors
from service.store import templates as kept
from service.store.dialect import Store
from tests.builders import at

NOW = at("2026-09-01T08:00")
LATER = NOW + timedelta(hours=1)
BODY, SUBJECT = "letters/notice/body.txt", "letters/notice/subject.txt"
SHIPPED = Templates({BODY: "Shipped body.\n", SUBJECT: "Shipped subject.\n", "locales/hy.po": ""})


@pytest.fixture(autouse=True)
async def _shipped(store: Store) -> None:
    async with store.write() as tx:
        await kept.ensure_shipped(tx, SHIPPED, NOW)


async def someone(store: Store, name: str, role: Role = Role.APPROVER) -> Editor:
    async with store.write() as tx:
        return await editors.add(tx, f"{name}@example.org", name.title(), role, "en", NOW)


async def published(store: Store, editor: Editor, text: str, based_on: int, name: str = BODY) -> int:
    async with store.write() as tx:
        return await acting.publish(tx, editor, name, text, based_on, "Because.", LATER)


async def version(store: Store) -> str:
    async with store.read() as tx:
        return await kept.version_in_use(tx)


async def test_what_ships_is_in_use_until_somebody_publishes(store: Store) -> None:
    async with store.write() as tx:
        assert await kept.ensure_shipped(tx, SHIPPED, LATER) is False
        assert await kept.in_use(tx) == SHIPPED
        assert await kept.version_in_use(tx) == SHIPPED.version
        piece = await acting.piece(tx, BODY)
    assert (piece.number, piece.text, piece.is_shipped, piece.published_at) == (0, "Shipped body.\n", True, NOW)


async def test_a_published_text_is_in_use_at_once_and_the_set_before_it_is_kept(store: Store) -> None:
    ani = await someone(store, "ani")
    assert await published(store, ani, "Ani's.\r\n", 0) == 1
    async with store.read() as tx:
        assert (await acting.in_use(tx)).pieces == {**SHIPPED.pieces, BODY: "Ani's.\n"}
        assert await kept.set_named(tx, SHIPPED.version) == SHIPPED
        assert await kept.set_named(tx, "never") is None
        piece = await acting.piece(tx, BODY)
        assert (piece.number, piece.who, piece.why) == (1, "Ani <ani@example.org>", "Because.")
        assert (piece.published_at, piece.is_shipped) == (LATER, False)
        listed = {one.name: (one.number, one.is_shipped, one.text) for one in await acting.pieces(tx)}
        (entry, *_) = await audit.entries(tx, audit.Asked(), 10)
    assert listed == {BODY: (1, False, ""), SUBJECT: (0, True, ""), "locales/hy.po": (0, True, "")}
    assert (entry.action, entry.subject, entry.editor) == ("published", f"template {BODY}", ani.id)
    assert entry.details == {"number": 1, "why": "Because.", "set": await version(store)}


async def test_every_version_is_kept_and_can_be_returned_to(store: Store) -> None:
    ani = await someone(store, "ani")
    await published(store, ani, "One.", 0)
    used = await version(store)
    await published(store, ani, "Two.", 1)
    async with store.write() as tx:
        assert await acting.return_to(tx, ani, BODY, 1, "It was better.", LATER) == 3
        assert (await acting.piece(tx, BODY)).text == "One."
        assert [(one.number, one.why) for one in await acting.history(tx, BODY)] == [
            (3, "It was better."),
            (2, "Because."),
            (1, "Because."),
            (0, ""),
        ]
        assert [await acting.text_of(tx, BODY, number) for number in range(4)] == [
            "Shipped body.\n",
            "One.",
            "Two.",
            "One.",
        ]
        with pytest.raises(NotFoundError):
            await acting.text_of(tx, BODY, 4)
    assert await version(store) == used  # the same set, in use again
    async with store.write() as tx:
        assert await acting.return_to(tx, ani, BODY, 0, "As it came.", LATER) == 4
        assert (await acting.piece(tx, BODY)).is_shipped
    assert await version(store) == SHIPPED.version


async def test_whoever_began_from_an_older_version_is_told_and_loses_nothing(store: Store) -> None:
    ani, tigran = await someone(store, "ani"), await someone(store, "tigran")
    async with store.write() as tx:
        await acting.save_draft(tx, tigran, BODY, "Tigran's.", 0, NOW)
    await published(store, ani, "Ani's.", 0)
    with pytest.raises(ConflictError) as conflict:
        await published(store, tigran, "Tigran's.", 0)
    assert conflict.value.number == 1
    async with store.read() as tx:
        assert (await acting.piece(tx, BODY)).text == "Ani's."
        draft = await acting.draft_of(tx, tigran, BODY)
        assert draft == acting.Draft("Tigran's.", 0, NOW)
    assert await published(store, tigran, "Both.", 1) == 2
    async with store.read() as tx:
        assert await acting.draft_of(tx, tigran, BODY) is None


async def test_of_two_who_publish_at_the_same_moment_one_is_told(store: Store, database_url: str) -> None:
    ani, tigran = await someone(store, "ani"), await someone(store, "tigran")
    other = Store(database_url)
    done = await asyncio.gather(
        published(store, ani, "Ani's.", 0), published(other, tigran, "Tigran's.", 0), return_exceptions=True
    )
    await other.close()
    assert sorted(type(one).__name__ for one in done) == ["ConflictError", "int"]
    async with store.read() as tx:
        assert [one.number for one in await acting.history(tx, BODY)] == [1, 0]


async def test_of_two_who_publish_different_pieces_at_the_same_moment_both_are_in_use(
    store: Store, database_url: str
) -> None:
    ani, tigran = await someone(store, "ani"), await someone(store, "tigran")
    other = Store(database_url)
    await asyncio.gather(published(store, ani, "Ani's.", 0), published(other, tigran, "Tigran's.", 0, name=SUBJECT))
    await other.close()
    async with store.read() as tx:
        assert (await acting.in_use(tx)).pieces == {**SHIPPED.pieces, BODY: "Ani's.", SUBJECT: "Tigran's."}


async def test_a_text_that_says_nothing_new_makes_no_version(store: Store) -> None:
    ani = await someone(store, "ani")
    assert await published(store, ani, "Shipped body.\n", 0) == 0
    async with store.read() as tx:
        assert len(await acting.history(tx, BODY)) == 1


async def test_a_draft_is_its_editors_alone(store: Store) -> None:
    ani, tigran = await someone(store, "ani"), await someone(store, "tigran", Role.EDITOR)
    async with store.write() as tx:
        await acting.save_draft(tx, tigran, BODY, "{% if", 0, NOW)
        await acting.save_draft(tx, tigran, BODY, "{% if x", 0, LATER)
        assert await acting.draft_of(tx, tigran, BODY) == acting.Draft("{% if x", 0, LATER)
        assert await acting.draft_of(tx, ani, BODY) is None
        assert await acting.drafted(tx, tigran) == [BODY]
        await acting.drop_draft(tx, tigran, BODY)
        assert await acting.drafted(tx, tigran) == []


async def test_roles_reasons_names_and_texts_are_checked(store: Store) -> None:
    editor, approver = await someone(store, "vahe", Role.EDITOR), await someone(store, "ani")
    viewer = await someone(store, "lusine", Role.VIEWER)
    async with store.write() as tx:
        with pytest.raises(NotAllowedError):
            await acting.publish(tx, editor, BODY, "New.", 0, "Because.", NOW)
        with pytest.raises(NotAllowedError):
            await acting.return_to(tx, editor, BODY, 0, "Because.", NOW)
        with pytest.raises(NotAllowedError):
            await acting.save_draft(tx, viewer, BODY, "New.", 0, NOW)
        with pytest.raises(InvalidError) as no_reason:
            await acting.publish(tx, approver, BODY, "New.", 0, " \n", NOW)
        with pytest.raises(InvalidError, match="no text may hold"):
            await acting.publish(tx, approver, BODY, "New\0.", 0, "Because.", NOW)
        for name in (
            "letters/../x.txt",
            "/etc/passwd",
            "letters/notice/body.html",
            "pages/today.html",
            "locales/zzz.po",
            "",
        ):
            with pytest.raises(NotFoundError):
                await acting.publish(tx, approver, name, "New.", 0, "Because.", NOW)
    assert no_reason.value.field == "why"
    assert await version(store) == SHIPPED.version


async def test_a_new_release_is_in_use_where_nobody_has_published(store: Store) -> None:
    ani = await someone(store, "ani")
    await published(store, ani, "Ani's.", 0)
    release = Templates({**SHIPPED.pieces, BODY: "Newer body.\n", SUBJECT: "Newer subject.\n", "letters/_new.txt": "N"})
    async with store.write() as tx:
        assert await kept.ensure_shipped(tx, release, LATER) is True
        assert await kept.ensure_shipped(tx, release, LATER) is False
        assert (await acting.in_use(tx)).pieces == {**release.pieces, BODY: "Ani's."}
        assert await acting.text_of(tx, BODY, 0) == "Newer body.\n"
        assert (await acting.piece(tx, BODY)).number == 1
        subject = await acting.piece(tx, SUBJECT)
        assert [(one.number, one.who) for one in await acting.history(tx, SUBJECT)] == [
            (2, "program"),
            (1, "program"),
            (0, "program"),
        ]
        assert await acting.text_of(tx, SUBJECT, 1) == "Shipped subject.\n"  # nothing is lost
    assert (subject.number, subject.text, subject.is_shipped) == (2, "Newer subject.\n", True)
    with pytest.raises(ConflictError):  # a draft of what shipped before is an older one
        await published(store, ani, "A draft of the old one.", 0, name=SUBJECT)


async def test_whoever_returned_to_what_ships_follows_the_next_release(store: Store) -> None:
    ani = await someone(store, "ani")
    await published(store, ani, "Ani's.", 0)
    async with store.write() as tx:
        await acting.return_to(tx, ani, BODY, 0, "As it came.", LATER)
        await kept.ensure_shipped(tx, SHIPPED.altered({BODY: "Newer body.\n"}), LATER)
        piece = await acting.piece(tx, BODY)
    assert (piece.number, piece.text, piece.who) == (3, "Newer body.\n", "program")


async def test_what_a_release_ships_no_more_goes_unless_somebody_published_it(store: Store) -> None:
    ani = await someone(store, "ani")
    await published(store, ani, "Ani's.", 0)
    async with store.write() as tx:
        await kept.ensure_shipped(tx, Templates({"locales/hy.po": ""}), LATER)
        assert (await acting.in_use(tx)).pieces == {BODY: "Ani's.", "locales/hy.po": ""}
        with pytest.raises(NotFoundError):
            await acting.piece(tx, SUBJECT)
        assert not (await acting.piece(tx, BODY)).is_shipped


async def test_several_are_published_together_as_one_set(store: Store) -> None:
    async with store.write() as tx:
        texts = {BODY: "New.", SUBJECT: "Shipped subject.\n", "letters/_more.txt": "More."}
        assert await acting.publish_all(tx, "command", texts, "From git.", LATER) == {BODY: 1, "letters/_more.txt": 1}
        assert (await acting.in_use(tx)).pieces == {**SHIPPED.pieces, BODY: "New.", "letters/_more.txt": "More."}
        assert (await acting.piece(tx, "letters/_more.txt")).who == "command"


async def test_a_process_that_starts_beside_another_finds_what_ships_in_use(store: Store, database_url: str) -> None:
    release = SHIPPED.altered({BODY: "Newer body.\n"})
    stores = [Store(database_url) for _ in range(3)]

    async def start(one: Store) -> bool:
        async with one.write() as tx:
            return await kept.ensure_shipped(tx, release, LATER)

    assert sorted(await asyncio.gather(*map(start, stores))) == [False, False, True]
    for one in stores:
        await one.close()
    assert await version(store) == release.version
