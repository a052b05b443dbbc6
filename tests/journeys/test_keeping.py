"""An installation is kept while it runs, lost, and brought back by its operator; and moved to another database."""

import shutil
from pathlib import Path

from tests.journeys.program import ANNA, Program
from tests.smtp_server import SmtpServer

DAY = "2026-09-27T05:00:00Z"


async def test_what_is_lost_comes_back_from_a_backup_and_goes_on_when_its_operator_says_so(
    posting: Program, relay: SmtpServer, tmp_path: Path
):
    await posting.readers(ANNA)
    async with posting.with_(PUBLIC_URL="").running():
        made = await posting.does("backup", "kept.backup")
    assert "rows of" in made.out
    assert "secret_key" in made.out  # it is a setting here, and so not in the file
    home = Program(tmp_path / "new home", posting.settings | {"DATABASE_URL": ""})
    home.folder.mkdir()
    shutil.copy(posting.folder / "kept.backup", home.folder)

    back = await home.does("restore", "kept.backup")
    assert "remembrancer resume --take-over" in back.out
    assert (await home.tick(DAY))["sent"] == 0
    stands = await home.ends("status")
    assert stands.status == 3
    assert "brought back from a backup" in stands.out
    refused = await home.ends("restore", "kept.backup")
    assert (refused.status, "--replace" in refused.err) == (1, True)
    assert (await home.ends("resume")).status == 1
    assert relay.received == []
    await home.does("resume", "--take-over")
    assert (await home.tick(DAY))["sent"] == 1
    assert list(relay.received[0].rcpt_tos) == ["anna@example.org"]


async def test_a_service_moves_to_postgresql_by_one_command(alone: Program, relay: SmtpServer, postgresql_url: str):
    posting = alone.with_(SMTP_URL=relay.url(), PUBLIC_URL="https://remember.example.org")
    await posting.does("import")
    await posting.readers(ANNA)
    moved = (await posting.does("move", "--to", postgresql_url, "--json")).told
    assert moved["rows"]["subscribers"] == 1
    assert (await posting.tick(DAY))["sent"] == 0
    there = posting.with_(DATABASE_URL=postgresql_url)
    assert (await there.tick(DAY))["sent"] == 1
    assert (await there.listed()).keys() == {"anna@example.org"}
    again = await posting.ends("move", "--to", postgresql_url)
    assert (again.status, "--replace" in again.err) == (1, True)


async def test_what_cannot_be_kept_or_brought_back_is_said_in_words(alone: Program):
    (alone.folder / "letter.txt").write_text("Dear reader")
    for words, said in (
        (("backup", "nowhere/kept.backup"), "No such file"),
        (("restore", "letter.txt"), "no backup"),
        (("restore", "none.backup"), "No such file"),
        (("move", "--to", "mysql://here"), "allowed: sqlite"),
        (("move", "--to", "postgresql+psycopg://us:secret@127.0.0.1:1/none"), "database"),
    ):
        ended = await alone.ends(*words)
        assert ended.status == 1
        assert said in ended.err
        assert "Traceback" not in ended.err
        assert "secret" not in ended.err
    assert not (alone.folder / "kept.backup").exists()
