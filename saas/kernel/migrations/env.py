"""Alembic's environment: one transaction, as the owner role, one process at a time."""

from alembic import context
from sqlalchemy import text

from saas.kernel.db import engine_of

engine = engine_of(context.config.attributes["owner_dsn"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata"),
        compare_type=True,
    )
    with context.begin_transaction():
        connection.execute(text("select pg_advisory_xact_lock(710002)"))
        context.run_migrations()
engine.dispose()
