"""What queries answer, from rows that SQL wrote."""

from typing import Any
from uuid import UUID, uuid4

from service.api import ids
from tests.api.rows import Rows
from tests.builders import Api, Json, mac


async def read(api: Api, rows: Rows, selection: str, **variables: Any) -> Json:
    """Return a selection of the site; variables by name as `name: (type, value)`."""
    declared = "".join(f", ${name}: {kind}" for name, (kind, _) in variables.items())
    values = {name: value for name, (_, value) in variables.items()}
    document = f"query ($id: ID!{declared}) {{ site(id: $id) {{ {selection} }} }}"
    site: Json = (await api.run(document, {"id": f"site_{rows.site_id.hex}", **values}))["site"]
    return site


async def names(api: Api, rows: Rows, selection: str, **variables: Any) -> list[str]:
    site = await read(api, rows, f"found: {selection} {{ nodes {{ name }} }}", **variables)
    return [node["name"] for node in site["found"]["nodes"]]


async def protected_pair(rows: Rows) -> tuple[UUID, UUID, UUID, UUID]:
    """Insert a pairing, and Door with its twin on it; return primary, secondary, Door and its twin."""
    primary, secondary = await rows.server("p1"), await rows.server("s1", "SECONDARY")
    await rows.pair("SYMMETRIC", {primary: secondary})
    door = await rows.camera(primary, "Door", mac_address=mac(99), confirmed_mac_address=mac(99))
    twin = await rows.camera(
        secondary, "Door", "SECONDARY", mac_address=mac(99), confirmed_mac_address=mac(99)
    )
    await rows.link(door, twin)
    return primary, secondary, door, twin


async def test_a_site_tells_what_its_row_holds(api: Api, rows: Rows) -> None:
    selection = """id name mode modeChosenAt revision epoch
        syncPolicy { backup restore add move delete replace } labeling { complete primaries secondaries unlabeled }
        coverage { cameras protected pending failed unprotected }"""
    site = await read(api, rows, selection)

    assert site.pop("epoch").startswith("epoch_")
    assert site == {
        "id": f"site_{rows.site_id.hex}",
        "name": "Depot",
        "mode": "AUTO",
        "modeChosenAt": None,
        "revision": 7,
        "syncPolicy": dict.fromkeys(("backup", "restore", "add", "move", "delete", "replace"), True),
        "labeling": {"complete": False, "primaries": 0, "secondaries": 0, "unlabeled": 0},
        "coverage": dict.fromkeys(("cameras", "protected", "pending", "failed", "unprotected"), 0),
    }


async def test_every_node_is_found_by_its_id(api: Api, rows: Rows) -> None:
    primary, secondary, door, twin = await protected_pair(rows)
    pairing = await rows.pool.fetchval("SELECT id FROM pairing")
    action = await rows.action(twin, secondary)
    wanted = {
        ids.id_of(ids.SITE, rows.site_id): "Site",
        ids.id_of(ids.SERVER, primary): "Server",
        ids.id_of(ids.CAMERA, door): "Camera",
        ids.id_of(ids.PAIRING, pairing): "Pairing",
        ids.id_of(ids.ACTION, action): "MirroredAction",
    }
    for node_id, kind in wanted.items():
        data = await api.run("query ($id: ID!) { node(id: $id) { __typename id } }", {"id": node_id})
        assert data == {"node": {"__typename": kind, "id": node_id}}


async def test_what_does_not_exist_is_null(api: Api) -> None:
    for kind in ("site", "server", "camera", "pairing", "action", "change", "epoch"):
        data = await api.run("query ($id: ID!) { node(id: $id) { id } }", {"id": f"{kind}_{uuid4().hex}"})
        assert data == {"node": None}


async def test_an_id_of_another_kind_is_of_nothing(api: Api, rows: Rows) -> None:
    data = await api.run("query ($id: ID!) { site(id: $id) { id } }", {"id": f"server_{rows.site_id.hex}"})
    assert data == {"site": None}
    data = await api.run("query ($id: ID!) { node(id: $id) { id } }", {"id": f"server_{rows.site_id.hex}"})
    assert data == {"node": None}


