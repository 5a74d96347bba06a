from typing import Any

from graphql.execution import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class ForgetfulExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes each result of a subscription with a memory of its own.

    As it comes from graphql-core (3.3) all share one, in which nothing is found again and nothing is ever dropped:
    some 2 KB for each batch, heartbeats too, for as long as the subscription lives.
    """

    def build_per_event_executor(self, payload: Any) -> Executor[Any]:  # noqa: ANN401 - what the source yields
        """Return what executes one result."""
        executor = super().build_per_event_executor(payload)
        executor._relevant_sub_fields = {}  # noqa: SLF001 - there is no other way to it
        return executor
