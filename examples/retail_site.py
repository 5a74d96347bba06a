"""A retail site to try things on, always the same: `python examples/retail_site.py > retail_site.csv`.

Forty stores have a recorder each. Two recorders at headquarters can stand in for all of them (Auto mode); or
one of those keeps the critical cameras long, and each of eight local recorders the others of five stores
(Manual mode). Recorders of the last two kinds have no cameras at first, and so do not stand in the file.
"""

import argparse
import csv
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO
from uuid import NAMESPACE_DNS, uuid5

COLUMNS = (
    "HardwareName",
    "HardwareAddress",
    "MacAddress",
    "UserName",
    "Password",
    "DriverNumber",
    "DriverDisplayName",
    "RecordingServerName",
    "RecordingServerId",
    "Channel",
)
# A reader of the file has no use for these two, so that nobody should ever meet them again.
USER_NAME = "example-user"
PASSWORD = "not-a-real,password"  # noqa: S105 - it opens nothing

STORES = 40
CAMERAS_PER_STORE = 21
STORES_PER_REGION = 5

_SEED = 840
_CRITICAL_AREAS = ("Entrance", "Cash Office", "Vault", "Safe Room", "Back Door")
_CRITICAL_STORE_OF_REGION = 2
_AREAS = (
    "Checkout",
    "Checkout",
    "Aisle",
    "Aisle",
    "Aisle",
    "Stock Room",
    "Loading Dock",
    "Parking",
    "Pharmacy",
)
_MODELS = (
    ("713", "AXIS P3245-LVE Network Camera"),
    ("713", "AXIS M3115-LVE Network Camera"),
    ("529", "Bosch FLEXIDOME IP 5000i"),
    ("624", "Hanwha XND-8082RV"),
    ("421", "ONVIF Conformant Device"),
)
_ENCODER = ("713", "AXIS M7104 Video Encoder")
_ENCODER_CHANNELS = 4
_STORES_PER_ENCODER = 4
# Stores are of different sizes; those of a region have what as many equal ones would have together.
_SIZE_DIFFERENCES = (4, -2, 0, 3, -5)
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
_HOSTS_PER_NETWORK = 254


@dataclass(frozen=True, slots=True)
class ExampleCamera:
    """One row of the file."""

    recorder: str
    name: str
    address: str
    mac_address: str
    channel: int
    driver: tuple[str, str]


def store_recorders(stores: int = STORES) -> list[str]:
    """Name the recorders that hold the cameras: the primaries."""
    return [_store_recorder(number) for number in range(1, stores + 1)]


def headquarters_recorders() -> list[str]:
    """Name the two secondaries of Auto mode; in Manual mode the first is the one with long retention."""
    return ["Headquarters Recorder 1", "Headquarters Recorder 2"]


