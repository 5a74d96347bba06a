"""What clients may get wrong, and what each slip is answered with.

A row of CHANGES: the mutation, what is given in place of what GOOD has, and the answer: the refusals as `CODE path`, or
the code of the fault, or `accepted` (on a dry run), or `rejected` item by item. A text that begins with @ stands for an
id of tests/api/test_bad_input.py: `@p1` is a server of the site `@here`, `@m1` one of another site.
"""

from typing import Any, TypeAlias

Change: TypeAlias = tuple[str, dict[str, Any], str]

HEX = "0198c0de0198c0de0198c0de0198c0de"
MANY = 10_001
LONG = "x" * 201
HARDWARE = {"macAddress": "02:00:00:00:01:01"}
MISSHAPEN = (
    "",
    "5",
    "Here",
    "site_",
    f"SITE_{HEX}",
    f"site_{HEX}0",
    f"site_{HEX.upper()}",
    f"sites_{HEX}",
    f" site_{HEX}",
    f"site_{HEX}\n",
    "0198c0de-0198-c0de-0198-c0de0198c0de",
    "site_\uff10198c0de0198c0de0198c0de0198c0de",
)
CONTROLS = ("a\nb", "a\tb", "a\x1bb", "a\x7fb", "a\x9fb")
NAMELESS = ("", "   ", "\u00a0\u2003", LONG)
PLANES = [f"Camera {chr(0x10000 * plane + 0x1F600 % 0x10000)}" for plane in range(17)]
MACS = (
    "00:1b:2c:3d:4e",
    "00:1b:2c:3d:4e:5f:60",
    "00:1b:2c:3d:4e:5g",
    "00:1b-2c:3d-4e:5f",
    "00:00:00:00:00:00",
    "ff:ff:ff:ff:ff:ff",
    "01:00:5e:00:00:01",
    "\uff10\uff10:1b:2c:3d:4e:5f",
)
ADDRESSES = (
    "a b",
    "256.1.1.1",
    "http://",
    "host:0",
    "host:65536",
    "1.2.3.4:x",
    "[::1",
    "-host",
    "x" * 256,
    "a/b@c",
)
REVISIONS = (-1, 1.5, "5", True, 2**53, [1, 2])

GOOD: dict[str, dict[str, Any]] = {
    "createSite": {"name": "New"},
    "updateSite": {"siteId": "@here", "name": "Renamed"},
    "deleteSite": {"siteId": "@here", "confirmName": "Here"},
    "registerServers": {"siteId": "@here", "servers": [{"name": "n1"}]},
    "updateServers": {"siteId": "@here", "servers": [{"serverId": "@p3", "name": "p9"}]},
    "removeServers": {"siteId": "@here", "serverIds": ["@u1"]},
    "labelServers": {"siteId": "@here", "labels": [{"serverId": "@u1", "label": "PRIMARY"}]},
    "setMode": {"siteId": "@here", "mode": "MANUAL"},
    "setSyncPolicy": {"siteId": "@here", "add": False},
    "pairServers": {
        "siteId": "@here",
        "pairings": [{"style": "SYMMETRIC", "primaryIds": ["@p3"], "secondaryIds": ["@s2"]}],
    },
    "updatePairing": {"siteId": "@here", "pairingId": "@pool", "addPrimaryIds": ["@p3"]},
    "unpairServers": {"siteId": "@here", "pairingIds": ["@pool"]},
    "mapCameras": {
        "siteId": "@manual",
        "mappings": [{"cameraId": "@Hall", "secondaryServerId": "@n1"}],
    },
    "unmapCameras": {"siteId": "@manual", "cameraIds": ["@Hall"]},
    "addCamera": {"siteId": "@here", "serverId": "@p1", "name": "Lobby", "hardware": HARDWARE},
    "updateCamera": {"siteId": "@here", "cameraId": "@Door", "name": "Front door"},
    "moveCamera": {"siteId": "@here", "cameraId": "@Door", "toServerId": "@p2"},
    "deleteCamera": {"siteId": "@here", "cameraId": "@Door"},
    "replaceCamera": {"siteId": "@here", "cameraId": "@Door", "hardware": HARDWARE},
    "reportInventory": {
        "siteId": "@here",
        "reports": [{"serverId": "@p1", "cameras": [{"name": "Lobby", "hardware": HARDWARE}]}],
    },
    "reconcile": {"siteId": "@here", "serverIds": ["@s1"]},
    "acknowledgeMirroredActions": {
        "siteId": "@here",
        "results": [{"actionId": "@queued", "outcome": "APPLIED"}],
    },
    "retryMirroredActions": {"siteId": "@here", "actionIds": ["@queued"]},
    "abandonMirroredActions": {"siteId": "@here", "actionIds": ["@queued"], "because": "Not needed."},
}
# They have no dry run.
AT_ONCE = {
    "createSite",
    "deleteSite",
    "acknowledgeMirroredActions",
    "retryMirroredActions",
    "abandonMirroredActions",
}
OF_A_SITE = [one for one in GOOD if one != "createSite"]
WITH_A_KEY = [one for one in GOOD if one not in AT_ONCE]


