from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, TypeAlias

import strawberry

from service.api import ids
from service.api.context import Context, Info
from service.api.refusal import Refused
from service.api.scalars import Revision
from service.api.types.mirrored_action import MirroredAction
from service.api.types.mirrored_action_filter import MirroredActionFilter
from service.feed.follow import EVERYTHING, Batch, Reset, follow
from service.feed.follow import Subscription as Asked
from service.model import refusals


@strawberry.type(
    description="What happened between two positions. A batch may end inside a change, and may be empty: the first "
    "one comes at once, and later ones are the heartbeat."
)
class MirroredActionBatch:
    """A batch of actions."""

    previous_position: Revision = strawberry.field(
        description="The position of the batch before (the first: `after`), so that a gap shows."
    )
    position: Revision = strawberry.field(
        description="Scanned through up to here, even where the filter let nothing pass: go on after it."
    )
    actions: list[MirroredAction] = strawberry.field(
        description="The actions that changed and pass the filter, in order, as they stood at their positions; what "
        "they are linked to is as of now."
    )


@strawberry.type(
    description="Your position is older than what is kept, from the future or of another epoch. Nothing follows: "
    "read the state again and subscribe after its revision."
)
class FeedReset:
    """The last word to one who cannot go on."""

    oldest: Revision = strawberry.field(description="The smallest `after` that is served.")
    current: Revision = strawberry.field(description="The site's revision.")
    epoch: strawberry.ID = strawberry.field(description="The site's epoch.")
    message: str = strawberry.field(description="Why, in a sentence, and what to do.")


MirroredActionFeed: TypeAlias = Annotated[
    MirroredActionBatch | FeedReset | Refused,
    strawberry.union(
        "MirroredActionFeed",
        description="A batch, or the last word: FeedReset, or Refused (there is no such site, or no more; batchSize is "
        "out of range).",
    ),
]


def mirrored_actions(
    info: Info,
    site_id: Annotated[strawberry.ID, strawberry.argument(description="Whose mirrored actions.")],
    after: Annotated[
        Revision | None,
        strawberry.argument(description="The position to go on from; without it, from now on."),
    ] = None,
    epoch: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="The epoch of `after`: another one than the site's is answered by FeedReset."
        ),
    ] = None,
    passing: Annotated[
        MirroredActionFilter | None,
        strawberry.argument(
            name="filter", description="Only states of mirrored actions that pass this at their position."
        ),
    ] = None,
    batch_size: Annotated[
        int, strawberry.argument(description="How many actions at most come in one batch, 1 to 1,000.")
    ] = 100,
) -> AsyncGenerator[MirroredActionFeed, None]:
    """Understand what is asked, which may be a fault, and follow it."""
    asked = Asked(
        ids.uuid_of(ids.SITE, site_id),
        after=after,
        epoch=None if epoch is None else ids.uuid_of(ids.EPOCH, epoch),
        wanted=passing.parsed() if passing else EVERYTHING,
        batch_size=batch_size,
    )
    return _followed(info.context, asked)


async def _followed(context: Context, asked: Asked) -> AsyncGenerator[MirroredActionFeed, None]:
    """Say what the feed says; each batch is read anew, so that nobody who lets it lie holds a snapshot."""
    try:
        async with aclosing(follow(context.feed, asked)) as words:
            async for word in words:
                await context.close_reader()
                yield _reset(word) if isinstance(word, Reset) else _batch(word, context)
    except refusals.Refused as refused:
        yield Refused.of(refused)
    finally:
        await context.close_reader()


def _batch(batch: Batch, context: Context) -> MirroredActionBatch:
    return MirroredActionBatch(
        previous_position=Revision(batch.previous_position),
        position=Revision(batch.position),
        actions=[MirroredAction.of(action, context.reader) for action in batch.actions],
    )


def _reset(reset: Reset) -> FeedReset:
    return FeedReset(
        oldest=Revision(reset.oldest),
        current=Revision(reset.current),
        epoch=ids.id_of(ids.EPOCH, reset.epoch),
        message=reset.message,
    )


@strawberry.type(description="What can be followed as it happens, without a gap and without repetition.")
class Subscription:
    """The subscriptions."""

    mirrored_actions: AsyncGenerator[MirroredActionFeed, None] = strawberry.subscription(
        resolver=mirrored_actions,
        description="Every change of a mirrored action, in order, from `after` on; without `after`, from now on. One "
        "batch, maybe empty, comes at once, and an empty one whenever it has been silent for a while.",
    )
