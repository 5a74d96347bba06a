"""Which secondary takes which primary's cameras. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Load:
    """A server by what choosing needs: how many cameras it holds."""

    id: UUID
    name: str
    cameras: int


def choose_homes(
    primaries: Sequence[Load], secondaries: Sequence[Load], given: Mapping[UUID, UUID]
) -> dict[UUID, UUID]:
    """Return primary -> home secondary: the given one, else the least loaded by the cameras that it holds and is
    to get; the largest primary chooses first, ties go by name.
    """
    load = {one.id: one.cameras for one in secondaries}
    size = {one.id: one.cameras for one in primaries}
    homes = {primary: given[primary] for primary in size if primary in given}
    for primary, home in homes.items():
        load[home] += size[primary]
    for one in sorted(primaries, key=lambda one: (-one.cameras, one.name)):
        if one.id not in homes:
            home = min(secondaries, key=lambda other: (load[other.id], other.name)).id
            homes[one.id] = home
            load[home] += one.cameras
    return homes
