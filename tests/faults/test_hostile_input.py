"""Hostile input (`faults.md`, B.5): what somebody types, or forces into the database, on its way to a mailbox."""

import ast
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from service.actions import subscriber_files
from service.actions.bringing import Tally, bring
from service.actions.subscriber_checks import Asked, check
from service.actions.subscriber_rows import chunks
from service.domain.addresses import check_address
from service.domain.documents import DocumentError, read_event
from service.domain.errors import InvalidError
from service.domain.letter import Words
from service.mail.headers import address_header
from service.mail.skeletons import skeleton
from service.store import events
from service.store.dialect import Store
from service.store.tables import editions, subscribers
from tests.builders import an_event
from tests.faults.post import Post
from tests.peers import ROOT
from tests.smtp_server import Received, SmtpServer
from tests.unit.mail.test_headers import SMUGGLED
from tests.unit.web.given import NOW, Grounds, a_form

ODD = ("A war\r\nBcc: v@e.com", "A war\nBcc: v@e.com", "A\u2028war", "A\u0085war", "A\x07war")
NO_ADDRESSES = (
    '"ani petrosyan"@example.org',
    "ani(comment)@example.org",
    "@relay.example:ani@example.org",
    "ani@example.org, boris@example.org",
    "ani@example.org,boris@example.org",
    "ani@[192.0.2.1]",
    "ani@x> AUTH=<boris@example.org",
    "ani@example.org> BODY=8BITMIME",
    "ani\u200e@example.org",
    "ani\u202e@example.org",
    "ani@exam\u200fple.org",
    '"a\r\nb"@example.org',
    "ani@example.org\r\nRCPT TO:<v@e.com>",
    f"{SMUGGLED}@example.org",
    "a" * 65 + "@example.org",
    "Ա" * 33 + "@example.org",  # 66 octets
)
RARE_ADDRESSES = (
    "ani+tag=1@example.org",
    "o'brien@example.org",
    "!#$%&*/?^_`{|}~-@example.org",
    "Ani.Petrosyan@example.org",
    "անի@example.org",
    "a" * 64 + "@example.org",
    "ani@xn--bcher-kva.example",
)
SQL = (
    "'; DROP TABLE events; --",
    "' OR '1'='1",
    '" OR ""="',
    "\\",
    "%' --",
    "1; SELECT pg_sleep(9)",
    "$$;$$",
    "{x}",
    ":x",
)


async def received(post: Post, subject: str | None = None, addresses: Sequence[str] = ()) -> list[Received]:
    """Send letters whose subject or addresses were forced into the database, and give what the relay got."""
    async with SmtpServer() as relay:
        await post.opens(relay.url())
        rows = await post.fill(max(len(addresses), 1))
        for row, address in zip(rows, addresses, strict=False):
            await post.change(subscribers, row.subscriber_id, address=address, address_key=address)
        if subject is not None:
            await post.change(editions, rows[0].edition_id, subject=subject)
        await post.drain()
        return relay.received


def header_line(letter: Received, name: str) -> bytes:
    """Give one header as it went over the wire, with its folds."""
    head = letter.content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b"\0")
    (line,) = [line for line in head.split(b"\r\n") if line.lower().startswith(name.lower().encode() + b":")]
    return line.replace(b"\0", b"\r\n ")


@pytest.mark.parametrize("subject", ODD)
async def test_case_070_a_subject_that_would_be_two_lines_is_not_sent_and_says_why(post: Post, subject: str) -> None:
    assert await received(post, subject) == []
    row = await post.row()
    assert row.state == "failed"
    assert "control character" in row.words


async def test_case_070_no_text_of_a_record_may_end_a_line_unless_it_is_told_in_paragraphs() -> None:
    for odd in ("\r", "\x00", "\x85", "\u2028", "\x1b"):
        for key in ("title", "summary"):
            with pytest.raises(DocumentError):
                read_event({**_document(), key: {"en": f"A war{odd}Bcc: v@e.com"}})


