"""The commands about the people of the editors' room, and what they say of the audit."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text
from typer.testing import CliRunner, Result

from service.cli import main
from service.store.dialect import Store
from tests.peers.founding import WithTables

KEY = "a key that nobody may see, neither now nor ever"


class Commands:
    """The commands, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        own = {"DATA_DIR": str(folder), "SECRET_KEY": KEY, "SMTP_URL": "smtp://us:hunter2@127.0.0.1:9"}
        self._own = {f"REMEMBRANCER_{name}": value for name, value in own.items()}
        self.url = f"sqlite+aiosqlite:///{folder / 'remembrancer.db'}"

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, list(words), env=self._own)


@pytest.fixture
def commands(tmp_path: Path, with_tables: WithTables) -> Iterator[Commands]:
    commands = Commands(tmp_path / "var")
    with_tables(commands.url)
    yield commands
    structlog.reset_defaults()  # commands have logs written to where their errors went, which is closed by now


def test_people_are_let_in_given_roles_and_shut_out(commands: Commands) -> None:
    assert "Nobody is in" in commands("admin", "list").output
    link = commands("admin", "add", "ani@example.org", "--name", "Ani").output
    assert re.fullmatch(r"http\S+/admin/link/[\w-]{43}\n", link)
    for words in (
        ("add", "vahan@example.org", "--role", "approver"),
        ("role", "vahan@example.org", "viewer"),
        ("disable", "vahan@example.org"),
        ("enable", "vahan@example.org"),
        ("reset", "vahan@example.org", "--factors"),
        ("disable", "vahan@example.org"),
    ):
        assert commands("admin", *words).exit_code == 0, words
    people = json.loads(commands("admin", "list", "--json").output)
    assert [(one["address"], one["role"], bool(one["shut out since"])) for one in people] == [
        ("ani@example.org", "owner", False),
        ("vahan@example.org", "viewer", True),
    ]
    assert "vahan@example.org" in commands("admin", "list").output


@pytest.mark.parametrize(
    "words",
    [
        ("disable", "ani@example.org"),
        ("role", "ani@example.org", "editor"),
        ("role", "ani@example.org", "queen"),
        ("add", "ani@example.org"),
        ("add", "nonsense"),
        ("add", "new@example.org", "--language", "tlh"),
        ("reset", "nobody@example.org"),
    ],
)
def test_what_cannot_be_is_refused_in_words(commands: Commands, words: tuple[str, ...]) -> None:
    commands("admin", "add", "ani@example.org")
    refused = commands("admin", *words)
    assert refused.exit_code == 1
    assert refused.stderr.strip()
    assert len(json.loads(commands("admin", "list", "--json").output)) == 1


def test_case_119_the_audit_is_verified_and_a_changed_row_gives_status_3(commands: Commands) -> None:
    for name in ("a", "b", "c"):
        commands("admin", "add", f"{name}@example.org")
    assert "All 3 entries are as they were written" in commands("admin", "audit").output
    seal = json.loads(commands("admin", "audit", "--json").output)["seal"]
    assert re.fullmatch("[0-9a-f]{64}", seal)

    async def tamper() -> None:
        store = Store(commands.url)
        async with store.write() as tx:
            await tx.execute(text("UPDATE audit SET subject = 'somebody else' WHERE number = 2"))
        await store.close()

    asyncio.run(tamper())
    broken = commands("admin", "audit")
    assert broken.exit_code == 3
    assert "Entry 2" in broken.stderr


def test_case_118_secrets_stand_in_nothing_that_commands_print(commands: Commands) -> None:
    commands("admin", "add", "ani@example.org")
    words = (["config", "show"], ["config", "show", "--json"], ["admin", "list"], ["admin", "audit"], ["export"])
    told = "".join(result.stdout + result.stderr for result in (commands(*one) for one in words))
    assert KEY not in told
    assert "hunter2" not in told


def test_a_token_is_made_for_an_editor_printed_once_and_ended(commands: Commands) -> None:
    commands("admin", "add", "ani@example.org")
    assert "There are no tokens yet" in commands("token", "list").output
    made = commands("token", "add", "ani@example.org", "parish list", "--scope", "read:events,write:events")
    assert re.fullmatch(r"rmb_[\w-]{43}", made.stdout.strip())
    assert "shown this once" in made.stderr
    (token,) = json.loads(commands("token", "list", "--json").output)
    assert (token["for"], token["open"], token["last used"]) == ("ani@example.org", True, None)
    assert token["scopes"] == ["read:events", "write:events"]
    assert "parish list" in commands("token", "list").output
    assert commands("token", "end", token["id"]).exit_code == 0
    (token,) = json.loads(commands("token", "list", "--json").output)
    assert (token["open"], token["why not"]) == (False, "ended by hand")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "nobody@example.org", "x", "--scope", "read:events"), "There is no editor nobody@example.org."),
        (("add", "ani@example.org", "x", "--scope", "read:all"), "scopes: read:all cannot be (allowed: read:events,"),
        (("add", "ani@example.org", "x", "--scope", " "), "scopes: there is no scope (allowed: read:events,"),
        (("add", "ani@example.org", " ", "--scope", "read:events"), "name: Please give it a name"),
        (("add", "ani@example.org", "x", "--scope", "read:events", "--days", "0"), "days: 0 days cannot be"),
        (("add", "vahan@example.org", "x", "--scope", "read:subscribers"), "read:subscribers needs the role owner"),
        (("end", "none"), "There is no token 'none'."),
    ],
)
def test_what_a_token_cannot_be_is_said_with_what_is_allowed(
    commands: Commands, words: tuple[str, ...], said: str
) -> None:
    commands("admin", "add", "ani@example.org")
    commands("admin", "add", "vahan@example.org", "--role", "editor")
    refused = commands("token", *words)
    assert refused.exit_code == 1
    assert said in refused.stderr
    assert commands("token", "list", "--json").output.strip() == "[]"
