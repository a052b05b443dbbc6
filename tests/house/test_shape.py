"""The tree has its shape, and no part of it grows beyond what is read in one sitting."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.house.repository import ROOT, files, modules, texts

FOLDERS = {"service", "templates", "data", "tests"}
NEEDED = {"pyproject.toml", "docker-compose.yml", "README.md"}
LINES_OF_A_MODULE = 300
LINES_OF_A_FUNCTION = 40  # from the first statement behind the docstring to the last line
MIGRATIONS = "service/store/migrations/versions/"  # a migration is a record of what was done, not a page to work on


def test_the_top_level_holds_these_folders_and_plain_files() -> None:
    tops = {path.relative_to(ROOT).parts for path in files()}
    folders = {parts[0] for parts in tops if len(parts) > 1 and not parts[0].startswith(".")}
    assert folders == FOLDERS
    assert {parts[0] for parts in tops if len(parts) == 1} >= NEEDED


def test_no_module_of_the_service_is_longer_than_its_budget() -> None:
    lengths = {name: texts()[name].count("\n") for name, _ in modules("service")}
    assert {name: length for name, length in lengths.items() if length > LINES_OF_A_MODULE} == {}


def test_no_function_of_the_service_is_longer_than_its_budget() -> None:
    too_long = {}
    for name, module in modules("service"):
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not name.startswith(MIGRATIONS):
                body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
                length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                if length > LINES_OF_A_FUNCTION:
                    too_long[f"{name}:{node.lineno} {node.name}"] = length
    assert too_long == {}


def test_migrations_are_one_chain_that_leads_to_the_version_of_the_tables() -> None:
    """Two that were written at the same time have one number, and no database could be made."""
    told = [(name, text) for name, text in texts().items() if name.startswith(MIGRATIONS) and "revision =" in text]
    chain = [re.findall(r'^(?:down_)?revision = "?(\w+)"?$', text, re.MULTILINE) for _, text in sorted(told)]
    numbers = [f"{number:04}" for number in range(1, len(chain) + 1)]
    assert chain == [[number, before] for number, before in zip(numbers, ["None", *numbers], strict=False)]
    assert f'VERSION = "{numbers[-1]}"' in texts()["service/store/tables.py"]


def test_every_module_says_what_it_is() -> None:
    assert [name for name, module in modules("service", "tests") if not ast.get_docstring(module)] == []


def test_the_floors_hold() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    checked = subprocess.run([lint, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
