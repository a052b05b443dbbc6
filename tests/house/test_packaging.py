"""The wheel carries everything that the program reads, and works where there is no checkout.

Nothing is fetched: hatchling builds here, and pip installs from the file. `-S` keeps the editable install of
this checkout (a .pth file) out of the path; the dependencies are then named as a folder like any other.
"""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.house.repository import ROOT, files, named

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
    """The wheel, built without isolation and so without network."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that pip installed the wheel into."""
    target = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir", "install", "--quiet")
    run(*pip, "--no-deps", "--no-index", "--target", str(target), str(wheel), cwd=target)
    return target


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
    libraries = dict.fromkeys((str(installed), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("REMEMBRANCER_", "PYTHON"))}
    own = clean | {"PYTHONPATH": os.pathsep.join(libraries), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return run(sys.executable, "-S", *words, cwd=folder, env=own)


def run(*call: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a program that must succeed, and give what it printed."""
    done = subprocess.run(call, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
