"""Engines for both databases: which URLs are allowed, and what each connection is told."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from service.domain.errors import InvalidError
from service.store import postgres
from service.store import sqlite as library

ALLOWED_URLS = (
    "sqlite+aiosqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST:PORT/NAME; an @ in a password is written %40"
)
_POOL_WAIT_SECONDS = 600


def parsed_url(url: str) -> URL:
    """Read a URL of the allowed forms; raise InvalidError for any other."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the words of the latter hold what it takes for a port: perhaps a password
        parsed = None
    if parsed is None or parsed.drivername not in {"sqlite+aiosqlite", "postgresql+psycopg"}:
        raise InvalidError(f"this is not a database URL (allowed: {ALLOWED_URLS})", "database_url")
    if parsed.drivername == "sqlite+aiosqlite" and parsed.database in {None, "", ":memory:"}:
        raise InvalidError(f"SQLite needs a file (allowed: {ALLOWED_URLS})", "database_url")
    return parsed


def file_of(url: str) -> str:
    """Give the path of an embedded database's file, "" for a server; raise InvalidError for no allowed form."""
    parsed = parsed_url(url)
    return str(parsed.database) if parsed.drivername == "sqlite+aiosqlite" else ""


def make_file(path: str) -> None:
    """Make the file of an embedded database where there is none, for its owner alone; a server, "", has none."""
    if not path:
        return
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):  # of which SQLite tells when it opens it; what it writes beside it is as open as the file
        if not file.exists():
            file.touch(mode=0o600)


def waiting(url: URL) -> AsyncEngine:
    """Make the engine of all that waits for one another."""
    if url.drivername == "postgresql+psycopg":
        engine = create_async_engine(
            postgres.asking(url, postgres.IDLE_SECONDS),
            pool_size=10,
            pool_timeout=_POOL_WAIT_SECONDS,
            pool_pre_ping=True,
        )
        postgres.insist(engine.sync_engine)
        return engine
    engine = create_async_engine(url, module=library.waiting_driver(), pool_size=10, pool_timeout=_POOL_WAIT_SECONDS)
    library.take_transactions(engine.sync_engine)
    return engine


def grouping(url: URL) -> Engine:
    """Make the engine of the groups' one thread: pages that are busy cannot keep the post waiting (case 40)."""
    if url.drivername == "postgresql+psycopg":
        engine = create_engine(postgres.asking(url, postgres.GROUP_IDLE_SECONDS), pool_size=1, max_overflow=0)
        postgres.insist(engine)
        return engine
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), module=library.driver, pool_size=1, max_overflow=0)
    library.prepare(engine)
    return engine
