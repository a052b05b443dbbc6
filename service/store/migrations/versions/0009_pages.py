"""Pages: which event is tied to which, which editions were sent to somebody, and in which an event was told."""

from itertools import chain

import sqlalchemy as sa
from alembic import op

from service.store.dialect import Instant

revision = "0009"
down_revision = "0008"

_ID = sa.String(64)
_SENT = sa.text("sent_at IS NOT NULL")
_events = sa.table("events", sa.column("id", _ID), sa.column("document", sa.JSON()))
_editions = sa.table("editions", sa.column("id", _ID), sa.column("dues", sa.JSON()), sa.column("sent_at", Instant()))


def upgrade() -> None:
    op.create_index("ix_events_updated_at", "events", ["updated_at"])
    op.add_column("editions", sa.Column("sent_at", Instant(), nullable=True))
    op.create_index("ix_editions_sent", "editions", ["day", "id"], sqlite_where=_SENT, postgresql_where=_SENT)
    links = op.create_table(
        "links",
        sa.Column("event_id", _ID, sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("other_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "position", name="pk_links"),
    )
    op.create_index("ix_links_other_id", "links", ["other_id"])
    told = op.create_table(
        "told",
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("edition_id", _ID, sa.ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "edition_id", name="pk_told"),
    )
    op.create_index("ix_told_edition_id", "told", ["edition_id"])
    op.execute(
        "UPDATE editions SET sent_at = rendered_at WHERE (kind LIKE 'notice%' OR kind LIKE 'weekly%' "
        "OR kind LIKE 'monthly%') AND id IN (SELECT edition_id FROM notices WHERE state = 'accepted')"
    )
    connection = op.get_bind()
    tied = chain.from_iterable(
        [(id_, place, link["event"], link["kind"]) for place, link in enumerate(document.get("links", ()))]
        for id_, document in connection.execute(sa.select(_events.c.id, _events.c.document))
    )
    _fill(links, ("event_id", "position", "other_id", "kind"), list(tied))
    sent = sa.select(_editions.c.id, _editions.c.dues).where(_editions.c.sent_at.is_not(None))
    told_in = chain.from_iterable(
        [(event, id_) for event in dict.fromkeys(event for event, *_ in dues)] for id_, dues in connection.execute(sent)
    )
    _fill(told, ("event_id", "edition_id"), list(told_in))


def _fill(table: sa.Table, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    op.bulk_insert(table, [dict(zip(columns, row, strict=True)) for row in rows])
