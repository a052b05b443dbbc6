"""All tables, wherever they stand: what the migrations lead to."""

from service.store import (
    channel_tables,
    consent_tables,
    editing_tables,
    inbox_tables,
    private_tables,
    sent_tables,
    token_tables,
    webhook_tables,
)
from service.store.tables import metadata

__all__ = [
    "channel_tables",
    "consent_tables",
    "editing_tables",
    "everything",
    "inbox_tables",
    "private_tables",
    "sent_tables",
    "token_tables",
    "webhook_tables",
]

everything = metadata
