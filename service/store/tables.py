"""The tables, in the words of the design. `migrations/` brings a database to them; a test proves them equal."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from service.store.dialect import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(64)

collections = Table(
    "collections",
    metadata,
    Column("id", ID, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", JSON, nullable=False),  # title and description; the events have rows of their own
    Column("updated_at", Instant, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", ID, primary_key=True),
    Column("collection_id", ID, ForeignKey("collections.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("tone", String(16), nullable=False),
    Column("version", String(16), nullable=False),  # a digest of the record: editions depend on it
    Column("document", JSON, nullable=False),  # the record without its rules
    Column("updated_at", Instant, nullable=False),
)

rules = Table(
    "rules",
    metadata,
    Column("event_id", ID, ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("id", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("next_on", Date, index=True),  # the first occasion beyond the horizon
    PrimaryKeyConstraint("event_id", "id"),
)

# An index of what the rules say, for the days of the horizon: may be dropped and rebuilt at any time.
occasions = Table(
    "occasions",
    metadata,
    Column("on_day", Date, nullable=False),
    Column("event_id", ID, ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("rule_id", ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("days", Integer, nullable=False),
    Column("begins_on", Date),
    Column("reason", String(32)),
    Column("provisional", Boolean, nullable=False),
    PrimaryKeyConstraint("on_day", "event_id", "rule_id", "number"),
)

horizon = Table(
    "horizon",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    CheckConstraint("id = 1", name="single"),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("address", String(320), nullable=False),
    Column("address_key", String(640), nullable=False, unique=True),
    Column("language", String(16), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("hour", String(5), nullable=False),
    Column("cadence", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("paused_until", Date),
    Column("source", String(16), nullable=False),  # how they came: page, command, import, sample
    Column("moved", Boolean, nullable=False),  # joined or changed since their slot last ran
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("left_at", Instant),
    Index("ix_subscribers_slot", "status", "zone", "hour"),
    Index("ix_subscribers_moved", "zone", "hour", sqlite_where=text("moved"), postgresql_where=text("moved")),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("subscriber_id", ID, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("target", String(80), nullable=False),  # collection:ID or event:ID
    Column("lead_days", SmallInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),  # none: asked for on the page, not confirmed by the address's owner
    Column("ended_at", Instant),
    UniqueConstraint("subscriber_id", "target", "lead_days"),
    Index("ix_subscriptions_target", "target", "lead_days", "subscriber_id"),
)

# What must not be written to again outlives the person's rows: a keyed hash tells nobody who it was.
suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("reason", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
)

slot_runs = Table(
    "slot_runs",
    metadata,
    Column("zone", String(64), nullable=False),
    Column("hour", String(5), nullable=False),
    Column("day", Date, nullable=False),
    Column("state", String(16), nullable=False),  # run, missed
    Column("notices", Integer, nullable=False),
    Column("ran_at", Instant, nullable=False),
    PrimaryKeyConstraint("zone", "hour", "day"),
)

editions = Table(
    "editions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("day", Date, nullable=False),
    Column("template_version", String(32), nullable=False),
    Column("key", String(64), nullable=False),  # a digest of what is said and why: equal sets share an edition
    Column("dues", JSON, nullable=False),
    Column("because", JSON, nullable=False),
    Column("subject", Text),
    Column("html", Text),
    Column("text", Text),
    Column("findings", JSON),
    Column("created_at", Instant, nullable=False),
    Column("rendered_at", Instant),
    UniqueConstraint("kind", "language", "day", "template_version", "key"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("subscriber_id", ID, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("day", Date, nullable=False),  # the local day of the subscriber
    Column("edition_id", ID, ForeignKey("editions.id"), nullable=False),
    Column("lane", SmallInteger, nullable=False),  # 0 answers somebody who waits, 1 is for everybody
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("dated_at", Instant),
    Column("generation", BigInteger, nullable=False),
    Column("owner", String(64)),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("doubts", Integer, nullable=False),
    Column("code", SmallInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    UniqueConstraint("subscriber_id", "kind", "day"),
    Index(
        "ix_notices_ready",
        "lane",
        "due_at",
        "id",
        sqlite_where=text("state = 'ready'"),
        postgresql_where=text("state = 'ready'"),
    ),
    Index(
        "ix_notices_held",
        "lease_until",
        sqlite_where=text("state IN ('claimed', 'sending')"),
        postgresql_where=text("state IN ('claimed', 'sending')"),
    ),
    Index(
        "ix_notices_planned",
        "edition_id",
        sqlite_where=text("state = 'planned'"),
        postgresql_where=text("state = 'planned'"),
    ),
)

# How often something was asked for, by a keyed hash of who asked.
requests = Table(
    "requests",
    metadata,
    Column("scope", String(32), nullable=False),
    Column("key", String(64), nullable=False),
    Column("since", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("scope", "key", "since"),
)
