"""Private events: what one subscriber remembers, their pictures, whom they share them with, and whose an edition is."""

import sqlalchemy as sa
from alembic import op

from service.store.dialect import Instant

revision = "0010"
down_revision = "0009"

_ID = sa.String(64)


def _of(table: str, ondelete: str = "CASCADE") -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", ondelete=ondelete)


def upgrade() -> None:
    # SQLite cannot be given ON DELETE here in a way that can be read back, so an erasure removes them itself.
    reader = sa.Column("subscriber_id", _ID, sa.ForeignKey("subscribers.id"))
    op.add_column("editions", reader, inline_references=True)
    own = sa.text("subscriber_id IS NOT NULL")
    op.create_index("ix_editions_own", "editions", ["subscriber_id"], sqlite_where=own, postgresql_where=own)
    op.create_table(
        "private_events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("subscriber_id", _ID, _of("subscribers"), nullable=False),
        sa.Column("tone", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("next_on", sa.Date()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_private_events"),
    )
    for column in ("subscriber_id", "next_on", "removed_at"):
        op.create_index(f"ix_private_events_{column}", "private_events", [column])
    op.create_table(
        "private_occasions",
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("private_id", _ID, _of("private_events"), nullable=False),
        sa.Column("rule_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date()),
        sa.Column("reason", sa.String(length=32)),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("on_day", "private_id", "rule_id", "number", name="pk_private_occasions"),
    )
    op.create_index("ix_private_occasions_private_id", "private_occasions", ["private_id"])
    op.create_table(
        "private_pictures",
        sa.Column("private_id", _ID, _of("private_events"), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("private_id", name="pk_private_pictures"),
    )
    op.create_table(
        "private_shares",
        sa.Column("id", _ID, nullable=False),
        sa.Column("private_id", _ID, _of("private_events"), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("addressee_id", _ID, _of("subscribers", "SET NULL")),
        sa.Column("reader_id", _ID, _of("subscribers")),
        sa.Column("invited_at", Instant(), nullable=False),
        sa.Column("accepted_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_private_shares"),
    )
    for column in ("private_id", "addressee_id", "reader_id"):
        op.create_index(f"ix_private_shares_{column}", "private_shares", [column])
    op.create_index("uq_private_shares_address", "private_shares", ["private_id", "address"], unique=True)
