"""What the tests ask for in GraphQL: the fields of Nodes, and of each mutation's answer."""

HARDWARE = "macAddress address manufacturer model"
CAMERA = f"""id name channel hardware {{ {HARDWARE} }} externalId server {{ name }} side counterpart {{ id }}
  protection removing"""
PLANNED = f"""action direction cause status reason blocked because sourceServer {{ name }} targetServer {{ name }}
  targetFromServer {{ name }}
  device {{ targetCameraId sourceCameraId name channel hardware {{ {HARDWARE} }} externalId storageProfile }}"""
ACTION = f"""id position changeId {PLANNED} camera {{ id }} counterpart {{ id }} previousHardware {{ {HARDWARE} }}
  attempts error note actor"""
HOMES = "primaries { server { name } secondary { name } } secondaries { name }"
CHANGE = f"""revision changeId dryRun site {{ revision }}
  mirrored {{ queued blocked suppressed truncated actions {{ {PLANNED} }} }}"""
JUDGED = "revision accepted rejected { actionId status message }"
IMPACT = "impact { from to pairingsDissolved linksKept camerasLosingProtection summary }"
OF_CAMERA = f"{CHANGE} camera {{ {CAMERA} }} mirroredAction {{ {ACTION} }}"
REFUSED = f"""... on Refused {{ refusals {{ __typename code message path
  ... on StaleRevision {{ expected actual }} ... on PairingShape {{ style primaries secondaries }}
  ... on ConfirmationRequired {{ {IMPACT} }}
  ... on SuspiciousChange {{ serverId adds deletes replaces moves requeues of }} }} }}"""
ANSWERS = {
    "createSite": ("SiteCreated", "revision site { id name }"),
    "updateSite": ("SiteUpdated", f"{CHANGE} site {{ name }}"),
    "deleteSite": ("SiteDeleted", "siteId"),
    "registerServers": ("ServersRegistered", f"{CHANGE} servers {{ id name label }}"),
    "updateServers": (
        "ServersUpdated",
        f"{CHANGE} servers {{ id name label address externalId maxCameras }}",
    ),
    "removeServers": ("ServersRemoved", f"{CHANGE} serverIds"),
    "labelServers": ("ServersLabeled", f"{CHANGE} servers {{ id name label }}"),
    "setMode": ("ModeSet", f"{CHANGE} {IMPACT} dissolvedPairingIds"),
    "setSyncPolicy": ("SyncPolicySet", CHANGE),
    "pairServers": (
        "ServersPaired",
        f"""{CHANGE} pairings {{ id style {HOMES} }}
          planned {{ style {HOMES} camerasAdopted camerasAdded camerasMoved }}""",
    ),
    "updatePairing": (
        "PairingUpdated",
        f"""{CHANGE} pairing {{ id style {HOMES} }}
          planned {{ style {HOMES} camerasAdopted camerasAdded camerasMoved }}""",
    ),
    "unpairServers": ("ServersUnpaired", f"{CHANGE} pairingIds"),
    "mapCameras": ("CamerasMapped", f"{CHANGE} cameras {{ {CAMERA} }}"),
    "unmapCameras": ("CamerasUnmapped", f"{CHANGE} cameras {{ {CAMERA} }}"),
    "reconcile": ("Reconciled", CHANGE),
    "addCamera": ("CameraAdded", OF_CAMERA),
    "updateCamera": ("CameraUpdated", f"{CHANGE} camera {{ {CAMERA} }}"),
    "moveCamera": ("CameraMoved", OF_CAMERA),
    "deleteCamera": ("CameraDeleted", f"{CHANGE} cameraId mirroredAction {{ {ACTION} }}"),
    "replaceCamera": ("CameraReplaced", OF_CAMERA),
    "reportInventory": (
        "InventoryReported",
        f"{CHANGE} added deleted replaced moved updated unchanged skipped requeued",
    ),
    "acknowledgeMirroredActions": ("MirroredActionsAcknowledged", JUDGED),
    "retryMirroredActions": ("MirroredActionsRetried", JUDGED),
    "abandonMirroredActions": ("MirroredActionsAbandoned", JUDGED),
}
