"""Subscribers come in from a file, and nothing in a file brings anybody back."""

import gzip
import json

import pytest

from tests.databases import on_either
from tests.journeys.leaving import leaves
from tests.journeys.program import ANNA, Program, written
from tests.peers.founding import WithTables
from tests.peers.postgresql import connect
from tests.sizes import sized
from tests.smtp_server import SmtpServer

UNASKED = {name: cell for name, cell in ANNA.items() if name != "confirmed_at"}
WRONG = {
    "email": "anna at example.org",
    "language": "tlh",
    "zone": "Yerevan",
    "hour": "25",
    "collections": "nothing",
    "events": "no-such-event",
    "lead_days": "61",
    "cadence": "hourly",
    "summary_on": "someday",
    "plain_text": "perhaps",
    "calendar_file": "2",
    "late_hours": "25",
    "confirmed_at": "yesterday",
}


async def test_every_mistake_is_named_by_line_and_column_and_nobody_is_imported(alone: Program):
    await alone.does("import")
    columns = dict.fromkeys(WRONG, "") | ANNA | {"cadence": "weekly"}
    file = alone.folder / "readers.csv"
    file.write_text(written(ANNA, *(columns | {column: cell} for column, cell in WRONG.items())))
    ended = await alone.ends("subscribers", "import", str(file))
    assert ended.status == 1
    lines = ended.err.splitlines()
    assert lines[-1] == "Nothing was imported."
    places = [line.removeprefix(f"{file}:").split(": ")[:2] for line in lines[:-1]]
    assert places == [[str(number), column] for number, column in enumerate(WRONG, start=3)]
    assert "Traceback" not in ended.err
    assert await alone.listed() == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "this is no file of subscribers that is known: it is empty"),
        (b"e-mail,zone\nanna@example.org,UTC\n", "'e-mail'"),
        (b"email,collections\nanna@example.org,artsakh,more,cells\n", "2: "),
        (b"email,collections\n\xff\xfe@example.org,artsakh\n", "UTF-8"),
        (b'email,collections\n"anna@example.org,artsakh\n', "CSV"),
        (gzip.compress(bytes(10_000_000)), "UTF-8"),
        (b"email,collections\n" + bytes(1_000_000), "more than 65,536 characters"),
    ],
    ids=["empty", "wrong header", "too many cells", "not UTF-8", "an open quotation mark", "packed", "one line"],
)
async def test_case_079_what_is_no_such_file_is_refused_in_words(alone: Program, content: bytes, said: str):
    await alone.does("import")
    file = alone.folder / "readers.csv"
    file.write_bytes(content)
    ended = await alone.ends("subscribers", "import", str(file))
    assert ended.status == 1
    assert said in ended.err
    assert "Traceback" not in ended.err


@on_either
async def test_who_left_or_was_erased_is_refused_and_told_of(posting: Program, relay: SmtpServer):
    await posting.readers(ANNA, ANNA | {"email": "erased@example.org"}, ANNA | {"email": "stays@example.org"})
    await posting.tick("2025-09-27T05:00:00Z")
    await posting.does("subscribers", "erase", "erased@example.org")
    await leaves(posting, relay, "anna@example.org")
    relay.received.clear()

    again = [ANNA | {"email": email} for email in ("Anna@Example.org", "ERASED@example.org", "stays@example.org")]
    told = (await posting.readers(*again)).told
    assert (told["confirmed"], told["asked"], told["known"], told["refused"]) == (0, 0, 1, 2)
    assert [address.lower() for address in told["refused_addresses"]] == ["anna@example.org", "erased@example.org"]
    kept = {email: row["status"] for email, row in (await posting.listed()).items()}
    assert kept == {"anna@example.org": "left", "stays@example.org": "active"}
    await posting.tick("2026-09-27T05:00:00Z")
    assert [letter.rcpt_tos for letter in relay.received] == [("stays@example.org",)]


@on_either
async def test_an_import_raises_nobodys_status(posting: Program, relay: SmtpServer):
    """Who has not confirmed is not confirmed by a file that says so, and who has is not asked again."""
    boris = ANNA | {"email": "boris@example.org"}
    await posting.readers(UNASKED, boris)
    told = (await posting.readers(ANNA, {**boris, "confirmed_at": "", "collections": "un-remembrance"})).told
    assert (told["known"], told["asked"], told["confirmed"]) == (2, 0, 0)
    kept = await posting.listed()
    assert (kept["anna@example.org"]["status"], kept["boris@example.org"]["status"]) == ("pending", "active")
    assert kept["anna@example.org"]["confirmed_at"] is None
    await posting.tick("2026-09-27T05:00:00Z")
    dated = [letter.rcpt_tos[0] for letter in relay.received if b"27 Sep 2026" in letter.content]
    assert dated == ["boris@example.org"]


def known_of_subscribers(url: str) -> float:
    """Give how many subscribers PostgreSQL takes there to be: by that it chooses how to plan."""
    with connect(url) as connection:
        return float(
            (connection.execute("SELECT reltuples FROM pg_class WHERE relname = 'subscribers'").fetchone() or (0,))[0]
        )