def _document() -> dict[str, Any]:
    return {
        "id": "war",
        "first_day": "2020-09-27",
        "title": {"en": "A"},
        "summary": {"en": "B"},
        "sources": [],
        "rules": [],
    }


@pytest.mark.parametrize("subject", [SMUGGLED, f"Re: {SMUGGLED}", "=?utf-8?b?QQ0KQmNjOiB2QGUuY29t?=", "=?x?q?=0D=0A?="])
async def test_case_071_an_encoded_word_that_somebody_typed_arrives_as_they_typed_it(post: Post, subject: str) -> None:
    (letter,) = await received(post, subject)
    read = message_from_bytes(letter.content)
    assert str(make_header(decode_header(read["Subject"]))) == subject
    assert "bcc" not in {name.lower() for name in read}
    assert letter.rcpt_tos == ((await post.row()).address,)


async def test_case_073_the_link_to_leave_by_is_whole_on_one_line(post: Post) -> None:
    (letter,) = await received(post)
    line = header_line(letter, "List-Unsubscribe")
    assert len(line) > 78
    assert line.startswith(b"List-Unsubscribe: <http")
    assert line.endswith(b">")
    assert b"\r\n" not in line
    assert b"=?" not in line
    assert header_line(letter, "List-Unsubscribe-Post") == b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"


async def test_case_074_what_is_no_single_plain_address_is_refused_at_the_form(store: Store, tmp_path: Path) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    for typed in NO_ADDRESSES:
        page = await grounds.client().post("/subscribe", a_form(address=typed))
        assert page.status == 422, typed
        assert 'id="address-error"' in page.text
    async with store.read() as tx:
        assert (await tx.execute(select(subscribers.c.address))).all() == []


async def test_case_074_what_is_no_single_plain_address_is_written_to_by_nobody(post: Post) -> None:
    assert await received(post, addresses=NO_ADDRESSES) == []
    assert await post.states() == {"failed": len(NO_ADDRESSES)}


async def test_case_074_what_is_kept_stands_on_the_wire_letter_by_letter(post: Post) -> None:
    letters = await received(post, addresses=RARE_ADDRESSES)
    assert sorted(letter.rcpt_tos for letter in letters) == sorted((one,) for one in RARE_ADDRESSES)
    for letter in letters:
        assert header_line(letter, "To") == f"To: {letter.rcpt_tos[0]}".encode()


async def test_case_074_blanks_around_an_address_are_not_kept(store: Store, tmp_path: Path) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    await grounds.client().post("/subscribe", a_form(address="  ani@example.org \t"))
    assert await _kept(store) == ["ani@example.org"]


async def test_case_075_a_domain_of_other_letters_is_kept_and_written_in_its_ascii_form(
    store: Store, post: Post, tmp_path: Path
) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    for typed in ("ani@bücher.example", "ani@BÜCHER.example", "ani@հիշատակ.example"):
        assert (await grounds.client().post("/subscribe", a_form(address=typed))).status == 303
    kept = await _kept(store)
    assert len(kept) == 2
    assert all(one.isascii() and one.startswith("ani@xn--") for one in kept)
    assert "ani@xn--bcher-kva.example" in kept
    others = [one.replace("ani", "boris") for one in kept]
    for letter in await received(post, addresses=others):
        assert header_line(letter, "To") == f"To: {letter.rcpt_tos[0]}".encode()
        assert letter.rcpt_tos[0] in others


def test_case_076_a_local_part_of_more_than_64_octets_is_refused_by_every_door() -> None:
    for local in ("a" * 65, "Ա" * 33):
        with pytest.raises(InvalidError, match="is not an e-mail address"):
            check_address(f"{local}@example.org")
        row = {"email": f"{local}@example.org", "collections": "wars"}
        with pytest.raises(InvalidError) as caught:
            subscriber_files.read_row(row, ("en",), ["collection:wars"], NOW)
        assert caught.value.field == "email"
    assert check_address(f"{'Ա' * 32}@example.org") == f"{'Ա' * 32}@example.org"


