"""What `config show` shows is what `run` takes: a value that a part cannot use ends both, in the same words."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from service.cli import main

WRONG = {
    "database_url": ("mysql://db/x", "this is not a database URL (allowed: sqlite"),
    "smtp_url": ("mail.example.org", "the relay's URL is not of the form smtp://user:password@host:587?starttls="),
    "languages": ("en, tlh", "tlh: not a language of this service (allowed: en, "),
    "pace": ("gmail.com=fast", "'gmail.com=fast' is not a pace (allowed: "),
    "warm_up": ("200 a day", "'200 a day' is not a plan (allowed: "),
    "sender": ("Days", "'Days' is not an e-mail address"),
    "letter_box": ("remember", "'remember' "),
    "dkim_keys": ("2026a=nowhere.pem", "nowhere.pem: No such file"),
    "hooks": ("pigeon=key", "each line names one provider"),
    "channels": ("pigeon=pigeons://{to}", "line 1: this is no channel (allowed: ntfy="),
    "imap_url": ("imap://mail.example.org/", "imaps://USER:PASSWORD@HOST"),
}
FORMS = {"sender": "(allowed: NAME <address@example.org>, or an address alone)"}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    structlog.reset_defaults()


def ended(*words: str, **settings: str) -> Result:
    return CliRunner().invoke(
        main, words, env={f"REMEMBRANCER_{name.upper()}": text for name, text in settings.items()}
    )


@pytest.mark.parametrize("name", WRONG)
def test_a_value_that_cannot_be_used_ends_showing_as_it_ends_running(tmp_path: Path, name: str) -> None:
    value, said = WRONG[name]
    shown, run = ended("config", "show", **{name: value}), ended("run", "--roles", "clock", **{name: value})
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr.startswith(f"REMEMBRANCER_{name.upper()}: ")
    assert said in shown.stderr
    assert FORMS.get(name, "") in shown.stderr
    assert (run.exit_code, run.stderr) == (1, shown.stderr)
    assert not list(tmp_path.iterdir())


def test_no_piece_of_a_password_is_told_of_a_url_that_cannot_be_read() -> None:
    stopped = ended("config", "show", database_url="postgresql+psycopg://user:pa@ss:hunter2@db.example/days")
    assert (stopped.exit_code, "hunter2" in stopped.stderr) == (1, False)
    assert stopped.stderr.startswith("REMEMBRANCER_DATABASE_URL: this is not a database URL (allowed: ")


def test_a_move_to_a_database_whose_url_cannot_be_read_says_what_is_allowed() -> None:
    assert ended("db", "upgrade").exit_code == 0
    stopped = ended("move", "--to", "postgresql+psycopg://user:pa@ss:hunter2@db.example/days")
    assert (stopped.exit_code, "hunter2" in stopped.stderr) == (1, False)
    assert "an @ in a password is written %40" in stopped.stderr


def test_all_of_them_are_told_at_once_with_where_they_stand_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "remembrancer.toml").write_text('languages = ["en", "tlh"]\n\nsmtp_url = "mail.example.org"\n')
    (tmp_path / "pace").write_text("gmail.com=fast")
    shown = ended("config", "show", pace_file=str(tmp_path / "pace"))
    lines = shown.stderr.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "remembrancer.toml:3",
        "REMEMBRANCER_PACE_FILE",
        "remembrancer.toml:1",
    ]
    assert lines[1].startswith(f"REMEMBRANCER_PACE_FILE: {tmp_path}/pace: ")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["pace", "remembrancer.toml"]


def test_what_can_be_used_is_shown(tmp_path: Path) -> None:
    (tmp_path / "remembrancer.toml").write_text('languages = ["en", "hy"]\n')
    shown = ended("config", "show", smtp_url="smtp://us:hunter2@mail.example.org?starttls=required")
    assert shown.exit_code == 0
    assert "en, hy" in shown.stdout
    assert "starttls=required" in shown.stdout
    assert "hunter2" not in shown.stdout


@pytest.mark.parametrize("name", ["port", "metrics"])
def test_a_port_that_is_taken_is_named_by_where_it_is_set(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        value = port if name == "port" else f'"127.0.0.1:{port}"'
        (tmp_path / "remembrancer.toml").write_text(f"{name} = {value}\n")
        stopped = ended("run", "--roles", "web", **({} if name == "port" else {"port": "0"}))
    assert stopped.exit_code == 1
    assert f"remembrancer.toml:1: {name}: cannot listen on 127.0.0.1:{port}" in stopped.stderr
