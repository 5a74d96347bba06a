import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Annotated, Self, TypeAlias, TypeVar
from uuid import UUID

import strawberry

from service.api import ids
from service.api.context import Context, Delivery, Info
from service.api.paging import filled
from service.api.reader import Reader
from service.api.refusal import Refused
from service.api.scalars import Revision
from service.api.types.every_event import typed
from service.api.types.mirrored_action import MirroredAction
from service.api.types.mirrored_action_filter import MirroredActionFilter
from service.api.types.site_event import SiteEvent
from service.feed.follow import ALL_ACTIONS, ALL_EVENTS, Batch, KindFilter, Reset, follow
from service.feed.follow import Subscription as Asked
from service.model import refusals
from service.model.vocabulary import EventKind
from service.store.listen import back_off

AnyBatch = TypeVar("AnyBatch", bound="Stretch")

SiteArgument: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="Which site's log.")]
AfterArgument: TypeAlias = Annotated[
    Revision | None,
    strawberry.argument(description="The position to go on from; without it, from now on."),
]
EpochArgument: TypeAlias = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="The epoch of `after`: another one than the site's is answered by FeedReset."
    ),
]
SizeArgument: TypeAlias = Annotated[
    int, strawberry.argument(description="How many at most come in one batch, 1 to 1,000.")
]


@strawberry.type(description="Where a batch stands in the log.")
class Stretch:
    """What all batches have in common; never in the schema by itself."""

    previous_position: Revision = strawberry.field(
        description="The position of the batch before (the first: `after`), so that a gap shows."
    )
    position: Revision = strawberry.field(
        description="Scanned through up to here, even where the filter let nothing pass: go on after it."
    )

    def forget(self) -> None:
        """Let go of what was delivered: who executes a subscription keeps its source's last word until the next."""
        raise NotImplementedError


@strawberry.type(
    description="What happened between two positions. A batch may end inside a change, and may be empty: the first "
    "one comes at once, and later ones are the heartbeat."
)
class MirroredActionBatch(Stretch):
    """A batch of actions."""

    actions: list[MirroredAction] = strawberry.field(
        description="The actions that changed and pass the filter, in order, as they stood at their positions; what "
        "they are linked to is as of now."
    )

    @classmethod
    def of(cls, batch: Batch, reader: Reader) -> Self:
        """Make a batch of what the feed says."""
        return cls(
            previous_position=Revision(batch.previous_position),
            position=Revision(batch.position),
            actions=[MirroredAction.of(action, reader) for action in batch.actions],
        )

    def forget(self) -> None:
        """Let go of what was delivered."""
        self.actions.clear()


@strawberry.type(
    description="What happened between two positions. A batch may end inside a change, and may be empty: the first "
    "one comes at once, and later ones are the heartbeat."
)
class SiteEventBatch(Stretch):
    """A batch of events."""

    events: list[SiteEvent] = strawberry.field(
        description="The events of the kinds that are wanted, in order. Events of a kind that this version does not "
        "know yet are passed over, and `position` goes on."
    )

    @classmethod
    def of(cls, batch: Batch, reader: Reader) -> Self:
        """Make a batch of what the feed says."""
        return cls(
            previous_position=Revision(batch.previous_position),
            position=Revision(batch.position),
            events=[typed(event, reader) for event in batch.events],
        )

    def forget(self) -> None:
        """Let go of what was delivered."""
        self.events.clear()


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


SiteEventFeed: TypeAlias = Annotated[
    SiteEventBatch | FeedReset | Refused,
    strawberry.union(
        "SiteEventFeed",
        description="A batch, or the last word: FeedReset, or Refused (there is no such site, or no more; batchSize is "
        "out of range).",
    ),
]


def mirrored_actions(
    info: Info,
    site_id: SiteArgument,
    after: AfterArgument = None,
    epoch: EpochArgument = None,
    passing: Annotated[
        MirroredActionFilter | None,
        strawberry.argument(
            name="filter", description="Only states of mirrored actions that pass this at their position."
        ),
    ] = None,
    batch_size: SizeArgument = 100,
) -> AsyncGenerator[MirroredActionFeed, None]:
    """Understand what is asked, which may be a fault, and follow it."""
    site, epoch_asked = ids.uuid_of(ids.SITE, site_id), _epoch(epoch)
    wanted = passing.parsed() if passing else ALL_ACTIONS
    asked = Asked(site, after=after, epoch=epoch_asked, wanted=wanted, batch_size=batch_size)
    return _followed(info.context, asked, MirroredActionBatch.of)


def site_events(
    info: Info,
    site_id: SiteArgument,
    after: AfterArgument = None,
    epoch: EpochArgument = None,
    kinds: Annotated[
        list[EventKind] | None,
        strawberry.argument(
            description="Only events of these kinds; a list that is given must not be empty."
        ),
    ] = None,
    batch_size: SizeArgument = 100,
) -> AsyncGenerator[SiteEventFeed, None]:
    """Understand what is asked, which may be a fault, and follow it."""
    site, epoch_asked = ids.uuid_of(ids.SITE, site_id), _epoch(epoch)
    given = filled(kinds, "kinds")
    wanted = ALL_EVENTS if given is None else KindFilter(frozenset(given))
    asked = Asked(site, after=after, epoch=epoch_asked, wanted=wanted, batch_size=batch_size)
    return _followed(info.context, asked, SiteEventBatch.of)


def _epoch(given: str | None) -> UUID | None:
    return None if given is None else ids.uuid_of(ids.EPOCH, given)


async def _followed(
    context: Context, asked: Asked, batch_of: Callable[[Batch, Reader], AnyBatch]
) -> AsyncGenerator[AnyBatch | FeedReset | Refused, None]:
    """Say what the feed says; each batch is read anew, so that nobody who lets it lie holds a snapshot."""
    context.delivery = Delivery()
    try:
        async with aclosing(_certain(context, context.delivery, follow(context.feed, asked))) as words:
            async for word in words:
                async with context.turn:
                    await context.close_reader()
                    if isinstance(word, Reset):
                        yield _reset(word)
                        return
                    batch = batch_of(word, context.reader)
                    yield batch
                    batch.forget()
                del word, batch
    except refusals.Refused as refused:
        yield Refused.of(refused)
    finally:
        await context.close_reader()


async def _certain(
    context: Context, delivery: Delivery, words: AsyncGenerator[Batch | Reset, None]
) -> AsyncGenerator[Batch | Reset, None]:
    """Say each word again until it was passed on, with heartbeats meanwhile that go no further than the client is."""
    async with aclosing(words):
        async for word in words:
            due = _now() + context.feed.heartbeat
            yield word
            failures = 0
            while delivery.withheld and not context.feed.closed:
                await context.feed.pause(min(back_off(failures), due - _now()))
                failures += 1
                if isinstance(word, Batch) and _now() >= due:
                    yield Batch(word.previous_position, word.previous_position, ())
                    due = _now() + context.feed.heartbeat
                if context.database.gate.is_open:
                    delivery.withheld = False
                    yield word
            del word


def _now() -> float:
    return asyncio.get_running_loop().time()


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
    site_events: AsyncGenerator[SiteEventFeed, None] = strawberry.subscription(
        resolver=site_events,
        description="Everything that happens to the site, in order, from `after` on; without `after`, from now on. One "
        "batch, maybe empty, comes at once, and an empty one whenever it has been silent for a while.",
    )
