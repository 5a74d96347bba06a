"""Alembic's entry: one connection, one transaction for all migrations, guarded against a second migrator."""

import asyncio

import asyncpg
from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from service.store.tables import metadata

# Any number that no other program of this database uses: two replicas that start at once migrate in turn.
MIGRATION_LOCK = 7_302_645_118


def run(connection: Connection) -> None:
    """Migrate over this connection."""
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()


async def connect_and_run(dsn: str) -> None:
    """Migrate the database at this DSN: any that asyncpg understands."""
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(connect_and_run(context.config.attributes["dsn"]))
