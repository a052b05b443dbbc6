"""The tables of webhooks: which programs are told of what, and what they were told or are yet to be told."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from service.store.dialect import Instant
from service.store.tables import ID, metadata

# `types` are words with a space before and behind each, so that one condition finds a word on both databases.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("url", Text, nullable=False),
    Column("is_near", Boolean, nullable=False),  # within a private network, by plain http
    Column("types", String(200), nullable=False),
    Column("secret", String(64), nullable=False),
    Column("old_secret", String(64)),
    Column("old_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("failing_since", Instant),  # the first try that failed since one was taken
    Column("answered_at", Instant),
    Column("code", SmallInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("off_at", Instant),
    Column("off_why", Text, nullable=False),
    Column("ended_at", Instant),
)

# What is told, once for each webhook. Whoever claims a message sets `due_at` to when another may: a process that dies
# in between needs nobody who finds out. `subscriber_id` points nowhere, as a letter's commit must not fail by it.
webhook_messages = Table(
    "webhook_messages",
    metadata,
    Column("id", ID, primary_key=True),
    Column("webhook_id", ID, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("type", String(16), nullable=False),
    Column("subscriber_id", ID, index=True),
    Column("data", Text, nullable=False),  # JSON, in the bytes in which it is sent
    Column("happened_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("code", SmallInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("finished_at", Instant, index=True),
    Index("ix_webhook_messages_webhook_id", "webhook_id", "state", "due_at"),
)
