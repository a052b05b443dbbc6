"""In which words people were asked, and what they did about being written to."""

import sqlalchemy as sa
from alembic import op

from service.store.dialect import Instant

revision = "0011"
down_revision = "0010"

_ID = sa.String(64)


def upgrade() -> None:
    op.create_table(
        "wordings",
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_wordings"),
    )
    op.create_table(
        "consents",
        sa.Column("id", _ID, nullable=False),
        sa.Column("subscriber_id", _ID, nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=True),
        sa.Column("wording", sa.String(length=32), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name="fk_consents_subscriber_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["wording"], ["wordings.version"], name="fk_consents_wording"),
    )
    op.create_index("ix_consents_subscriber_id", "consents", ["subscriber_id"])
    op.create_index(
        "ix_consents_network",
        "consents",
        ["at"],
        sqlite_where=sa.text("network IS NOT NULL"),
        postgresql_where=sa.text("network IS NOT NULL"),
    )
