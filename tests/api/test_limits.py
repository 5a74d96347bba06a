"""Documents that cost more than any client needs are refused, and measuring them costs little itself."""

import pytest
from graphql import get_introspection_query, parse

from service.api.limits import DEEPEST, MOST_FIELDS, MOST_TOKENS, excess
from tests.builders import Api, FaultError


def nested(depth: int) -> str:
    return "{ " + "a { " * (depth - 1) + "a" + " }" * depth


def doubling(levels: int) -> str:
    """Return fragments each of which spreads the next one twice."""
    spreads = [f"fragment f{level} on Query {{ ...f{level + 1} ...f{level + 1} }}" for level in range(levels)]
    return "\n".join(["{ ...f0 }", *spreads, f"fragment f{levels} on Query {{ __typename }}"])


@pytest.mark.parametrize(
    "document",
    [
        nested(DEEPEST),
        "{ " + "a " * MOST_FIELDS + "}",
        "{ ... on Query { ...f } } fragment f on Query { a }",
        "{ ...missing }",
        "{ ...f } fragment f on Query { a ...f }",
        doubling(12),
        get_introspection_query(),
    ],
)
def test_what_is_within_the_limits(document: str) -> None:
    assert excess(parse(document)) is None


@pytest.mark.parametrize(
    "document",
    [
        nested(DEEPEST + 1),
        "{ ... { ...f } } fragment f on Query " + nested(DEEPEST + 1),
        "query a { a } query b " + nested(DEEPEST + 1),
        doubling(300),
        "{ " + "... { " * 100 + "a" + " }" * 101,
    ],
)
def test_what_nests_too_deep(document: str) -> None:
    assert (
        excess(parse(document))
        == f"Fields must not be nested more than {DEEPEST} deep; ask in several operations."
    )


@pytest.mark.parametrize(
    "document",
    ["{ " + "a " * (MOST_FIELDS + 1) + "}", doubling(13), doubling(50)],
    ids=["flat", "13", "50"],
)
def test_what_asks_for_too_many_fields(document: str) -> None:
    message = f"A document must not ask for more than {MOST_FIELDS:,} fields; ask in several operations."
    assert excess(parse(document)) == message


async def test_the_limits_hold_for_operations(api: Api) -> None:
    for document in (doubling(60), nested(3_000), "{ " + "__typename " * (MOST_TOKENS + 1) + "}"):
        with pytest.raises(FaultError) as caught:
            await api.run(document)
        assert [error["extensions"]["code"] for error in caught.value.args[0]] == ["BAD_REQUEST"]


async def test_introspection_is_answered(api: Api) -> None:
    data = await api.run(get_introspection_query())
    assert data["__schema"]["queryType"]["name"] == "Query"
