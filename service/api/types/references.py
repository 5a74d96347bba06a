"""The Node types by name: they refer to each other in circles, so that none can be imported before all others."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

if TYPE_CHECKING:
    from service.api.types.camera import Camera, CameraConnection
    from service.api.types.mirrored_action import MirroredAction, MirroredActionConnection
    from service.api.types.pairing import Pairing, PairingConnection
    from service.api.types.server import Server, ServerConnection
    from service.api.types.site import Site

_camera = strawberry.lazy("service.api.types.camera")
_mirrored_action = strawberry.lazy("service.api.types.mirrored_action")
_pairing = strawberry.lazy("service.api.types.pairing")
_server = strawberry.lazy("service.api.types.server")
_site = strawberry.lazy("service.api.types.site")

ASite: TypeAlias = Annotated["Site", _site]
AServer: TypeAlias = Annotated["Server", _server]
Servers: TypeAlias = Annotated["ServerConnection", _server]
ACamera: TypeAlias = Annotated["Camera", _camera]
Cameras: TypeAlias = Annotated["CameraConnection", _camera]
APairing: TypeAlias = Annotated["Pairing", _pairing]
Pairings: TypeAlias = Annotated["PairingConnection", _pairing]
AMirroredAction: TypeAlias = Annotated["MirroredAction", _mirrored_action]
MirroredActions: TypeAlias = Annotated["MirroredActionConnection", _mirrored_action]