async def test_case_076_addresses_that_look_alike_are_two_people(store: Store, tmp_path: Path) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    for typed in ("ani@example.org", "аni@example.org", "ani@exаmple.org"):  # twice a Cyrillic а
        assert (await grounds.client().post("/subscribe", a_form(address=typed))).status == 303
    assert await _kept(store) == sorted(["ani@example.org", "аni@example.org", "ani@xn--exmple-4nf.org"])


async def _kept(store: Store) -> list[str]:
    async with store.read() as tx:
        return sorted((await tx.execute(select(subscribers.c.address))).scalars())


async def test_case_078_a_body_of_any_shape_arrives_as_it_was_in_lines_that_every_server_takes(post: Post) -> None:
    bodies = ["x" * 1_000_000, "Հ" * 300_000, "a line.\n" * 100_000, ".\n" * 50_000]
    async with SmtpServer() as relay:
        await post.opens(relay.url())
        rows = await post.fill(len(bodies), different=len(bodies))
        for row, body in zip(rows, bodies, strict=True):
            await post.change(editions, row.edition_id, text=body, html=f"<p>{body}</p>")
        await post.drain()
    arrived = []
    for letter in relay.received:
        head, _, rest = letter.content.partition(b"\r\n\r\n")
        assert max(map(len, head.split(b"\r\n"))) <= 998
        assert max(map(len, rest.split(b"\r\n"))) <= 76
        parts = [part.get_payload(decode=True) for part in message_from_bytes(letter.content).walk()][1:]
        text, html = [part.decode().replace("\r\n", "\n").rstrip("\n") for part in parts]
        assert html in {f"<p>{text}</p>", f"<p>{text}\n</p>"}
        arrived.append(text)
    assert sorted(arrived) == sorted(body.rstrip("\n") for body in bodies)


def test_case_077_a_name_with_quotes_scripts_and_marks_of_direction_is_one_name_of_one_address() -> None:
    name = '"Ani", <script>alert(1)</script> <v@e.com>, \u202egpj.exe'
    read = message_from_bytes(address_header("From", name, "ani@example.org") + b"\r\n\r\n")
    shown = str(make_header(decode_header(read["From"])))
    assert shown == f"{name} <ani@example.org>"
    assert read["From"].isascii()
    assert "<v@e.com>" not in read["From"]


async def test_case_079_an_address_that_would_be_a_formula_is_defused_on_export_and_comes_back(
    store: Store, tmp_path: Path
) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    addresses = ["=1+1@example.org", "+ani@example.org", "-ani@example.org", "'=x@example.org"]
    for one in addresses:
        await grounds.reader(one)
    async with store.read() as tx:
        exported = [line async for line in subscriber_files.export(tx)]
    columns, *rows = exported
    cells = [dict(zip(columns, row, strict=True)) for row in rows if row]
    assert all(one["email"].startswith("'") for one in cells)
    read = [subscriber_files.read_row(one, ("en",), ["collection:wars"], NOW) for one in cells]
    assert [one.address for one in read] == addresses


async def test_case_079_addresses_that_differ_by_case_are_one_person_and_asked_unless_their_consent_is_told(
    store: Store, tmp_path: Path
) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    people = ("ani@example.org,wars,", "ani@EXAMPLE.org,wars,", "Boris@example.org,wars,2024-01-01")
    file = "\n".join(("\ufeffemail,collections,confirmed_at", *people, ""))
    spool, tally = io.StringIO(), Tally()
    found = check(io.StringIO(file), spool, "readers.csv", Asked(("en",), ["collection:wars"], NOW))
    spool.seek(0)
    async with store.write() as tx:
        for chunk in chunks(spool):
            await bring(tx, grounds.site().desk, chunk, tally, NOW)
    assert (found.rows, tally.asked, tally.confirmed) == (3, 1, 1)
    assert await _kept(store) == ["Boris@example.org", "ani@example.org"]


