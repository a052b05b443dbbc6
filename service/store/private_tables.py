"""The tables of private events: what one subscriber remembers, and whom they share it with.

They stand apart from those of the public record, so that nothing which reads that can come upon them.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from service.store.dialect import Instant
from service.store.tables import ID, metadata

private_events = Table(
    "private_events",
    metadata,
    Column("id", ID, primary_key=True),
    Column("subscriber_id", ID, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("tone", String(16), nullable=False),
    Column("version", String(16), nullable=False),
    Column("document", JSON, nullable=False),
    Column("next_on", Date, index=True),  # the first occasion beyond the horizon
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("removed_at", Instant, index=True),  # by its owner, who may want it back for some days
)

# An index, as `occasions` is: of what is not removed, for the days of the same horizon.
private_occasions = Table(
    "private_occasions",
    metadata,
    Column("on_day", Date, nullable=False),
    Column("private_id", ID, ForeignKey("private_events.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("rule_id", ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("days", Integer, nullable=False),
    Column("begins_on", Date),
    Column("reason", String(32)),
    Column("provisional", Boolean, nullable=False),
    PrimaryKeyConstraint("on_day", "private_id", "rule_id", "number"),
)

private_pictures = Table(
    "private_pictures",
    metadata,
    Column("private_id", ID, ForeignKey("private_events.id", ondelete="CASCADE"), primary_key=True),
    Column("media_type", String(32), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# Whom an owner invited to remember with them. Accepted, it is a subscription of the reader's to `private:ID`.
private_shares = Table(
    "private_shares",
    metadata,
    Column("id", ID, primary_key=True),
    Column("private_id", ID, ForeignKey("private_events.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("address", String(320), nullable=False),  # as the owner typed it
    Column("addressee_id", ID, ForeignKey("subscribers.id", ondelete="SET NULL"), index=True),
    Column("reader_id", ID, ForeignKey("subscribers.id", ondelete="CASCADE"), index=True),
    Column("invited_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Index("uq_private_shares_address", "private_id", "address", unique=True),
)
