"""The list of pieces and the page on which one is written."""

import re

from service.domain.editor import Role
from tests.unit.web.admin.bench import BODY, SUBJECT, Bench

PAGES = (
    "",
    f"/edit/{BODY}",
    f"/edit/{SUBJECT}",
    "/edit/letters/_layout.mjml",
    f"/history/{BODY}",
    f"/compare/{BODY}",
    f"/used/{BODY}",
    "/translate/hy",
    "/translate/he",
)
LARGEST_PAGE = 100_000


async def test_every_page_is_whole_small_and_runs_nothing_of_its_own(bench: Bench):
    for path in PAGES:
        answer = await bench.get(path)
        assert answer.status == 200, path
        assert len(answer.body) < LARGEST_PAGE, path
        assert "default-src 'none'" in answer.headers["content-security-policy"], path
        assert "unsafe" not in answer.headers["content-security-policy"], path
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", answer.text), path


async def test_the_nonce_is_another_each_time(bench: Bench):
    nonces = set()
    for _ in range(2):
        answer = await bench.get(f"/edit/{BODY}")
        found = re.search(r"style-src 'self' 'nonce-([\w-]+)'", answer.headers["content-security-policy"])
        assert found
        assert f'nonce="{found[1]}"' in answer.text
        nonces.add(found[1])
    assert len(nonces) == 2


async def test_the_list_tells_who_changed_what_and_why_and_marks_my_drafts(bench: Bench):
    await bench.publish(SUBJECT, await bench.text(SUBJECT) + "\n{# shorter #}\n", "It was too long")
    await bench.post(f"/save/{BODY}", {"text": "half a thought", "based_on": "0"})
    own = (await bench.get("")).text
    assert "It was too long" in own
    assert "approver@example.org" in own
    assert own.count("your draft") == 1
    assert "your draft" not in (await bench.get("", Role.APPROVER)).text


async def test_anything_is_kept_as_a_draft_and_comes_back_as_it_was(bench: Bench):
    broken = "{% if today %}\n<mj-text>\n  &amp; </textarea> {{ nothing"
    answer = await bench.post(f"/save/{BODY}", {"text": broken.replace("\n", "\r\n"), "based_on": "0"})
    assert answer.status == 303
    draft = await bench.draft(BODY, "editor@example.org")
    assert draft is not None
    assert draft.text == broken
    page = (await bench.get(f"/edit/{BODY}")).text
    assert "\n{% if today %}\n&lt;mj-text&gt;\n  &amp;amp; &lt;/textarea&gt; {{ nothing</textarea>" in page
    assert "This is your draft" in page
    assert (await bench.text()) != broken


async def test_a_draft_is_given_up(bench: Bench):
    await bench.post(f"/save/{BODY}", {"text": "half a thought", "based_on": "0"})
    assert (await bench.post(f"/drop/{BODY}", {})).status == 303
    assert await bench.draft(BODY, "editor@example.org") is None


async def test_without_script_a_text_is_checked_by_a_button_and_nothing_typed_is_lost(bench: Bench):
    typed = (await bench.text()).replace("{% endblock %}", "{% endblok %}", 1)
    fields = {"text": typed, "based_on": "0", "why": "a reason", "look": "dark"}
    answer = await bench.post(f"/check/{BODY}", fields, Role.APPROVER)
    assert answer.status == 200
    assert "endblok" in answer.text
    assert re.search(r'data-line="4"[^>]*>Line 4', answer.text)
    assert 'name="look" value="dark" checked' in answer.text
    assert 'value="a reason"' in answer.text


async def test_a_viewer_looks_and_does_not_write(bench: Bench):
    page = (await bench.get(f"/edit/{BODY}", Role.VIEWER)).text
    assert re.search(r'<textarea id="text"[^>]* readonly', page)
    assert "formaction" not in page
    refused = await bench.post(f"/save/{BODY}", {"text": "x", "based_on": "0"}, Role.VIEWER)
    assert refused.status == 403
    assert any("refused" in row for row in await bench.rows("audit"))


async def test_a_name_that_is_no_piece_is_not_found(bench: Bench):
    for name in ("letters/nothing/body.mjml", "../secrets", "letters/%2e%2e/x.txt", "pages/today.html"):
        assert (await bench.get(f"/edit/{name}")).status == 404
        assert (await bench.get(f"/history/{name}")).status == 404


async def test_the_guide_names_fields_filters_elements_and_macros_with_words(bench: Bench):
    told = (await bench.get("/guide")).text
    for known in ('"headline"', '"shorten"', '"mj-text"', '"told"', "Which return it is"):
        assert known in told


async def test_the_days_of_an_event_are_told_with_their_anniversaries(bench: Bench):
    await bench.grounds.record()
    (event,) = [row[0] for row in await bench.rows("events")]
    told = (await bench.get(f"/days?event={event}")).text
    assert "years" in told
