"""Stops a change of the service before any of its statements, and lets somebody with psql write there.

No hook in the service: its pool hands out connections that see each statement before PostgreSQL does. The writer does
not lock the site first, and nothing holds it off but the locks that the change itself has taken.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

import asyncpg

from service.model.refusals import Refused
from service.store.check import PREFIX, names
from service.store.database import Database, prepare
from service.store.statements import FOLDER, statement
from tests.builders import Api, RefusedError, SiteBuilder, api_of
from tests.races.stage import TABLES, Connection

Method = TypeVar("Method", bound=Callable[..., Any])
Rows: TypeAlias = list[tuple[str, str]]
Perform = Callable[[SiteBuilder], Awaitable[object]]
Stop = Callable[[int, str], Awaitable[object]]

BEGIN, ENDS = "begin_change", ("COMMIT;", "ROLLBACK;")
NAMES = {statement(path.stem): path.stem for path in FOLDER.glob("*.sql")}
# An event tells the row of what it is about.
UNTOLD = """SELECT FROM event WHERE jsonb_typeof(payload -> CASE
  WHEN kind = 'MIRRORED_ACTION' THEN 'mirrored_action' WHEN kind LIKE 'CAMERA%' THEN 'camera'
  WHEN kind LIKE 'SERVER%' THEN 'server' WHEN kind LIKE 'PAIRING%' THEN 'pairing' ELSE 'site' END)
IS DISTINCT FROM 'object'"""
CHECKS = " UNION ALL ".join(
    f"SELECT '{name}' AS name, count(*) AS found FROM ({text}\n) AS rows HAVING count(*) > 0"
    for name, text in {
        **{name: statement(PREFIX + name) for name in names()},
        "event tells nothing": UNTOLD,
    }.items()
)
COLUMNS = """SELECT table_name, string_agg(quote_ident(column_name), ', ') AS columns
FROM information_schema.columns
WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name = ANY ($1::text[])
GROUP BY table_name"""


async def go_on(_number: int, _name: str) -> None:
    """Stop nowhere."""


@dataclass
class Points:
    """The statements of changes by name, from the lock of the site to the commit. `stop` is awaited before each, with
    its number and name; it goes on counting when a change is done again.
    """

    stop: Stop = go_on
    names: list[str] = field(default_factory=list)
    within: bool = False

    async def reach(self, text: str) -> None:
        name = NAMES.get(text, text)
        if not self.within:
            self.within = name == BEGIN
            return
        await self.stop(len(self.names), name)
        self.names.append(name)
        self.within = text not in ENDS


PASSED: ContextVar[Points | None] = ContextVar("PASSED", default=None)


def watched(method: Method) -> Method:
    """Let the statement be seen that a method is about to send."""

    async def send(self: Connection, query: str, *given: object, **options: object) -> object:
        points = PASSED.get()
        if points is not None:
            await points.reach(query)
        return await method(self, query, *given, **options)

    return send  # type: ignore[return-value] # it takes and returns what the method does


class Watched(asyncpg.Connection):
    """A connection of the service that can be stopped before each statement."""

    execute = watched(asyncpg.Connection.execute)
    fetch = watched(asyncpg.Connection.fetch)
    fetchrow = watched(asyncpg.Connection.fetchrow)
    fetchval = watched(asyncpg.Connection.fetchval)


@dataclass
class Scene:
    """A database that can be put back as it was kept. `raw`: somebody with psql."""

    api: Api
    raw: Connection
    columns: dict[str, str] = field(default_factory=dict)

    async def clear(self) -> None:
        await self._unguarded("".join(f"DELETE FROM {table};" for table in TABLES))

    async def keep(self) -> None:
        """Remember every row."""
        rows = await self.raw.fetch(COLUMNS, TABLES)
        self.columns = {row["table_name"]: row["columns"] for row in rows}
        for table, columns in self.columns.items():
            await self.raw.execute(
                f"DROP TABLE IF EXISTS kept.{table}; CREATE TABLE kept.{table} AS SELECT {columns} FROM {table}"
            )

    async def put_back(self) -> None:
        await self._unguarded(
            "".join(
                f"DELETE FROM {table}; INSERT INTO {table} ({columns}) TABLE kept.{table};"
                for table, columns in self.columns.items()
            )
        )

    async def _unguarded(self, text: str) -> None:
        await self.raw.execute(
            f"SET session_replication_role = replica; {text} RESET session_replication_role"
        )

    async def write(self, text: str) -> str:
        """Commit somebody's statements, and say what became of them."""
        try:
            async with self.raw.transaction():
                # Whoever waits at all waits for the change, which stands still.
                await self.raw.execute(f"SET LOCAL lock_timeout = '1ms'; {text}")
        except asyncpg.LockNotAvailableError:
            return "held off"
        except asyncpg.IntegrityConstraintViolationError:
            return "impossible"
        return "landed"

    async def findings(self) -> Counter[str]:
        """How many rows each check finds."""
        return Counter({row["name"]: row["found"] for row in await self.raw.fetch(CHECKS)})


