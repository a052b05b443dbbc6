"""A catalogue as a translator works on it."""

import pytest

from service.domain.errors import InvalidError
from service.rendering.catalogue import entries, language_code, read_catalogue, with_translations, wrong_with
from service.settings import shipped

HY = (shipped("data") / "locales" / "hy" / "LC_MESSAGES" / "remembrancer.po").read_text(encoding="utf-8")


def test_what_is_not_changed_stays_and_a_change_is_the_only_one():
    before, after = read_catalogue(HY, "hy"), read_catalogue(with_translations(HY, "hy", {"Ahead": "Շուտով"}), "hy")
    assert after == {**before, "Ahead": "Շուտով"}


def test_to_write_it_again_changes_nothing_more():
    once = with_translations(HY, "hy", {"A text that is new": "Նոր"})
    assert with_translations(once, "hy", {}) == once
    assert once.partition("\n\n")[0] == HY.partition("\n\n")[0]  # its head, with who wrote it, stays as it was


def test_a_language_that_is_new_begins_with_its_head():
    text = with_translations("", "he", {"Ahead": "בקרוב", "Figures": ""})
    assert '"Language: he\\n"' in text
    assert read_catalogue(text, "he") == {"Ahead": "בקרוב"}


def test_what_letters_say_comes_first_and_each_message_tells_where():
    said = {"On a page": ["pages/x.html"], "Ahead": ["letters/a/body.txt", "pages/x.html"], "Adar": ["rendering/x.py"]}
    found = entries(HY, "hy", said)
    assert [entry.message for entry in found] == ["Ahead", "Adar", "On a page"]
    assert [entry.in_letters for entry in found] == [True, True, False]
    assert (found[0].translation, found[2].translation) == ("Առաջիկայում", "")


@pytest.mark.parametrize(
    ("translation", "told"),
    [
        ("", ""),
        ("{n} {title}", ""),
        ("{n}", "it lacks {title}"),
        ("{n} {titel}", "it names {titel}"),
        ("{n} {title", "not closed"),
    ],
)
def test_a_translation_that_cannot_be_used_is_told_of(translation: str, told: str):
    assert told in wrong_with("{n} of {title}", translation)
    assert bool(wrong_with("{n} of {title}", translation)) == bool(told)


def test_a_file_that_is_none_and_a_language_that_is_none_are_refused():
    with pytest.raises(InvalidError):
        read_catalogue("no catalogue", "hy")
    for code in ("", "xx-yy-zz-qq", "../hy", "klingon", "e"):
        with pytest.raises(InvalidError):
            language_code(code)
    assert language_code("pt-br") == "pt-BR"
