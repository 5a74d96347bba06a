"""Ids as clients see them: what it is, then the UUID, such as `server_0198c0de...`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NewType
from uuid import NAMESPACE_OID, UUID, uuid5

import strawberry

from service.api.faults import BadRequestError

Kind = NewType("Kind", str)

SITE = Kind("site")
SERVER = Kind("server")
CAMERA = Kind("camera")
PAIRING = Kind("pairing")
ACTION = Kind("action")
CHANGE = Kind("change")
EPOCH = Kind("epoch")

_KINDS = (SITE, SERVER, CAMERA, PAIRING, ACTION, CHANGE, EPOCH)
_FORM = re.compile(f"({'|'.join(_KINDS)})_([0-9a-f]{{32}})")


def id_of(kind: Kind, value: UUID | str) -> strawberry.ID:
    """Return the id of a thing from its UUID, or from the text of its UUID that JSON carries."""
    return strawberry.ID(f"{kind}_{UUID(str(value)).hex}")


def id_or_null(kind: Kind, value: UUID | str | None) -> strawberry.ID | None:
    """Return the id of a thing, if there is one."""
    return None if value is None else id_of(kind, value)


def parse_id(text: str) -> tuple[Kind, UUID]:
    """Return what an id is of, and the UUID; BAD_REQUEST when it is no id of ours."""
    matched = _FORM.fullmatch(text)
    if not matched:
        raise BadRequestError(
            f"An id looks like {SERVER}_ and 32 hexadecimal digits; take it from an answer."
        )
    return Kind(matched[1]), UUID(matched[2])


def uuid_of(kind: Kind, text: str) -> UUID:
    """Return the UUID of an id of this kind; one of another kind becomes a UUID that nothing has."""
    found, value = parse_id(text)
    return value if found == kind else uuid5(NAMESPACE_OID, text)


def uuids_of(kind: Kind, texts: Sequence[strawberry.ID]) -> tuple[UUID, ...]:
    """Return the UUIDs of ids of this kind, in their order."""
    return tuple(uuid_of(kind, text) for text in texts)


def uuid_in(row: Mapping[str, Any], column: str) -> UUID | None:
    """Return a column's UUID, which a row from a JSON payload holds as text."""
    value = row[column]
    return value if value is None or isinstance(value, UUID) else UUID(value)
