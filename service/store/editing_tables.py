"""The tables of the editors' room and of pages: who edits, what they wrote, what was done by whom; what is linked.

They stand apart from `tables` because no letter is sent through them; one `metadata` holds both.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from service.store.dialect import Instant
from service.store.tables import ID, metadata

editors = Table(
    "editors",
    metadata,
    Column("id", ID, primary_key=True),
    Column("address", String(320), nullable=False),
    Column("address_key", String(640), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),  # viewer, editor, approver, owner
    Column("password", Text),  # argon2id in its own notation; none until it is chosen
    Column("totp_secret", String(64)),  # of the authenticator, base32; none without one
    Column("totp_step", BigInteger),  # the last time step that was accepted: no code is taken twice
    Column("language", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

# A session ends by its row's going; only a digest of what the cookie holds is kept.
editor_sessions = Table(
    "editor_sessions",
    metadata,
    Column("id", ID, primary_key=True),  # the digest
    Column("editor_id", ID, ForeignKey("editors.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("complete", Boolean, nullable=False),  # the second factor was shown
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("proved_at", Instant),  # when the editor last showed who they are: what cannot be undone asks for it
    Column("network", String(64), nullable=False),
    Column("agent", String(300), nullable=False),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", String(400), primary_key=True),  # the credential's own id, base64url
    Column("editor_id", ID, ForeignKey("editors.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", String(100), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("editor_id", ID, ForeignKey("editors.id", ondelete="CASCADE"), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("used_at", Instant),
    PrimaryKeyConstraint("editor_id", "code_hash"),
)

# One-time links: the first owner's, an invitation, a new password.
invitations = Table(
    "invitations",
    metadata,
    Column("id", ID, primary_key=True),  # a digest of what the link holds
    Column("address", String(320), nullable=False),  # "" for the first owner, who says it
    Column("role", String(16), nullable=False),
    Column("editor_id", ID, ForeignKey("editors.id", ondelete="CASCADE")),  # whose password is chosen anew
    Column("made_by", ID),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

# What was done: each row's hash covers the one before, so that none can be changed or taken out unseen.
audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False, index=True),
    Column("editor_id", ID, index=True),  # none: the program, or a command
    Column("who", String(320), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(400), nullable=False),  # what it was done to, as "template letters/notice/body.mjml"
    Column("details", JSON, nullable=False),
    Column("before_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# A text by its digest: versions and sets of templates point to it.
template_texts = Table(
    "template_texts",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("text", Text, nullable=False),
)

template_versions = Table(
    "template_versions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), ForeignKey("template_texts.digest"), nullable=False),
    Column("editor_id", ID),
    Column("who", String(320), nullable=False),
    Column("why", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("name", "number"),
)

# Everything that letters were made of at one time, by the version that an edition names.
template_sets = Table(
    "template_sets",
    metadata,
    Column("version", String(32), primary_key=True),
    Column("pieces", JSON, nullable=False),  # name to digest
    Column("position", Integer, nullable=False, index=True),  # the greatest is in use
    Column("made_at", Instant, nullable=False),
)

template_drafts = Table(
    "template_drafts",
    metadata,
    Column("editor_id", ID, ForeignKey("editors.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("based_on", Integer, nullable=False),  # the number of the version it began from, 0 for the shipped one
    Column("updated_at", Instant, nullable=False),
    PrimaryKeyConstraint("editor_id", "name"),
)

event_versions = Table(
    "event_versions",
    metadata,
    Column("event_id", ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("collection_id", ID, nullable=False),
    Column("document", JSON),  # the whole record with its rules; none: it was withdrawn
    Column("editor_id", ID),
    Column("who", String(320), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("event_id", "number"),
)

event_drafts = Table(
    "event_drafts",
    metadata,
    Column("editor_id", ID, ForeignKey("editors.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", ID, nullable=False),
    Column("collection_id", ID, nullable=False),
    Column("fields", JSON, nullable=False),  # the form as it was typed
    Column("based_on", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    PrimaryKeyConstraint("editor_id", "event_id"),
)

# That what is told of an event on a day may leave, of a collection that asks for approval.
approvals = Table(
    "approvals",
    metadata,
    Column("event_id", ID, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("version", String(64), nullable=False),  # of the record and templates that were approved
    Column("verdict", String(16), nullable=False),  # approved, held, cancelled
    Column("editor_id", ID),
    Column("who", String(320), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("event_id", "on_day"),
)

# Events and collections of which nothing leaves until they are let go on.
pauses = Table(
    "pauses",
    metadata,
    Column("target", String(80), primary_key=True),  # collection:ID or event:ID
    Column("editor_id", ID),
    Column("who", String(320), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# Corrections: shown on the web copies that told otherwise, and in the event's next notice.
errata = Table(
    "errata",
    metadata,
    Column("id", ID, primary_key=True),
    Column("event_id", ID, nullable=False, index=True),
    Column("words", JSON, nullable=False),  # by language
    Column("until_day", Date),  # the last day whose letters tell it; none: not decided by a day yet
    Column("editor_id", ID),
    Column("who", String(320), nullable=False),
    Column("at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)

# Which event is tied to which, as its record says: derived, so that the other can tell of it too.
links = Table(
    "links",
    metadata,
    Column("event_id", ID, ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("other_id", ID, nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    PrimaryKeyConstraint("event_id", "position"),
)

# In which editions of the archive an event was told: derived, written when the first letter of one was taken.
told = Table(
    "told",
    metadata,
    Column("event_id", ID, nullable=False),
    Column("edition_id", ID, ForeignKey("editions.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("event_id", "edition_id"),
)
