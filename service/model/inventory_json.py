import json
from collections.abc import Mapping
from typing import TypeVar

from service.model.hardware import check_channel, clean_text, normalize_address, parse_hardware
from service.model.inventory_rows import (
    CameraRow,
    InventoryFile,
    InventoryFileError,
    InventoryRows,
    ServerRow,
    clean_optional,
    decode,
)

_LABELS = ("UNLABELED", "PRIMARY", "SECONDARY")
_MAXIMUM_CAMERAS = 1_000_000

_Kind = TypeVar("_Kind")


def parse_json(data: bytes) -> InventoryFile:
    """Parse a list of servers with their cameras; InventoryFileError when it is no such list."""
    rows = InventoryRows()
    for position, item in enumerate(_json_list(data)):
        where = f"servers[{position}]"
        try:
            server, cameras = _json_server(item)
            rows.add_server(server)
        except ValueError as reason:
            rows.reject(where, f"{reason} Its cameras are left out.")
        else:
            _add_json_cameras(rows, where, server, cameras)
    return rows.file()


def _json_list(data: bytes) -> list[object]:
    text = decode(data)
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list):
        raise InventoryFileError("The file is not JSON with a list of servers.")
    return value


def _json_server(item: object) -> tuple[ServerRow, list[object]]:
    server = _json_kind(dict, item, "It must be a JSON object.")
    address = _json_text(server, "address")
    cameras = [] if server.get("cameras") is None else server["cameras"]
    row = ServerRow(
        name=clean_text(_json_text(server, "name") or "", "name"),
        external_id=clean_optional(_json_text(server, "externalId"), "externalId"),
        address=normalize_address(address) if address and address.strip() else None,
        label=_json_label(server),
        max_cameras=_json_max_cameras(server),
    )
    return row, _json_kind(list, cameras, "cameras must be a list.")


def _add_json_cameras(rows: InventoryRows, where: str, server: ServerRow, cameras: list[object]) -> None:
    for position, item in enumerate(cameras):
        place = f"{where}.cameras[{position}]"
        try:
            rows.add_camera(_json_camera(place, server.name, item))
        except ValueError as reason:
            rows.reject(place, str(reason))


def _json_camera(where: str, server_name: str, item: object) -> CameraRow:
    camera = _json_kind(dict, item, "It must be a JSON object.")
    return CameraRow(
        where=where,
        server_name=server_name,
        name=clean_text(_json_text(camera, "name") or "", "name"),
        channel=check_channel(_json_integer(camera, "channel") or 0),
        hardware=parse_hardware(
            _json_text(camera, "macAddress"),
            _json_text(camera, "address"),
            _json_text(camera, "manufacturer"),
            _json_text(camera, "model"),
        ),
        external_id=clean_optional(_json_text(camera, "externalId"), "externalId"),
    )


def _json_text(item: Mapping[str, object], key: str) -> str | None:
    value = item.get(key)
    return None if value is None else _json_kind(str, value, f"{key} must be a text.")


def _json_integer(item: Mapping[str, object], key: str) -> int | None:
    value = item.get(key)
    # To Python true is a whole number, to a person it is not.
    whole = str(value) if isinstance(value, bool) else value
    return None if whole is None else _json_kind(int, whole, f"{key} must be a whole number.")


def _json_kind(kind: type[_Kind], value: object, otherwise: str) -> _Kind:
    if isinstance(value, kind):
        return value
    raise ValueError(otherwise)


def _json_label(server: Mapping[str, object]) -> str | None:
    label = _json_text(server, "label")
    if label is not None and label.upper() not in _LABELS:
        raise ValueError(f"label must be one of {', '.join(_LABELS)}.")
    return label.upper() if label is not None else None


def _json_max_cameras(server: Mapping[str, object]) -> int | None:
    number = _json_integer(server, "maxCameras")
    if number is not None and not 0 <= number <= _MAXIMUM_CAMERAS:
        raise ValueError(f"maxCameras must be a whole number from 0 to {_MAXIMUM_CAMERAS}.")
    return number
