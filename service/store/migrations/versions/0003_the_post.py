"""The post's own memory: workers that live, lanes that are slow, attempts that came before, what holds everything."""

import sqlalchemy as sa
from alembic import op

from service.store.dialect import Instant

revision = "0003"
down_revision = "0002"

_ID = sa.String(64)


def upgrade() -> None:
    op.drop_index("ix_notices_held", "notices")
    with op.batch_alter_table("notices") as notices:
        notices.add_column(sa.Column("crashes", sa.SmallInteger(), nullable=False, server_default="0"))
        notices.drop_column("lease_until")
    _partial("ix_notices_held", "notices", ["owner"], "state IN ('claimed', 'sending')")
    _partial("ix_notices_put_off", "notices", ["due_at"], "state = 'ready' AND reason <> ''")
    _partial("ix_notices_troubled", "notices", ["state", "finished_at"], "state IN ('failed', 'held', 'quarantine')")
    with op.batch_alter_table("editions") as editions:
        editions.add_column(sa.Column("in_doubt", sa.String(8), nullable=False, server_default="resend"))
        editions.add_column(sa.Column("stopped_at", Instant(), nullable=True))
        editions.add_column(sa.Column("stopped_reason", sa.Text(), nullable=True))
    with op.batch_alter_table("slot_runs") as runs:
        runs.add_column(sa.Column("cursor", _ID, nullable=True))
    op.create_table(
        "attempts",
        sa.Column("notice_id", _ID, sa.ForeignKey("notices.id", ondelete="CASCADE"), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("code", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("owner", _ID, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "generation", "result", name="pk_attempts"),
    )
    op.create_table(
        "workers",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("host", sa.String(200), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("lease_until", sa.Float(53), nullable=False),
    )
    op.create_table(
        "lanes",
        sa.Column("domain", sa.String(255), primary_key=True),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("closed_until", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("paused_at", Instant(), nullable=True),
        sa.Column("paused_reason", sa.Text(), nullable=False),
        sa.Column("ticked_at", Instant(), nullable=True),
        sa.CheckConstraint("id = 1", name="ck_installation_single"),
    )
    op.execute("UPDATE notices SET state = 'ready', owner = NULL WHERE state IN ('claimed', 'sending')")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
