from typing import Self

import strawberry

from service.model.vocabulary import DeviceActionKind, Direction, Mode, PairingStyle, SuppressionReason
from service.store.snapshot import Row


@strawberry.type(description="One cell of the rule matrix: whether such an action is mirrored.")
class MirrorRule:
    """A row of the matrix as the engine holds it."""

    mode: Mode = strawberry.field(description="The site's mode.")
    style: PairingStyle | None = strawberry.field(
        description="The pairing's style; null in Manual mode, where nothing is paired."
    )
    direction: Direction = strawberry.field(description="From which side to which.")
    action: DeviceActionKind = strawberry.field(description="What happened.")
    mirrored: bool = strawberry.field(description="Whether it is mirrored.")
    reason: SuppressionReason | None = strawberry.field(description="Why it is not mirrored.")
    because: str = strawberry.field(description="The rule in words.")

    @classmethod
    def of(cls, row: Row) -> Self:
        """Make a rule of its row."""
        return cls(
            mode=Mode(row["mode"]),
            style=PairingStyle(row["style"]) if row["style"] else None,
            direction=Direction(row["direction"]),
            action=DeviceActionKind(row["action"]),
            mirrored=row["mirrored"],
            reason=SuppressionReason(row["reason"]) if row["reason"] else None,
            because=row["because"],
        )