@pytest.mark.parametrize("half", ["\ud800", "a\udfffb"])
def test_case_078_half_a_character_is_refused_before_it_is_a_letter(half: str) -> None:
    for words in (Words("A", f"<p>{half}</p>", "A"), Words("A", "<p>A</p>", half), Words(half, "<p>A</p>", "A")):
        with pytest.raises(ValueError, match=r"surrogate|control character|half"):
            skeleton(words)


def test_case_080_no_statement_is_put_together_from_texts() -> None:
    """What SQL is written out is a constant; ruff's S608 looks for the rest, and nothing is exempt from it."""
    for file in sorted((ROOT / "service").rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        assert "S608" not in source, file
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and _says_sql(node):
                assert not _is_put_together(node.args[0], source), f"{file}:{node.lineno}"


def _says_sql(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name == "exec_driver_sql" and bool(call.args)


def _is_put_together(said: ast.expr, source: str) -> bool:
    return isinstance(said, ast.JoinedStr | ast.BinOp) or ".format(" in (ast.get_source_segment(source, said) or "")


async def test_case_080_what_means_something_in_sql_is_only_text_everywhere(store: Store, tmp_path: Path) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    for place, text in enumerate(SQL):
        await grounds.record(an_event(id=f"e{place}", title={"en": text}, summary={"en": text}), id_=f"c{place}")
    reader = await grounds.reader("o'brien--;@example.org")
    client = grounds.client()
    for text in SQL:
        told = quote(text, safe="")
        paths = ("events/{}", "collections/{}", "collections/{}.ics", "editions/{}", "days/{}", "years/{}", "static/{}")
        links = (
            "manage/{}",
            "leave/{}",
            "confirm/{}",
            "calendar/{}.ics",
            "status/{}",
            "?lang={}",
            "subscribe?event={}",
        )
        for path in (*paths, *links):
            answer = await client.get("/" + path.format(told))
            assert answer.status in {200, 303, 308, 400, 404}, (path, text)
        for name in ("address", "targets", "language", "zone", "hour", "cadence", "lead_days"):
            assert (await client.post("/subscribe", a_form(**{name: text}))).status in {303, 400, 413, 422}, (
                name,
                text,
            )
    async with store.read() as tx:
        titles = await events.titles(tx)
    assert {titles[f"e{place}"]["en"] for place in range(len(SQL))} == set(SQL)
    assert await _kept(store) == ["o'brien--;@example.org"]
    assert await grounds.status(reader) is not None


SAID = '250 ok\r\n{"event": "forged", "level": "info"}\x1b[2J\x9b31m\u2028\u202e\x07\x00 Հիշատակ'
LOGS = (
    "from service.observability import log, set_up; set_up(); said = {said!r}; log.error('letter_refused', words=said);"
    "\ntry: raise ValueError(said)\nexcept ValueError: log.exception('failed')"
)


def test_case_081_what_a_relay_said_is_one_line_of_the_log_and_reads_back() -> None:
    ran = subprocess.run([sys.executable, "-c", LOGS.format(said=SAID)], cwd=ROOT, capture_output=True, check=True)
    first, second, *rest = ran.stderr.decode("ascii").split("\n")
    assert rest == [""]
    assert json.loads(first)["words"] == SAID
    assert "ValueError" in json.loads(second)["exception"]


def test_case_081_what_a_relay_said_moves_no_cursor_of_a_terminal() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", LOGS.format(said=SAID)], cwd=ROOT, stderr=theirs) as child:
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += (more := os.read(ours, 65536))
            except OSError:  # the other end is closed
                break
            if not more:
                break
        assert child.wait() == 0
    os.close(ours)
    told = shown.decode()
    for odd in ("\x1b[2J", "\x9b", "\x07", "\x00", "\u2028", "\u202e"):
        assert odd not in told
    assert "\\x1b[2J" in told
    assert len([line for line in told.splitlines() if line.startswith("{")]) == 1  # of the exception alone