async def test_a_server_tells_its_pairing_home_and_cameras(api: Api, rows: Rows) -> None:
    await protected_pair(rows)
    await rows.server("spare", "UNLABELED", address="10.0.0.9", external_id="REC-9", max_cameras=4)
    selection = """servers { nodes { name label address externalId maxCameras cameraCount site { name }
        pairing { style primaries { server { name } secondary { name } } secondaries { name } }
        homeSecondary { name } cameras { totalCount nodes { name side } } } }"""
    nodes = (await read(api, rows, selection))["servers"]["nodes"]

    pairing = {
        "style": "SYMMETRIC",
        "primaries": [{"server": {"name": "p1"}, "secondary": {"name": "s1"}}],
        "secondaries": [{"name": "s1"}],
    }
    blank = {"address": None, "externalId": None, "maxCameras": None, "site": {"name": "Depot"}}
    assert nodes == [
        {
            **blank,
            "name": "p1",
            "label": "PRIMARY",
            "cameraCount": 1,
            "pairing": pairing,
            "homeSecondary": {"name": "s1"},
            "cameras": {"totalCount": 1, "nodes": [{"name": "Door", "side": "PRIMARY"}]},
        },
        {
            **blank,
            "name": "s1",
            "label": "SECONDARY",
            "cameraCount": 1,
            "pairing": pairing,
            "homeSecondary": None,
            "cameras": {"totalCount": 1, "nodes": [{"name": "Door", "side": "SECONDARY"}]},
        },
        {
            "name": "spare",
            "label": "UNLABELED",
            "address": "10.0.0.9",
            "externalId": "REC-9",
            "maxCameras": 4,
            "cameraCount": 0,
            "site": {"name": "Depot"},
            "pairing": None,
            "homeSecondary": None,
            "cameras": {"totalCount": 0, "nodes": []},
        },
    ]


async def test_a_camera_of_an_unlabeled_server_has_no_side(api: Api, rows: Rows) -> None:
    spare = await rows.server("spare", "UNLABELED")
    await rows.camera(spare, "Loose", "UNLABELED")
    site = await read(api, rows, "cameras { nodes { side protection counterpart { id } lastAction { id } } }")
    assert site["cameras"]["nodes"] == [
        {"side": None, "protection": None, "counterpart": None, "lastAction": None}
    ]


async def test_an_external_id_shows_only_on_its_own_server(api: Api, rows: Rows) -> None:
    here, there = await rows.server("p1"), await rows.server("p2")
    await rows.camera(here, "At home", external_id="a")
    await rows.camera(here, "On its way", external_id="b", confirmed_server_id=there)
    site = await read(api, rows, "cameras { nodes { name externalId } }")
    assert site["cameras"]["nodes"] == [
        {"name": "At home", "externalId": "a"},
        {"name": "On its way", "externalId": None},
    ]
    assert await names(api, rows, 'cameras(search: "a")') == ["At home"]
    assert await names(api, rows, 'cameras(search: "b")') == []


async def test_the_last_action_is_the_one_made_last(api: Api, rows: Rows) -> None:
    _, secondary, _, twin = await protected_pair(rows)
    await rows.action(twin, secondary, status="APPLIED", created_position=100, position=300)
    newest = await rows.action(twin, secondary, created_position=200, position=200)
    site = await read(api, rows, "cameras(side: SECONDARY) { nodes { lastAction { id } } }")
    assert site["cameras"]["nodes"] == [{"lastAction": {"id": f"action_{newest.hex}"}}]


async def replaced(rows: Rows) -> tuple[UUID, UUID, UUID]:
    """Insert a REPLACE of Door's twin; return its id and those of Door and the twin."""
    primary, secondary, door, twin = await protected_pair(rows)
    action = await rows.action(
        twin,
        secondary,
        action="REPLACE",
        source_server_id=primary,
        source_camera_id=door,
        target_from_server_id=secondary,
        previous_hardware={"mac_address": mac(5), "address": "host", "manufacturer": None, "model": None},
        attempts=2,
        error="no route",
        note="kept",
    )
    return action, door, twin


async def test_a_mirrored_action_tells_what_its_row_holds(api: Api, rows: Rows) -> None:
    action, door, twin = await replaced(rows)
    selection = """mirroredActions { nodes { id action direction cause status reason blocked because attempts error
        note actor sourceServer { name } targetServer { name } targetFromServer { name } camera { id }
        counterpart { id } } }"""
    (node,) = (await read(api, rows, selection))["mirroredActions"]["nodes"]

    assert node == {
        "id": f"action_{action.hex}",
        "action": "REPLACE",
        "direction": "BACKUP",
        "cause": "DEVICE_ACTION",
        "status": "QUEUED",
        "reason": None,
        "blocked": None,
        "because": "Mirrored: it says so here.",
        "attempts": 2,
        "error": "no route",
        "note": "kept",
        "actor": "anonymous",
        "sourceServer": {"name": "p1"},
        "targetServer": {"name": "s1"},
        "targetFromServer": {"name": "s1"},
        "camera": {"id": f"camera_{door.hex}"},
        "counterpart": {"id": f"camera_{twin.hex}"},
    }


