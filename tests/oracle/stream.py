"""What a subscriber must receive, said naively: a site's log is a list, and what follows a position is its rest.

Replicas learn of what happened late, so most of what they say is judged by what may be said (`took_batch`,
`took_reset`, `took_refusal`); what must be said by one that knows everything is `due`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

Due: TypeAlias = Literal["batch", "nothing", "reset", "refusal"]


class Entry(NamedTuple):
    """An event. Of other kinds than mirrored actions there is nothing but the kind; nobody looks at the target."""

    revision: int
    kind: str
    action: str | None = None
    status: str | None = None
    target: str | None = None


Wish: TypeAlias = Callable[[Entry], bool]


@dataclass
class Log:
    """`histories`: what each epoch's log ever held. `oldest`: up to there it was pruned. `version`: counts changes."""

    site_id: UUID
    epochs: list[UUID]
    histories: dict[UUID, list[Entry]]
    oldest: int = 0
    gone: bool = False
    version: int = 0

    @property
    def epoch(self) -> UUID:
        return self.epochs[-1]

    @property
    def entries(self) -> list[Entry]:
        return self.histories[self.epoch]

    @property
    def revision(self) -> int:
        return len(self.entries)

    def commit(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            assert entry.revision == self.revision + 1, f"{entry} does not follow {self.revision}"
            self.entries.append(entry)
        self.version += 1

    def prune(self, oldest: int) -> None:
        self.oldest = max(oldest, self.oldest)
        self.version += 1

    def renew(self, epoch: UUID, revision: int) -> None:
        """Another epoch begins, from where the log is put back to."""
        self.histories[epoch] = self.entries[:revision]
        self.epochs.append(epoch)
        self.version += 1

    def delete(self) -> None:
        self.gone = True
        self.version += 1


@dataclass
class Subscriber:
    """One subscription: `position` is None while it began from now and has received nothing yet."""

    log: Log
    wish: Wish
    batch_size: int
    position: int | None
    epoch: UUID | None
    ended: bool = False
    goes_on: bool = False
    begun: int = field(init=False)
    since: int = field(init=False)
    ahead: bool = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self.log.revision
        self.since = len(self.log.epochs) - 1
        if self.epoch in self.log.epochs:
            self.since = self.log.epochs.index(self.epoch)
        self.ahead = self.position is not None and self.position > self.log.revision

    def due(self) -> Due:
        """What comes next from one who knows everything."""
        if self.log.gone:
            return "refusal"
        if self._is_other_epoch() or self.position is None:
            return "reset" if self._is_other_epoch() else "batch"
        wanted = any(map(self.wish, self.log.entries[self.position :]))
        # One that goes on may have passed over what was pruned, and say so with its next heartbeat only.
        pruned = self.position < self.log.oldest and (wanted or not self.goes_on)
        if pruned or self.position > self.log.revision:
            return "reset"
        return "batch" if wanted else "nothing"

    def _is_other_epoch(self) -> bool:
        return self.epoch is not None and self.epoch != self.log.epoch

    def took_batch(self, previous: int, position: int, seen: Sequence[Entry]) -> None:
        assert not self.ended
        histories = self._histories()
        if self.position is None:
            assert self.begun <= previous or len(histories) > 1, "it began before now"
            self.position = previous
        assert previous == self.position
        assert previous <= position <= max(map(len, histories))
        assert len(seen) <= self.batch_size
        assert [one.revision for one in seen] == sorted({one.revision for one in seen})
        assert all(previous < one.revision <= position for one in seen)
        received = {one.revision: one for one in seen}
        for revision in range(previous + 1, position + 1):
            possible = [self._wanted(history, revision) for history in histories]
            assert received.get(revision) in possible, (revision, received.get(revision), possible)
        self.position, self.goes_on = position, True
        if self.epoch is None and len(histories) == 1:
            self.epoch = self.log.epoch

    def _wanted(self, history: Sequence[Entry], revision: int) -> Entry | None:
        entry = history[revision - 1] if revision <= len(history) else None
        return entry._replace(target=None) if entry and self.wish(entry) else None

    def _histories(self) -> list[list[Entry]]:
        """Its own epoch's log, and later ones that its replica may not know to be other ones."""
        return [self.log.histories[epoch] for epoch in self.log.epochs[self.since :]]

    def took_reset(self, oldest: int, current: int, epoch: UUID) -> None:
        assert not self.ended
        self.ended = True
        other = self._is_other_epoch() or len(self._histories()) > 1
        pruned = self.position is not None and self.position < self.log.oldest
        assert other or pruned or self.ahead, f"{self.position} could be gone on from"
        assert epoch in self.log.epochs[self.since :]
        assert 0 <= oldest <= current <= len(self.log.histories[epoch])

    def took_refusal(self) -> None:
        assert not self.ended
        self.ended = True
        assert self.log.gone


def wishes(target: str) -> Mapping[str, Wish]:
    """What subscribers ask for, by name."""

    def is_action(entry: Entry) -> bool:
        return entry.kind == "MIRRORED_ACTION"

    return {
        "actions": is_action,
        "failed": lambda entry: is_action(entry) and entry.status == "FAILED",
        "target": lambda entry: is_action(entry) and entry.target == target,
        "events": lambda _entry: True,
        "cameras": lambda entry: entry.kind in {"CAMERA_UPDATED", "CAMERA_ADDED"},
    }
