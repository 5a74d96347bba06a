"""Measures how soon subscribers have a change after its commit, and that they have each once, beside bare WebSockets.

The bare server sends the same messages to as many of the same clients: nothing on this stack can be faster. The clients
and the writer share this process, and all share the machine.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import asyncpg
import httpx

from benchmarks.add_camera import mac
from benchmarks.audience import Audience, Subscriber, allow_many_connections, audience, bare_servers
from service.api import ids
from tests.live.postgres import own_postgres
from tests.live.replica import Replica, replica
from tests.live.writing import LiveSite, Writer, http_client, paired_site

REPLICAS = 2
# The poll interval: whoever waits for longer might as well poll.
LIMIT_SECONDS = 2.0
FOLLOW = """
subscription ($siteId: ID!, $after: Revision!) {
  feed: mirroredActions(siteId: $siteId, after: $after, batchSize: 1000) {
    ... on MirroredActionBatch {
      position
      actions {
        id position action direction status because attempts
        device { targetCameraId name channel externalId hardware { macAddress address } }
        %s
      }
    }
  }
}
"""
REPORT = """
mutation ($input: ReportInventoryInput!) {
  answer: reportInventory(input: $input) {
    ... on InventoryReported { revision }
    ... on Refused { refusals { message } }
  }
}
"""
COMMITTED = """
SELECT revision, payload #>> '{mirrored_action,id}', extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8
FROM event WHERE site_id = $1 AND revision > $2 AND kind = 'MIRRORED_ACTION' ORDER BY revision
"""


@dataclass(frozen=True, slots=True)
class Case:
    """So many subscribers; `singles`: changes of one action, one by one; `burst`: actions of one change at last.

    `links`: what the document asks for beside values that stand in the log.
    """

    subscribers: int
    singles: int
    burst: int
    links: str = ""

    @property
    def name(self) -> str:
        """What it is called in the output."""
        return f"{self.subscribers:,} subscriber{'s' if self.subscribers > 1 else ''}" + (
            ", with linked servers" if self.links else ""
        )


CASES = (
    Case(1, singles=100, burst=1_000),
    Case(100, singles=30, burst=1_000),
    Case(100, singles=30, burst=100, links="sourceServer { name } targetServer { name }"),
    Case(1_000, singles=15, burst=100),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds: of each single action to each subscriber, sorted, and of the burst until the last one had all."""

    singles: Sequence[float]
    burst: float
    lost: int = 0
    doubled: int = 0

    def within(self, share: float) -> float:
        """Return within how many milliseconds that share of the single ones came."""
        return 1000 * self.singles[min(int(len(self.singles) * share), len(self.singles) - 1)]

    def __str__(self) -> str:
        """Say it."""
        return f"p50 {self.within(0.5):.1f} ms, p99 {self.within(0.99):.1f} ms, burst {self.burst:.2f} s"


@dataclass(frozen=True, slots=True)
class Committed:
    """A mirrored action in the log, and the moment of its commit."""

    position: int
    id: str
    at: float