def local_recorders() -> list[str]:
    """Name the secondaries of Manual mode, one for each region of five stores."""
    return [f"Local Recorder {number}" for number in range(1, STORES // STORES_PER_REGION + 1)]


def cameras(stores: int = STORES, cameras_per_store: int = CAMERAS_PER_STORE) -> list[ExampleCamera]:
    """Make the cameras of the site, store by store; the same arguments give the same cameras."""
    source = random.Random(_SEED)  # noqa: S311 - plausible data, no secrets
    sizes = _store_sizes(source, stores, cameras_per_store)
    return [
        camera for store, size in enumerate(sizes, start=1) for camera in _store_cameras(source, store, size)
    ]


def critical_cameras(site: Sequence[ExampleCamera]) -> list[ExampleCamera]:
    """Pick the cameras that are to be kept long: five in one store of each region."""
    recorders = {camera.recorder: None for camera in site}
    chosen = set(list(recorders)[_CRITICAL_STORE_OF_REGION::STORES_PER_REGION])
    areas = tuple(f" {area} 1" for area in _CRITICAL_AREAS)
    return [camera for camera in site if camera.recorder in chosen and camera.name.endswith(areas)]


def manual_mappings(site: Sequence[ExampleCamera]) -> list[tuple[ExampleCamera, str]]:
    """Say for every camera of the forty stores which recorder is to stand in for it in Manual mode."""
    critical = set(critical_cameras(site))
    stores = {recorder: position for position, recorder in enumerate(store_recorders())}
    long_retention, locals_ = headquarters_recorders()[0], local_recorders()
    return [
        (
            camera,
            long_retention if camera in critical else locals_[stores[camera.recorder] // STORES_PER_REGION],
        )
        for camera in site
    ]


def write_csv(stream: TextIO, site: Sequence[ExampleCamera]) -> None:
    """Write the cameras as the export script of a VMS does."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    recorder_ids = {camera.recorder: _recorder_id(camera.recorder) for camera in site}
    for camera in site:
        number, model = camera.driver
        device = (camera.name, camera.address, camera.mac_address, USER_NAME, PASSWORD, number, model)
        writer.writerow((*device, camera.recorder, recorder_ids[camera.recorder], camera.channel))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file to standard output."""
    parser = argparse.ArgumentParser(description="Write the cameras of an invented retail site as CSV.")
    parser.add_argument(
        "--servers", type=int, default=STORES, metavar="N", help="stores, each with one recorder"
    )
    parser.add_argument(
        "--cameras-per-server", type=int, default=CAMERAS_PER_STORE, metavar="M", help="on average"
    )
    chosen = parser.parse_args(arguments)
    write_csv(sys.stdout, cameras(chosen.servers, chosen.cameras_per_server))


def _store_sizes(source: random.Random, stores: int, cameras_per_store: int) -> list[int]:
    whole_regions = stores // STORES_PER_REGION if cameras_per_store >= CAMERAS_PER_STORE else 0
    sizes = [cameras_per_store] * stores
    for region in range(whole_regions):
        for store, difference in enumerate(source.sample(_SIZE_DIFFERENCES, STORES_PER_REGION)):
            sizes[region * STORES_PER_REGION + store] += difference
    return sizes


def _store_cameras(source: random.Random, store: int, size: int) -> Iterator[ExampleCamera]:
    names = _camera_names(source, store, size)
    # Some stores still have a few analog cameras, the last ones, which share one encoder.
    has_encoder = store % _STORES_PER_ENCODER == 0 and size > len(_CRITICAL_AREAS) + _ENCODER_CHANNELS
    first_analog = size - _ENCODER_CHANNELS if has_encoder else size
    for position, name in enumerate(names):
        device = min(position, first_analog)
        model = source.choice(_MODELS) if position < first_analog else _ENCODER
        yield ExampleCamera(
            recorder=_store_recorder(store),
            name=name,
            address=_address(store, device),
            mac_address=f"0200{store:04X}{device:04X}",
            channel=position - device,
            driver=model,
        )


def _store_recorder(store: int) -> str:
    return f"Store {store:03} Recorder"


def _camera_names(source: random.Random, store: int, size: int) -> list[str]:
    chosen = [source.choice(_AREAS) for _ in range(size - len(_CRITICAL_AREAS))]
    areas = [*_CRITICAL_AREAS, *sorted(chosen)][:size]
    numbers: Counter[str] = Counter()
    names = []
    for area in areas:
        numbers[area] += 1
        names.append(f"Store {store:03} {area} {numbers[area]}")
    return names


def _address(store: int, device: int) -> str:
    """Return one of three kinds: forwarded ports of one address, IPv6, and host names, in turn."""
    kind, network_host = store % 3, store // 3
    network, host = divmod(network_host, _HOSTS_PER_NETWORK)
    if kind == 0 and network < len(_NETWORKS):
        return f"http://{_NETWORKS[network]}.{host + 1}:{8001 + device}/"
    if kind == 1:
        return f"http://[2001:db8:{store:x}::{device + 1:x}]:80/"
    return f"http://camera-{device + 1:02}.store-{store:03}.example.com/"


def _recorder_id(recorder: str) -> str:
    return str(uuid5(NAMESPACE_DNS, f"{recorder.lower().replace(' ', '-')}.example.com"))


if __name__ == "__main__":
    main()
