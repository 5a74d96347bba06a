"""Whatever a client gets wrong is a refusal with its path, or BAD_REQUEST: never INTERNAL, never a changed row."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from strawberry.types.execution import ExecutionResult, PreExecutionError

from service.api.context import Context
from service.api.schema import schema
from service.feed.tail import Feed, running_feed
from service.store.database import Database, connect
from tests.api.bad_inputs import AT_ONCE, CHANGES, GOOD, Change
from tests.api.bad_reads import FEEDS, LISTS, READS, Read
from tests.builders import Api, Json, SiteBuilder, api_of, new_site
from tests.documents import ANSWERS

NEVER = 3600.0
REFUSED = "... on Refused { refusals { code path } }"


@dataclass
class Laid:
    """Sites that nobody changes any more, what their things are called, and every row as it was then."""

    api: Api
    database: Database
    feed: Feed
    names: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[str, str]] = field(default_factory=list)

    def named(self, given: object) -> object:
        """Put ids in place of names."""
        if isinstance(given, dict):
            return {key: self.named(value) for key, value in given.items()}
        if isinstance(given, list):
            return [self.named(one) for one in given]
        if isinstance(given, str):
            return re.sub(r"(?<!\w)@([\w ]+)", lambda found: self.names[found[1]], given)
        return given

    async def ask(self, document: str, variables: Json | None = None) -> Json:
        """Post it; json escapes what orjson would not take, such as half of a surrogate pair."""
        body = json.dumps({"query": document, "variables": variables})
        headers = {"content-type": "application/json"}
        answer: Json = (await self.api.client.post("/graphql", content=body, headers=headers)).json()
        return answer


async def here(api: Api) -> SiteBuilder:
    """In Auto mode; pool: p1, p2 with s1; p3, s2 and u1 are free. Of Door's twin an action is QUEUED."""
    site = await new_site(api, "Here")
    await site.enroll(
        *((one, "PRIMARY") for one in ("p1", "p2", "p3")), ("s1", "SECONDARY"), ("s2", "SECONDARY")
    )
    await site.register("u1")
    await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    await site.add("p1", "Door", 1, externalId="door-1")
    await site.add("p1", "Gate", 2)
    await site.add("p1", "Lane", address="192.0.2.5")
    return site


async def manual(api: Api) -> SiteBuilder:
    """In Manual mode: Hall on m1, mapped to n1, its twin's action QUEUED."""
    site = await new_site(api, "Manual")
    await site.enroll(("m1", "PRIMARY"), ("n1", "SECONDARY"))
    await site.add("m1", "Hall", 1)
    await site.mode("MANUAL")
    await site.map({"Hall": "n1"})
    return site


async def paired(api: Api) -> SiteBuilder:
    site = await new_site(api, "Paired")
    await site.enroll(("q1", "PRIMARY"), ("r1", "SECONDARY"))
    await site.pair("SYMMETRIC", ["q1"], ["r1"])
    return site