async def test_a_mirrored_action_carries_the_device(api: Api, rows: Rows) -> None:
    _, door, twin = await replaced(rows)
    hardware = "{ macAddress address manufacturer model }"
    selection = f"""mirroredActions {{ nodes {{ previousHardware {hardware} device {{ targetCameraId sourceCameraId
        name channel externalId storageProfile hardware {hardware} }} }} }}"""
    (node,) = (await read(api, rows, selection))["mirroredActions"]["nodes"]

    assert node["device"] == {
        "targetCameraId": f"camera_{twin.hex}",
        "sourceCameraId": f"camera_{door.hex}",
        "name": "Door",
        "channel": 0,
        "externalId": "ext-1",
        "storageProfile": None,
        "hardware": {"macAddress": mac(1), "address": None, "manufacturer": "Axis", "model": "P3265"},
    }
    assert node["previousHardware"] == {
        "macAddress": mac(5),
        "address": "host",
        "manufacturer": None,
        "model": None,
    }


async def test_what_an_action_names_and_is_gone_is_null(api: Api, rows: Rows) -> None:
    _, secondary, _, twin = await protected_pair(rows)
    gone = uuid4()
    await rows.action(gone, secondary, status="APPLIED", source_camera_id=gone, source_server_id=gone)
    await rows.action(twin, secondary, status="SUPPRESSED", reason="ALREADY_SO")
    site = await read(
        api, rows, "mirroredActions { nodes { status sourceServer { id } camera { id } counterpart { id } } }"
    )
    nothing = {"sourceServer": None, "camera": None, "counterpart": None}
    assert site["mirroredActions"]["nodes"] == [
        {"status": "APPLIED", **nothing},
        {"status": "SUPPRESSED", **nothing},
    ]


async def test_the_filters_of_cameras(api: Api, rows: Rows) -> None:
    primary, secondary, _, _ = await protected_pair(rows)
    await rows.camera(primary, "Alone")
    await rows.camera(primary, "Leaving", removing=True)
    servers = ("[ID!]", [f"server_{secondary.hex}", f"server_{uuid4().hex}"])

    assert await names(api, rows, "cameras(side: PRIMARY)") == ["Alone", "Door", "Leaving"]
    assert await names(api, rows, "cameras(side: SECONDARY)") == ["Door"]
    assert await names(api, rows, "cameras(serverIds: $servers)", servers=servers) == ["Door"]
    assert await names(api, rows, "cameras(protection: [UNPROTECTED])") == ["Alone"]
    assert await names(api, rows, "cameras(protection: [PROTECTED, UNPROTECTED])") == ["Alone", "Door"]
    assert await names(api, rows, "cameras(protection: [FAILED, PENDING])") == []


async def test_the_filters_of_mirrored_actions(api: Api, rows: Rows) -> None:
    primary, secondary, door, twin = await protected_pair(rows)
    change = uuid4()
    ends = {"source_camera_id": door, "source_server_id": primary}
    await rows.action(twin, secondary, status="APPLIED", attempts=1, **ends)
    await rows.action(twin, secondary, action="DELETE", attempts=2, change_id=change)
    await rows.action(uuid4(), primary, direction="RESTORE", status="FAILED", attempts=3)

    async def found(passing: Json) -> list[int]:
        site = await read(
            api,
            rows,
            "mirroredActions(filter: $filter) { totalCount nodes { attempts } }",
            filter=("MirroredActionFilter", passing),
        )
        nodes = site["mirroredActions"]["nodes"]
        assert site["mirroredActions"]["totalCount"] == len(nodes)
        return [node["attempts"] for node in nodes]

    assert await found({}) == [1, 2, 3]
    assert await found({"statuses": ["QUEUED", "FAILED"]}) == [2, 3]
    assert await found({"actions": ["DELETE"]}) == [2]
    assert await found({"directions": ["RESTORE"]}) == [3]
    assert await found({"targetServerIds": [f"server_{primary.hex}"]}) == [3]
    assert await found({"sourceServerIds": [f"server_{primary.hex}"]}) == [1]
    assert await found({"cameraIds": [f"camera_{door.hex}"]}) == [1]
    assert await found({"cameraIds": [f"camera_{twin.hex}"]}) == [1, 2]
    assert await found({"changeId": f"change_{change.hex}"}) == [2]
    assert await found({"statuses": ["QUEUED"], "directions": ["RESTORE"]}) == []


