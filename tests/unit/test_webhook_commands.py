"""The commands about webhooks: a secret printed once, a test that is sent now, and refusals in words."""

import asyncio
import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
import structlog
from standardwebhooks.webhooks import Webhook

from service.domain.webhook import left
from service.post import now_utc
from service.store import webhook_messages
from service.store.dialect import Store
from tests.peers.founding import WithTables
from tests.unit.test_admin_commands import Commands


class Handler(BaseHTTPRequestHandler):
    """Keeps what it is told, and answers as `status` says."""

    told: ClassVar[list[tuple[bytes, dict[str, str]]]] = []
    status: ClassVar[int] = 204

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.append((body, {name.lower(): value for name, value in self.headers.items()}))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def commands(tmp_path: Path, with_tables: WithTables) -> Iterator[Commands]:
    commands = Commands(tmp_path / "var")
    with_tables(commands.url)
    yield commands
    structlog.reset_defaults()


@pytest.fixture
def url() -> Iterator[str]:
    """A program that is told, in a thread: commands have an event loop of their own."""
    Handler.told, Handler.status = [], 204
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook"
        server.shutdown()


def test_a_webhook_is_added_tried_renewed_and_ended(commands: Commands, url: str) -> None:
    assert "There are no webhooks yet" in commands("webhook", "list").output
    made = commands("webhook", "add", url, "--for", "left, confirmed", "--private")
    assert made.stdout.startswith("whsec_")
    assert "shown this once" in made.stderr
    (row,) = json.loads(commands("webhook", "list", "--json").stdout)
    assert (row["url"], row["types"], row["off_at"], row["waiting"]) == (url, ["confirmed", "left"], None, 0)
    assert commands("webhook", "test", row["id"]).stdout == "204 No Content\n"
    renewed = commands("webhook", "renew", row["id"]).stdout.strip()
    Handler.status = 500
    refused = commands("webhook", "test", row["id"])
    assert (refused.exit_code, refused.stdout) == (1, "500 Internal Server Error\n")
    for key in (made.stdout.strip(), renewed):
        assert Webhook(key).verify(*Handler.told[-1])["type"] == "test"
    assert "0 messages" in commands("webhook", "resume", row["id"]).stdout
    shown = commands("webhook", "list").stdout
    assert "confirmed left; on" in shown
    assert "0 wait, 0 failed; last: 500 Internal Server Error (20" in shown
    Handler.status = 410
    gone = commands("webhook", "test", row["id"])
    assert (gone.exit_code, gone.stdout) == (1, "410 Gone\n")
    assert "anything but a test is switched off" in gone.stderr
    assert commands("webhook", "end", row["id"]).exit_code == 0
    assert json.loads(commands("webhook", "list", "--json").stdout) == []


def test_who_does_not_answer_is_shown_with_the_cause(commands: Commands) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # it listens to nobody
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        assert commands("webhook", "add", url, "--for", "left", "--private").exit_code == 0
        assert "last: nothing yet (never)" in commands("webhook", "list").stdout
        (row,) = json.loads(commands("webhook", "list", "--json").stdout)
        refused = commands("webhook", "test", row["id"])
    assert refused.stdout.startswith("no answer: it could not be reached: ")
    assert "last: no answer: it could not be reached: " in commands("webhook", "list").stdout


def test_a_round_ends_with_telling_webhooks(commands: Commands, url: str) -> None:
    commands("webhook", "add", url, "--for", "confirmed,left", "--private")

    async def leave() -> None:
        store = Store(commands.url)
        async with store.write() as tx:
            await webhook_messages.tell(tx, [left("s1", "ani@example.org", "left", "page")], now_utc())
        await store.close()

    asyncio.run(leave())
    assert commands("tick", "--quiet").exit_code == 0
    assert [json.loads(body)["type"] for body, _ in Handler.told] == ["left"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "https://127.0.0.1/", "--for", "left"), "url: 127.0.0.1 is this machine or in a private network"),
        (("add", "http://crm.example.org/", "--for", "left"), "url: it must begin with https://"),
        (("add", "http://crm.example.org/", "--for", "left", "--private"), "url: it may be http for a private host"),
        (("add", "crm.example.org", "--for", "left"), "(allowed: https://HOST/PATH)"),
        (("add", "https://crm.example.org/", "--for", "left,opened"), "types: opened cannot be told (allowed: subscr"),
        (("add", "https://crm.example.org/", "--for", " "), "types: it would be told of nothing"),
        (("end", "none"), "There is no webhook 'none'."),
        (("test", "none"), "There is no webhook 'none'."),
    ],
)
def test_what_a_webhook_cannot_be_is_said_in_words(commands: Commands, words: tuple[str, ...], said: str) -> None:
    refused = commands("webhook", *words)
    assert refused.exit_code == 1
    assert said in refused.stderr
