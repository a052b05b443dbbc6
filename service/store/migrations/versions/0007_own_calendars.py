"""A subscriber may have a calendar of their own, found by an id that can be ended and renewed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("calendar_id", sa.String(64)))
    there = sa.text("calendar_id IS NOT NULL")
    op.create_index(
        "ix_subscribers_calendar",
        "subscribers",
        ["calendar_id"],
        unique=True,
        sqlite_where=there,
        postgresql_where=there,
    )
