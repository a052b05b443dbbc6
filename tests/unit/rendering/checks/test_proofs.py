"""What an editor is told of letters as they would leave: links, colours, support, size, what the text leaves out."""

from datetime import date

import pytest
from tinycss2.color3 import parse_color

from service.domain.letter import Mark, Words
from service.domain.notice import Kind
from service.rendering.asked import TemplateFinding
from service.rendering.checks import Severity, check_proofs
from service.rendering.checks.contrast import contrast, faint_texts
from service.rendering.checks.page import page_of
from service.rendering.checks.parity import missing_in_text
from service.rendering.checks.support import unsupported
from service.rendering.proof import Proof, Wanted
from tests.unit.rendering.letters import SHIPPED

FEET = f' <a href="{Mark.MANAGE_URL}">Change</a> <a href="{Mark.LEAVE_URL}">Leave</a>'
PLAIN = f"Change {Mark.MANAGE_URL} Leave {Mark.LEAVE_URL} "


def proof(html: str = "", text: str = "", *, language: str = "en", subject: str = "A war", **parts: object) -> Proof:
    words = Words(subject, f"<body>{html}{FEET}</body>", PLAIN + text)
    given = {"words": words, "findings": (), "kind": Kind.NOTICE} | parts
    wanted = Wanted(given["kind"], language, "war")
    return Proof(wanted, date(2026, 9, 27), given["words"], given["findings"], b"", 1.0)


def told(*proofs: Proof) -> list[str]:
    return [f"{check.severity} {check}" for check in check_proofs(proofs, SHIPPED)]


def test_a_letter_that_is_whole_has_nothing_to_tell() -> None:
    assert told(proof("<p>A war, 2020</p>", "A war, 2020")) == []


def test_what_a_letter_failed_for_stops_it() -> None:
    failed = proof(words=None, findings=(TemplateFinding("letters/notice/body.txt", 3, "x is undefined"),))
    assert told(failed) == ["stops letters/notice/body.txt:3:1: x is undefined"]


def test_a_letter_without_a_way_to_leave_is_stopped_in_html_and_in_text() -> None:
    words = Words("A war", f'<body><a href="{Mark.MANAGE_URL}">Change</a></body>', PLAIN.replace(Mark.LEAVE_URL, ""))
    assert told(proof(words=words)) == [
        "stops letters/notice/body.mjml: the letter does not give leave_url",
        "stops letters/notice/body.txt: the letter does not give leave_url",
    ]
    assert told(proof(kind=Kind.CONFIRMATION)) == [
        "stops letters/confirmation/body.mjml: the letter does not give confirm_url",
        "stops letters/confirmation/body.txt: the letter does not give confirm_url",
    ]


@pytest.mark.parametrize("href", ["", "#", "/events/war", "javascript:alert(1)", "https://", "mailto:nobody"])
def test_a_link_that_leads_nowhere_is_stopped(href: str) -> None:
    found = told(proof(f'<a href="{href}">War</a>', f"War {href}"))
    assert len(found) == 1
    assert found[0].startswith("stops letters/notice/body.mjml")


def test_a_link_without_words_and_an_image_without_alternative_text_are_stopped() -> None:
    found = told(proof('<a href="https://a.example/"> </a><img src="x">', "https://a.example/"))
    assert [line.rsplit(": ", 1)[1] for line in found] == [
        "a link has no words",
        "an image has no alternative text, for those who do not see it",
    ]


def test_a_finding_of_one_language_names_it() -> None:
    found = told(proof("<p>War 1</p>", "War 1"), proof("<p>Պատերազմ 1</p>", "1", language="hy"))
    assert found == ["warns letters/notice/body.txt: the text does not say what the HTML does: Պատերազմ (in hy)"]


def test_a_long_subject_is_warned_of() -> None:
    (found,) = told(proof(subject="A war " * 11))
    assert "the subject has 66 characters" in found


