"""The last lines of a run: which peers were used, in which versions, and what was not run.

With CI=true a run that left anything out fails: a test that was skipped is a promise that was not checked.
"""

import os
import platform
from importlib.metadata import version
from typing import Any

import pytest

from service.store.sqlite import driver
from tests import databases
from tests.peers import FACTS

OPTIONAL = ("PostgreSQL", "PgBouncer", "Chromium", "Exim", "Dovecot", "SpamAssassin", "MIME-tools", "GMime", "OpenDKIM")

BY_HAND = "pip-audit (it asks the internet), the building of the image (it needs an engine)"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In a worker hand the facts to the controller; in the controller let CI fail if something was not run."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["peers"] = dict(FACTS)
    elif exitstatus == 0 and os.environ.get("CI") == "true" and not_run(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Collect a worker's facts."""
    FACTS.update(getattr(node, "workeroutput", {}).get("peers", {}))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Any:
    """Write the block after everything else that pytest has to say."""
    result = yield
    always = f"Python {platform.python_version()}, SQLite {driver.sqlite_version}, aiosmtpd {version('aiosmtpd')}"
    terminalreporter.write_line("")
    terminalreporter.write_line("Peers")
    terminalreporter.write_line(f"  {always}")
    for name in OPTIONAL:
        terminalreporter.write_line(f"  {name} {FACTS.get(name, 'not used')}")
    missed = not_run(terminalreporter.config)
    if alone := int(FACTS.get(databases.FACT, 0)):
        terminalreporter.write_line(f"Tried on one database of the two, {alone}: TEST_WHOLE=true tries them on both")
    terminalreporter.write_line(f"Not run: {len(missed) or 'nothing'}")
    for line in missed:
        terminalreporter.write_line(f"  {line}")
    terminalreporter.write_line(f"By hand alone: {BY_HAND}")
    return result


def not_run(config: pytest.Config) -> list[str]:
    """List what was skipped, whatever the reason, each with its reason."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return [f"{report.nodeid}: {_reason(report)}" for report in skipped]


def _reason(report: pytest.TestReport) -> str:
    longrepr = report.longrepr
    return str(longrepr[2]).removeprefix("Skipped: ") if isinstance(longrepr, tuple) else str(longrepr)
