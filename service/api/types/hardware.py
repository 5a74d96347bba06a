from collections.abc import Mapping
from typing import Any, Self

import strawberry


@strawberry.type(description="What a camera is made of; at least one of MAC address and address is known.")
class Hardware:
    """The device behind a camera."""

    mac_address: str | None = strawberry.field(description="Such as 00:1b:2c:3d:4e:5f.")
    address: str | None = strawberry.field(description="Where it is reached: host, or host and port.")
    manufacturer: str | None = strawberry.field(description="Who made it.")
    model: str | None = strawberry.field(description="What its maker calls it.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Make hardware of a row, or of a snapshot in JSON."""
        return cls(
            mac_address=row["mac_address"],
            address=row["address"],
            manufacturer=row["manufacturer"],
            model=row["model"],
        )
