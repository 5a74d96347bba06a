"""Refuse documents that would cost more than any client needs, before anything is validated or carried out.

A fragment is measured once, however often it is spread: the usual limiters walk each spread anew, so that thirty small
fragments that spread each other twice keep them busy for hours.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

MOST_TOKENS = 20_000
MOST_FIELDS = 5_000
DEEPEST = 20
# Fragments in fragments count here too: nothing that recurses over the document may be led too deep.
DEEPEST_OF_ALL = 60
# Remembered documents, and the most characters of one: together they stay small.
DOCUMENTS_KEPT = 200
LONGEST_KEPT = 8_000


@dataclass(frozen=True, slots=True)
class Size:
    """How many fields a selection has when its fragments are spread out, and how deep they nest."""

    fields: int = 0
    depth: int = 0


@dataclass(slots=True)
class _Measure:
    fragments: dict[str, FragmentDefinitionNode]
    known: dict[str, Size] = field(default_factory=dict)

    def of_set(self, selections: SelectionSetNode | None, level: int = 0) -> Size:
        if level > DEEPEST_OF_ALL:
            return Size(depth=DEEPEST + 1)
        sizes = [self.of_one(one, level + 1) for one in selections.selections] if selections else []
        return Size(sum(one.fields for one in sizes), max((one.depth for one in sizes), default=0))

    def of_one(self, selection: SelectionNode, level: int) -> Size:
        if isinstance(selection, FieldNode):
            inside = self.of_set(selection.selection_set, level)
            return Size(inside.fields + 1, inside.depth + 1)
        if isinstance(selection, FragmentSpreadNode):
            return self.of_fragment(selection.name.value, level)
        return (
            self.of_set(selection.selection_set, level)
            if isinstance(selection, InlineFragmentNode)
            else Size()
        )

    def of_fragment(self, name: str, level: int) -> Size:
        if name not in self.known:
            # What validation will refuse, a fragment that is not there or spreads itself, counts nothing here.
            self.known[name] = Size()
            if name in self.fragments:
                self.known[name] = self.of_set(self.fragments[name].selection_set, level)
        return self.known[name]


def excess(document: DocumentNode) -> str | None:
    """Say what of a document is too much; null when it is within the limits."""
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    measure = _Measure(fragments)
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    sizes = [measure.of_set(one.selection_set) for one in operations]
    if max((one.depth for one in sizes), default=0) > DEEPEST:
        return f"Fields must not be nested more than {DEEPEST} deep; ask in several operations."
    if sum(one.fields for one in sizes) > MOST_FIELDS:
        return f"A document must not ask for more than {MOST_FIELDS:,} fields; ask in several operations."
    return None


class InvalidError(Exception):
    """A document is too much, or does not fit the schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


@lru_cache(maxsize=DOCUMENTS_KEPT)
def parsed(text: str) -> DocumentNode:
    """Parse a document, or remember it: clients send the same few again and again."""
    return parse(text, max_tokens=MOST_TOKENS)


@lru_cache(maxsize=DOCUMENTS_KEPT)
def require_valid(
    schema: GraphQLSchema, document: DocumentNode, rules: tuple[type[ASTValidationRule], ...]
) -> None:
    """Raise InvalidError for a document that is too much or does not fit. Only what is valid is remembered."""
    too_much = excess(document)
    errors = [GraphQLError(too_much)] if too_much else validate_document(schema, document, rules)
    if errors:
        raise InvalidError(errors)


class Limits(SchemaExtension):
    """The limits as a step before validation, which takes quadratic time itself."""

    def on_operation(self) -> Iterator[None]:
        """Bound what is parsed."""
        self.execution_context.parse_options["max_tokens"] = MOST_TOKENS
        yield

    def on_parse(self) -> Iterator[None]:
        """Parse what is short enough to be remembered; what cannot be parsed is left to the step itself."""
        text = self.execution_context.query
        if text and len(text) <= LONGEST_KEPT:
            with suppress(GraphQLError):
                self.execution_context.graphql_document = parsed(text)
        yield

    def on_validate(self) -> Iterator[None]:
        """Bound what is carried out, and validate it."""
        context = self.execution_context
        document = context.graphql_document
        if document:
            remembered = len(context.query or "") <= LONGEST_KEPT
            check = require_valid if remembered else require_valid.__wrapped__
            context.pre_execution_errors = []
            try:
                check(context.schema._schema, document, context.validation_rules)  # noqa: SLF001 - no other way
            except InvalidError as invalid:
                context.pre_execution_errors = invalid.errors
        yield
