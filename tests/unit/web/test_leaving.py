"""Leaving by the link in a letter: with one click in the mail program, with a button, and back again."""

import pytest

from service.actions.subscribing import Desk
from service.domain.subscription import Status, Wish
from service.mail.tokens import Purpose, Tokens
from tests.unit.web.client import FORM, Answer
from tests.unit.web.given import Grounds

ONE_CLICK = b"List-Unsubscribe=One-Click"
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    "multipart/form-data; boundary=x",
)
FOREIGN = {"sec-fetch-site": "cross-site", "origin": "https://mail.example"}


async def one_click(grounds: Grounds, id_: str, body: bytes = ONE_CLICK, kind: str = FORM) -> Answer:
    """What a mail program sends: no cookie, from anywhere."""
    link = grounds.link(Purpose.LEAVE, id_)
    return await grounds.client().ask("POST", link, body, {"content-type": kind, **FOREIGN})


@pytest.mark.parametrize(("body", "kind"), [(ONE_CLICK, FORM), MULTIPART])
async def test_one_click_ends_everything_at_once_and_may_come_twice(grounds: Grounds, body: bytes, kind: str) -> None:
    id_ = await grounds.reader()
    first = await one_click(grounds, id_, body, kind)
    assert first.status == 200
    assert "location" not in first.headers
    assert "You have left" in first.text
    assert await grounds.status(id_) is Status.LEFT
    after = await grounds.everything()
    second = await one_click(grounds, id_, body, kind)
    assert (second.status, second.body) == (first.status, first.body)
    assert await grounds.everything() == after


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x=y",
        b"List-Unsubscribe=",
        b"List-Unsubscribe=one-click",
        b"List-Unsubscribe=One-Click&List-Unsubscribe=One-Click",
        b"List-Unsubscribe=One-Click&target=event:war",
        b"action=leave-one",
        b"action=leave&target=event:war",
        b"action=erase",
    ],
)
async def test_any_other_body_changes_nothing(grounds: Grounds, body: bytes) -> None:
    id_ = await grounds.reader()
    before = await grounds.everything()
    link = grounds.link(Purpose.LEAVE, id_)
    here = {"content-type": FORM, "sec-fetch-site": "same-origin"}
    assert (await grounds.client().ask("POST", link, body, here)).status == 400
    assert (await one_click(grounds, id_, body)).status == 403
    assert await grounds.everything() == before


async def test_one_click_with_a_link_that_is_wrong_is_answered_neutrally(grounds: Grounds) -> None:
    await grounds.reader()
    before = await grounds.everything()
    for token in ("x", "a.b.c", "%00", grounds.tokens.sign(Purpose.LEAVE, "nobody", "notice")):
        answer = await grounds.client().ask("POST", f"/leave/{token}", ONE_CLICK, {"content-type": FORM, **FOREIGN})
        assert answer.status == 404
        assert "This link is not valid" in answer.text
    assert await grounds.everything() == before


async def test_the_pages_button_ends_everything_and_its_undo_brings_it_back(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    link = grounds.link(Purpose.LEAVE, id_)
    page = await grounds.client().get(link)
    assert "ani@example.org" in page.text
    assert "Leave everything" in page.text
    left = await grounds.client().post(link, [("action", "leave")])
    assert f'action="{link}/undo"' in left.text
    assert await grounds.status(id_) is Status.LEFT
    back = await grounds.client().post(f"{link}/undo", [("action", "undo")])
    assert "Everything is as it was" in back.text
    assert await grounds.status(id_) is Status.ACTIVE


async def test_one_thing_can_be_ended_and_brought_back(grounds: Grounds) -> None:
    wishes = (Wish(collection="wars"), Wish(event="war", lead_days=7))
    id_ = await grounds.reader("ani@example.org", Status.ACTIVE, *wishes)
    link = grounds.link(Purpose.LEAVE, id_)
    page = await grounds.client().post(link, [("action", "leave-one"), ("target", "event:war")])
    assert "It is ended" in page.text
    assert await grounds.wishes(id_) == [wishes[0]]
    undo = page.text.split('name="undo" value="')[1].split('"')[0]
    await grounds.client().post(f"{link}/undo", [("action", "undo"), ("undo", undo)])
    assert set(await grounds.wishes(id_)) == set(wishes)


async def test_who_ends_the_last_thing_has_left_and_can_come_back(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    link = grounds.link(Purpose.LEAVE, id_)
    page = await grounds.client().post(link, [("action", "leave-one"), ("target", "collection:wars")])
    assert "You have left" in page.text
    assert await grounds.status(id_) is Status.LEFT
    undo = page.text.split('name="undo" value="')[1].split('"')[0]
    await grounds.client().post(f"{link}/undo", [("action", "undo"), ("undo", undo)])
    assert await grounds.status(id_) is Status.ACTIVE
    assert await grounds.wishes(id_) == [Wish(collection="wars")]


async def test_the_undo_of_leaving_stays_for_whoever_was_taken_out_by_a_scanner(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    await one_click(grounds, id_)
    link = grounds.link(Purpose.LEAVE, id_)
    assert f'action="{link}/undo"' in (await grounds.client().get(link)).text
    assert (await grounds.client().post(f"{link}/undo", [("List-Unsubscribe", "One-Click")])).status == 400
    assert await grounds.status(id_) is Status.LEFT


async def test_case_118_a_link_outlives_the_key_that_signed_it(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    link, old = grounds.link(Purpose.LEAVE, id_), b"a secret of thirty-two bytes...."
    for keys, status in (((b"n" * 32,), 404), ((b"n" * 32, old), 200)):
        client = grounds.client(desk=Desk(Tokens(keys), "words-1"))
        assert (await client.ask("POST", link, ONE_CLICK, {"content-type": FORM, **FOREIGN})).status == status
    assert await grounds.status(id_) is Status.LEFT
