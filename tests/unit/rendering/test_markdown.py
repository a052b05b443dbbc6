"""Narratives: safe HTML and readable text."""

import html

import pytest

from service.domain.letter import Mark
from service.rendering.markdown import html_of, plain_of


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\n\ntwo *three*", "<p>one</p>\n<p>two <em>three</em></p>"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("{{ 7*7 }} & <b>", "<p>{{ 7*7 }} &amp; &lt;b&gt;</p>"),
        ("[a](https://b.example/?c=1&d=2)", '<p><a href="https://b.example/?c=1&amp;d=2">a</a></p>'),
        ("[a](javascript:x)", "<p>[a](javascript:x)</p>"),
        ("![a](https://b.example/c.png)", '<p>!<a href="https://b.example/c.png">a</a></p>'),
        ("# War", "<h4>War</h4>"),
        ("a\\\nb", "<p>a<br />\nb</p>"),
    ],
)
def test_a_narrative_becomes_safe_html(text: str, html: str) -> None:
    assert html_of(text) == html


def test_a_narrative_becomes_text_with_its_links() -> None:
    text = "One [link](https://a.example) and\n<https://b.example>.\n\n- first\n- second\n\n> said"
    assert plain_of(text) == ("One link <https://a.example> and https://b.example.\n\n- first\n\n- second\n\n> said")


@pytest.mark.parametrize(
    "text",
    [
        "RMBRzMANAGEzURLz4f1c",
        "RMBR&#122;MANAGEzURLz4f1c",
        "RMB**R**zMANAGEzURLz4f1c",
        "RMB<!-- -->RzMANAGEzURLz4f1c",
        "[the photograph](https://b.example/?RMBR&#122;MANAGEzURLz4f1c)",
        "[a](https://b.example/?RMBR%7AMANAGEzURLz4f1c)",
        "[a](https://b.example/RMBR\\zMANAGEzURLz4f1c)",
        "`RMBR&#122;MANAGEzURLz4f1c`",
    ],
)
def test_nobodys_words_become_a_readers_own_link(text: str) -> None:
    """However it is written, and whoever decodes it after us: HTML decodes entities, a browser no letters."""
    assert not any(mark in html.unescape(html_of(text)) for mark in Mark if "&amp;" not in html_of(text))
    assert not any(mark in html_of(text) or mark in plain_of(text) for mark in Mark)
