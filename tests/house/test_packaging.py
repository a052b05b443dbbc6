"""The wheel carries everything that the program reads, and works where there is no checkout."""

import json
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.repository import ROOT, files, named
from tests.wheel import build, install, run, surroundings

SHIPPED = ("templates/", "data/collections/", "data/locales/", "data/samples/")
NEEDED = {
    "service/store/migrations/script.py.mako",
    "service/store/migrations/versions/0001_first_tables.py",
    "service/web/static/style.css",
    "service/_shipped/templates/letters/notice/body.mjml",
    "service/_shipped/templates/pages/today.html",
    "service/_shipped/data/collections/artsakh.yaml",
    "service/_shipped/data/locales/hy/LC_MESSAGES/remembrancer.po",
    "service/_shipped/data/samples/subscribers.csv",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that pip installed the wheel into."""
    return install(wheel, tmp_path_factory.mktemp("installed"))


def test_the_wheel_holds_the_service_and_what_ships_with_it_and_nothing_else(wheel: Path) -> None:
    wanted = {named(path) for path in files() if named(path).startswith("service/")}
    wanted |= {f"service/_shipped/{named(path)}" for path in files() if named(path).startswith(SHIPPED)}
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == wanted
    assert held >= NEEDED


def test_the_wheel_names_the_command_and_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        described = {name.partition(".dist-info/")[2]: name for name in opened.namelist() if ".dist-info/" in name}
        assert "remembrancer = service.cli:main" in opened.read(described["entry_points.txt"]).decode()
    assert "licenses/LICENSE" in described


def test_what_is_installed_works_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = "import os, service, sys; print(service.__file__, *map(os.path.abspath, sys.path), sep='\\n')"
    package, *path = remember(installed, tmp_path, "-c", where).splitlines()
    assert Path(package).is_relative_to(installed)
    assert ROOT not in map(Path, path)

    shown = json.loads(remember(installed, tmp_path, "-m", "service", "config", "show", "--json"))
    assert shown["data_dir"] == {"value": "data/var", "origin": "default"}
    assert "at version 0" in remember(installed, tmp_path, "-m", "service", "db", "upgrade")
    imported = json.loads(remember(installed, tmp_path, "-m", "service", "import", "--json"))
    assert imported["collections"] >= 3
    coming = remember(installed, tmp_path, "-m", "service", "next", "--json", "--from", "2026-09-27", "--days", "1")
    assert "artsakh-war-2020" in {one["event"] for one in json.loads(coming)}
    letter = ("preview", "artsakh-war-2020", "--on", "2026-09-27", "--language", "hy")
    assert "44-օրյա" in remember(installed, tmp_path, "-m", "service", *letter)
    assert (tmp_path / "data/var/remembrancer.db").is_file()


def remember(installed: Path, folder: Path, *words: str) -> str:
    """Run Python in a folder away from the checkout, with the installed package in front of its dependencies."""
    return run(sys.executable, "-S", *words, cwd=folder, env=surroundings(installed))
