"""Each rule knows its first occasion beyond the horizon, so that a new day costs only what falls on it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("rules") as rules:
        rules.add_column(sa.Column("next_on", sa.Date(), nullable=True))
    op.create_index("ix_rules_next_on", "rules", ["next_on"])
    op.execute("DELETE FROM occasions")  # derived: reckoned anew at the first round
    op.execute("DELETE FROM horizon")