@pytest.mark.parametrize(("size", "severity"), [(85_000, "warns"), (95_000, "stops")])
def test_a_letter_that_gmail_would_cut_off_is_told_of(size: int, severity: str) -> None:
    found = told(proof("<p>" + "a " * (size // 2) + "</p>"))
    assert [line.split(" ")[0] for line in found] == [severity]
    assert "Gmail cuts letters off" in found[0]


def test_the_text_says_every_link_date_name_and_figure_of_the_html() -> None:
    html = '<p>In <b>Shushi</b> 3,825 fell on 9 November.</p><a href="https://a.example/x">the record</a>'
    assert [one.message for one in missing_in_text(html, "fell on 9\nnovember\nthe record in")] == [
        "the text does not give the link https://a.example/x",
        "the text does not say what the HTML does: Shushi, 3,825",
    ]
    assert list(missing_in_text(html, "IN SHUSHI 3,825\n9 November https://a.example/x")) == []


def test_where_a_script_has_no_capitals_every_word_counts() -> None:
    (one,) = missing_in_text("<p>מלחמה ארוכה</p>", "מלחמה")
    assert one.message.endswith("ארוכה")


def test_what_is_hidden_or_between_the_lines_is_not_read() -> None:
    html = '<head><title>Never</title></head><div style="display:none">Hidden</div><style>.A { color: red }</style>'
    assert list(missing_in_text(html, "")) == []
    assert list(faint_texts(html)) == []


DARK = '<meta name="color-scheme" content="light dark"><style>@media (prefers-color-scheme: dark) {{ {} }}</style>'
FAINT = [
    ('<p style="color:#777777">x</p>', "#777777 on #ffffff is 4.5 : 1"),
    ('<table bgcolor="#000000"><tr><td>x</td></tr></table>', "#000000 on #000000 is 1.0 : 1"),
    ('<div style="background:#222 none"><p style="color:rgba(255,255,255,0.3)">x</p></div>', "by day"),
    ('<p style="color:#949494;font-size:23px">x</p>', "and 4.5 : 1 is needed"),
    ('<p style="color:#999999;font-size:24px">x</p>', "and 3.0 : 1 is needed"),
    (
        DARK.format("body { background: #000 !important }") + '<body style="color:#222">x</body>',
        "by night: #222222 on #000000",
    ),
    (
        DARK.format(".a > p { color: #111 !important }") + '<div class="a"><p>x</p></div>',
        "by night: #111111 on #121212",
    ),
]
CLEAR = [
    '<p style="color:#767676">x</p>',
    '<p style="color:#949494;font-size:24px">x</p>',
    '<b style="color:#949494;font-size:19px">x</b>',
    '<table bgcolor="#000"><tr><td style="color:#fff">x</td></tr></table>',
    DARK.format("p { color: #fff !important } .a p { color: #000 !important } div.b p { color: #fff !important }")
    + '<div class="a b"><p>x</p></div>',
    DARK.format(".b p { color: #111 !important } p { color: #111 }") + "<p>x</p>",
    "<style>@media (max-width: 480px) { p { color: #fff !important } }</style><p>x</p>",
]


@pytest.mark.parametrize(("html", "words"), FAINT)
def test_what_is_hard_to_read_is_found_by_day_and_by_night(html: str, words: str) -> None:
    found = [one.message for one in faint_texts(html)]
    assert len(found) == 1, found
    assert words in found[0]


@pytest.mark.parametrize("html", CLEAR)
def test_what_can_be_read_is_let_be(html: str) -> None:
    assert list(faint_texts(html)) == []


def test_contrast_is_that_of_wcag() -> None:
    pairs = [("#000", "#fff", 21.0), ("#767676", "#fff", 4.54), ("#fff", "#fff", 1.0), ("#f00", "#fff", 4.0)]
    for one, other, ratio in pairs:
        assert contrast(parse_color(one), parse_color(other)) == pytest.approx(ratio, abs=0.01)


SUPPORT = [
    ('<div style="display:flex">x</div>', "display:flex is not supported by Outlook (Windows)"),
    ('<p style="width:calc(1px + 2px)">x</p>', "calc()"),
    ('<p style="margin:2rem">x</p>', "1rem is not supported by"),
    ('<p style="box-shadow:0 0 1px #000">x</p>', "box-shadow is not supported by"),
    ("<style>@font-face { font-family: x } .a:hover { color: red }</style>", "@font-face is not supported by"),
]


@pytest.mark.parametrize(("html", "words"), SUPPORT)
def test_what_mail_programs_do_not_support_is_told_with_their_names(html: str, words: str) -> None:
    found = [one.message for one in unsupported(html, html)]
    assert any(words in message for message in found), found


def test_what_the_templates_do_not_say_themselves_is_not_their_fault() -> None:
    assert list(unsupported('<div style="display:flex">x</div>', "<mj-text>x</mj-text>")) == []
    assert list(unsupported('<p style="height:1px">x</p>', '<mj-spacer height="1px" /> { line-height: 1 }')) == []


def test_a_finding_is_placed_in_the_template_that_says_it() -> None:
    found = check_proofs([proof('<p class="foot" style="color:#eee">A war</p>', "A war")], SHIPPED)
    assert [(check.severity, check.place, check.column > 0) for check in found] == [
        (Severity.STOPS, "letters/_layout.mjml", True)
    ]


def test_a_page_with_tags_left_open_is_still_read() -> None:
    page = page_of("<p>one<p>two</div><b>three")
    assert {one.tag for one in page.all()} == {"", "p", "b"}


@pytest.mark.parametrize("href", ["http://[", "https://a.example:x/", "//a.example/", " "])
def test_a_link_that_cannot_be_read_is_a_finding(href: str) -> None:
    assert len([line for line in told(proof(f'<a href="{href}">War</a>', f"War {href}")) if "stops" in line]) <= 1


def test_a_page_that_is_nested_without_end_is_still_read() -> None:
    deep = "<span>" * 5_000 + "War" + "</span>" * 5_000
    assert told(proof(deep, "War")) == []
