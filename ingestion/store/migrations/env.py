"""Alembic's entry: runs migrations on the connection that database.migrate hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table_schema="audit")
with context.begin_transaction():
    context.run_migrations()
