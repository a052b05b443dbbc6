"""Identifiers made by the database, for the rows of a set-based INSERT; `dialect.new_id` makes the others."""

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class new_ids(FunctionElement[str]):  # noqa: N801  (an SQL function, written like one)
    """Identifiers like those of `new_id`, in the order of the rows of a set-based INSERT.

    Where the time to the millisecond is followed by its fraction, these have the row's number. The order is worth
    much: what is claimed together then lies together, and a commit writes one page of the database for ten letters
    instead of ten.
    """

    type = String()
    inherit_cache = True


@compiles(new_ids, "sqlite")
def _new_ids_sqlite(_element: new_ids, _compiler: SQLCompiler, **_: object) -> str:
    clock = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    return f"(printf('%012x%05x', {clock}, row_number() OVER ()) || substr(lower(hex(randomblob(8))), 1, 15))"


@compiles(new_ids, "postgresql")
def _new_ids_postgresql(_element: new_ids, _compiler: SQLCompiler, **_: object) -> str:
    clock = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    ordered = f"lpad(to_hex({clock}), 12, '0') || lpad(to_hex(row_number() OVER ()), 5, '0')"
    return f"({ordered} || left(replace(gen_random_uuid()::text, '-', ''), 15))"
