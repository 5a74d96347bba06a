"""The GraphQL schema: its three root types, and what happens around every operation."""

from collections.abc import Iterable
from contextlib import aclosing
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, Undefined
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StreamResult
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from service.api import refusal
from service.api.context import Context
from service.api.executor import ForgetfulExecutor
from service.api.faults import is_unavailable, log_faults, told
from service.api.limits import Limits
from service.api.mutation import Mutation
from service.api.query import Query
from service.api.scalars import SCALARS
from service.api.subscription import Subscription
from service.api.types.every_event import TYPES

ONE_ANSWER = {OperationType.QUERY, OperationType.MUTATION}


class ServiceSchema(strawberry.Schema):
    """A schema whose operations have each a reader of their own, and tell nothing of our inside."""

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Context | None = None,
        root_value: None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Carry out one query or mutation; what answers more than once needs a connection."""
        context = _operation(context_value)
        allowed = ONE_ANSWER & set(allowed_operation_types or ONE_ANSWER)
        try:
            result = await super().execute(
                query,
                variable_values,
                context,
                root_value,
                operation_name,
                allowed,
                operation_extensions,
            )
        finally:
            await context.close_reader()
        result.errors = told(result.errors, context.request_id)
        return result

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Context | None = None,
        root_value: None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> StreamResult:
        """Carry out any operation over a connection, and yield its results."""
        context = _operation(context_value)
        results = await super().stream(
            query,
            variable_values,
            context,
            root_value,
            operation_name,
            operation_extensions,
            allowed_operation_types,
        )
        return _told(results, context)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Leave it to `told` to log what is worth it."""


def _operation(context: Context | None) -> Context:
    if context is None:
        raise TypeError("An operation needs a context.")
    return context.operation()


async def _told(results: StreamResult, context: Context) -> StreamResult:
    """Pass results on; whoever takes its time with one holds no snapshot meanwhile.

    The data of a subscription's result are there until the next one is asked for.

    Of a subscription, nothing may follow what a client did not get: a batch that could not be read, for the database
    went away, is left to its source to be said again; one with any other fault is the last word.
    """
    try:
        async with aclosing(results):
            async for result in results:
                await context.close_reader()
                if not isinstance(result, ExecutionResult):
                    yield result
                    continue
                if context.delivery is not None and is_unavailable(result.errors):
                    log_faults(result.errors or ())
                    context.delivery.withheld = True
                    continue
                result.errors = told(result.errors, context.request_id)
                yield result
                if context.delivery is None:
                    continue
                if result.errors:
                    return
                if result.data:
                    result.data.clear()  # it was sent, and would be kept until something happens again
    finally:
        await context.close_reader()


def _forget_null_defaults(schema: GraphQLSchema) -> None:
    """Let what may be left out have no default, rather than null, as the contract has it."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            inputs = list(kind.fields.values())
        elif isinstance(kind, GraphQLObjectType):
            inputs = [argument for one in kind.fields.values() for argument in one.args.values()]
        else:
            inputs = []
        for one in inputs:
            if one.default_value is None:
                one.default_value = Undefined


def make_schema() -> ServiceSchema:
    """Put the schema together."""
    made = ServiceSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[
            refusal.GeneralRefusal,
            refusal.StaleRevision,
            refusal.PairingShape,
            refusal.ConfirmationRequired,
            refusal.SuspiciousChange,
            *TYPES.values(),
        ],
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=ForgetfulExecutor,
        extensions=[Limits],
        exception_handlers=[refusal.RefusedHandler()],
    )
    _forget_null_defaults(made._schema)  # noqa: SLF001 - the only way to the graphql-core schema
    return made


schema = make_schema()


def sdl() -> str:
    """Return the schema in GraphQL's own language."""
    return schema.as_str() + "\n"
