"""A letter that leaves late says so."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("editions", sa.Column("late", sa.Text()))
