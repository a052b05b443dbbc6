"""The tables, in the words of the design. `migrations/` brings a database to them; a test proves them equal."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
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
    column,
    table,
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

VERSION = "0017"  # of the tables: the newest of `migrations/versions`
ID = String(64)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


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
    Column("updated_at", Instant, nullable=False, index=True),
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
    Column("summary_on", SmallInteger),  # of whom letters come weekly or monthly: the day of the week, or the month
    Column("variant", SmallInteger, nullable=False, server_default="0"),  # what letters are made of
    Column("late_hours", SmallInteger, nullable=False, server_default="0"),  # how late one may leave; 0 for its day
    Column("status", String(16), nullable=False),
    Column("paused_until", Date),
    Column("source", String(16), nullable=False),  # how they came: page, command, import, sample
    Column("moved", Boolean, nullable=False),  # joined or changed since their slot last ran
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("left_at", Instant),
    Column("calendar_id", ID),  # by which their own calendar is found, while they have one
    Index("ix_subscribers_slot", "status", "zone", "hour", "id"),
    _partial(
        "ix_subscribers_summaries",
        *("status", "zone", "hour", "cadence", "summary_on", "id"),
        where="summary_on IS NOT NULL",
    ),
    _partial("ix_subscribers_moved", "zone", "hour", "id", where="moved"),
    _partial("ix_subscribers_calendar", "calendar_id", where="calendar_id IS NOT NULL", unique=True),
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
    Index("ix_subscriptions_lead_days", "lead_days"),
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
    Column("state", String(16), nullable=False),  # running, run, missed
    Column("cursor", ID),  # the last subscriber planned for, while it is running
    Column("notices", Integer, nullable=False),
    Column("ran_at", Instant, nullable=False),
    Column("template_version", String(32)),  # of the words that were in use when it began: it keeps them to its end
    PrimaryKeyConstraint("zone", "hour", "day"),
    _partial("ix_slot_runs_running", "day", where="state = 'running'"),
)

editions = Table(
    "editions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("subscriber_id", ID, ForeignKey("subscribers.id")),  # whose alone it is, if it tells of private events
    Column("kind", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("day", Date, nullable=False),
    Column("template_version", String(32), nullable=False),
    Column("key", String(64), nullable=False),  # a digest of what is said and why: equal sets share an edition
    Column("dues", JSON, nullable=False),
    Column("because", JSON, nullable=False),
    Column("facts", JSON),  # what it says beside occasions: an alert's facts, a welcome's habits
    Column("subject", Text),
    Column("html", Text),
    Column("text", Text),
    Column("calendar", Text),  # the calendar file for those who want it (RFC 5545)
    Column("late", Text),  # the sentence with which a letter of it says that it is late
    Column("findings", JSON),
    Column("in_doubt", String(8), nullable=False, server_default="resend"),  # or hold: as its collections say
    Column("stopped_at", Instant),  # no further letter of it leaves
    Column("stopped_reason", Text),
    Column("created_at", Instant, nullable=False),
    Column("rendered_at", Instant),
    Column("sent_at", Instant),  # when the first letter of it was taken, of those that the archive shows
    UniqueConstraint("kind", "language", "day", "template_version", "key"),
    Index("ix_editions_day", "day"),
    _partial("ix_editions_stopped", "id", where="stopped_at IS NOT NULL"),
    _partial("ix_editions_sent", "day", "id", where="sent_at IS NOT NULL"),
    _partial("ix_editions_own", "subscriber_id", where="subscriber_id IS NOT NULL"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("subscriber_id", ID, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("day", Date, nullable=False),  # the local day of the subscriber
    Column("edition_id", ID, ForeignKey("editions.id"), nullable=False),
    Column("variant", SmallInteger, nullable=False, server_default="0"),  # what its letter is made of, once and for all
    Column("lane", SmallInteger, nullable=False),  # 0 answers who waits, 1 is everybody's, 2 goes by a channel
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("dated_at", Instant),
    Column("generation", BigInteger, nullable=False),
    Column("owner", String(64)),
    Column("attempts", Integer, nullable=False),
    Column("doubts", Integer, nullable=False),
    Column("crashes", SmallInteger, nullable=False, server_default="0"),  # workers that died while they had it
    Column("code", SmallInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("ahead_at", Instant),  # it leaves all the same while its edition is stopped since that moment
    UniqueConstraint("subscriber_id", "kind", "day"),
    _partial("ix_notices_ready", "lane", "due_at", "id", where="state = 'ready'"),
    _partial("ix_notices_held", "owner", where="state IN ('claimed', 'sending')"),
    _partial("ix_notices_planned", "edition_id", where="state = 'planned'"),
    _partial("ix_notices_put_off", "due_at", where="state = 'ready' AND reason <> ''"),
    _partial("ix_notices_stopped", "edition_id", "expires_at", where="state = 'held'"),
    _partial("ix_notices_troubled", "state", "finished_at", where="state IN ('failed', 'held', 'quarantine')"),
)

# What became of a notice before: its row tells of the last attempt, these of the earlier ones and of late answers.
attempts = Table(
    "attempts",
    metadata,
    Column("notice_id", ID, ForeignKey("notices.id", ondelete="CASCADE"), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("result", String(16), nullable=False),  # a Result, or lost: its worker died; late: told after that
    Column("code", SmallInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("owner", ID),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("notice_id", "generation", "result"),
)

# Processes that send. The lease is told by a clock that nobody turns (`Store.lease_seconds`).
workers = Table(
    "workers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("host", String(200), nullable=False),  # whose run folder it is in: there its lock can be tried
    Column("started_at", Instant, nullable=False),
    Column("lease_until", Float(53), nullable=False),
)

# Receiving domains that are written to slowly, or not at all for a while.
lanes = Table(
    "lanes",
    metadata,
    Column("domain", String(255), primary_key=True),
    Column("seconds", Float(53), nullable=False),  # between two letters, 0 for no limit
    Column("next_at", Instant),
    Column("closed_until", Instant),
    Column("reason", Text, nullable=False),
    Column("failures", Integer, nullable=False),  # closings in a row
    Column("updated_at", Instant, nullable=False),
)

# What the whole installation has once: who it is, whether its post is held, when its clock last looked.
installation = Table(
    "installation",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("fingerprint", Text, nullable=False),  # of the place the database lies in: a restored copy lies elsewhere
    Column("epoch", BigInteger, nullable=False),
    Column("paused_at", Instant),
    Column("paused_reason", Text, nullable=False),
    Column("ticked_at", Instant),
    Column("warm_up", Text, nullable=False, server_default=""),  # the plan of whoever began to send last
    CheckConstraint("id = 1", name="single"),
)

alembic_version = table("alembic_version", column("version_num", String))  # Alembic's own: of which version they are

requests = Table(  # how often something was asked for, by a keyed hash of who asked
    "requests",
    metadata,
    Column("scope", String(32), nullable=False),
    Column("key", String(64), nullable=False),
    Column("since", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("scope", "key", "since"),
)
