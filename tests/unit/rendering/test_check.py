"""MJML before it is compiled: what is unknown, misplaced, malformed or would fetch something is refused."""

import pytest

from service.rendering.check import check_mjml

FRAME = """<mjml>
  <mj-head>{head}</mj-head>
  <mj-body><mj-section><mj-column>
    {body}
  </mj-column></mj-section></mj-body>
</mjml>"""


def messages(body: str = "", head: str = "") -> list[tuple[int, str]]:
    return [(one.line, one.message) for one in check_mjml(FRAME.format(body=body, head=head))]


def test_what_is_allowed_passes() -> None:
    body = '<mj-text css-class="a"><p lang="hy">a <a href="https://b.example/?c&amp;d">b</a><br /></p></mj-text>'
    assert messages(body, '<mj-title>&quot;A&quot;</mj-title><mj-raw><meta name="a" content="b" /></mj-raw>') == []
    assert messages('<mj-text><a href="RMBRzLEAVEzURLz4f1c">x</a></mj-text>') == []


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("<mj-tex>a</mj-tex>", 4, "<mj-tex> is not a known element"),
        ('<mj-text colour="red">a</mj-text>', 4, "<mj-text> has no attribute 'colour'"),
        ("<mj-section></mj-section>", 4, "<mj-section> may not stand in <mj-column>"),
        ("\n\nwords", 6, "text may not stand in <mj-column> itself"),
        ("<mj-text>a & b</mj-text>", 4, "not well-formed: not well-formed (invalid token)"),
        ("<mj-text>a<p>b</mj-text>", 4, "not well-formed: mismatched tag"),
        ("<mj-text>&nbsp;</mj-text>", 4, "not well-formed: undefined entity"),
        ('<mj-image src="https://a.example/b.png" />', 4, "<mj-image> is not a known element"),
        ('<mj-text><img src="x" /></mj-text>', 4, "<img> is not a known element"),
        ("<mj-text><script>x</script></mj-text>", 4, "<script> is not a known element"),
        ('<mj-text><p onclick="x">a</p></mj-text>', 4, "<p> has no attribute 'onclick'"),
        ('<mj-text><p style="background:URL (x)">a</p></mj-text>', 4, "style may not fetch"),
        ('<mj-text><a href="javascript:x">a</a></mj-text>', 4, "is not an address that a letter may link to"),
        ("<mj-text><!-- a --></mj-text>", 4, "a comment"),
        ("<mj-text><![CDATA[a]]></mj-text>", 4, "a CDATA section"),
        ('<mj-include path="/etc/passwd" />', 4, "<mj-include> is not a known element"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(body: str, line: int, message: str) -> None:
    found = messages(body)
    assert found[0][0] == line
    assert message in found[0][1]


@pytest.mark.parametrize(
    "head",
    [
        "<mj-style>@import 'x';</mj-style>",
        "<mj-style>.a{background:u\\72l(x)}</mj-style>",
        '<mj-font name="a" href="https://a.example" />',
        '<mj-title>a " b</mj-title>',
        "<mj-raw><link /></mj-raw>",
    ],
)
def test_the_head_can_fetch_nothing_either(head: str) -> None:
    assert messages(head=head)


def test_a_document_type_is_refused() -> None:
    assert check_mjml('<!DOCTYPE mjml [<!ENTITY a "b">]><mjml></mjml>')


def test_what_is_no_letter_is_refused() -> None:
    assert check_mjml("<p>a</p>")[0].message.startswith("<p> is not a letter")
    assert check_mjml("")