def device(**given: Any) -> dict[str, Any]:
    """A report of one camera of which this is wrong."""
    camera = {"name": "Lobby", "hardware": HARDWARE, **given}
    return {"reports": [{"serverId": "@p1", "cameras": [camera]}]}


def pairing(**given: Any) -> dict[str, Any]:
    """One pairing of which this is wrong."""
    whole = {"style": "SYMMETRIC", "primaryIds": ["@p3"], "secondaryIds": ["@s2"], **given}
    return {"pairings": [whole]}


OF_ALL: list[Change] = [
    *((one, {"siteId": "Here"}, "BAD_REQUEST") for one in OF_A_SITE),
    *((one, {"siteId": "@p1"}, "NOT_FOUND siteId") for one in OF_A_SITE),
    *((one, {"siteId": None}, "BAD_REQUEST") for one in OF_A_SITE),
    *((one, {"colour": "red"}, "BAD_REQUEST") for one in GOOD),
    *((one, {"dryRun": None}, "BAD_REQUEST") for one in WITH_A_KEY),
    *((one, {"idempotencyKey": ""}, "INVALID_INPUT idempotencyKey") for one in ["createSite", *WITH_A_KEY]),
    *(("setMode", {"siteId": one}, "BAD_REQUEST") for one in MISSHAPEN),
    *(("setMode", {"ifRevision": one}, "BAD_REQUEST") for one in REVISIONS),
    ("setMode", {"siteId": f"site_{HEX}"}, "NOT_FOUND siteId"),
    ("setMode", {"idempotencyKey": LONG}, "INVALID_INPUT idempotencyKey"),
    ("setMode", {"idempotencyKey": "a\0b"}, "INVALID_INPUT idempotencyKey"),
    ("setMode", {"ifRevision": 0}, "STALE_REVISION ifRevision"),
    ("setMode", {"ifRevision": 2**53 - 1}, "accepted"),
    ("setMode", {"mode": "BOTH"}, "BAD_REQUEST"),
    ("setMode", {"mode": "auto"}, "BAD_REQUEST"),
    ("setMode", {"mode": 0}, "BAD_REQUEST"),
    ("setMode", {"confirmImpact": "yes"}, "BAD_REQUEST"),
    ("setSyncPolicy", {"backup": 1}, "BAD_REQUEST"),
]
OF_SITES: list[Change] = [
    *(("createSite", {"name": one}, "INVALID_INPUT name") for one in (*NAMELESS, *CONTROLS, "\0")),
    ("createSite", {"name": " Here "}, "NAME_TAKEN name"),
    ("createSite", {"name": None}, "BAD_REQUEST"),
    ("createSite", {"name": 5}, "BAD_REQUEST"),
    ("createSite", {"name": "\ud800"}, "BAD_REQUEST"),
    *(("updateSite", {"name": one}, "INVALID_INPUT name") for one in (*NAMELESS, *CONTROLS, "\0")),
    ("updateSite", {"name": "Manual"}, "NAME_TAKEN name"),
    *(
        ("deleteSite", {"confirmName": one}, "INVALID_INPUT confirmName")
        for one in ("", "here", "Manual", "\0")
    ),
    ("deleteSite", {"ifRevision": 0}, "STALE_REVISION ifRevision"),
]
OF_SERVERS: list[Change] = [
    ("registerServers", {"servers": []}, "INVALID_INPUT servers"),
    ("registerServers", {"servers": None}, "BAD_REQUEST"),
    ("registerServers", {"servers": [None]}, "BAD_REQUEST"),
    ("registerServers", {"servers": [{"name": "n"}] * MANY}, "INVALID_INPUT servers"),
    ("registerServers", {"servers": [{"name": "n"}, {"name": " n "}]}, "NAME_TAKEN servers.1.name"),
    ("registerServers", {"servers": [{"name": "p1"}]}, "NAME_TAKEN servers.0.name"),
    *(
        ("registerServers", {"servers": [{"name": one}]}, "INVALID_INPUT servers.0.name")
        for one in (*NAMELESS, *CONTROLS)
    ),
    *(
        (
            "registerServers",
            {"servers": [{"name": "n", "maxCameras": one}]},
            "INVALID_INPUT servers.0.maxCameras",
        )
        for one in (0, -1, 1_000_001, 2**31 - 1)
    ),
    *(
        ("registerServers", {"servers": [{"name": "n", "maxCameras": one}]}, "BAD_REQUEST")
        for one in (2**31, -(2**31) - 1, 1.5, "5", 1e300)
    ),
    *(
        ("registerServers", {"servers": [{"name": "n", "address": one}]}, "INVALID_INPUT servers.0.address")
        for one in ADDRESSES
    ),
    (
        "registerServers",
        {"servers": [{"name": "n", "externalId": ""}, {"name": "m", "externalId": LONG}]},
        "INVALID_INPUT servers.0.externalId, INVALID_INPUT servers.1.externalId",
    ),
    (
        "registerServers",
        {"idempotencyKey": "", "servers": [{"name": "ok"}, {"name": "a\0b", "externalId": "\0"}]},
        "INVALID_INPUT idempotencyKey, INVALID_INPUT servers.1.name, INVALID_INPUT servers.1.externalId",
    ),
    ("registerServers", {"servers": [{"name": "n", "label": "TERTIARY"}]}, "BAD_REQUEST"),
    ("registerServers", {"servers": [{"name": "n", "label": None}]}, "BAD_REQUEST"),
    ("updateServers", {"servers": []}, "INVALID_INPUT servers"),
    ("updateServers", {"servers": [{"serverId": "@p3"}] * MANY}, "INVALID_INPUT servers"),
    ("updateServers", {"servers": [{"serverId": "@p3"}] * 2}, "INVALID_INPUT servers.1.serverId"),
    ("updateServers", {"servers": [{"serverId": "p3"}]}, "BAD_REQUEST"),
    ("updateServers", {"servers": [{"serverId": "@Door"}]}, "NOT_FOUND servers.0.serverId"),
    ("updateServers", {"servers": [{"serverId": "@m1"}]}, "NOT_FOUND servers.0.serverId"),
    ("updateServers", {"servers": [{"serverId": "@p3", "name": None}]}, "INVALID_INPUT servers.0.name"),
    ("updateServers", {"servers": [{"serverId": "@p3", "name": "\x85"}]}, "INVALID_INPUT servers.0.name"),
    ("updateServers", {"servers": [{"serverId": "@p3", "name": "p1"}]}, "NAME_TAKEN servers.0.name"),
    ("updateServers", {"servers": [{"serverId": "@p3", "address": ""}]}, "INVALID_INPUT servers.0.address"),
    (
        "updateServers",
        {"servers": [{"serverId": "@p3", "externalId": "\x01"}]},
        "INVALID_INPUT servers.0.externalId",
    ),
    (
        "updateServers",
        {"servers": [{"serverId": "@p3", "maxCameras": 0}]},
        "INVALID_INPUT servers.0.maxCameras",
    ),
    ("removeServers", {"serverIds": []}, "INVALID_INPUT serverIds"),
    ("removeServers", {"serverIds": ["@u1"] * MANY}, "INVALID_INPUT serverIds"),
    ("removeServers", {"serverIds": ["@u1", "@u1"]}, "accepted"),
    ("removeServers", {"serverIds": ["@u1", "@Door", "@m1"]}, "NOT_FOUND serverIds.1, NOT_FOUND serverIds.2"),
    ("removeServers", {"serverIds": ["u1"]}, "BAD_REQUEST"),
    ("labelServers", {"labels": []}, "INVALID_INPUT labels"),
    ("labelServers", {"labels": [{"serverId": "@u1", "label": "PRIMARY"}] * MANY}, "INVALID_INPUT labels"),
    (
        "labelServers",
        {"labels": [{"serverId": "@u1", "label": "PRIMARY"}] * 2},
        "INVALID_INPUT labels.1.serverId",
    ),
    ("labelServers", {"labels": [{"serverId": "@u1", "label": "THIRD"}]}, "BAD_REQUEST"),
    ("labelServers", {"labels": [{"serverId": "@pool", "label": "PRIMARY"}]}, "NOT_FOUND labels.0.serverId"),
    ("labelServers", {"labels": [{"serverId": "@m1", "label": "PRIMARY"}]}, "NOT_FOUND labels.0.serverId"),
]
OF_PAIRINGS: list[Change] = [
    ("pairServers", {"pairings": []}, "INVALID_INPUT pairings"),
    ("pairServers", pairing(primaryIds=[]), "INVALID_INPUT pairings.0.primaryIds"),
    ("pairServers", pairing(secondaryIds=[]), "INVALID_INPUT pairings.0.secondaryIds"),
    ("pairServers", pairing(assignments=[]), "INVALID_INPUT pairings.0.assignments"),
    ("pairServers", pairing(primaryIds=["@p3"] * MANY), "INVALID_INPUT pairings.0.primaryIds"),
    ("pairServers", pairing(style="TRIANGULAR"), "BAD_REQUEST"),
    ("pairServers", pairing(primaryIds=["p3"]), "BAD_REQUEST"),
    ("pairServers", pairing(primaryIds=["@Door"]), "NOT_FOUND pairings.0.primaryIds.0"),
    ("pairServers", pairing(primaryIds=["@m1"]), "NOT_FOUND pairings.0.primaryIds.0"),
    ("pairServers", pairing(primaryIds=["@p3", "@p3"]), "SERVER_ALREADY_PAIRED pairings.0.primaryIds.1"),
    ("pairServers", pairing(primaryIds=["@u1"]), "SERVER_UNLABELED pairings.0.primaryIds.0"),
    (
        "pairServers",
        pairing(primaryIds=["@s2"], secondaryIds=["@p3"]),
        "WRONG_LABEL pairings.0.primaryIds.0, WRONG_LABEL pairings.0.secondaryIds.0",
    ),
    ("pairServers", pairing(primaryIds=["@p1"]), "SERVER_ALREADY_PAIRED pairings.0.primaryIds.0"),
    ("pairServers", pairing(style="ASYMMETRIC"), "ASYMMETRIC_NEEDS_MORE_PRIMARIES pairings.0"),
    (
        "pairServers",
        pairing(assignments=[{"primaryId": "@p1", "secondaryId": "@s1"}]),
        "INVALID_INPUT pairings.0.assignments.0.primaryId, INVALID_INPUT pairings.0.assignments.0.secondaryId",
    ),
    (
        "pairServers",
        pairing(assignments=[{"primaryId": "@p3", "secondaryId": "@s2"}] * 2),
        "INVALID_INPUT pairings.0.assignments.1.primaryId",
    ),
    ("updatePairing", {"pairingId": "pool"}, "BAD_REQUEST"),
    ("updatePairing", {"pairingId": "@p1"}, "NOT_FOUND pairingId"),
    ("updatePairing", {"pairingId": f"pairing_{HEX}"}, "NOT_FOUND pairingId"),
    ("updatePairing", {"pairingId": "@pair"}, "NOT_FOUND pairingId"),
    *(
        ("updatePairing", {one: []}, f"INVALID_INPUT {one}")
        for one in (
            "addPrimaryIds",
            "removePrimaryIds",
            "addSecondaryIds",
            "removeSecondaryIds",
            "assignments",
        )
    ),
    ("updatePairing", {"addPrimaryIds": ["@p3"] * MANY}, "INVALID_INPUT addPrimaryIds"),
    ("updatePairing", {"addPrimaryIds": ["@p3", "@p3"]}, "SERVER_ALREADY_PAIRED addPrimaryIds.1"),
    ("updatePairing", {"addPrimaryIds": ["@m1"]}, "NOT_FOUND addPrimaryIds.0"),
    ("updatePairing", {"addPrimaryIds": ["@Door"]}, "NOT_FOUND addPrimaryIds.0"),
    ("updatePairing", {"removePrimaryIds": ["@m1"]}, "NOT_FOUND removePrimaryIds.0"),
    ("updatePairing", {"removeSecondaryIds": ["@Door"]}, "NOT_FOUND removeSecondaryIds.0"),
    ("updatePairing", {"removePrimaryIds": ["@p3"]}, "INVALID_INPUT addPrimaryIds.0"),
    ("updatePairing", {"style": "BOTH"}, "BAD_REQUEST"),
    ("updatePairing", {"twins": "BURN"}, "BAD_REQUEST"),
    (
        "updatePairing",
        {"assignments": [{"primaryId": "@p3", "secondaryId": "@s2"}]},
        "INVALID_INPUT assignments.0.secondaryId",
    ),
    ("unpairServers", {"pairingIds": []}, "INVALID_INPUT pairingIds"),
    ("unpairServers", {"pairingIds": ["@pool"] * MANY}, "INVALID_INPUT pairingIds"),
    ("unpairServers", {"pairingIds": ["@pool", "@pool"]}, "accepted"),
    ("unpairServers", {"pairingIds": ["@p1", "@pair"]}, "NOT_FOUND pairingIds.0, NOT_FOUND pairingIds.1"),
    ("unpairServers", {"pairingIds": ["pool"]}, "BAD_REQUEST"),
    ("unpairServers", {"twins": "MAYBE"}, "BAD_REQUEST"),
    ("reconcile", {"serverIds": []}, "INVALID_INPUT serverIds"),
    ("reconcile", {"pairingIds": []}, "INVALID_INPUT pairingIds"),
    ("reconcile", {"serverIds": ["@s1"] * MANY}, "INVALID_INPUT serverIds"),
    ("reconcile", {"serverIds": ["@s1", "@s1"]}, "accepted"),
    ("reconcile", {"serverIds": ["@n1", "@Door"]}, "NOT_FOUND serverIds.0, NOT_FOUND serverIds.1"),
    ("reconcile", {"pairingIds": ["@pair", "@s1"]}, "NOT_FOUND pairingIds.0, NOT_FOUND pairingIds.1"),
    ("reconcile", {"serverIds": ["@p1", "@u1"]}, "WRONG_LABEL serverIds.0, WRONG_LABEL serverIds.1"),
    ("reconcile", {"direction": "RESTORE"}, "WRONG_LABEL serverIds.0"),
    ("reconcile", {"direction": "SIDEWAYS"}, "BAD_REQUEST"),
    ("reconcile", {"serverIds": ["s1"]}, "BAD_REQUEST"),
]
MAPPING = {"cameraId": "@Hall", "secondaryServerId": "@n1"}
OF_LINKS: list[Change] = [
    ("mapCameras", {"mappings": []}, "INVALID_INPUT mappings"),
    ("mapCameras", {"mappings": [MAPPING] * MANY}, "INVALID_INPUT mappings"),
    ("mapCameras", {"mappings": [MAPPING] * 2}, "INVALID_INPUT mappings.1.cameraId"),
    ("mapCameras", {"mappings": [{**MAPPING, "cameraId": "Hall"}]}, "BAD_REQUEST"),
    ("mapCameras", {"mappings": [{**MAPPING, "cameraId": "@m1"}]}, "NOT_FOUND mappings.0.cameraId"),
    ("mapCameras", {"mappings": [{**MAPPING, "cameraId": "@Door"}]}, "NOT_FOUND mappings.0.cameraId"),
    (
        "mapCameras",
        {"mappings": [{**MAPPING, "secondaryServerId": "@s1"}]},
        "NOT_FOUND mappings.0.secondaryServerId",
    ),
    (
        "mapCameras",
        {"mappings": [{**MAPPING, "secondaryServerId": "@m1"}]},
        "WRONG_LABEL mappings.0.secondaryServerId",
    ),
    ("mapCameras", {"mappings": [{"cameraId": "@Hall"}]}, "BAD_REQUEST"),
    ("unmapCameras", {"cameraIds": []}, "INVALID_INPUT cameraIds"),
    ("unmapCameras", {"cameraIds": ["@Hall"] * MANY}, "INVALID_INPUT cameraIds"),
    ("unmapCameras", {"cameraIds": ["@Hall", "@Hall"]}, "accepted"),
    ("unmapCameras", {"cameraIds": ["@Door", "@m1"]}, "NOT_FOUND cameraIds.0, NOT_FOUND cameraIds.1"),
    ("unmapCameras", {"cameraIds": ["Hall"]}, "BAD_REQUEST"),
]
OF_CAMERAS: list[Change] = [
    *(("addCamera", {"name": one}, "INVALID_INPUT name") for one in (*NAMELESS, *CONTROLS, "\0")),
    *(("addCamera", {"name": one}, "accepted") for one in PLANES),
    *(("addCamera", {"hardware": {"macAddress": one}}, "INVALID_INPUT hardware") for one in MACS),
    *(("addCamera", {"hardware": {"address": one}}, "INVALID_INPUT hardware") for one in ADDRESSES),
    *(
        ("addCamera", {"hardware": one}, "INVALID_INPUT hardware")
        for one in ({}, {"model": "M"}, {"address": " "})
    ),
    ("addCamera", {"hardware": {**HARDWARE, "model": LONG}}, "INVALID_INPUT hardware"),
    ("addCamera", {"hardware": {**HARDWARE, "model": "\0"}}, "INVALID_INPUT hardware.model"),
    ("addCamera", {"hardware": None}, "BAD_REQUEST"),
    *(("addCamera", {"channel": one}, "INVALID_INPUT channel") for one in (-1, 10_000, -(2**31), 2**31 - 1)),
    *(("addCamera", {"channel": one}, "BAD_REQUEST") for one in (2**31, 0.5, "0", None, True)),
    *(("addCamera", {"externalId": one}, "INVALID_INPUT externalId") for one in ("", LONG, "a\rb", "\0")),
    ("addCamera", {"externalId": "door-1"}, "CAMERA_ALREADY_EXISTS externalId"),
    ("addCamera", {"serverId": "p1"}, "BAD_REQUEST"),
    ("addCamera", {"serverId": "@Door"}, "NOT_FOUND serverId"),
    ("addCamera", {"serverId": "@m1"}, "NOT_FOUND serverId"),
    ("addCamera", {"serverId": "@u1"}, "SERVER_UNLABELED serverId"),
    (
        "addCamera",
        {"serverId": "@m1", "name": "", "channel": -1, "hardware": {}},
        "INVALID_INPUT name, INVALID_INPUT channel, INVALID_INPUT hardware, NOT_FOUND serverId",
    ),
    *(
        (one, {"cameraId": "Door"}, "BAD_REQUEST")
        for one in ("updateCamera", "moveCamera", "deleteCamera", "replaceCamera")
    ),
    *(
        (one, {"cameraId": "@Hall"}, "NOT_FOUND cameraId")
        for one in ("updateCamera", "moveCamera", "deleteCamera", "replaceCamera")
    ),
    *(
        (one, {"cameraId": "@p1"}, "NOT_FOUND cameraId")
        for one in ("updateCamera", "moveCamera", "deleteCamera", "replaceCamera")
    ),
    *(("updateCamera", {"name": one}, "INVALID_INPUT name") for one in (None, "", LONG, "\x00", "\x0b")),
    *(("updateCamera", {"address": one}, "INVALID_INPUT address") for one in ADDRESSES),
    ("updateCamera", {"cameraId": "@Lane", "address": None}, "INVALID_INPUT address"),
    *(("updateCamera", {"externalId": one}, "INVALID_INPUT externalId") for one in ("", LONG, "a\x00b")),
    ("updateCamera", {"cameraId": "@Gate", "externalId": "door-1"}, "CAMERA_ALREADY_EXISTS externalId"),
    ("moveCamera", {"toServerId": "p2"}, "BAD_REQUEST"),
    ("moveCamera", {"toServerId": "@Door"}, "NOT_FOUND toServerId"),
    ("moveCamera", {"toServerId": "@m1"}, "NOT_FOUND toServerId"),
    ("moveCamera", {"toServerId": "@p1"}, "SAME_SERVER toServerId"),
    ("moveCamera", {"cameraId": "@Hall", "toServerId": "@m1"}, "NOT_FOUND cameraId, NOT_FOUND toServerId"),
    *(("replaceCamera", {"hardware": {"macAddress": one}}, "INVALID_INPUT hardware") for one in MACS),
    ("replaceCamera", {"hardware": {}}, "INVALID_INPUT hardware"),
]
OF_REPORTS: list[Change] = [
    ("reportInventory", {"reports": []}, "INVALID_INPUT reports"),
    (
        "reportInventory",
        {"reports": [{"serverId": "@p1", "cameras": [], "complete": True}] * MANY},
        "INVALID_INPUT reports",
    ),
    ("reportInventory", {"reports": [{"serverId": "@p1", "cameras": []}]}, "INVALID_INPUT reports.0.cameras"),
    ("reportInventory", {"reports": [{"serverId": "@p1", "cameras": None}]}, "BAD_REQUEST"),
    (
        "reportInventory",
        {"reports": [{"serverId": "@p2", "cameras": [], "complete": True}] * 2},
        "INVALID_INPUT reports.1.serverId",
    ),
    *(
        ("reportInventory", {"reports": [{"serverId": one, "cameras": [], "complete": True}]}, answer)
        for one, answer in (
            ("p1", "BAD_REQUEST"),
            *((other, "NOT_FOUND reports.0.serverId") for other in ("@Door", "@m1")),
        )
    ),
    *(
        ("reportInventory", device(name=one), "INVALID_INPUT reports.0.cameras.0.name")
        for one in ("", LONG, "a\tb", "\0")
    ),
    *(("reportInventory", device(name=one), "accepted") for one in PLANES),
    *(
        ("reportInventory", device(channel=one), "INVALID_INPUT reports.0.cameras.0.channel")
        for one in (-1, 10_000)
    ),
    ("reportInventory", device(channel=2**31), "BAD_REQUEST"),
    *(
        (
            "reportInventory",
            device(hardware={"macAddress": one}),
            "INVALID_INPUT reports.0.cameras.0.hardware",
        )
        for one in MACS
    ),
    ("reportInventory", device(hardware={}), "INVALID_INPUT reports.0.cameras.0.hardware"),
    *(
        ("reportInventory", device(externalId=one), "INVALID_INPUT reports.0.cameras.0.externalId")
        for one in ("", LONG, "a\x7fb", "\0")
    ),
    (
        "reportInventory",
        {"reports": [{"serverId": "@p1", "cameras": [{"name": "A", "hardware": HARDWARE}] * 2}]},
        "INVALID_INPUT reports.0.cameras.1.hardware",
    ),
    (
        "reportInventory",
        {
            "reports": [
                {
                    "serverId": "@p1",
                    "cameras": [
                        {"name": "A", "externalId": "7", "hardware": HARDWARE},
                        {"name": "B", "externalId": " 7", "hardware": {"address": "192.0.2.77"}},
                    ],
                }
            ]
        },
        "INVALID_INPUT reports.0.cameras.1.externalId",
    ),
    ("reportInventory", {"asOf": 2**53 - 1}, "INVALID_INPUT asOf"),
    *(("reportInventory", {"asOf": one}, "BAD_REQUEST") for one in REVISIONS),
]
OF_ACTIONS: list[Change] = [
    ("acknowledgeMirroredActions", {"results": []}, "INVALID_INPUT results"),
    (
        "acknowledgeMirroredActions",
        {"results": [{"actionId": "@queued", "outcome": "APPLIED"}] * MANY},
        "INVALID_INPUT results",
    ),
    ("acknowledgeMirroredActions", {"results": [{"actionId": "@queued", "outcome": "LOST"}]}, "BAD_REQUEST"),
    ("acknowledgeMirroredActions", {"results": [{"actionId": "5", "outcome": "FAILED"}]}, "BAD_REQUEST"),
    *(
        ("acknowledgeMirroredActions", {"results": [{"actionId": one, "outcome": "APPLIED"}]}, "rejected")
        for one in ("@Door", f"action_{HEX}", "@theirs")
    ),
    (
        "acknowledgeMirroredActions",
        {"results": [{"actionId": "@queued", "outcome": "FAILED", "error": "\0"}]},
        "INVALID_INPUT results.0.error",
    ),
    *(
        (
            "acknowledgeMirroredActions",
            {"results": [{"actionId": "@queued", "outcome": "APPLIED", "externalId": one}]},
            "INVALID_INPUT results.0.externalId",
        )
        for one in ("", " ", LONG, "a\nb", "\0")
    ),
    ("retryMirroredActions", {"actionIds": []}, "INVALID_INPUT actionIds"),
    ("retryMirroredActions", {"actionIds": ["@queued"] * MANY}, "INVALID_INPUT actionIds"),
    ("retryMirroredActions", {"actionIds": ["queued"]}, "BAD_REQUEST"),
    (
        "retryMirroredActions",
        {"actionIds": ["@Door", f"action_{HEX}", "@theirs", "@queued", "@queued"]},
        "rejected",
    ),
    ("abandonMirroredActions", {"actionIds": []}, "INVALID_INPUT actionIds"),
    ("abandonMirroredActions", {"actionIds": ["@queued"] * MANY}, "INVALID_INPUT actionIds"),
    ("abandonMirroredActions", {"actionIds": ["queued"]}, "BAD_REQUEST"),
    ("abandonMirroredActions", {"actionIds": ["@Door", f"action_{HEX}", "@theirs"]}, "rejected"),
    *(
        ("abandonMirroredActions", {"because": one}, "INVALID_INPUT because")
        for one in ("", "  ", "x" * 2001, "\0")
    ),
    ("abandonMirroredActions", {"because": None}, "BAD_REQUEST"),
]
CHANGES: list[Change] = [
    *OF_ALL,
    *OF_SITES,
    *OF_SERVERS,
    *OF_PAIRINGS,
    *OF_LINKS,
    *OF_CAMERAS,
    *OF_REPORTS,
    *OF_ACTIONS,
]
