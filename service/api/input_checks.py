"""What is true of every mutation's input, checked in one place, and what of it an idempotency key stands for."""

import hashlib
from dataclasses import Field, fields, is_dataclass
from functools import cache
from typing import Any

import orjson
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from service.model.refusals import Path, Refusal, refuse_if
from service.model.vocabulary import RefusalCode

MOST_ITEMS = 10_000
LONGEST_KEY = 200
LONGEST_TEXT = 10_000

# They say how a change is asked for, not what it is.
_MANNERS = ("idempotency_key", "if_revision", "dry_run")
# How many cameras a report has, and whether it may have none, is the report's own matter.
_REPORTED = "cameras"
# A recorder's words are cut instead: a connector must get rid of its outcome.
_CUT = "error"


def check_input(given: object) -> None:
    """Refuse lists that are empty or too long, unusable idempotency keys, and texts too long or not to be stored."""
    refusals: list[Refusal] = []
    _check(refusals, given, ())
    refuse_if(refusals)


def input_hash(given: object) -> bytes:
    """Hash what an input asks for; what is null counts as not given, so that new fields change no hash, but where
    null clears something.
    """
    meaning = {name: value for name, value in _plain(given).items() if name not in _MANNERS}
    return hashlib.sha256(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS)).digest()


def given_of(update: object, *names: str) -> dict[str, Any]:
    """Return those fields of an update that were given: absent ones stay as they are, null clears."""
    values = {name: getattr(update, name) for name in names}
    return {name: value for name, value in values.items() if value is not UNSET}


def _check(refusals: list[Refusal], value: object, path: Path) -> None:
    """Check everything in an input; a report has hundreds of thousands of things in it."""
    if message := _wrong(path, value):
        refusals.append(Refusal(RefusalCode.INVALID_INPUT, message, path))
    if isinstance(value, list):
        for index, item in enumerate(value):
            _check(refusals, item, (*path, str(index)))
    elif is_dataclass(value):
        for name, shown in _names(value.__class__):
            if (part := getattr(value, name)) is not None:
                _check(refusals, part, (*path, shown))


@cache
def _names(kind: type) -> tuple[tuple[str, str], ...]:
    """Return the names of an input's fields, here and in GraphQL."""
    return tuple((field.name, to_camel_case(field.name)) for field in fields(kind))


def _wrong(path: Path, value: object) -> str | None:
    message = None
    if isinstance(value, list) and path[-1] != _REPORTED and not 1 <= len(value) <= MOST_ITEMS:
        message = f"A list takes 1 to {MOST_ITEMS:,} items; this one has {len(value):,}."
    elif isinstance(value, str) and "\0" in value:
        message = "A text must not contain the character NUL."
    elif isinstance(value, str) and path == ("idempotencyKey",) and not 1 <= len(value) <= LONGEST_KEY:
        message = f"An idempotency key has 1 to {LONGEST_KEY} characters."
    elif isinstance(value, str) and len(value) > LONGEST_TEXT and path[-1] != _CUT:
        message = f"A text has at most {LONGEST_TEXT:,} characters; this one has {len(value):,}."
    return message


def _plain(value: Any) -> Any:  # noqa: ANN401 - an input is anything that JSON can be
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not is_dataclass(value):
        return value
    items = ((field, getattr(value, field.name)) for field in fields(value))
    return {field.name: _plain(item) for field, item in items if item is not _not_given(field)}


def _not_given(field: Field[Any]) -> object:
    return UNSET if field.default is UNSET else None
