"""The peers are real: what the other tests rely on is tried here first."""

import asyncio
import socket
import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from service.mail.dkim import KeyKind
from service.mail.keys import new_key, signer
from tests.peers import mime_tools, spamassassin
from tests.peers.fixtures import NewPage
from tests.peers.gmime import GMime
from tests.peers.loopback import AwayFromHomeError
from tests.peers.opendkim import OpenDkim
from tests.peers.perl import Perl
from tests.peers.postgresql import Server

PLAIN = b"""From: a@example.org
To: b@example.com
Subject: A word
Date: Sun, 01 Sep 2024 08:00:00 +0000
Message-ID: <%b@example.org>

%b
"""
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"  # which every filter must know
SPECIMENS = {"hy": "Հիշատակ", "he": "זיכרון", "ar": "ذكرى"}


async def test_a_database_of_either_kind_is_new_and_keeps_what_it_is_given(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE kept (word TEXT)"))
        await connection.execute(text("INSERT INTO kept VALUES ('Հիշատակ')"))
        assert (await connection.execute(text("SELECT word FROM kept"))).scalar_one() == "Հիշատակ"
    await engine.dispose()


def test_a_database_is_gone_after_its_test_even_if_a_connection_stayed_open(postgresql_server: Server) -> None:
    with postgresql_server.database() as url:
        name = url.partition("?")[0].rpartition("/")[2]
        assert name.startswith("test_")
    with postgresql_server.connect() as connection:
        assert connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None


def test_a_server_of_ours_is_closed_to_other_users(postgresql_server: Server) -> None:
    for folder in filter(None, [postgresql_server.folder]):  # TEST_DATABASE_URL has none
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("language", SPECIMENS)
async def test_the_browser_has_glyphs_for_our_scripts(new_page: NewPage, language: str) -> None:
    """A missing glyph is drawn as the same box as a character that no font has."""
    page = await new_page(locale=language)
    await page.set_content("<p style='font: 40px sans-serif'></p>")
    draw = """([word, unknown]) => {
      const inked = (letter) => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 80;
        const pen = canvas.getContext('2d');
        pen.font = '40px sans-serif';
        pen.fillText(letter, 20, 50);
        return canvas.toDataURL();
      };
      return [...word].filter((letter) => inked(letter) === inked(unknown) || inked(letter) === inked(' '));
    }"""
    assert await page.evaluate(draw, [SPECIMENS[language], "\U000e0fff"]) == []


async def test_the_browser_reaches_this_machine_and_no_other(new_page: NewPage) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    page = await new_page()
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await page.goto(f"http://127.0.0.1:{port}/")
        assert await page.inner_text("body") == "hello"
        with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
            await page.goto("http://another-machine.example/")


def test_python_does_not_connect_to_another_machine() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as plug, pytest.raises(AwayFromHomeError):
        plug.connect(("192.0.2.1", 25))
    with pytest.raises(AwayFromHomeError):
        socket.getaddrinfo("another-machine.example", 25)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("relay.invalid", 25)


async def test_asyncio_does_not_connect_to_another_machine() -> None:
    with pytest.raises(AwayFromHomeError):
        await asyncio.open_connection("192.0.2.1", 25)


def test_spamassassin_knows_spam_from_a_letter(a_perl: Perl, tmp_path: Path) -> None:
    letters = {"letter": PLAIN % (b"1", b"Good morning."), "spam": PLAIN % (b"2", GTUBE)}
    told = spamassassin.scores(a_perl, {name: text.replace(b"\n", b"\r\n") for name, text in letters.items()}, tmp_path)
    assert told["spam"].points > 900
    assert told["letter"].points < 1


def test_both_parsers_object_to_a_letter_that_breaks_off(a_perl: Perl, a_gmime: GMime, tmp_path: Path) -> None:
    broken = tmp_path / "broken.eml"
    broken.write_bytes(
        b"From: a@example.org\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx"
    )
    for (reading,) in (mime_tools.read(a_perl, [broken], tmp_path), a_gmime.read([broken])):
        assert reading.subject == "x"
        assert reading.defects != ()


def test_opendkim_confirms_nothing_that_is_not_signed(an_opendkim: OpenDkim, tmp_path: Path) -> None:
    key = signer(new_key(KeyKind.ED25519), "2024e", "example.org")
    assert an_opendkim.verdicts((PLAIN % (b"1", b"x")).replace(b"\n", b"\r\n"), [key], tmp_path) == {}
