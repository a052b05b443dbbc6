"""The editors' room: who edits, sessions, templates and records as they were, and what was done by whom."""

import sqlalchemy as sa
from alembic import op

from service.store.dialect import Instant

revision = "0005"
down_revision = "0004"

_ID = sa.String(64)


def upgrade() -> None:
    op.add_column("editions", sa.Column("facts", sa.JSON(), nullable=True))
    op.create_table(
        "approvals",
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("version", _ID, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("editor_id", _ID),
        sa.Column("who", sa.String(length=320), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "on_day", name="pk_approvals"),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("editor_id", _ID),
        sa.Column("who", sa.String(length=320), nullable=False),
        sa.Column("action", _ID, nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("before_hash", _ID, nullable=False),
        sa.Column("hash", _ID, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_editor_id", "audit", ["editor_id"])
    op.create_table(
        "editors",
        sa.Column("id", _ID, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("address_key", sa.String(length=640), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("totp_secret", _ID),
        sa.Column("totp_step", sa.BigInteger()),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_editors"),
        sa.UniqueConstraint("address_key", name="uq_editors_address_key"),
    )
    op.create_table(
        "errata",
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("until_day", sa.Date()),
        sa.Column("editor_id", _ID),
        sa.Column("who", sa.String(length=320), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_errata"),
    )
    op.create_index("ix_errata_event_id", "errata", ["event_id"])
    op.create_table(
        "event_versions",
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("collection_id", _ID, nullable=False),
        sa.Column("document", sa.JSON()),
        sa.Column("editor_id", _ID),
        sa.Column("who", sa.String(length=320), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "number", name="pk_event_versions"),
    )
    op.create_table(
        "template_sets",
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_template_sets"),
    )
    op.create_index("ix_template_sets_position", "template_sets", ["position"])
    op.create_table(
        "template_texts",
        sa.Column("digest", _ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_template_texts"),
    )
    op.create_table(
        "editor_sessions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("editor_id", _ID, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("proved_at", Instant()),
        sa.Column("network", _ID, nullable=False),
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.Column("challenge", sa.Text()),
        sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], name="fk_editor_sessions_editor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_editor_sessions"),
    )
    op.create_index("ix_editor_sessions_editor_id", "editor_sessions", ["editor_id"])
    op.create_table(
        "event_drafts",
        sa.Column("editor_id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("collection_id", _ID, nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], name="fk_event_drafts_editor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("editor_id", "event_id", name="pk_event_drafts"),
    )
    op.create_table(
        "invitations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("editor_id", _ID),
        sa.Column("made_by", _ID),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
        sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], name="fk_invitations_editor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=400), nullable=False),
        sa.Column("editor_id", _ID, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
        sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], name="fk_passkeys_editor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
    )
    op.create_index("ix_passkeys_editor_id", "passkeys", ["editor_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("editor_id", _ID, nullable=False),
        sa.Column("code_hash", _ID, nullable=False),
        sa.Column("used_at", Instant()),
        sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], name="fk_recovery_codes_editor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("editor_id", "code_hash", name="pk_recovery_codes"),
    )
    op.create_table(
        "template_drafts",
        sa.Column("editor_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], name="fk_template_drafts_editor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("editor_id", "name", name="pk_template_drafts"),
    )
    op.create_table(
        "template_versions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", _ID, nullable=False),
        sa.Column("editor_id", _ID),
        sa.Column("who", sa.String(length=320), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["template_texts.digest"], name="fk_template_versions_digest"),
        sa.PrimaryKeyConstraint("id", name="pk_template_versions"),
        sa.UniqueConstraint("name", "number", name="uq_template_versions_name"),
    )
    with op.batch_alter_table("slot_runs") as runs:
        runs.add_column(sa.Column("template_version", sa.String(32), nullable=True))
