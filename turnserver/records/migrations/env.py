"""Alembic's entry: migrate on the connection that the caller has opened; the caller commits."""

from alembic import context

from turnserver.records.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
