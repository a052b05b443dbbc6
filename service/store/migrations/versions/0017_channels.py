"""Channels: who has notices by something else than e-mail, and where to."""

import sqlalchemy as sa
from alembic import op

from service.store.dialect import Instant

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("reader_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=255), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("set_aside_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("reader_id", name="pk_channels"),
        sa.ForeignKeyConstraint(["reader_id"], ["subscribers.id"], name="fk_channels_reader_id", ondelete="CASCADE"),
    )
