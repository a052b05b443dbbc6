"""A command where nothing was founded: it says where it looked and how to point it elsewhere, and makes nothing."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from service.app import Role
from service.cli import main
from service.domain.errors import StoreError
from service.running import prepare
from service.settings import Settings
from service.settings_read import read_settings
from service.store import schema
from service.store.dialect import Store
from tests.peers.founding import WithTables

Command = Callable[..., Result]
KEY = "a key that nobody may see, neither now nor ever"
REFUSED = [
    "status",
    "pause",
    "tick",
    "reckon",
    "next",
    "import",
    "export",
    "preview artsakh-war-2020",
    "rehearse --collection artsakh",
    "subscribers list",
    "subscribers add anna@example.org --collection artsakh",
    "admin add anna@example.org",
    "token list",
    "webhook list",
    "templates list",
    "backup kept.backup",
    "move --to sqlite+aiosqlite:///other.db",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which commands are run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(folder: Path) -> Iterator[Command]:
    """A command in that folder, and no setting but those given."""

    def run(words: str, settings: Mapping[str, str]) -> Result:
        own: dict[str, str | None] = {"REMEMBRANCER_SECRET_KEY": None, "REMEMBRANCER_DATA_DIR": None}
        own |= {f"REMEMBRANCER_{name}": value for name, value in settings.items()}
        return CliRunner().invoke(main, words.split(), env=own)

    assert not list(folder.iterdir())
    yield run
    structlog.reset_defaults()


@pytest.fixture
def elsewhere(folder: Path, with_tables: WithTables) -> str:
    """The database of an installation whose data folder is not here."""
    url = f"sqlite+aiosqlite:///{folder / 'elsewhere' / 'remembrancer.db'}"
    with_tables(url)
    return url


@pytest.mark.parametrize("words", REFUSED)
def test_in_a_wrong_folder_it_says_where_it_looked_and_makes_nothing(
    command: Command, folder: Path, words: str
) -> None:
    refused = command(words, {})
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"There is no installation here: there is no {folder}/data/var/remembrancer.db.\n" in refused.stderr
    assert f"Database: sqlite+aiosqlite:///{folder}/data/var/remembrancer.db\n" in refused.stderr
    assert f"Data folder: {folder}/data/var\n" in refused.stderr
    for way in ("REMEMBRANCER_DATA_DIR", "REMEMBRANCER_CONFIG", "remembrancer.toml", "remembrancer run"):
        assert way in refused.stderr
    assert not list(folder.iterdir())


def test_a_database_without_tables_is_no_installation_and_its_password_is_not_told(
    command: Command, folder: Path, empty_postgresql_url: str
) -> None:
    url = empty_postgresql_url if "@" in empty_postgresql_url else empty_postgresql_url.replace("://", "://us:hunter2@")
    refused = command("status", {"DATABASE_URL": url, "SECRET_KEY": KEY})
    assert refused.exit_code == 1
    assert "has no tables" in refused.stderr
    assert "hunter2" not in refused.stderr
    assert not list(folder.iterdir())


def test_without_its_secret_key_a_database_is_left_alone_as_it_would_not_be_known_who_left(
    command: Command, folder: Path, elsewhere: str
) -> None:
    refused = command("subscribers list", {"DATABASE_URL": elsewhere})
    assert refused.exit_code == 1
    assert "the secret key is neither set nor in the data folder" in refused.stderr
    assert "lost for good: set REMEMBRANCER_SECRET_KEY" in refused.stderr
    assert not (folder / "data").exists()
    assert command("subscribers list", {"DATABASE_URL": elsewhere, "SECRET_KEY": KEY}).exit_code == 0


def test_an_examination_says_that_there_is_none_and_makes_none_either(command: Command, folder: Path) -> None:
    found = command("doctor --installation", {})
    assert f"warning  database: there is no {folder}/data/var/remembrancer.db\n" in found.stdout
    assert "remembrancer run" in found.stdout
    assert not list(folder.iterdir())


def test_an_examination_says_that_the_secret_key_is_not_there(command: Command, folder: Path, elsewhere: str) -> None:
    found = command("doctor --installation", {"DATABASE_URL": elsewhere})
    assert found.exit_code == 1
    assert "failing  secret key: the secret key is neither set nor in the data folder\n" in found.stdout
    assert "REMEMBRANCER_SECRET_KEY" in found.stdout
    assert not (folder / "data").exists()
    known = command("doctor --installation", {"DATABASE_URL": elsewhere, "SECRET_KEY": KEY})
    assert "secret key: there is one" in known.stdout


def test_a_secret_key_whose_database_is_gone_is_no_new_installation(command: Command, folder: Path) -> None:
    assert command("db upgrade", {}).exit_code == 0
    file = folder / "data" / "var" / "remembrancer.db"
    file.unlink()
    found = command("doctor --installation", {})
    assert found.exit_code == 1
    assert f"failing  database: there is no {file}, though its secret key is there\n" in found.stdout
    assert "remembrancer restore FILE" in found.stdout
    assert "remembrancer run" not in found.stdout
    assert not file.exists()


def test_a_key_that_signs_letters_may_come_before_the_first_start_and_founds_nothing(
    command: Command, folder: Path
) -> None:
    made = command("dkim new 2026a --kind ed25519", {"SENDER": "us@example.org"})
    key = folder / "data" / "var" / "dkim" / "2026a.pem"
    assert (made.exit_code, f"The key is in {key}" in made.stdout) == (0, True)
    assert [path for path in folder.rglob("*") if path.is_file()] == [key]
    assert command("status", {}).exit_code == 1


def test_bringing_the_database_up_founds_one(command: Command, folder: Path) -> None:
    assert command("db upgrade", {}).exit_code == 0
    found = command("status --language en", {})
    assert found.exit_code == 3  # no clock has ticked
    assert f"\nDatabase: sqlite+aiosqlite:///{folder}/data/var/remembrancer.db\n" in found.stdout
    store = Store(f"sqlite+aiosqlite:///{folder}/data/var/remembrancer.db")
    assert asyncio.run(schema.has_tables(store))
    asyncio.run(store.close())


def test_a_wrong_setting_founds_nothing(command: Command, folder: Path) -> None:
    refused = command("db upgrade", {"SENDER": "nobody"})
    assert refused.exit_code == 1
    assert "REMEMBRANCER_SENDER" in refused.stderr
    assert not list(folder.iterdir())


def test_a_servers_database_is_brought_up_without_a_key_and_the_first_start_makes_it(
    command: Command, folder: Path, postgresql_url: str
) -> None:
    assert command("db upgrade", {"DATABASE_URL": postgresql_url}).exit_code == 0
    assert not list(folder.iterdir())
    made_ready(read_settings(database_url=postgresql_url))
    assert (folder / "data" / "var" / "secret.key").is_file()


def test_no_second_key_is_made_for_a_database_that_holds_anything(command: Command, folder: Path) -> None:
    own = read_settings(data_dir=folder / "own")
    made_ready(own)
    astray = read_settings(data_dir=folder / "astray", database_url=own.database)
    with pytest.raises(StoreError, match="the secret key is neither set") as refused:
        made_ready(astray)
    assert f"Data folder: {folder}/astray\n" in str(refused.value)
    assert "lost for good: set REMEMBRANCER_SECRET_KEY" in str(refused.value)
    assert command("db upgrade", {"DATABASE_URL": own.database, "DATA_DIR": str(astray.data_dir)}).exit_code == 0
    assert not astray.data_dir.exists()
    made_ready(astray.model_copy(update={"secret_key": SecretStr(KEY)}))


def made_ready(settings: Settings) -> None:
    """Make ready to run, as the clock does, and end."""

    async def preparing() -> None:
        app, _ = await prepare(settings, frozenset({Role.CLOCK}), sample=False)
        await app.close()

    asyncio.run(preparing())
