"""The state as rows tell it, and the same as somebody has it who read it once and then only the log."""

from collections.abc import Iterable
from typing import Any

from service.store.database import Connection

Snapshot = dict[str, dict[str, Any]]

# What follows from other events: of a camera's side its server's label, of what is confirmed the applied actions.
DERIVED = ("side", "external_server_id", "revision", "design_revision")
ROWS = """
SELECT 'site' AS noun, id, to_jsonb(site) AS row FROM site WHERE id = $1
UNION ALL SELECT 'server', id, to_jsonb(server) FROM server WHERE site_id = $1
UNION ALL SELECT 'camera', id, to_jsonb(camera) FROM camera WHERE site_id = $1
UNION ALL SELECT 'mirrored_action', id, to_jsonb(mirrored_action) FROM mirrored_action WHERE site_id = $1
UNION ALL SELECT 'link', primary_camera_id, to_jsonb(secondary_camera_id) FROM link WHERE site_id = $1
UNION ALL SELECT 'pairing', id, jsonb_build_object('style', style, 'homes', (
  SELECT jsonb_object_agg(server_id, home_id) FROM pairing_member WHERE pairing_id = pairing.id))
  FROM pairing WHERE site_id = $1
"""
NOUNS = ("site", "server", "camera", "mirrored_action", "link", "pairing")


def told(row: Any) -> Any:  # noqa: ANN401 - a row as JSON
    """What the log tells of a row."""
    if not isinstance(row, dict):
        return row
    hidden = ("confirmed_", "unresolved_", "target_label")
    return {key: value for key, value in row.items() if key not in DERIVED and not key.startswith(hidden)}


async def snapshot(connection: Connection, site_id: str) -> Snapshot:
    state: Snapshot = {noun: {} for noun in NOUNS}
    for one in await connection.fetch(ROWS, site_id):
        state[one["noun"]][str(one["id"])] = told(one["row"])
    return state


def fold(older: Snapshot, events: Iterable[Any]) -> Snapshot:
    """Return what an older state comes to by the events after it."""
    state = {noun: dict(rows) for noun, rows in older.items()}
    for event in events:
        kind, subject, payload = event["kind"], str(event["subject_id"]), event["payload"]
        for noun in ("site", "server", "camera", "mirrored_action"):
            if noun in payload:
                state[noun][subject] = told(payload[noun])
        if "pairing" in payload:
            homes = {one["server_id"]: one["home_id"] for one in payload["pairing"]["members"]}
            state["pairing"][subject] = {"style": payload["pairing"]["style"], "homes": homes}
        take_away(state, kind, subject)
        if kind in {"CAMERA_LINKED", "CAMERA_UNLINKED"}:
            bond(state["link"], kind, subject, payload["counterpart_id"])
    return state


def take_away(state: Snapshot, kind: str, subject: str) -> None:
    if kind in {"CAMERA_REMOVED", "SERVER_REMOVED", "PAIRING_DISSOLVED"}:
        del state[kind.split("_", maxsplit=1)[0].lower()][subject]


def bond(links: dict[str, Any], kind: str, subject: str, counterpart: str) -> None:
    if kind == "CAMERA_LINKED":
        assert links.setdefault(subject, counterpart) == counterpart, "linked twice"
    else:
        assert links.pop(subject) == counterpart, "unlinked from another"
