"""All tables, wherever they stand: what the migrations lead to."""

from service.store import (
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
