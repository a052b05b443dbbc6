"""The wheel, built and installed away from the checkout, and what starts the program from it.

Nothing is fetched: hatchling builds here, and pip installs from the file. `-S` keeps the editable install of
this checkout (a .pth file) out of the path; the dependencies are then named as a folder like any other.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.peers import ROOT


def build(folder: Path) -> Path:
    """Build the wheel in a folder, without isolation and so without network."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


def install(wheel: Path, target: Path) -> Path:
    """Have pip install the wheel into a folder."""
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir", "install", "--quiet")
    run(*pip, "--no-deps", "--no-index", "--target", str(target), str(wheel), cwd=target)
    return target


def surroundings(installed: Path) -> dict[str, str]:
    """Give the environment of a Python that has the installed package in front of its dependencies."""
    libraries = dict.fromkeys((str(installed), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("REMEMBRANCER_", "PYTHON"))}
    return clean | {"PYTHONPATH": os.pathsep.join(libraries), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def run(*call: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a program that must succeed, and give what it printed."""
    done = subprocess.run(call, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
