"""A new domain is warmed up: the plan, and how many letters have left on a day."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("installation", sa.Column("warm_up", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "sent",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "owner", name="pk_sent"),
    )
