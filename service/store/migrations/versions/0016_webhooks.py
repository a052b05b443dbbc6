"""Other programs are told what happens: webhooks, and the messages for each."""

import sqlalchemy as sa
from alembic import op

from service.store.dialect import Instant

revision = "0016"
down_revision = "0015"

_ID = sa.String(64)


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("is_near", sa.Boolean(), nullable=False),
        sa.Column("types", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("old_secret", sa.String(length=64), nullable=True),
        sa.Column("old_until", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("code", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("off_at", Instant(), nullable=True),
        sa.Column("off_why", sa.Text(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "webhook_messages",
        sa.Column("id", _ID, nullable=False),
        sa.Column("webhook_id", _ID, nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("subscriber_id", _ID, nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("happened_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_messages"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_messages_webhook_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_webhook_messages_webhook_id", "webhook_messages", ["webhook_id", "state", "due_at"])
    op.create_index("ix_webhook_messages_subscriber_id", "webhook_messages", ["subscriber_id"])
    op.create_index("ix_webhook_messages_finished_at", "webhook_messages", ["finished_at"])
