"""Statements compiled once for all databases of a test run: each test has engines of its own, and would compile anew.

What a statement is compiled to depends on its shape and on the kind of database alone, which is how an engine's own
cache knows it too; here the caches of all engines of a kind are one.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event

_MOST = 4000  # far more than the service has


class _OfOneKind:
    """The cache of all engines whose dialects are alike; SQLAlchemy puts the engine's own before each key."""

    def __init__(self) -> None:
        self._compiled: dict[Any, Any] = {}

    def get(self, key: tuple[Dialect, Any]) -> Any:
        return self._compiled.get(key[1:])

    def __setitem__(self, key: tuple[Dialect, Any], compiled: Any) -> None:
        if len(self._compiled) >= _MOST:
            self._compiled.clear()
        self._compiled[key[1:]] = compiled


_kinds: defaultdict[Any, _OfOneKind] = defaultdict(_OfOneKind)


def share() -> None:
    """Let engines of this process share what they compile."""
    event.listen(Engine, "engine_connect", _sharing)


def _sharing(connection: Connection) -> None:
    dialect = connection.dialect
    connection.execution_options(compiled_cache=_kinds[type(dialect), dialect.server_version_info])