async def committed(dsn: str, site_id: UUID, after: int) -> list[Committed]:
    """Return what each subscriber must have got after a position."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(COMMITTED, site_id, after)
    finally:
        await connection.close()
    return [Committed(position, ids.id_of(ids.ACTION, action), at) for position, action, at in rows]


async def report(client: httpx.AsyncClient, address: str, site: LiveSite, size: int) -> int:
    """Report new cameras on a primary, which one change mirrors all; return the revision after it."""
    cameras = [
        {"name": f"New {number}", "hardware": {"macAddress": mac(1, number)}} for number in range(size)
    ]
    reports = [{"serverId": site.primaries[0], "complete": False, "cameras": cameras}]
    given = {"siteId": site.id, "reports": reports, "confirmSuspicious": True}
    body = {"query": REPORT, "variables": {"input": given}}
    answer = (await client.post(f"http://{address}/graphql", json=body)).json()["data"]["answer"]
    revision: int = answer["revision"]
    return revision


async def measure(dsn: str, addresses: Sequence[str], case: Case) -> tuple[Measured, Audience]:
    """Change a site under its subscribers, each time when all have the change before."""
    async with http_client(60) as client:
        site = await paired_site(client, addresses[0])
        writer = Writer(client, addresses, site)
        document = FOLLOW % case.links
        async with audience(
            addresses, case.subscribers, document, siteId=site.id, after=site.revision
        ) as seen:
            for _ in range(case.singles):
                await writer.add()
                await seen.until(lambda one: one.position >= writer.revision)
            last = await report(client, addresses[0], site, case.burst)
            await seen.until(lambda one: one.position >= last)
    return judged(await committed(dsn, site.uuid, site.revision), seen, case), seen


def judged(table: Sequence[Committed], seen: Audience, case: Case) -> Measured:
    """Compare what each one got with the table, exactly."""
    expected = [(one.position, one.id) for one in table]
    singles = {one.position: one.at for one in table[: case.singles]}
    wanted = Counter(expected)
    got = [Counter(one.got()) for one in seen.subscribers]
    if not any((wanted - one) or (one - wanted) for one in got) and any(
        one.got() != expected for one in seen.subscribers
    ):
        raise AssertionError("Actions came out of order.")
    return Measured(
        sorted(
            at - singles[position]
            for one in seen.subscribers
            for at, actions in one.arrivals
            for position, _ in actions
            if position in singles
        ),
        max(one.arrivals[-1][0] for one in seen.subscribers) - table[-1].at,
        lost=sum((wanted - one).total() for one in got),
        doubled=sum((one - wanted).total() for one in got),
    )


async def measure_bare(addresses: Sequence[str], texts: Sequence[str], case: Case) -> Measured:
    """Send the same messages to as many clients from bare servers."""
    single, burst = texts[case.singles - 1], texts[case.singles :]
    moments = []
    async with http_client(60) as client, audience(addresses, case.subscribers, "") as seen:

        async def publish(text: str) -> float:
            sent = [client.post(f"http://{one}/publish", content=text.encode()) for one in addresses]
            began: float = min([answer.json()["at"] for answer in await asyncio.gather(*sent)])
            return began

        for number in range(case.singles):
            moments.append(await publish(single))
            await seen.until(partial(has, number + 2))
        begun = [await publish(text) for text in burst]
        await seen.until(partial(has, 1 + case.singles + len(burst)))
    arrivals = [one.arrivals for one in seen.subscribers]
    return Measured(
        sorted(one[number][0] - moments[number] for one in arrivals for number in range(case.singles)),
        max(one[-1][0] for one in arrivals) - begun[0],
    )


def has(batches: int, subscriber: Subscriber) -> bool:
    """Tell whether a subscriber has got so many."""
    return subscriber.batches >= batches


async def run(cases: Sequence[Case]) -> bool:
    """Measure all cases and print them; return whether all is well."""
    fine = True
    with (
        own_postgres(track_commit_timestamp="on", fsync="on", full_page_writes="on") as postgres,
        bare_servers(REPLICAS) as (bare, _),
    ):
        async with replica(postgres.dsn, pool_size=10) as one, replica(postgres.dsn, pool_size=10) as other:
            for case in cases:
                measured, seen = await measure(postgres.dsn, [one.address, other.address], case)
                peer = await measure_bare(bare, seen.texts, case)
                print(f"{case.name}: {measured}; lost {measured.lost}, doubled {measured.doubled}")
                print(f"{'':4}bare WebSockets: {peer}", flush=True)
                late = measured.within(0.99) > 1000 * LIMIT_SECONDS
                fine = fine and not (late or measured.lost or measured.doubled)
            warned = warnings(one) + warnings(other)
    print(
        f"limits: p99 {1000 * LIMIT_SECONDS:.0f} ms, lost 0, doubled 0; warnings logged: {dict(warned) or 0}"
    )
    return fine and not warned


def warnings(served: Replica) -> Counter[str]:
    """Count what a replica logged that is not well: load must not be taken for an outage."""
    return Counter(str(line["event"]) for line in served.log if line.get("level") not in {"debug", "info"})


def main() -> None:
    """Measure, print, and fail above a limit."""
    allow_many_connections()
    sys.exit(not asyncio.run(run(CASES)))


if __name__ == "__main__":
    main()
