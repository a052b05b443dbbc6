"""A slot is planned in pages, and a minute in which nothing is due reads nothing that grows."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_index("ix_subscribers_slot", "subscribers")
    op.create_index("ix_subscribers_slot", "subscribers", ["status", "zone", "hour", "id"])
    op.drop_index("ix_subscribers_moved", "subscribers")
    _partial("ix_subscribers_moved", "subscribers", ["zone", "hour", "id"], "moved")
    op.create_index("ix_subscriptions_lead_days", "subscriptions", ["lead_days"])
    _partial("ix_slot_runs_running", "slot_runs", ["day"], "state = 'running'")
    op.create_index("ix_editions_day", "editions", ["day"])
    _partial("ix_editions_stopped", "editions", ["id"], "stopped_at IS NOT NULL")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
