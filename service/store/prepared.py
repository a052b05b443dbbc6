"""Statements of the hot path: compiled once for each database, run on the driver, with many rows as one value.

SQLAlchemy writes the SQL and knows the types; what is left out at each run is its search for what it compiled
before, which costs more than these statements themselves.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Executable,
    Float,
    FromClause,
    Integer,
    String,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.compiler import SQLCompiler

from service.store.dialect import GroupTx
from service.store.driver import driver_of

Row = Sequence[Any]
_TURNED_KEPT = 64


def fixed(value: str | int) -> Any:
    """Give a value of ours that stands in the statement itself.

    A partial index can be chosen then, and SQLite need not plan again at every run, as it does when a parameter
    might decide between indexes.
    """
    return literal_column(
        f"'{value}'" if isinstance(value, str) else str(value), String if isinstance(value, str) else Integer
    )


@dataclass(frozen=True, eq=False)
class Given:
    """Rows that a statement is given: a table of these columns, whatever their number.

    SQLite reads them from one JSON text, PostgreSQL from one array a column.
    """

    name: str
    columns: tuple[Column[Any], ...]

    def table(self, dialect: Dialect) -> FromClause:
        """Give the table that the rows will be."""
        if dialect.name == "sqlite":
            each = func.json_each(bindparam(self.name, type_=String)).table_valued("value", name=f"{self.name}_each")
            fields = [
                func.json_extract(each.c.value, literal_column(f"'$[{place}]'"), type_=column.type).label(column.name)
                for place, column in enumerate(self.columns)
            ]
            return select(*fields).subquery(self.name)
        arrays = [bindparam(f"{self.name}_{column.name}", type_=ARRAY(column.type)) for column in self.columns]
        names = [column.name for column in self.columns]
        return func.unnest(*arrays).table_valued(*names).render_derived(name=self.name)

    def values(self, dialect: Dialect, rows: Sequence[Row]) -> dict[str, Any]:
        """Give the parameters that hold the rows."""
        if dialect.name == "sqlite":
            return {self.name: json.dumps(_turned(rows, _into_driver(self, dialect)))}
        return {f"{self.name}_{column.name}": [row[place] for row in rows] for place, column in enumerate(self.columns)}


@cache
def _into_driver(given: Given, dialect: Dialect) -> "_Turns":
    return _turns(column.type.dialect_impl(dialect).bind_processor(dialect) for column in given.columns)


class Prepared:
    """A statement, built for the dialect that it is run on and compiled the first time.

    `build` gets the dialect and the tables of the rows that will be given, and gives the statement. Its own
    parameters are named by `bindparam`.
    """

    def __init__(self, build: Callable[..., Executable], *given: Given) -> None:
        self._build = build
        self._given = given
        self._ready: dict[str, _Ready] = {}

    def run(self, tx: GroupTx, rows: Sequence[Sequence[Row]] = (), **values: Any) -> list[Any]:
        """Run it with rows for each given table; gives the rows that it returns."""
        ready, parameters = self._ready_for(tx.dialect, rows, values)
        with driver_of(tx, ready.text, parameters) as driver:
            cursor = driver.execute(ready.text, parameters)
            return ready.read(cursor.fetchall()) if cursor.description else []

    def count(self, tx: GroupTx, rows: Sequence[Sequence[Row]] = (), **values: Any) -> int:
        """Run it likewise; gives how many rows it changed, which costs less than to be told which."""
        ready, parameters = self._ready_for(tx.dialect, rows, values)
        with driver_of(tx, ready.text, parameters) as driver:
            return int(driver.execute(ready.text, parameters).rowcount)

    def _ready_for(
        self, dialect: Dialect, rows: Sequence[Sequence[Row]], values: dict[str, Any]
    ) -> tuple["_Ready", Any]:
        ready = self._ready.get(dialect.name)
        if ready is None:
            built: Any = self._build(*(given.table(dialect) for given in self._given))
            ready = self._ready[dialect.name] = _Ready(built.compile(dialect=dialect))
        for given, own in zip(self._given, rows, strict=True):
            values |= given.values(dialect, own)
        return ready, ready.parameters(values)


class _Ready:
    """What the compiler made of a statement."""

    def __init__(self, compiled: SQLCompiler) -> None:
        self.text = str(compiled)
        self._into: Any = compiled._bind_processors  # noqa: SLF001  (SQLAlchemy gives it to its own contexts alone)
        self._constants = {name: _into(value, self._into.get(name)) for name, value in compiled.params.items()}
        self._order = compiled.positiontup
        self._compiled = compiled

    @cached_property
    def _out_of_driver(self) -> "_Turns":
        dialect = self._compiled.dialect
        columns = getattr(self._compiled.statement, "exported_columns", ())
        return _turns(
            None
            if isinstance(column.type, Float)
            else column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in columns  # a float is one as it comes
        )

    def parameters(self, values: dict[str, Any]) -> Any:
        """Give what the driver takes."""
        all_ = self._constants | {name: _into(value, self._into.get(name)) for name, value in values.items()}
        return all_ if self._order is None else tuple(all_[name] for name in self._order)

    def read(self, rows: Sequence[Any]) -> list[Any]:
        """Turn the driver's rows into values."""
        return _turned(rows, self._out_of_driver)


_Turns = tuple[tuple[int, Callable[[Any], Any]], ...]  # which columns are turned into other values, and how


def _turns(processors: Iterable[Callable[[Any], Any] | None]) -> _Turns:
    """Give what turns values; rows that are worked on together have the same moments, which are turned once."""
    return tuple((place, lru_cache(_TURNED_KEPT)(turn)) for place, turn in enumerate(processors) if turn is not None)


def _turned(rows: Sequence[Row], turns: _Turns) -> list[Any]:
    if not turns:
        return [*rows]
    turned = [[*row] for row in rows]
    for place, turn in turns:
        for row in turned:
            row[place] = turn(row[place])
    return turned


def _into(value: Any, processor: Any) -> Any:
    return processor(value) if processor is not None else value


HELD = Given("held", (Column("id", String), Column("generation", BigInteger)))