SEARCHES = [
    ("do", ["Door 10%", "Door_1"]),
    ("DOOR", ["Door 10%", "Door_1"]),
    ("oor", []),
    ("Door_", ["Door_1"]),
    ("door 10%", ["Door 10%"]),
    ("éCL", ["Éclair"]),
    ("Écl", ["Éclair"]),
    ("00-1B-2C-3D-4E-5F", ["Éclair"]),
    ("001b", []),
    ("rtsp://10.0.0.7:554/stream", ["Door_1"]),
    ("10.0.0", []),
    ("REC-1", ["Door 10%"]),
    ("rec-1", []),
    ("  ", ["Door 10%", "Door_1", "Éclair"]),
    ("' OR true --", []),
]


async def test_search_finds_cameras(api: Api, rows: Rows) -> None:
    primary = await rows.server("p1")
    await rows.camera(primary, "Door 10%", external_id="REC-1")
    await rows.camera(primary, "Door_1", mac_address=None, address="10.0.0.7")
    await rows.camera(primary, "Éclair", mac_address="00:1b:2c:3d:4e:5f")

    for search, found in SEARCHES:
        assert await names(api, rows, "cameras(search: $search)", search=("String", search)) == found


async def test_a_search_for_a_name_does_not_find_what_lacks_a_mac_or_an_address(api: Api, rows: Rows) -> None:
    primary = await rows.server("p1", address=None)
    await rows.camera(primary, "Door", mac_address=None, address="10.0.0.7")
    await rows.camera(primary, "Hall")

    assert await names(api, rows, 'cameras(search: "no such?")') == []
    assert await names(api, rows, 'servers(search: "no such?")') == []


SERVER_CHOICES = [
    ("label: PRIMARY", ["Alpha", "beta"]),
    ("label: UNLABELED", []),
    ('search: "AL"', ["Alpha"]),
    ('search: "http://10.1.1.1/"', ["beta"]),
    ('search: "SRV-3"', ["gamma"]),
    ('label: SECONDARY, search: "a"', []),
]


async def test_the_filters_of_servers(api: Api, rows: Rows) -> None:
    await rows.server("Alpha")
    await rows.server("beta", address="10.1.1.1")
    await rows.server("gamma", "SECONDARY", external_id="SRV-3")

    for arguments, found in SERVER_CHOICES:
        site = await read(api, rows, f"servers({arguments}) {{ totalCount nodes {{ name }} }}")
        assert site["servers"] == {"totalCount": len(found), "nodes": [{"name": name} for name in found]}


async def test_the_dashboard_follows_mode_and_labels(api: Api, rows: Rows) -> None:
    selection = "dashboard { blocks { kind visible enabled because } }"
    first = (await read(api, rows, selection))["dashboard"]["blocks"]
    await rows.server("p1")
    await rows.server("s1", "SECONDARY")
    await rows.pool.execute("UPDATE site SET mode = 'MANUAL'")
    then = (await read(api, rows, selection))["dashboard"]["blocks"]

    assert [block["kind"] for block in first if block["enabled"]] == ["SERVER_LABELING"]
    assert [block["kind"] for block in then if block["enabled"]] == [
        "SERVER_LABELING",
        "MODE_SELECTION",
        "CAMERA_MAPPING",
        "DELETE_CAMERA",
        "REPLACE_CAMERA",
    ]


async def test_the_matrix_has_its_24_rows(api: Api) -> None:
    selection = "mode style direction action mirrored reason because"
    rules = (await api.run(f"{{ mirrorRules {{ {selection} }} }}"))["mirrorRules"]

    assert len(rules) == 24
    assert [rule["action"] for rule in rules[:4]] == ["ADD", "MOVE", "DELETE", "REPLACE"]
    refused = {
        (rule["style"], rule["direction"], rule["action"], rule["reason"])
        for rule in rules
        if not rule["mirrored"]
    }
    assert refused == {
        ("ASYMMETRIC", "RESTORE", "ADD", "ASYMMETRIC_RESTORE"),
        ("ASYMMETRIC", "RESTORE", "MOVE", "ASYMMETRIC_RESTORE"),
        (None, "BACKUP", "ADD", "MANUAL_MODE"),
        (None, "BACKUP", "MOVE", "MANUAL_MODE"),
        (None, "RESTORE", "ADD", "MANUAL_MODE"),
        (None, "RESTORE", "MOVE", "MANUAL_MODE"),
    }


async def test_the_help_on_modes(api: Api) -> None:
    document = (
        "{ modeOptions { mode title summary isDefault typicalUse warning styles { style title shape } } }"
    )
    auto, manual = (await api.run(document))["modeOptions"]

    assert (auto["mode"], auto["isDefault"], [one["style"] for one in auto["styles"]]) == (
        "AUTO",
        True,
        ["SYMMETRIC", "ASYMMETRIC"],
    )
    assert (manual["mode"], manual["isDefault"], manual["styles"]) == ("MANUAL", False, [])
