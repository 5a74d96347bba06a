"""The scalars that GraphQL lacks."""

from datetime import UTC, datetime
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

MOST_SAFE_NUMBER = 2**53 - 1

Revision = NewType("Revision", int)


def _parse_revision(value: object) -> int:
    # A boolean is an int in Python, a fraction such as 5.0 is none in JSON: both are slips of a client.
    if not isinstance(value, int) or isinstance(value, bool):
        raise GraphQLError("A Revision must be a whole number.")
    if not 0 <= value <= MOST_SAFE_NUMBER:
        raise GraphQLError(f"A Revision must be a number from 0 to {MOST_SAFE_NUMBER}.")
    return value


def _serialize_date_time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


SCALARS: dict[object, ScalarDefinition] = {
    Revision: strawberry.scalar(
        name="Revision",
        description="Number of a site's last event, and the version of its whole state. 64-bit, gapless per "
        "site, a JSON number below 2^53.",
        serialize=int,
        parse_value=_parse_revision,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in UTC, as RFC 3339 writes it.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=_serialize_date_time,
    ),
}
