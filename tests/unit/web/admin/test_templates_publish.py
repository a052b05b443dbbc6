"""Trying, publishing, being told that somebody was quicker, and going back."""

import re

from service.domain.editor import Role
from tests.unit.web.admin.bench import BODY, SUBJECT, Bench

BETTER = "{# better #}\n"


async def test_an_approver_publishes_with_a_reason_and_an_editor_does_not(bench: Bench):
    text = BETTER + await bench.text()
    fields = {"text": text, "based_on": "0", "why": "It reads better"}
    assert (await bench.post(f"/publish/{BODY}", fields)).status == 403
    without = await bench.post(f"/publish/{BODY}", {**fields, "why": " "}, Role.APPROVER)
    assert without.status == 422
    assert BETTER.strip() in without.text
    assert 'id="why-error"' in without.text
    assert (await bench.piece()).number == 0
    assert (await bench.publish(BODY, text)).status == 303
    piece = await bench.piece()
    assert (piece.number, piece.text, piece.why) == (1, text, "It reads better")
    assert await bench.draft(BODY, "approver@example.org") is None
    assert bench.grounds.woken == 0


async def test_what_the_checks_stop_is_not_published_and_not_lost(bench: Bench):
    broken = (await bench.text()).replace("{% endblock %}", "", 1)
    answer = await bench.publish(BODY, broken)
    assert answer.status == 422
    assert "something must be mended first" in answer.text
    assert re.search(r'data-line="\d+"', answer.text)
    assert (await bench.piece()).number == 0
    draft = await bench.draft(BODY, "approver@example.org")
    assert draft is not None
    assert draft.text == broken


async def test_the_second_of_two_is_told_sees_both_and_loses_nothing(bench: Bench):
    shipped = await bench.text()
    theirs = shipped.replace('t("Also today")', 't("Also on this day")')
    mine = shipped + "{# at the end #}\n"
    await bench.publish(BODY, theirs, "Clearer", "first@example.org")
    fields = {"text": mine, "based_on": "0", "why": "A remark"}
    answer = await bench.post(f"/publish/{BODY}", fields, Role.APPROVER, "second@example.org")
    assert answer.status == 409
    assert "first@example.org" in answer.text
    assert "Clearer" in answer.text
    assert (await bench.text()) == theirs
    draft = await bench.draft(BODY, "second@example.org")
    assert draft is not None
    assert (draft.text, draft.based_on) == (mine, 0)
    table = answer.text.partition("<table")[2]
    assert "<mark>on this day</mark>" in table or "<mark>on this </mark>" in table or "<mark>" in table
    assert "your changes and theirs" in answer.text
    both = theirs + "{# at the end #}\n"
    offered = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", answer.text, re.DOTALL)
    assert offered
    assert "Also on this day" in offered[1]
    assert "at the end" in offered[1]
    again = {"text": both, "based_on": "1", "why": "A remark"}
    assert (await bench.post(f"/publish/{BODY}", again, Role.APPROVER, "second@example.org")).status == 303
    assert (await bench.text()) == both


async def test_changes_of_the_same_line_are_not_put_together_for_anybody(bench: Bench):
    shipped = await bench.text()
    await bench.publish(BODY, shipped.replace("Also today", "Also on this day"), "Clearer", "first@example.org")
    mine = shipped.replace("Also today", "Besides")
    fields = {"text": mine, "based_on": "0", "why": "Shorter"}
    answer = await bench.post(f"/publish/{BODY}", fields, Role.APPROVER, "second@example.org")
    assert answer.status == 409
    assert "You both changed the same lines" in answer.text
    offered = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", answer.text, re.DOTALL)
    assert offered
    assert "Besides" in offered[1]
    assert "Also on this day" not in offered[1]


async def test_the_way_back_is_one_click_and_a_version_of_its_own(bench: Bench):
    shipped = await bench.text(SUBJECT)
    await bench.publish(SUBJECT, shipped + "{# one #}\n", "The first")
    page = (await bench.get(f"/history/{SUBJECT}", Role.APPROVER)).text
    reason = re.search(r'id="why-0"[^>]* value="([^"]+)"', page)
    assert reason
    fields = {"number": "0", "why": reason[1]}
    assert (await bench.post(f"/return/{SUBJECT}", fields)).status == 403
    assert (await bench.post(f"/return/{SUBJECT}", {"number": "0", "why": ""}, Role.APPROVER)).status == 422
    assert (await bench.post(f"/return/{SUBJECT}", fields, Role.APPROVER)).status == 303
    piece = await bench.piece(SUBJECT)
    assert (piece.number, piece.text, piece.why) == (2, shipped, "Back to what ships")
    page = (await bench.get(f"/history/{SUBJECT}")).text
    assert "The first" in page
    assert "Return to this" not in page  # an editor does not return
    assert (await bench.post(f"/return/{SUBJECT}", {"number": "9", "why": "x"}, Role.APPROVER)).status == 404


async def test_two_versions_stand_side_by_side_without_script(bench: Bench):
    shipped = await bench.text()
    await bench.publish(BODY, shipped.replace("Also today", "Besides"), "Shorter")
    page = (await bench.get(f"/compare/{BODY}?before=0&after=1")).text
    assert "<mark>Also today</mark>" in page or "<mark>Also</mark>" in page
    assert "<mark>Besides</mark>" in page
    assert "lines that are the same" in page
    assert "They are the same." in (await bench.get(f"/compare/{BODY}?before=1&after=1")).text
    assert (await bench.get(f"/compare/{BODY}?before=7&after=1")).status == 404
    assert (await bench.get(f"/compare/{BODY}?before=0&after=draft")).status == 404  # there is none


async def test_a_test_letter_goes_to_the_editor_by_one_click_and_the_text_is_kept(bench: Bench):
    text = (await bench.text()).replace("{% block body %}", "{% block body %}{# tried #}")
    answer = await bench.post(f"/try/{BODY}", {"text": text, "based_on": "0", "to": "own", "speaks": "hy"})
    assert answer.status == 303
    assert "speaks=hy" in answer.headers["location"]
    assert "done=tried" in answer.headers["location"]
    (edition,) = [row for row in await bench.rows("editions") if "test" in row]
    assert any("[" in str(part) and "44" not in str(part) for part in edition)
    assert len(await bench.rows("notices")) == 1
    assert bench.grounds.woken == 1
    draft = await bench.draft(BODY, "editor@example.org")
    assert draft is not None
    assert draft.text == text


async def test_reviewers_are_up_to_five_and_one_wrong_address_sends_to_none(bench: Bench):
    fields = {"text": await bench.text(), "based_on": "0", "to": "others"}
    many = " ".join(f"r{number}@example.org" for number in range(6))
    for typed in ("", many, "ok@example.org\nnot an address"):
        answer = await bench.post(f"/try/{BODY}", {**fields, "addresses": typed})
        assert answer.status == 422
        assert 'id="addresses-error"' in answer.text
    assert await bench.rows("notices") == []
    five = {**fields, "addresses": "\n".join(f"r{number}@example.org" for number in range(5))}
    assert (await bench.post(f"/try/{BODY}", five)).status == 303
    assert len(await bench.rows("notices")) == 5


async def test_what_makes_no_letter_is_not_sent(bench: Bench):
    answer = await bench.post(f"/try/{BODY}", {"text": "{{ nobody }}", "based_on": "0", "to": "own"})
    assert answer.status == 422
    assert "there is no letter" in answer.text
    assert await bench.rows("notices") == []
