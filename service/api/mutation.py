import strawberry

from service.api import (
    camera,
    inventory_report,
    link,
    mirrored_action,
    mode,
    pairing,
    reconciliation,
    server,
    site,
)


@strawberry.type(
    description="What can be changed. Each mutation is one transaction: all of it happens, or nothing."
)
class Mutation:
    """The mutations."""

    create_site: site.CreateSiteResult = strawberry.mutation(
        resolver=site.create_site, description="Make an empty site, in Auto mode."
    )
    update_site: site.UpdateSiteResult = strawberry.mutation(
        resolver=site.update_site, description="Rename a site."
    )
    delete_site: site.DeleteSiteResult = strawberry.mutation(
        resolver=site.delete_site,
        description="Delete a site and everything of it: inventory, actions, events. There is no way back.",
    )
    register_servers: server.RegisterServersResult = strawberry.mutation(
        resolver=server.register_servers, description="Tell which servers the site has."
    )
    update_servers: server.UpdateServersResult = strawberry.mutation(
        resolver=server.update_servers,
        description="Change what is said of servers; they may swap their names in one call.",
    )
    remove_servers: server.RemoveServersResult = strawberry.mutation(
        resolver=server.remove_servers,
        description="Remove servers that no pairing, link or unresolved action needs, and the cameras on them.",
    )
    label_servers: server.LabelServersResult = strawberry.mutation(
        resolver=server.label_servers,
        description="Say which servers are primaries and which are secondaries.",
    )
    set_mode: mode.SetModeResult = strawberry.mutation(
        resolver=mode.set_mode, description="Choose between Auto and Manual."
    )
    set_sync_policy: site.SetSyncPolicyResult = strawberry.mutation(
        resolver=site.set_sync_policy, description="Switch directions and kinds of device actions on or off."
    )
    pair_servers: pairing.PairServersResult = strawberry.mutation(
        resolver=pairing.pair_servers,
        description="Auto mode: pair servers; every camera of the primaries gets its twin.",
    )
    update_pairing: pairing.UpdatePairingResult = strawberry.mutation(
        resolver=pairing.update_pairing,
        description="Auto mode: change a pairing's servers, homes and style in one step.",
    )
    unpair_servers: pairing.UnpairServersResult = strawberry.mutation(
        resolver=pairing.unpair_servers, description="Dissolve pairings; the links of their cameras end."
    )
    map_cameras: link.MapCamerasResult = strawberry.mutation(
        resolver=link.map_cameras,
        description="Manual mode: give cameras their twins on the secondaries that a person chose.",
    )
    unmap_cameras: link.UnmapCamerasResult = strawberry.mutation(
        resolver=link.unmap_cameras,
        description="End links: in Manual mode any, in Auto mode those that do not count.",
    )
    add_camera: camera.AddCameraResult = strawberry.mutation(
        resolver=camera.add_camera, description="Record that a camera was added on a server, and mirror it."
    )
    update_camera: camera.UpdateCameraResult = strawberry.mutation(
        resolver=camera.update_camera,
        description="Change a camera's name, address or externalId on its own side; nothing is mirrored.",
    )
    move_camera: camera.MoveCameraResult = strawberry.mutation(
        resolver=camera.move_camera,
        description="Record that a camera was moved to another server of its side, and mirror it.",
    )
    delete_camera: camera.DeleteCameraResult = strawberry.mutation(
        resolver=camera.delete_camera,
        description="Record that a camera was deleted on its server, and mirror it.",
    )
    replace_camera: camera.ReplaceCameraResult = strawberry.mutation(
        resolver=camera.replace_camera,
        description="Record that a camera's hardware was swapped in place, and mirror it.",
    )
    report_inventory: inventory_report.ReportInventoryResult = strawberry.mutation(
        resolver=inventory_report.report_inventory,
        description="Tell what recorders hold: the inventory takes the difference over, and what happened on them is "
        "mirrored. The dry run is the drift report.",
    )
    reconcile: reconciliation.ReconcileResult = strawberry.mutation(
        resolver=reconciliation.reconcile,
        description="Queue whatever makes recorders equal to the design; FAILED actions are tried again.",
    )
    acknowledge_mirrored_actions: mirrored_action.AcknowledgeMirroredActionsResult = strawberry.mutation(
        resolver=mirrored_action.acknowledge, description="Connectors tell what became of mirrored actions."
    )
    retry_mirrored_actions: mirrored_action.RetryMirroredActionsResult = strawberry.mutation(
        resolver=mirrored_action.retry, description="Queue failed actions again, made anew."
    )
    abandon_mirrored_actions: mirrored_action.AbandonMirroredActionsResult = strawberry.mutation(
        resolver=mirrored_action.abandon,
        description="Give unresolved actions up: what was confirmed becomes what is wanted.",
    )
