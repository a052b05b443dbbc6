"""What somebody wrote above what they answer."""

import pytest

from service.mail.answered import own_words
from service.mail.arrived import opened

HEAD = "From: ani@example.org\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Yes.\r\n\r\nAni\r\nYerevan\r\n", "Yes. Ani"),
        ("\r\n  \r\n> quoted\r\nbelow", ""),
        ("Hello,\r\n> quoted", "Hello,"),
        ("-- \r\nAni", ""),
        ("-----Original Message-----\r\nFrom: x", ""),
        ("", ""),
        ("x" * 1000, "x" * 300),
    ],
)
def test_the_first_two_lines_are_told_without_what_is_quoted(text, wanted):
    assert own_words(opened((HEAD.format(kind="text/plain") + text).encode())) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (
            "<html><head><style>p { color: red }</style></head><body><p>No, thank you &amp; goodbye</p>",
            "No, thank you & goodbye",
        ),
        ("<div>Yes</div><blockquote>&gt; quoted</blockquote>", "Yes"),
        ("<style>" * 2000, "<style"),
        ("<" * 100_000, "<" * 300),
    ],
)
def test_where_there_is_but_html_what_it_shows_is_told(source, wanted):
    assert own_words(opened((HEAD.format(kind="text/html") + source).encode())) == wanted


def test_a_mail_of_two_parts_is_read_by_its_text():
    parts = "--b\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n--b--"
    assert own_words(opened((HEAD.format(kind="multipart/alternative; boundary=b") + parts).encode())) == "text"
