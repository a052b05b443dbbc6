"""The driver beneath SQLAlchemy, for what is done so often that SQLAlchemy's part would cost more than the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@contextmanager
def driver_of(connection: Connection, statement: str, parameters: Any = None) -> Iterator[Any]:
    """Give the driver's own connection; what it raises is raised as SQLAlchemy would raise it of the statement."""
    dialect = connection.dialect
    dbapi: Any = dialect.dbapi
    try:
        yield connection.connection.dbapi_connection
    except dbapi.Error as error:
        raise DBAPIError.instance(statement, parameters, error, dbapi.Error, dialect=dialect) from error


def commit(connection: Connection) -> None:
    """Commit what was begun beneath SQLAlchemy, and what SQLAlchemy believes to have begun since."""
    if connection.in_transaction():
        connection.commit()
        return
    with driver_of(connection, "COMMIT") as driver:
        driver.commit()