@asynccontextmanager
async def scene_of(dsn: str) -> AsyncIterator[Scene]:
    raw = await asyncpg.connect(dsn)
    await raw.execute("CREATE SCHEMA kept")
    async with (
        asyncpg.create_pool(dsn, min_size=0, max_size=2, init=prepare, connection_class=Watched) as pool,
        api_of(Database(pool)) as api,
    ):
        yield Scene(api, raw)
    await raw.close()


async def codes(perform: Perform, site: SiteBuilder, stop: Stop = go_on) -> tuple[str, ...]:
    """Make a change and return the codes of what stood against it, if anything did; a fault is raised."""
    token = PASSED.set(Points(stop))
    try:
        await perform(site)
    except RefusedError as refused:
        return tuple(one.code for one in refused.refusals)
    except Refused as refused:
        return tuple(one.code for one in refused.refusals)
    finally:
        PASSED.reset(token)
    return ()


@dataclass
class Trial:
    """A change of a kept scene, tried with writes at its points; `became`: what happened to each write so far."""

    scene: Scene
    site: SiteBuilder
    perform: Perform
    became: Counter[str] = field(default_factory=Counter)
    alone: dict[str, Rows] = field(default_factory=dict)
    in_turn: dict[str, Counter[str]] = field(default_factory=dict)

    async def points(self) -> list[str]:
        """The names of its statements, as it is made with nobody about."""
        names: list[str] = []

        async def stop(_number: int, name: str) -> None:
            names.append(name)

        await self.scene.put_back()
        assert await codes(self.perform, self.site, stop) == ()
        assert await self.scene.findings() == {}
        return names

    async def interfere(self, point: int, text: str) -> None:
        """See that a change with this write before the statement of this number is sound, or is refused and changed
        nothing; a fault is raised.
        """
        became: list[str] = []

        async def stop(number: int, _name: str) -> None:
            if number == point:
                became.append(await self.scene.write(text))

        await self.scene.put_back()
        refused = await codes(self.perform, self.site, stop)
        assert len(became) == 1
        self.became.update(became)
        if became != ["landed"]:
            assert refused == ()
        elif refused:
            assert await self.scene.api.rows() == await self._rows_alone(text)
        elif found := await self.scene.findings():
            assert found <= await self._found_in_turn(text), found

    async def _rows_alone(self, text: str) -> Rows:
        """Every row after the write, without the change."""
        if text not in self.alone:
            await self.scene.put_back()
            await self.scene.raw.execute(text)
            self.alone[text] = await self.scene.api.rows()
        return self.alone[text]

    async def _found_in_turn(self, text: str) -> Counter[str]:
        """What is found after the write and then the change, or after the change and then the write: more than that
        neither of them has to answer for.
        """
        if text not in self.in_turn:
            self.in_turn[text] = await self._found(text, first=True) | await self._found(text, first=False)
        return self.in_turn[text]

    async def _found(self, text: str, *, first: bool) -> Counter[str]:
        await self.scene.put_back()
        if first:
            await self.scene.raw.execute(text)
        await codes(self.perform, self.site)
        if not first:
            with suppress(asyncpg.IntegrityConstraintViolationError):
                await self.scene.raw.execute(text)
        return await self.scene.findings()
