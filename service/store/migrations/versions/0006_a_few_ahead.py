"""A few letters of a held edition may leave ahead of the others."""

import sqlalchemy as sa
from alembic import op

from service.store.dialect import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("notices", sa.Column("ahead_at", Instant(), nullable=True))
