"""Runs the migrations on the connection and in the transaction that `schema.upgrade` gives."""

from alembic import context

from service.store.all_tables import everything

context.configure(connection=context.config.attributes["connection"], target_metadata=everything, render_as_batch=True)
context.run_migrations()
