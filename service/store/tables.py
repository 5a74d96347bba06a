"""The tables as SQLModel definitions: what typed statements are built from. The migrations make them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Computed, DateTime, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlmodel import Field, SQLModel

metadata = SQLModel.metadata


class Site(SQLModel, table=True):
    """What one redundancy design covers; `revision` numbers its events, `design_revision` is for ifRevision."""

    id: UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text)
    mode: str = Field(sa_type=Text)
    mode_chosen_at: datetime | None = Field(sa_type=DateTime(timezone=True))
    revision: int = Field(sa_type=BigInteger)
    design_revision: int = Field(sa_type=BigInteger)
    epoch: UUID
    sync_backup: bool
    sync_restore: bool
    sync_add: bool
    sync_move: bool
    sync_delete: bool
    sync_replace: bool


class Server(SQLModel, table=True):
    """A recorder."""

    id: UUID = Field(primary_key=True)
    site_id: UUID
    name: str = Field(sa_type=Text)
    label: str = Field(sa_type=Text)
    address: str | None = Field(sa_type=Text)
    external_id: str | None = Field(sa_type=Text)
    max_cameras: int | None


class Camera(SQLModel, table=True):
    """A camera on one server: as it is wanted, and (`confirmed_*`) as its recorder last said it is.

    `side` is its server's label, UNLABELED included. `external_id` is the recorder's own id on the server
    `external_server_id`: the confirmed one, or else the wanted one.
    """

    id: UUID = Field(primary_key=True)
    site_id: UUID
    server_id: UUID
    side: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    channel: int
    mac_address: str | None = Field(sa_type=Text)
    address: str | None = Field(sa_type=Text)
    manufacturer: str | None = Field(sa_type=Text)
    model: str | None = Field(sa_type=Text)
    external_id: str | None = Field(sa_type=Text)
    removing: bool
    confirmed_server_id: UUID | None
    confirmed_mac_address: str | None = Field(sa_type=Text)
    confirmed_address: str | None = Field(sa_type=Text)
    confirmed_manufacturer: str | None = Field(sa_type=Text)
    confirmed_model: str | None = Field(sa_type=Text)
    hardware_key: str = Field(
        sa_column=Column(Text, Computed("coalesce(mac_address, address)"), nullable=False)
    )
    external_server_id: UUID = Field(
        sa_column=Column(Uuid, Computed("coalesce(confirmed_server_id, server_id)"), nullable=False)
    )


class Link(SQLModel, table=True):
    """The bond between a camera on a primary and one on a secondary."""

    primary_camera_id: UUID = Field(primary_key=True)
    secondary_camera_id: UUID
    site_id: UUID


class Pairing(SQLModel, table=True):
    """Servers that belong together; `touched` is where two writers of its members meet."""

    id: UUID = Field(primary_key=True)
    site_id: UUID
    style: str = Field(sa_type=Text)
    touched: int = Field(sa_type=BigInteger)


class PairingMember(SQLModel, table=True):
    """A server in its pairing; `home_id` is a primary's home secondary."""

    __tablename__ = "pairing_member"

    server_id: UUID = Field(primary_key=True)
    site_id: UUID
    pairing_id: UUID
    label: str = Field(sa_type=Text)
    home_id: UUID | None


class MirrorRule(SQLModel, table=True):
    """One cell of the matrix."""

    __tablename__ = "mirror_rule"

    mode: str = Field(sa_type=Text, primary_key=True)
    style: str | None = Field(sa_type=Text, primary_key=True, nullable=True)
    direction: str = Field(sa_type=Text, primary_key=True)
    action: str = Field(sa_type=Text, primary_key=True)
    mirrored: bool
    reason: str | None = Field(sa_type=Text)
    because: str = Field(sa_type=Text)


class MirroredAction(SQLModel, table=True):
    """A mirrored action as it stands; `device` and `previous_hardware` are snapshots (snake_case JSON).

    `outcome` is what the connector last acknowledged, kept apart from `status` so that the same word said twice
    is recognised even when the action has moved on.
    """

    __tablename__ = "mirrored_action"

    id: UUID = Field(primary_key=True)
    site_id: UUID
    position: int = Field(sa_type=BigInteger)
    created_position: int = Field(sa_type=BigInteger)
    change_id: UUID
    action: str = Field(sa_type=Text)
    direction: str = Field(sa_type=Text)
    cause: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    reason: str | None = Field(sa_type=Text)
    blocked: str | None = Field(sa_type=Text)
    outcome: str | None = Field(sa_type=Text)
    because: str = Field(sa_type=Text)
    source_server_id: UUID | None
    source_camera_id: UUID | None
    target_server_id: UUID | None
    target_from_server_id: UUID | None
    target_camera_id: UUID | None
    device: dict[str, str | int | None] = Field(sa_type=JSONB)
    previous_hardware: dict[str, str | None] | None = Field(sa_type=JSONB)
    attempts: int
    error: str | None = Field(sa_type=Text)
    note: str | None = Field(sa_type=Text)
    actor: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(sa_type=DateTime(timezone=True))


class Event(SQLModel, table=True):
    """A fact in a site's log. (site, revision) is gapless and in commit order."""

    site_id: UUID = Field(primary_key=True)
    revision: int = Field(sa_type=BigInteger, primary_key=True)
    change_id: UUID
    kind: str = Field(sa_type=Text)
    end_of_change: bool
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
    version: int = Field(sa_type=SmallInteger)
    subject_id: UUID
    payload: dict[str, object] = Field(sa_type=JSONB)


class IdempotencyKey(SQLModel, table=True):
    """A remembered answer; `site_id` null: a createSite, whose key counts for the whole service."""

    __tablename__ = "idempotency_key"

    site_id: UUID | None = Field(primary_key=True, nullable=True)
    created_site_id: UUID | None
    actor: str = Field(sa_type=Text, primary_key=True)
    mutation: str = Field(sa_type=Text, primary_key=True)
    key: str = Field(sa_type=Text, primary_key=True)
    input_hash: bytes = Field(sa_type=BYTEA)
    answer: dict[str, object] = Field(sa_type=JSONB)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
