"""Letters by habit: the day of a summary, what a letter is made of, and how late it may leave."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("summary_on", sa.SmallInteger()))
    op.add_column("subscribers", sa.Column("variant", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("subscribers", sa.Column("late_hours", sa.SmallInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE subscribers SET summary_on = 1 WHERE cadence <> 'daily'")  # as it was until now
    op.create_index(
        "ix_subscribers_summaries",
        "subscribers",
        ["status", "zone", "hour", "cadence", "summary_on", "id"],
        sqlite_where=sa.text("summary_on IS NOT NULL"),
        postgresql_where=sa.text("summary_on IS NOT NULL"),
    )
    op.add_column("editions", sa.Column("calendar", sa.Text()))
    op.add_column("notices", sa.Column("variant", sa.SmallInteger(), nullable=False, server_default="0"))
