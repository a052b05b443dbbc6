"""The fixtures that hand a peer to a test: databases of both kinds, mail servers and a browser."""

import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from sqlalchemy import make_url

from tests.peers import FACTS, UnavailableError, chromium, dovecot, exim, gmime, opendkim, perl, pgbouncer, postgresql
from tests.peers.driving import driven
from tests.peers.founding import WithTables, found

NewPage = Callable[..., Awaitable[Page]]
T = TypeVar("T")


def _brought(name: str, bring: Callable[[], T]) -> T:
    """Give a peer whose text is its version; a test that needs one which cannot be had is skipped, and CI fails."""
    try:
        found = bring()
    except UnavailableError as error:
        pytest.skip(f"{name} could not be brought: {error}")
    FACTS[name] = str(found)
    return found


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """One server for each worker, started when a test first needs it."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgresql.running())
        except UnavailableError as error:
            pytest.skip(f"PostgreSQL could not be brought: {error}")
        FACTS["PostgreSQL"] = str(server)
        yield server


@pytest.fixture(scope="session")
def _founded(postgresql_server: postgresql.Server) -> Iterator[str]:
    """A database with all tables, which others are copies of: a thousand tests want one."""
    with postgresql_server.database() as url:
        found(url)
        yield str(make_url(url).database)


@pytest.fixture
def postgresql_url(postgresql_server: postgresql.Server, _founded: str) -> Iterator[str]:
    """A new database with all tables and nothing in them, for this test alone."""
    with postgresql_server.database(_founded) as url:
        yield url


@pytest.fixture
def empty_postgresql_url(postgresql_server: postgresql.Server) -> Iterator[str]:
    """A new database without a table, for this test alone."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture
def pooler_url(postgresql_url: str) -> Iterator[str]:
    """A new empty database behind a PgBouncer that gives each transaction any of three sessions."""
    with ExitStack() as stack:
        try:
            FACTS["PgBouncer"] = str(pgbouncer.bring())
            url = stack.enter_context(pgbouncer.pooling(postgresql_url))
        except UnavailableError as error:
            pytest.skip(f"PgBouncer could not be brought: {error}")
        yield url


@pytest.fixture(scope="session")
def _dovecot() -> Iterator[dovecot.Server]:
    with ExitStack() as stack:
        try:
            FACTS["Dovecot"] = str(dovecot.bring())
            server = stack.enter_context(dovecot.serving())
        except UnavailableError as error:
            pytest.skip(f"Dovecot could not be brought: {error}")
        yield server


@pytest.fixture
def imap_server(_dovecot: dovecot.Server) -> dovecot.Server:
    """An IMAP server, with an empty mailbox for this test alone."""
    return replace(_dovecot, user=f"{uuid.uuid4().hex}@example.org")


@pytest.fixture(scope="session")
def with_tables(tmp_path_factory: pytest.TempPathFactory) -> WithTables:
    """What makes a new SQLite file with all tables, where a URL says: a copy of one, as above."""
    made = tmp_path_factory.mktemp("tables") / "tables.db"
    found(f"sqlite+aiosqlite:///{made}")

    def with_tables(url: str) -> None:
        file = Path(str(make_url(url).database))
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made, file)

    return with_tables


@pytest.fixture
def sqlite_url(empty_sqlite_url: str, with_tables: WithTables) -> str:
    """A new file with all tables and nothing in them, for this test alone."""
    with_tables(empty_sqlite_url)
    return empty_sqlite_url


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A file that is not there yet, for this test alone."""
    return f"sqlite+aiosqlite:///{tmp_path / 'remembrancer.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A new database with all tables and nothing in them, of both kinds in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A new database without a table, of both kinds in turn."""
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


@pytest.fixture(scope="session")
def a_perl() -> perl.Perl:
    """A Perl with SpamAssassin and MIME-tools."""
    found = _brought("SpamAssassin", perl.bring)
    FACTS["MIME-tools"] = found.asks("MIME::Parser")
    return found


@pytest.fixture(scope="session")
def a_gmime() -> gmime.GMime:
    """GMime, in a process of its own."""
    return _brought("GMime", gmime.bring)


@pytest.fixture(scope="session")
def an_opendkim() -> opendkim.OpenDkim:
    """OpenDKIM, which verifies without DNS."""
    return _brought("OpenDKIM", opendkim.bring)


@pytest.fixture
def exim_server() -> Iterator[exim.Server]:
    """A readers' mail server for this test alone, with no mailbox yet and no door to hand our mail to."""
    with ExitStack() as stack:
        try:
            FACTS["Exim"] = str(exim.bring())
            server = stack.enter_context(exim.running())
        except UnavailableError as error:
            pytest.skip(f"Exim could not be brought: {error}")
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium, one for each worker, and the loop on which all tests with it run (see tests/conftest.py)."""
    try:
        program = chromium.find()
    except UnavailableError as error:
        pytest.skip(f"Chromium could not be brought: {error}")
    async with driven(program) as browser:
        FACTS["Chromium"] = f"{browser.version} ({program.origin}), Playwright {version('playwright')}"
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def new_page(browser: Browser) -> AsyncIterator[NewPage]:
    """Make a page in a fresh context; options are Playwright's (`locale`, `viewport`, `color_scheme`, `base_url`)."""
    async with AsyncExitStack() as stack:

        async def make(**options: object) -> Page:
            context = await browser.new_context(**options)
            stack.push_async_callback(context.close)
            return await context.new_page()

        yield make