async def test_an_export_of_subscribers_is_what_an_import_reads(program: Program, with_tables: WithTables):
    await program.does("import")
    await program.readers(
        ANNA
        | {"language": "hy", "hour": "7:30", "lead_days": "7 0", "events": "artsakh-war-2020", "cadence": "weekly"},
        ANNA | {"email": "w@example.org", "cadence": "weekly", "summary_on": "friday", "plain_text": "yes"},
        ANNA
        | {
            "email": "m@example.org",
            "cadence": "monthly",
            "summary_on": "31",
            "calendar_file": "yes",
            "late_hours": "3",
        },
        ANNA | {"email": "ջոն@example.org", "collections": "un-remembrance armenian-remembrance", "lead_days": "1"},
        UNASKED | {"email": "pending@example.org"},
    )
    if (url := program.settings["DATABASE_URL"]).startswith("postgresql"):
        assert known_of_subscribers(url) == 5
    exported = (await program.does("subscribers", "export")).out
    fresh = Program(program.folder.parent / "fresh")
    with_tables(fresh.own_url)
    await fresh.does("import")
    file = program.folder / "exported.csv"
    file.write_text(exported)
    told = (await fresh.does("subscribers", "import", str(file), "--json")).told
    assert (told["confirmed"], told["asked"], told["refused"]) == (4, 1, 0)
    assert (await fresh.does("subscribers", "export")).out == exported


async def test_what_a_file_says_of_an_agreement_is_kept_and_printed(alone: Program):
    await alone.does("import")
    file = alone.folder / "readers.csv"
    file.write_text(written(ANNA | {"consent_source": "paper form no. 7", "consent_wording": "Write to me."}))
    await alone.does("subscribers", "import", str(file))
    told = (await alone.does("subscribers", "consent", ANNA["email"])).told
    (act,) = told["acts"]
    assert (told["address"], told["status"]) == (ANNA["email"], "active")
    assert (act["act"], act["source"], act["consent_source"]) == ("brought", "import", "paper form no. 7")
    unknown = await alone.ends("subscribers", "consent", "nobody@example.org")
    assert (unknown.status, "There is no subscriber" in unknown.err) == (1, True)


async def test_case_079_a_file_of_any_length_is_read_and_written_in_the_same_memory(alone: Program):
    """A million rows were measured once (tests/README.md); here the memory of ten times as many rows is compared."""
    await alone.does("import")
    few, many = _most_memory(alone, 1_000), _most_memory(alone, sized(100_000, 10_000))
    for less, more in zip(few, many, strict=True):
        assert more - less < 8, (few, many)  # MB; the rows alone, were they all in memory, would be some 15


def _most_memory(alone: Program, rows: int) -> list[float]:
    """Bring so many readers in, each tenth of them twice, take all out, and give the most memory of both in MB."""
    file = alone.folder / f"{rows}.csv"
    with file.open("w", encoding="utf-8") as target:
        target.write("\ufeffemail,collections,confirmed_at\n")
        for number in range(rows):
            who = f"r{number - 1}@EXAMPLE.org" if number % 10 == 9 else f"r{number}@example.org"
            target.write(f"{who},artsakh,2024-01-01\n")
    return [alone.most_memory("subscribers", *words) for words in (("import", str(file), "--quiet"), ("export",))]


async def test_an_export_of_another_system_is_tried_and_then_brought_in(alone: Program):
    await alone.does("import")
    columns = "Email Address,OPTIN_TIME,CONFIRM_TIME,CONFIRM_IP,TIMEZONE,LEID,EUID"
    agreed = "2018-10-11 09:55:14,2018-10-11 09:57:02,192.0.2.44,Asia/Yerevan,1,a"
    readers = alone.folder / "subscribed_email_audience_export_ab12.csv"
    readers.write_text(f"{columns}\nanna@example.org,{agreed}\nboris@example.org,,2019-01-01 00:00:00,,,2,b\n")
    gone = alone.folder / "unsubscribed_email_audience_export_ab12.csv"
    gone.write_text(f"{columns},UNSUB_TIME\nvera@example.org,{agreed},2021-05-06 07:08:09\n")

    wants = ("--collection", "artsakh")
    tried = await alone.does("subscribers", "import", str(readers), *wants, "--dry-run")
    assert tried.out.splitlines() == [
        f"{readers}:2: confirmed: anna@example.org (en, Asia/Yerevan, 09:00)",
        f"{readers}:3: asked to confirm: boris@example.org (en, UTC, 09:00)",
        "Where the file says nothing: language en, time zone UTC, hour 09:00.",
        "1 confirmed, 1 asked to confirm, 0 known already, 0 refused.",
        "Nothing was changed.",
    ]
    assert tried.err.splitlines() == ["Read as an export of mailchimp."]
    told = (await alone.does("subscribers", "import", str(readers), *wants, "--json")).told
    assert (told["confirmed"], told["asked"]) == (1, 1)
    tried = await alone.does("subscribers", "import", str(gone), "--from", "mailchimp", "--dry-run", "--json")
    assert [json.loads(line).get("fate") for line in tried.out.splitlines()] == ["suppressed", None]
    kept = {email: (row["status"], row["zone"]) for email, row in (await alone.listed()).items()}
    assert kept == {"anna@example.org": ("active", "Asia/Yerevan"), "boris@example.org": ("pending", "UTC")}

    await alone.does("subscribers", "erase", "boris@example.org")
    tried = await alone.does("subscribers", "import", str(readers), *wants, "--hour", "21", "--dry-run")
    assert tried.out.splitlines()[:2] == [
        f"{readers}:2: known already: anna@example.org",
        f"{readers}:3: refused: boris@example.org",
    ]
    tried = await alone.does("subscribers", "import", str(readers), *wants, "--hour", "21", "--dry-run", "--json")
    assert ["hour" in json.loads(line) for line in tried.out.splitlines()] == [False, False, False]

    theirs = alone.folder / "listmonk.csv"
    theirs.write_text("uuid,email,name,attributes,status,created_at,updated_at\nu,ani@example.org,,{},enabled,,\n")
    tried = await alone.does("subscribers", "import", str(theirs), *wants, "--dry-run")
    assert "who left a list in listmonk is still enabled in this file" in tried.err
    assert "export the list with its subscriptions of status confirmed" in tried.err
