"""The Dockerfile and docker-compose.yml, as far as they can be tried where no container engine is."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.settings import PREFIX, Settings
from tests.house.repository import ROOT

BIN = Path(sys.executable).parent
GIVEN = {"REMEMBRANCER_PUBLIC_URL": "https://remember.example.org", "REMEMBRANCER_SENDER": "Remember <r@example.org>"}
OURS = ("migrate", "app", "post")


def ran(tool: str, *words: str, **given: str) -> "subprocess.CompletedProcess[str]":
    """Run a tool of the test lock over the repository."""
    assert (BIN / tool).is_file(), f"{tool} is not installed (make setup-test)"
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | given
    return subprocess.run((BIN / tool, *words), cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    """docker-compose.yml with all its profiles, as Compose reads it."""
    told = ran("docker-compose", "--profile", "fleet", "--profile", "try", "config", "--format", "json", **GIVEN)
    assert told.returncode == 0, told.stderr
    whole: dict[str, Any] = json.loads(told.stdout)
    return whole


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    looked = ran("hadolint", "Dockerfile")
    assert (looked.stdout, looked.returncode) == ("", 0)


def test_compose_asks_for_what_has_no_default() -> None:
    refused = ran("docker-compose", "config", "--quiet")
    assert refused.returncode != 0
    assert all(name in refused.stderr for name in GIVEN)


def test_every_setting_that_compose_gives_is_one_and_every_secret_is_a_file(composed: dict[str, Any]) -> None:
    known = {PREFIX + name.upper() + end for name in Settings.model_fields for end in ("", "_FILE")}
    for name in OURS:
        given = composed["services"][name]["environment"]
        secrets = {f"/run/secrets/{one['source']}" for one in composed["services"][name]["secrets"]}
        assert given.keys() <= known
        assert {value for key, value in given.items() if key.endswith("_FILE")} == secrets
        assert not given.keys() & {f"{PREFIX}{one}" for one in ("SECRET_KEY", "DATABASE_URL", "SMTP_URL")}
    assert {one["file"] for one in composed["secrets"].values()} == {
        f"{ROOT}/secrets/{name}" for name in composed["secrets"]
    }


def test_what_is_ours_may_write_nowhere_and_starts_behind_one_migration(composed: dict[str, Any]) -> None:
    for name in OURS:
        service = composed["services"][name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["depends_on"]["database"]["condition"] == "service_healthy"
    for name in ("app", "post"):
        depends = composed["services"][name]["depends_on"]
        assert depends["migrate"]["condition"] == "service_completed_successfully"
    ports = [port for service in composed["services"].values() for port in service.get("ports", [])]
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}


def test_secrets_are_in_no_image_and_in_no_commit() -> None:
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
