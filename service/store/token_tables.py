"""The tables of the API: who may use it, and what was answered to a request that may come once more."""

from sqlalchemy import JSON, Column, ForeignKey, PrimaryKeyConstraint, SmallInteger, String, Table, Text

from service.store.dialect import Instant
from service.store.tables import ID, metadata

# Only a digest of what the token is: whoever reads the table can use none.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", ID, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("editor_id", ID, ForeignKey("editors.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(60), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("ended_at", Instant),
    Column("ended_why", String(60), nullable=False),
)

# What was answered under a key that a client chose, so that the same request, sent again, is not done again.
api_answers = Table(
    "api_answers",
    metadata,
    Column("token_id", ID, ForeignKey("api_tokens.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(64), nullable=False),  # a digest of the client's
    Column("asked", String(64), nullable=False),  # a keyed hash of method, path and body
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body", Text, nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("token_id", "key"),
)
