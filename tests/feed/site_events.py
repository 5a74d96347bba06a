"""A client of siteEvents that asks for all fields of all kinds at once."""

from collections.abc import Iterator
from contextlib import aclosing
from typing import Any, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
)
from strawberry.types.execution import ExecutionResult, PreExecutionError

from service.api.context import Context
from service.api.schema import schema, sdl
from service.feed.tail import Feed
from service.store.database import Database

Json: TypeAlias = dict[str, Any]

SCHEMA = build_schema(sdl())


def interface(name: str) -> GraphQLInterfaceType:
    found = SCHEMA.type_map[name]
    assert isinstance(found, GraphQLInterfaceType)
    return found


NODES = {one.name for one in SCHEMA.get_possible_types(interface("Node"))}
COMMON = tuple(interface("SiteEvent").fields)
KINDS: tuple[GraphQLObjectType, ...] = tuple(SCHEMA.get_possible_types(interface("SiteEvent")))


def selected(name: str, field: GraphQLField) -> str:
    """A field with everything in it that is a value; of Nodes the ids."""
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        return name
    assert isinstance(kind, GraphQLObjectType)
    inside = "id" if kind.name in NODES and kind.name != "MirroredAction" else " ".join(fields_of(kind))
    return f"{name} {{ {inside} }}"


def fields_of(kind: GraphQLObjectType) -> Iterator[str]:
    return (selected(name, field) for name, field in kind.fields.items() if not field.args)


DOCUMENT = f"""subscription (
  $site: ID!, $after: Revision, $epoch: ID, $kinds: [SiteEventKind!], $size: Int! = 1000
) {{
  siteEvents(siteId: $site, after: $after, epoch: $epoch, kinds: $kinds, batchSize: $size) {{
    __typename
    ... on SiteEventBatch {{ previousPosition position events {{ __typename {" ".join(COMMON)}
      {" ".join(f"... on {kind.name} {{ {' '.join(fields_of(kind))} }}" for kind in KINDS)} }} }}
    ... on FeedReset {{ oldest current epoch message }}
    ... on Refused {{ refusals {{ code path }} }}
  }}
}}
"""


async def answers(feed: Feed, database: Database, count: int, **asked: object) -> list[Any]:
    """The first results of a subscription: data, or the codes of its faults; fewer when it ends before."""
    got: list[Any] = []
    context = Context(database, feed, "anonymous")
    async with aclosing(await schema.stream(DOCUMENT, asked, context)) as results:
        async for result in results:
            assert isinstance(result, ExecutionResult | PreExecutionError)
            faults = [error.extensions["code"] for error in result.errors or () if error.extensions]
            got.append(faults or (result.data and result.data["siteEvents"]))
            if len(got) == count:
                break
    return got


async def told(feed: Feed, database: Database, site: str, *, until: int, **asked: object) -> list[Json]:
    """The events up to a position, which come in batches without a gap between them."""
    events: list[Json] = []
    position, context = asked.get("after"), Context(database, feed, "anonymous")
    async with aclosing(await schema.stream(DOCUMENT, {"site": site, **asked}, context)) as results:
        async for result in results:
            assert isinstance(result, ExecutionResult)
            assert not result.errors
            assert result.data
            batch = result.data["siteEvents"]
            assert batch["previousPosition"] == position
            events += batch["events"]
            position = batch["position"]
            if position >= until:
                break
    return events
