"""What the commands `prune` and `new-epoch` do: remove the beginnings of logs, and begin new histories."""

import typer

from service.failures import StoppedError
from service.feed.prune import prune
from service.inventory_commands import counted
from service.settings import Settings
from service.store.database import connect
from service.store.epoch import renew
from service.store.idempotency import KEPT
from service.store.listen import hinting


async def prune_logs(settings: Settings, older_than: int | None) -> None:
    """Prune once and say what was removed; `older_than`: days, without it those of the settings."""
    days = settings.retention_days if older_than is None else older_than
    async with connect(settings.dsn, pool_size=1, statement_cache=settings.statement_cache) as database:
        pruned = await prune(database, days)
    events = f"{counted(pruned.events, 'event')} of {counted(pruned.sites, 'site')}"
    keys = counted(pruned.keys, "idempotency key")
    typer.echo(f"Removed {events}, older than {counted(days, 'day')}, and {keys}, older than {KEPT} hours.")


async def begin_epoch(settings: Settings, site: str | None) -> None:
    """Give one site or all a new epoch and say which; StoppedError when there is no such site."""
    async with (
        connect(
            settings.dsn,
            pool_size=1,
            statement_cache=settings.statement_cache,
            lock_timeout=settings.site_lock_timeout,
        ) as database,
        hinting(database) as telling,
    ):
        renewed = await renew(telling, site)
    if site is not None and not renewed:
        raise StoppedError(f"There is no site named {site}: check --site.")
    for one in renewed:
        typer.echo(f"{one.name} has a new epoch.")
    typer.echo(f"{counted(len(renewed), 'site')}: every subscription gets FeedReset.")
