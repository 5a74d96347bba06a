"""The schema keeps the public contract: names, shapes, defaults. More is welcome, less is not."""

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    build_schema,
    print_type,
)

from service.api.schema import sdl

CONTRACT = build_schema(Path(__file__).with_name("contract.graphql").read_text(encoding="utf-8"))
SCHEMA = build_schema(sdl())

BUILT_IN = ("__", "String", "Int", "Float", "Boolean", "ID")


def _named(schema: GraphQLSchema) -> dict[str, GraphQLNamedType]:
    return {name: kind for name, kind in schema.type_map.items() if not name.startswith(BUILT_IN)}


def _input(place: str, given: GraphQLArgument | GraphQLInputField) -> str:
    default = "" if given.default_value is Undefined else f" = {given.default_value!r}"
    return f"{place}: {given.type}{default}"


def _field(place: str, field: GraphQLField) -> Iterator[str]:
    yield f"{place}: {field.type}"
    for name, argument in field.args.items():
        yield _input(f"{place}({name})", argument)


def _facts(kind: GraphQLNamedType) -> Iterator[str]:
    """Return what a client may rely on of a type, a line each."""
    yield f"{type(kind).__name__} {kind.name}"
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        yield from (f"{kind.name} implements {interface.name}" for interface in kind.interfaces)
        for name, field in kind.fields.items():
            yield from _field(f"{kind.name}.{name}", field)
    elif isinstance(kind, GraphQLInputObjectType):
        yield from (_input(f"{kind.name}.{name}", given) for name, given in kind.fields.items())
    elif isinstance(kind, GraphQLEnumType):
        yield from (f"{kind.name}.{value}" for value in kind.values)
    elif isinstance(kind, GraphQLUnionType):
        yield from (f"{kind.name} = {member.name}" for member in kind.types)


def _all_facts(schema: GraphQLSchema) -> set[str]:
    return {fact for kind in _named(schema).values() for fact in _facts(kind)}


def test_everything_of_the_contract_stands_in_the_schema() -> None:
    assert sorted(_all_facts(CONTRACT) - _all_facts(SCHEMA)) == []


def test_inputs_ask_for_nothing_that_the_contract_does_not_know() -> None:
    asked = {
        f"{kind.name}.{name}"
        for kind in _named(SCHEMA).values()
        if isinstance(kind, GraphQLInputObjectType)
        for name, given in kind.fields.items()
        if str(given.type).endswith("!") and given.default_value is Undefined
    }
    known = {fact.partition(":")[0] for fact in _all_facts(CONTRACT)}

    assert asked - known == set()


def _undescribed(kind: GraphQLNamedType) -> Iterator[str]:
    if not kind.description:
        yield kind.name
    if isinstance(kind, GraphQLEnumType):
        yield from (f"{kind.name}.{name}" for name, value in kind.values.items() if not value.description)
    elif isinstance(kind, GraphQLInputObjectType):
        yield from (f"{kind.name}.{name}" for name, given in kind.fields.items() if not given.description)
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            if not field.description:
                yield f"{kind.name}.{name}"
            yield from (
                f"{kind.name}.{name}({one})" for one, given in field.args.items() if not given.description
            )


def test_everything_has_a_description() -> None:
    assert sorted(place for kind in _named(SCHEMA).values() for place in _undescribed(kind)) == []


def test_lists_have_no_null_items() -> None:
    printed = "\n".join(print_type(kind) for kind in _named(SCHEMA).values())

    assert [
        line for line in printed.splitlines() if "[" in line and "!]" not in line and '"' not in line
    ] == []
