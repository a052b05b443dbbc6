"""Reading back: a person sees what was composed; odd bytes are shown as far as they can be, and raise nothing."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.errors import InvalidError
from service.domain.letter import Mark, Words
from service.domain.notice import Claim, Kind
from service.mail.compose import Composer, House
from service.mail.headers import header
from service.mail.reading import Opened, letter, letter_path, letters, read
from service.mail.skeletons import skeleton
from service.mail.tokens import Tokens

AT = datetime(2026, 4, 24, 5, 0, 7, tzinfo=UTC)
CLAIM = Claim("n1", 1, Kind.NOTICE, "e1", "s1", "անի@example.org", AT, AT + timedelta(days=1), 0, 0)
WORDS = Words("Ապրիլի 24՝ =?utf-8?q?x?= 4 years", "<p>ը</p>\n<p>.</p>", f"For {Mark.ADDRESS}\n.\n")
CONTENT = (
    Composer(House("Յուշ, the house", "us@example.org", "", "https://example.org"), Tokens((b"secret" * 4,)))
    .compose(CLAIM, skeleton(WORDS))
    .content
)


def test_a_composed_letter_is_read_as_it_was_meant():
    opened = read(CONTENT)
    assert opened.subject == WORDS.subject
    assert opened.sender == "Յուշ, the house <us@example.org>"
    assert opened.to == "անի@example.org"
    assert opened.date == AT
    assert opened.html == WORDS.html
    assert opened.text == "For անի@example.org\n.\n"
    assert ("Auto-Submitted", "auto-generated") in opened.headers
    assert opened.headers[0][0] == "From"


@given(st.text())
def test_a_header_that_we_write_is_shown_as_it_was_given(text):
    try:
        lines = header("Subject", text)
    except InvalidError:
        return
    assert read(lines + b"\r\n").subject == text


@given(st.binary())
@example(b"")
@example(b"\xff\xfe\0")
@example(b"Subject: =?x?q?=FF?=\r\n\r\n")
@example(b"Subject: =?utf-8?b?x?=\r\n\r\n")
@example(b"Subject: \xe9\r\nDate: never\r\n\r\n")
@example(b"Date: Fri, 99 Apr 99999 99:99:99 +9999\r\n\r\n")
@example(b"Content-Type: text/plain; charset=nonsense\r\n\r\nhello \xff")
@example(b"Content-Type: text/plain; charset*=x''%FF\r\n\r\nhello")
@example(b"Content-Type: text/html; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!")
@example(b"Content-Type: multipart/mixed\r\n\r\n--x\r\n")
@example(b"Content-Type: message/rfc822\r\n\r\n")
@example(b"From: " + b"=?utf-8?q?x?= " * 100)
def test_any_bytes_can_be_opened(content):
    assert isinstance(read(content), Opened)


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: " + b" ".join([b"=?utf-8?q?x?="] * 50_000) + b"\r\n\r\n",
        b"".join(b'Content-Type: text/plain; x*%d="y"\r\n' % number for number in range(20_000)) + b"\r\n",
        b"X: y\r\n" * 200_000 + b"\r\n",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2_000)),
        b"Content-Type: message/rfc822\r\n\r\n" * 3_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000 + b"--b--\r\n",
        b"\r\n" + b"x" * 5_000_000,
    ],
    ids=["encoded words", "parameters", "headers", "nested parts", "nested messages", "parts", "long line"],
)
def test_bytes_made_to_be_slow_are_not(content):
    """The bar is far above what it takes, and far below the minute that the newer parser takes (case 127)."""
    begun = time.process_time()
    read(content)
    assert time.process_time() - begun < 5


class TestFolder:
    def test_an_absent_folder_holds_no_letters(self, tmp_path):
        assert letters(tmp_path / "nowhere") == []
        assert letter(tmp_path / "nowhere", "n1") is None

    def test_the_newest_comes_first_and_only_so_many(self, tmp_path):
        for number in range(5):
            path = letter_path(tmp_path, f"n{number}")
            path.write_bytes(CONTENT)
            os.utime(path, (1_000_000 + number, 1_000_000 + number))
        (tmp_path / ".n9.half").write_bytes(b"half a letter")
        assert [filed.notice for filed in letters(tmp_path, most=3)] == ["n4", "n3", "n2"]
        assert letters(tmp_path)[0].written_at == datetime.fromtimestamp(1_000_004, UTC)

    def test_one_letter_is_opened_by_its_notice(self, tmp_path):
        letter_path(tmp_path, "n1").write_bytes(CONTENT)
        filed = letter(tmp_path, "n1")
        assert filed
        assert filed.opened.subject == WORDS.subject

    @pytest.mark.parametrize("notice", ["", "..", "../n1", "/etc/passwd", "n1.eml", "n1\n", "a\0", "é", "x" * 1000])
    def test_a_name_that_leads_elsewhere_opens_nothing(self, tmp_path, notice):
        letter_path(tmp_path, "n1").write_bytes(CONTENT)
        assert letter(tmp_path / "sub", notice) is None
        with pytest.raises(InvalidError):
            letter_path(tmp_path, notice)
