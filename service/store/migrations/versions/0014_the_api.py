"""Tokens of the API, and what was answered under a client's key."""

import sqlalchemy as sa
from alembic import op

from service.store.dialect import Instant

revision = "0014"
down_revision = "0013"

_ID = sa.String(64)


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("editor_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_why", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
        sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], name="fk_api_tokens_editor_id", ondelete="CASCADE"),
    )
    op.create_index("ix_api_tokens_editor_id", "api_tokens", ["editor_id"])
    op.create_table(
        "api_answers",
        sa.Column("token_id", _ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "key", name="pk_api_answers"),
        sa.ForeignKeyConstraint(["token_id"], ["api_tokens.id"], name="fk_api_answers_token_id", ondelete="CASCADE"),
    )
    op.create_index("ix_api_answers_created_at", "api_answers", ["created_at"])
