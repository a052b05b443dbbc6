"""The tables of consent: in which words somebody was asked, and what they did, from asking to leaving.

They stand apart from `tables` because no letter is sent through them; one `metadata` holds all.
"""

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, Text, text

from service.store.dialect import Instant
from service.store.tables import ID, metadata

# Each wording once, under a digest of language and words: its version.
wordings = Table(
    "wordings",
    metadata,
    Column("version", String(32), primary_key=True),
    Column("language", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("first_at", Instant, nullable=False),
)

# Rows are added and never changed, but for the network, which is forgotten; they go with the person.
consents = Table(
    "consents",
    metadata,
    Column("id", ID, primary_key=True),
    Column("subscriber_id", ID, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("act", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("source", String(16), nullable=False),  # page, one click, mail, command, import
    Column("network", String(64)),
    Column("wording", String(32), ForeignKey("wordings.version")),
    Column("details", JSON, nullable=False),
    Index(
        "ix_consents_network",
        "at",
        sqlite_where=text("network IS NOT NULL"),
        postgresql_where=text("network IS NOT NULL"),
    ),
)
