"""What the command `prune` does: remove the beginnings of logs."""

import typer

from service.feed.prune import prune
from service.inventory_commands import counted
from service.settings import Settings
from service.store.database import connect
from service.store.idempotency import KEPT


async def prune_logs(settings: Settings, older_than: int | None) -> None:
    """Prune once and say what was removed; `older_than`: days, without it those of the settings."""
    days = settings.retention_days if older_than is None else older_than
    async with connect(settings.dsn, pool_size=1, statement_cache=settings.statement_cache) as database:
        pruned = await prune(database, days)
    events = f"{counted(pruned.events, 'event')} of {counted(pruned.sites, 'site')}"
    keys = counted(pruned.keys, "idempotency key")
    typer.echo(f"Removed {events}, older than {counted(days, 'day')}, and {keys}, older than {KEPT} hours.")
