"""The table of what has left: how many letters on a day of UTC that has a limit, by who handed them over."""

from sqlalchemy import Column, Date, Integer, PrimaryKeyConstraint, String, Table

from service.store.tables import metadata

sent = Table(
    "sent",
    metadata,
    Column("day", Date, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("letters", Integer, nullable=False),
    PrimaryKeyConstraint("day", "owner"),
)