async def cursors(laid: Laid) -> dict[str, str]:
    """A cursor of each list, of the site or of all."""
    edges = "(first: 1) { pageInfo { endCursor } }"
    inside = " ".join(f"{one}{edges}" for one in LISTS)
    document = f'{{ sites{edges} site(id: "{laid.names["here"]}") {{ {inside} }} }}'
    data = await laid.api.run(document)
    found = {"sites": data["sites"], **data["site"]}
    return {f"cursor of {one}": page["pageInfo"]["endCursor"] for one, page in found.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def laid(module_dsn: str) -> AsyncIterator[Laid]:
    async with (
        connect(module_dsn, pool_size=4) as database,
        running_feed(database, module_dsn, poll_interval=NEVER, heartbeat=NEVER) as feed,
        api_of(database) as api,
    ):
        made = Laid(api, database, feed)
        site, other, third = await here(api), await manual(api), await paired(api)
        made.names = {"here": site.id, "manual": other.id, **site.servers, **other.servers, **site.cameras}
        made.names |= {**other.cameras, "pool": site.pairings["p1"], "pair": third.pairings["q1"]}
        made.names |= {"queued": (await site.actions())[0].id, "theirs": (await other.actions())[0].id}
        made.names |= await cursors(made)
        made.rows = await api.rows()
        yield made


def codes(errors: list[Json]) -> str:
    return ", ".join(sorted({one["extensions"]["code"] for one in errors}))


def told(refusals: list[Json]) -> str:
    return ", ".join(f"{one['code']} {'.'.join(one['path'])}" for one in refusals)


def verdict(body: Json) -> str:
    """A mutation's answer in the words of the table."""
    if "errors" in body:
        return codes(body["errors"])
    (answer,) = body["data"].values()
    if "refusals" in answer:
        return told(answer["refusals"])
    return "rejected" if answer.get("accepted") == 0 else "accepted"


def in_order(answer: str) -> list[str]:
    return sorted(answer.split(", "))


async def changed(laid: Laid, mutation: str, given: Json) -> str:
    judged = f"... on {ANSWERS[mutation][0]} {{ accepted }}" if mutation.endswith("Actions") else ""
    document = f"""mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{
        {mutation}(input: $input) {{ __typename {judged} {REFUSED} }} }}"""
    dry = {} if mutation in AT_ONCE else {"dryRun": True}
    return verdict(await laid.ask(document, {"input": laid.named({**GOOD[mutation], **dry, **given})}))


async def read(laid: Laid, field_asked: str) -> str:
    body = await laid.ask(f"{{ {laid.named(field_asked)} }}")
    if "errors" in body:
        return codes(body["errors"])
    assert re.fullmatch(r'null|{"nodes": \[\]}', json.dumps(innermost(body["data"])))
    return "nothing"


def innermost(value: object) -> object:
    """What stands at the end of the only path through an answer."""
    while isinstance(value, dict) and len(value) == 1 and "nodes" not in value:
        (value,) = value.values()
    return value


async def followed(laid: Laid, field_asked: str) -> str:
    """The first word of a subscription, which is the last."""
    document = f"subscription {{ {laid.named(field_asked)} }}".replace("__typename", f"__typename {REFUSED}")
    context = Context(laid.database, laid.feed, "anonymous")
    async with aclosing(await schema.stream(document, {}, context)) as words:
        said = [
            last_word(word) async for word in words if isinstance(word, ExecutionResult | PreExecutionError)
        ]
    (word,) = said
    return word


def last_word(word: ExecutionResult | PreExecutionError) -> str:
    if word.errors:
        return codes([{"extensions": error.extensions} for error in word.errors])
    assert word.data is not None
    (answer,) = word.data.values()
    return told(answer["refusals"]) if "refusals" in answer else str(answer["__typename"])


def numbered(rows: list[Change] | list[Read]) -> list[str]:
    return [f"{number} {row[0]}" for number, row in enumerate(rows)]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("mutation", GOOD)
async def test_what_is_right_is_accepted(laid: Laid, mutation: str) -> None:
    if mutation not in AT_ONCE:
        assert await changed(laid, mutation, {}) == "accepted"


def test_each_mutation_is_in_the_table() -> None:
    assert {mutation for mutation, _, _ in CHANGES} == set(GOOD) == set(ANSWERS)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("mutation", "given", "answer"), CHANGES, ids=numbered(CHANGES))
async def test_a_change(laid: Laid, mutation: str, given: Json, answer: str) -> None:
    assert in_order(await changed(laid, mutation, given)) == in_order(answer)
    assert await laid.api.rows() == laid.rows


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("asked", "answer"), READS, ids=range(len(READS)))
async def test_a_query(laid: Laid, asked: str, answer: str) -> None:
    assert await read(laid, asked) == answer


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("asked", "answer"), FEEDS, ids=range(len(FEEDS)))
async def test_a_subscription(laid: Laid, asked: str, answer: str) -> None:
    assert await followed(laid, asked) == answer
