from typing import Self

import strawberry

from service.model import dashboard
from service.model.vocabulary import DashboardBlockKind, Mode


@strawberry.type(description="How far the labeling of servers is.")
class LabelingStatus:
    """How many servers have which label."""

    complete: bool = strawberry.field(
        description="At least two servers, at least one primary and at least one secondary: what needs labels can "
        "be used."
    )
    primaries: int = strawberry.field(description="How many servers are primaries.")
    secondaries: int = strawberry.field(description="How many servers are secondaries.")
    unlabeled: int = strawberry.field(description="How many servers have no label yet.")

    @classmethod
    def of(cls, labeling: dashboard.Labeling) -> Self:
        """Make the status of a labeling."""
        return cls(
            complete=labeling.complete,
            primaries=labeling.primaries,
            secondaries=labeling.secondaries,
            unlabeled=labeling.unlabeled,
        )


@strawberry.type(description="A block of the dashboard.")
class DashboardBlock:
    """Whether a block is shown, and can be used."""

    kind: DashboardBlockKind = strawberry.field(description="Which block.")
    visible: bool = strawberry.field(description="Whether it is shown.")
    enabled: bool = strawberry.field(description="Whether it can be used.")
    because: str | None = strawberry.field(description="Why it is hidden or not enabled.")

    @classmethod
    def of(cls, block: dashboard.Block) -> Self:
        """Make a block."""
        return cls(kind=block.kind, visible=block.visible, enabled=block.enabled, because=block.because)


@strawberry.type(description="What the configuration dashboard shows.")
class Dashboard:
    """The dashboard of a site as it stands."""

    blocks: list[DashboardBlock] = strawberry.field(
        description="All blocks, in the order in which a person goes through them."
    )

    @classmethod
    def of(cls, mode: Mode, labeling: dashboard.Labeling) -> Self:
        """Make the dashboard of a site in a mode, with a labeling."""
        return cls(blocks=[DashboardBlock.of(block) for block in dashboard.blocks(mode, labeling)])
