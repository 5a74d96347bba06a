"""What is true of every mutation's input, checked in one place, and what of it an idempotency key stands for."""

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import orjson
from strawberry.utils.str_converters import to_camel_case

from service.model.refusals import Path, Refusal, refuse_if
from service.model.vocabulary import RefusalCode

MOST_ITEMS = 10_000
LONGEST_KEY = 200

# They say how a change is asked for, not what it is.
_MANNERS = ("idempotency_key", "if_revision", "dry_run")


def check_input(given: object) -> None:
    """Refuse lists that are empty or too long, unusable idempotency keys, and texts that cannot be stored."""
    refuse_if(
        [
            Refusal(RefusalCode.INVALID_INPUT, message, path)
            for path, value in _walk(given, ())
            if (message := _wrong(path, value))
        ]
    )


def input_hash(given: object) -> bytes:
    """Hash what an input asks for; what is null counts as not given, so that new fields change no hash."""
    meaning = {name: value for name, value in _plain(given).items() if name not in _MANNERS}
    return hashlib.sha256(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS)).digest()


def _walk(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    """Return everything in an input with its path."""
    yield path, value
    if is_dataclass(value):
        for field in fields(value):
            yield from _walk(getattr(value, field.name), (*path, to_camel_case(field.name)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, str(index)))


def _wrong(path: Path, value: object) -> str | None:
    message = None
    if isinstance(value, list) and not 1 <= len(value) <= MOST_ITEMS:
        message = f"A list takes 1 to {MOST_ITEMS:,} items; this one has {len(value):,}."
    elif isinstance(value, str) and "\0" in value:
        message = "A text must not contain the character NUL."
    elif isinstance(value, str) and path == ("idempotencyKey",) and not 1 <= len(value) <= LONGEST_KEY:
        message = f"An idempotency key has 1 to {LONGEST_KEY} characters."
    return message


def _plain(value: Any) -> Any:  # noqa: ANN401 - an input is anything that JSON can be
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not is_dataclass(value):
        return value
    items = ((field.name, _plain(getattr(value, field.name))) for field in fields(value))
    return {name: item for name, item in items if item is not None}
