"""Refuse documents that would cost more than any client needs, before anything is validated or carried out.

A fragment is measured once, however often it is spread: the usual limiters walk each spread anew, so that thirty small
fragments that spread each other twice keep them busy for hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)
from strawberry.extensions import SchemaExtension

MOST_TOKENS = 20_000
MOST_FIELDS = 5_000
DEEPEST = 20
# Fragments in fragments count here too: nothing that recurses over the document may be led too deep.
DEEPEST_OF_ALL = 60


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


class Limits(SchemaExtension):
    """The limits as a step before validation, which takes quadratic time itself."""

    def on_operation(self) -> Iterator[None]:
        """Bound what is parsed."""
        self.execution_context.parse_options["max_tokens"] = MOST_TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        """Bound what is validated and carried out."""
        document = self.execution_context.graphql_document
        too_much = excess(document) if document else None
        if too_much:
            self.execution_context.pre_execution_errors = [GraphQLError(too_much)]
        yield
