"""The letter box: mail as it arrived, and what was heard of letters in it."""

import sqlalchemy as sa
from alembic import op

from service.store.dialect import Instant

revision = "0013"
down_revision = "0012"

_ID = sa.String(64)


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("arrived_at", Instant(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("subscriber_id", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("key", name="uq_inbox_key"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name="fk_inbox_subscriber_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_inbox_subscriber_id", "inbox", ["subscriber_id"])
    unread = sa.text("read_at IS NULL")
    op.create_index("ix_inbox_unread", "inbox", ["id"], sqlite_where=unread, postgresql_where=unread)
    op.create_index("ix_inbox_read", "inbox", ["read_at"])
    op.create_table(
        "heard",
        sa.Column("id", _ID, nullable=False),
        sa.Column("once", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("notice_id", _ID, nullable=True),
        sa.Column("subscriber_id", _ID, nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("points", sa.Float(53), nullable=False),
        sa.Column("did", sa.String(length=32), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_heard"),
        sa.UniqueConstraint("once", name="uq_heard_once"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name="fk_heard_subscriber_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_heard_inbox_id", "heard", ["inbox_id"])
    op.create_index("ix_heard_notice_id", "heard", ["notice_id"])
    op.create_index("ix_heard_subscriber", "heard", ["subscriber_id", "at"])
    op.create_index("ix_heard_at", "heard", ["at", "id"])
