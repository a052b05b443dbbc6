"""Settings: a wrong or unknown one stops the start with its name and the allowed form."""

import tomllib
from pathlib import Path

import pytest

from service.belongings import secret_key, secret_keys
from service.settings import CONFIG, Settings, SettingsError
from service.settings_read import example, origins, read_settings, without_password

NO_TABLE = "settings stand at the top level of the file, in no table"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read no settings of the machine on which the tests run."""
    for name in (
        "DATA_DIR",
        "DATABASE_URL",
        "ENGINE",
        "SMTP_URL",
        "PUBLIC_URL",
        "SENDER",
        "DKIM_KEYS",
        "SECRET_KEY",
        "OLD_SECRET_KEYS",
        "HOST",
        "PORT",
        "METRICS",
        "CONFIG",
    ):
        monkeypatch.delenv(f"REMEMBRANCER_{name}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("PORT", "eighty", "0 to 65535"),
        ("PORT", "70000", "0 to 65535"),
        ("PUBLIC_URL", "remember.example.org", "https://HOST"),
        ("PUBLIC_URL", "ftp://example.org", "https://HOST"),
        ("SECRET_KEY", "short", "at least 32"),
        ("OLD_SECRET_KEYS", f"{'k' * 32}\nshort", "at least 32"),
        ("METRICS", "9108", "HOST:PORT"),
        ("METRICS", "127.0.0.1:99999", "HOST:PORT"),
        ("ENGINE", "celery", "inline, or procrastinate with a PostgreSQL"),
        ("ENGINE", "procrastinate", "with a PostgreSQL in REMEMBRANCER_DATABASE_URL"),
        ("DKIM_KEYS", "2026a", "SELECTOR=PATH, SELECTOR=PATH"),
        ("DKIM_KEYS", "=key.pem", "SELECTOR=PATH, SELECTOR=PATH"),
        ("DKIM_KEYS", "a=key.pem,", "SELECTOR=PATH, SELECTOR=PATH"),
        ("COLOUR", "red", "known: REMEMBRANCER_DATA_DIR"),
        ("colour_file", "red", "known: REMEMBRANCER_DATA_DIR"),
        ("CONFIG", "nowhere.toml", "there is no file"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(f"REMEMBRANCER_{name}", value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert f"REMEMBRANCER_{name}" in str(refused.value)
    assert allowed in str(refused.value)
    assert "short" not in str(refused.value)


def test_an_unknown_key_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "remembrancer.toml").write_text('colour = "red"\nport = 8081\n')
    with pytest.raises(SettingsError, match="colour: this setting is not known"):
        read_settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# a comment\n\nport = 80000\n", "remembrancer.toml:3: port: "),
        ('host = "::"\n"metrics" = "9108"\n', "remembrancer.toml:2: metrics: allowed: HOST:PORT"),
        ("smtp_url = 5\n", "remembrancer.toml:1: smtp_url: "),
        (
            'host = "::"\nsmpt_url = "x"\n',
            "remembrancer.toml:2: smpt_url: this setting is not known: did you mean smtp_url?",
        ),
        ("[server]\nport = 8081\nhots = 1\n", f"remembrancer.toml:1: [server]: {NO_TABLE}: did you mean port, host?"),
        ("port = 1\nserver.port = 8081\n", f"remembrancer.toml:2: [server]: {NO_TABLE}"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_by_its_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "remembrancer.toml").write_text(text)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value).startswith(said)
    assert "REMEMBRANCER_" not in str(refused.value)


def test_a_key_is_found_in_the_file_whatever_its_case(tmp_path: Path) -> None:
    (tmp_path / "remembrancer.toml").write_text("\nPORT = 99\n")
    assert origins(read_settings())["port"] == ("99", "remembrancer.toml")
    (tmp_path / "remembrancer.toml").write_text('\nPORT = "x"\n')
    with pytest.raises(SettingsError, match=r"^remembrancer.toml:2: port: "):
        read_settings()


@pytest.mark.parametrize("text", ['"\\u0070ort" = "x"\n', '"\\u0070rt" = "x"\n'], ids=["known", "unknown"])
def test_a_key_whose_line_is_not_found_is_named_by_its_file_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "remembrancer.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"^remembrancer.toml: po?rt: "):
        read_settings()


def test_what_the_environment_puts_over_the_file_is_named_by_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "remembrancer.toml").write_text("port = 8081\n")
    monkeypatch.setenv("REMEMBRANCER_PORT", "eighty")
    with pytest.raises(SettingsError, match=r"^REMEMBRANCER_PORT: "):
        read_settings()


@pytest.mark.parametrize("variable", ["REMEMBRANCER_SMPT_URL", "remembrancer_smpt_url"])
def test_a_variable_that_is_almost_one_is_told_which(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "smtp://mail.example.org")
    with pytest.raises(SettingsError, match=r"not known: did you mean REMEMBRANCER_SMTP_URL\?"):
        read_settings()


@pytest.mark.parametrize("languages", ['"en, hy"', '["en", "hy"]'], ids=["a text", "a list"])
def test_what_are_several_may_be_a_list_in_the_file(tmp_path: Path, languages: str) -> None:
    keys = ["o" * 32, "p" * 32]
    (tmp_path / "remembrancer.toml").write_text(
        f"languages = {languages}\nold_secret_keys = {keys}\ndkim_keys = ['a=a.pem', 'b=b.pem']\n"
    )
    settings = read_settings()
    assert settings.spoken == ("en", "hy")
    assert settings.old_secret_keys.get_secret_value().split() == keys
    assert settings.dkim_files == (("a", Path("a.pem")), ("b", Path("b.pem")))


@pytest.mark.parametrize("content", ["port = 8081", None], ids=["not to be read", "a folder"])
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(b"sender = '\xff'\n") if content else file.mkdir()
    monkeypatch.setenv(CONFIG, str(file))
    with pytest.raises(SettingsError, match=r"own\.toml"):
        read_settings()


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "remembrancer.toml").write_text("port 8081")
    with pytest.raises(SettingsError, match=r"remembrancer\.toml: this is not TOML"):
        read_settings()


def test_the_environment_wins_over_the_file_and_origins_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "remembrancer.toml").write_text('port = 8081\nhost = "127.0.0.2"\n')
    monkeypatch.setenv("REMEMBRANCER_PORT", "8082")
    found = origins(read_settings())
    assert found["port"] == ("8082", "REMEMBRANCER_PORT")
    assert found["host"] == ("127.0.0.2", "remembrancer.toml")
    assert found["sender"][1] == "default"


def test_a_value_may_stand_in_a_file_as_secrets_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(f"{'k' * 32}\n")
    (tmp_path / "keys").write_text(f"{'o' * 32}\n{'p' * 32}\n")
    monkeypatch.setenv("REMEMBRANCER_SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("REMEMBRANCER_OLD_SECRET_KEYS_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("REMEMBRANCER_SMTP_URL_FILE", "")
    (tmp_path / "remembrancer.toml").write_text(f'secret_key = "{"x" * 32}"\n')
    settings = read_settings()
    assert secret_keys(settings) == (b"k" * 32, b"o" * 32, b"p" * 32)
    assert origins(settings)["secret_key"] == ("**********", "REMEMBRANCER_SECRET_KEY_FILE")
    assert origins(settings)["smtp_url"][1] == "default"


@pytest.mark.parametrize("variable", ["REMEMBRANCER_smtp_url_FILE", "remembrancer_SMTP_URL_file"])
def test_a_variable_that_names_a_file_is_found_whatever_its_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    (tmp_path / "relay").write_text("smtp://mail.example.org\n")
    monkeypatch.setenv(variable, str(tmp_path / "relay"))
    settings = read_settings()
    assert settings.smtp_url.get_secret_value() == "smtp://mail.example.org"
    assert origins(settings)["smtp_url"][1] == "REMEMBRANCER_SMTP_URL_FILE"
    monkeypatch.setenv("Remembrancer_Smtp_Url", "smtp://other.example.org")
    with pytest.raises(SettingsError, match="REMEMBRANCER_SMTP_URL is set as well"):
        read_settings()


@pytest.mark.parametrize("name", ["secret_key", "old_secret_keys", "database_url", "smtp_url", "imap_url", "hooks"])
@pytest.mark.parametrize("content", ["", " \n"], ids=["empty", "blank"])
def test_a_file_without_a_secret_in_it_is_not_taken_for_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str
) -> None:
    (tmp_path / "secret").write_text(content)
    monkeypatch.setenv(f"REMEMBRANCER_{name.upper()}_FILE", str(tmp_path / "secret"))
    with pytest.raises(SettingsError) as refused:
        read_settings()
    told = f"REMEMBRANCER_{name.upper()}_FILE: {tmp_path}/secret: this file is empty (allowed: a file with the value"
    assert str(refused.value).startswith(f"{told} of {name} in it: ")


def test_a_file_without_what_is_no_secret_is_as_a_variable_that_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pace").write_text("\n")
    monkeypatch.setenv("REMEMBRANCER_PACE_FILE", str(tmp_path / "pace"))
    assert read_settings().pace == ""


@pytest.mark.parametrize(
    ("content", "also", "words"),
    [
        (None, "", "No such file or directory (allowed: a file with the value of secret_key in it)"),
        (b"\xff" * 40, "", "this is not a text in UTF-8"),
        (b"short", "", "/key: allowed: at least 32 characters"),
        (b"k" * 32, "k" * 32, "REMEMBRANCER_SECRET_KEY is set as well (allowed: one of the two)"),
    ],
)
def test_a_file_that_holds_no_value_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, also: str, words: str
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("REMEMBRANCER_SECRET_KEY_FILE", str(tmp_path / "key"))
    if also:
        monkeypatch.setenv("REMEMBRANCER_SECRET_KEY", also)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value).startswith("REMEMBRANCER_SECRET_KEY_FILE: ")
    assert words in str(refused.value)


def test_passwords_are_shown_as_stars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMEMBRANCER_SMTP_URL", "smtp://u:hunter2hunter2@mail.example.org")
    monkeypatch.setenv("REMEMBRANCER_IMAP_URL", "imaps://u:hunter2hunter2@mail.example.org/Letters")
    monkeypatch.setenv("REMEMBRANCER_DATABASE_URL", "postgresql+psycopg://u:hunter2hunter2@db/x")
    monkeypatch.setenv("REMEMBRANCER_SECRET_KEY", "hunter2" * 6)
    assert "hunter2" not in str(origins(read_settings()))


def test_the_key_is_made_once_kept_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    settings = read_settings(data_dir=tmp_path / "var")
    key = secret_key(settings)
    assert len(key) >= 32
    assert secret_key(settings) == key
    assert (tmp_path / "var" / "secret.key").stat().st_mode & 0o077 == 0


def test_the_fleet_engine_is_taken_with_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMEMBRANCER_DATABASE_URL", "postgresql+psycopg://somebody@localhost/remembrancer")
    monkeypatch.setenv("REMEMBRANCER_ENGINE", "procrastinate")
    assert read_settings().engine == "procrastinate"


@pytest.mark.parametrize(
    ("keys", "files"),
    [
        ("", ()),
        (" ", ()),
        ("a=b=c.pem", (("a", Path("b=c.pem")),)),
        (" 2026a = keys/a.pem , b=/b.pem", (("2026a", Path("keys/a.pem")), ("b", Path("/b.pem")))),
    ],
)
def test_keys_that_sign_are_selectors_with_their_files(keys: str, files: tuple[tuple[str, Path], ...]) -> None:
    assert read_settings(dkim_keys=keys).dkim_files == files


def test_earlier_keys_stand_behind_the_one_that_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMEMBRANCER_SECRET_KEY", "n" * 32)
    monkeypatch.setenv("REMEMBRANCER_OLD_SECRET_KEYS", f"{'a key with spaces in it ' * 2}\n\n{'o' * 32}\n")
    settings = read_settings()
    assert secret_keys(settings) == (b"n" * 32, ("a key with spaces in it " * 2).strip().encode(), b"o" * 32)
    assert origins(settings)["old_secret_keys"][0] == "**********"


def test_the_example_names_and_explains_every_setting_and_reads_back_as_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, text = tmp_path / "remembrancer.toml", example()
    monkeypatch.setenv(CONFIG, str(file))
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    switched_on = "\n".join(
        line[1:] if line.startswith("#") and line[1:2] != " " else line for line in text.splitlines()
    )
    assert set(tomllib.loads(switched_on)) == set(defaults)
    for content in (text, switched_on):
        file.write_text(content)
        read = read_settings()
        assert {name: getattr(read, name) for name in defaults} == defaults
    assert [line for line in text.splitlines() if len(line) > 120] == []


@pytest.mark.parametrize("password", ["plain", "p/w", "p#w", "p?w", "p@w", "p:w"])
@pytest.mark.parametrize("user", ["ani", "ani@example.org", ""])
def test_a_password_is_never_shown_even_in_a_url_that_is_none(password: str, user: str) -> None:
    shown = without_password(f"imaps://{user}:{password}@mail.example:993/INBOX")
    assert shown == f"imaps://{user}:**********@mail.example:993/INBOX"


@pytest.mark.parametrize("key", ["password", "passfile", "sslpassword", "PASSWORD", "p%61ssword"])
def test_a_secret_among_the_options_of_a_url_is_shown_as_stars(key: str) -> None:
    shown = without_password(f"postgresql+psycopg://db.example/days?user=ani&{key}=hunter2&sslmode=require")
    assert shown == f"postgresql+psycopg://db.example/days?user=ani&{key}=**********&sslmode=require"
    assert without_password(f"postgresql+psycopg://?{key}=h#u@n:t/e?r") == f"postgresql+psycopg://?{key}=**********"


def test_a_url_without_a_password_is_shown_as_it_is() -> None:
    for url in ("imaps://ani@mail.example/INBOX", "sqlite+aiosqlite:////var/lib/a:b@c.db", "smtp://127.0.0.1:25"):
        assert without_password(url) == url
