"""The table of channels: who has notices and summaries by something else than e-mail, and where to.

It stands apart from `tables` because no letter by e-mail asks it anything; one `metadata` holds all.
"""

from sqlalchemy import Column, ForeignKey, SmallInteger, String, Table

from service.store.dialect import Instant
from service.store.tables import ID, metadata

# One row a reader, while they have chosen so; it goes with the person. No column is named as one of `notices` is: where
# a claim returns it, SQLAlchemy names the columns of both without their tables for SQLite.
channels = Table(
    "channels",
    metadata,
    Column("reader_id", ID, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(16), nullable=False),  # a Channel
    Column("target", String(255), nullable=False),  # the reader's topic, chat, room or number there
    Column("since", Instant, nullable=False),  # proved to be theirs, or chosen again
    Column("failures", SmallInteger, nullable=False),  # notices in a row that were refused for good
    Column("set_aside_at", Instant),  # from then on, all go by e-mail
)
