import strawberry


@strawberry.interface(description="Something with an id that is unique over everything.")
class Node:
    """Relay's Node."""

    id: strawberry.ID = strawberry.field(description="The id, to be taken as it is.")
