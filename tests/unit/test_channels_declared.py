"""The setting `channels`: what is wrong with it stops the start by name and form, and says what to install."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.post import channel_transport
from service.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[2]
ALL = """
ntfy=ntfys://tk_abc@ntfy.example.org:8443/{to}?priority=high
telegram=tgram://123456789:AAGbcdefghijklmnopqrstuvwxyz012345678/{to}
matrix=matrixs://syt_token-1@matrix.example.org/{to}
signal=signals://gateway.example.org/+15550100123/{to}
"""
WITHOUT_APPRISE = """
import sys
sys.modules["apprise"] = None  # as where it is not installed
from service.cli import main
main()
"""


def declared(text: str) -> Settings:
    return Settings(channels=SecretStr(text))


def test_nothing_is_declared_unless_it_is_said() -> None:
    assert channel_transport(declared("")) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ntfy=https://hidden.example/{to}", "line 1: the URL of ntfy is not of the form ntfy=ntfys://"),
        ("\nmail=hidden", "line 2: this is no channel"),
        ("ntfy=ntfys://hidden.example:99999/{to}", "a port up to 65535"),
    ],
)
def test_a_wrong_channel_stops_the_start_by_name_and_form(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        channel_transport(declared(text))
    assert str(refused.value).startswith("REMEMBRANCER_CHANNELS: ")
    assert words in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_all_that_is_declared_can_be_used() -> None:
    transport = channel_transport(declared(ALL))
    assert transport
    assert [one.value for one in transport.channels.names] == ["ntfy", "telegram", "matrix", "signal"]


def test_without_the_extra_the_start_stops_and_says_what_to_install(tmp_path: Path) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "REMEMBRANCER_DATA_DIR": str(tmp_path),
        "REMEMBRANCER_CHANNELS": "ntfy=ntfys://ntfy.example.org/{to}",
    }
    words = [sys.executable, "-c", WITHOUT_APPRISE, "run"]
    ended = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert "pip install '.[channels]'" in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr
