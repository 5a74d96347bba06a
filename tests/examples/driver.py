"""What a vendor writes for examples/connector.py: the function that applies, on the recorder of the tests.

It runs in the connector's process, and looks before it acts, for the same action may come again. Devices are known
by their hardware and channel; a recorder's own id counts only while its device has the hardware it is to have had.
"""

import json
import os
import socket
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def apply(action: Json) -> str | None:
    """Make the recorder as asked, if it is not so already."""
    address = ("127.0.0.1", int(os.environ["RECORDER_PORT"]))
    with socket.create_connection(address, timeout=20) as connection, connection.makefile("rw") as lines:

        def call(method: str, **given: object) -> Any:  # noqa: ANN401 - as the recorder answers
            lines.write(json.dumps({"method": method, **given}) + "\n")
            lines.flush()
            answer = json.loads(lines.readline() or "null")
            if answer is None:
                raise ConnectionResetError("The recorder hung up.")
            if "error" in answer:
                raise RuntimeError(answer["error"])
            return answer["result"]

        return _made_so(action, call)


def _made_so(action: Json, call: Callable[..., Any]) -> str | None:
    asked, before = action["device"], action["previousHardware"]
    place = {"mac": asked["hardware"]["macAddress"], "channel": asked["channel"]}
    there = call("find", **place)
    if action["action"] == "DELETE":
        if there:
            call("remove", id=there["id"])
        return None
    replaced = before and call("find", **place | {"mac": before["macAddress"]})
    if replaced and replaced["id"] == asked["externalId"]:
        if there is None:
            there = replaced
        else:
            call("remove", id=replaced["id"])
    if there is None:
        there = call("create", **place, name=asked["name"])
    elif (there["mac"], there["name"]) != (place["mac"], asked["name"]):
        there = call("change", id=there["id"], **place, name=asked["name"])
    return str(there["id"])
