"""Translations: a page a language, by message, kept as one piece."""

import re

from service.domain.editor import Role
from service.rendering.catalogue import read_catalogue
from tests.unit.web.admin.bench import Bench

HY = "locales/hy.po"


async def test_messages_stand_with_where_they_are_said_and_can_be_filtered(bench: Bench):
    page = (await bench.get("/translate/hy?words=whole+record")).text
    assert "The whole record" in page
    assert 'href="/admin/templates/edit/letters/_parts.mjml"' in page
    assert "Every text of the letters is translated" in page
    untranslated = (await bench.get("/translate/he?shown=untranslated")).text
    assert 'aria-current="true">Untranslated' in untranslated
    assert 'dir="rtl"' in untranslated
    assert (await bench.get("/translate/klingon")).status == 404
    assert (await bench.get("/edit/locales/hy.po")).headers["location"].endswith("/translate/hy")


async def test_a_page_of_them_is_kept_as_a_draft_and_published_as_one_piece(bench: Bench):
    page = (await bench.get("/translate/hy?words=whole+record", Role.APPROVER)).text
    message = re.search(r'name="message-0" value="([^"]+)"', page)
    assert message
    fields = {"message-0": message[1], "translation-0": "Ամբողջը", "words": "whole record"}
    assert (await bench.post("/translate/hy", fields, Role.APPROVER)).status == 303
    draft = await bench.draft(HY, "approver@example.org")
    assert draft is not None
    assert read_catalogue(draft.text, "hy")[message[1]] == "Ամբողջը"
    without = await bench.post("/translate/hy/publish", {"why": ""}, Role.APPROVER)
    assert without.status == 422
    assert 'id="why-error"' in without.text
    assert (await bench.post("/translate/hy/publish", {"why": "Shorter"}, Role.APPROVER)).status == 303
    piece = await bench.piece(HY)
    assert (piece.number, read_catalogue(piece.text, "hy")[message[1]]) == (1, "Ամբողջը")


async def test_a_translation_that_lacks_a_name_is_kept_and_told_of(bench: Bench):
    fields = {"message-0": "{title}: {words}.", "translation-0": "{title}", "words": "{title}: {words}."}
    answer = await bench.post("/translate/hy", fields)
    assert answer.status == 422
    assert "it lacks {words}" in answer.text
    assert ">{title}</textarea>" in answer.text
    draft = await bench.draft(HY, "editor@example.org")
    assert draft is not None


async def test_a_language_is_added_by_its_code(bench: Bench):
    wrong = await bench.post("/languages", {"code": "klingon"})
    assert wrong.status == 422
    assert 'value="klingon"' in wrong.text
    assert 'id="code-error"' in wrong.text
    begun = await bench.post("/languages", {"code": "HE"})
    assert begun.headers["location"].endswith("/translate/he")
    await bench.post("/translate/he", {"message-0": "Ahead", "translation-0": "בקרוב"}, Role.APPROVER)
    assert "locales/he.po" in (await bench.get("", Role.APPROVER)).text
    assert (await bench.post("/translate/he/publish", {"why": "It begins"}, Role.APPROVER)).status == 303
    assert '"he"' in (await bench.get("/edit/letters/notice/body.mjml")).text
