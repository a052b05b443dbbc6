"""The tables of the letter box: mail as it arrived, and what was heard of letters in it."""

from sqlalchemy import Column, Float, ForeignKey, Index, LargeBinary, SmallInteger, String, Table, Text, text

from service.store.dialect import Instant
from service.store.tables import ID, metadata

# A mail is a row from the moment in which we answer for it. What it turns out to be of a reader's goes with the reader.
inbox = Table(
    "inbox",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),  # a digest: who hands it over again does not add it again
    Column("door", String(16), nullable=False),
    Column("sender", String(320), nullable=False),  # of its envelope; "" for a bounce
    Column("recipient", String(320), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("arrived_at", Instant, nullable=False),
    Column("tries", SmallInteger, nullable=False),  # how often its reading was begun
    Column("read_at", Instant),  # or set aside, if there is a trouble
    Column("trouble", Text, nullable=False),
    Column("subscriber_id", ID, ForeignKey("subscribers.id", ondelete="CASCADE"), index=True),
    Index("ix_inbox_unread", "id", sqlite_where=text("read_at IS NULL"), postgresql_where=text("read_at IS NULL")),
    Index("ix_inbox_read", "read_at"),
)

# What was heard in a mail and what was done about it, in kept words. It outlives the mail.
heard = Table(
    "heard",
    metadata,
    Column("id", ID, primary_key=True),
    Column("once", String(64), nullable=False, unique=True),  # a digest of what may be heard once only
    Column("at", Instant, nullable=False),
    Column("what", String(16), nullable=False),
    Column("by", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("inbox_id", ID, nullable=False, index=True),
    Column("notice_id", ID, index=True),  # only if it is proven which letter it speaks of
    Column("subscriber_id", ID, ForeignKey("subscribers.id", ondelete="CASCADE")),
    Column("reason", String(64), nullable=False),
    Column("points", Float(53), nullable=False),
    Column("did", String(32), nullable=False),
    Column("undone_at", Instant),
    Index("ix_heard_subscriber", "subscriber_id", "at"),
    Index("ix_heard_at", "at", "id"),
)
