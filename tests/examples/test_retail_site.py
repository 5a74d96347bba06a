import csv
import io
import subprocess
import sys
from collections import Counter
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from examples.retail_site import (
    COLUMNS,
    PASSWORD,
    USER_NAME,
    cameras,
    critical_cameras,
    headquarters_recorders,
    local_recorders,
    manual_mappings,
    store_recorders,
    write_csv,
)
from service.model.inventory_file import parse_csv

EXAMPLES = Path(__file__).parents[2] / "examples"
DOCUMENTATION_NETWORKS = [
    ip_network(network) for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


def written(stores: int, cameras_per_store: int) -> bytes:
    stream = io.StringIO(newline="")
    write_csv(stream, cameras(stores, cameras_per_store))
    return stream.getvalue().encode()


def is_for_documentation(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host.endswith(".example.com"):
        return True
    return any(ip_address(host) in network for network in DOCUMENTATION_NETWORKS)


def test_the_file_is_fresh() -> None:
    assert (EXAMPLES / "retail_site.csv").read_bytes() == written(40, 21)


def test_the_script_writes_the_file() -> None:
    script = [sys.executable, str(EXAMPLES / "retail_site.py")]
    assert subprocess.check_output(script) == (EXAMPLES / "retail_site.csv").read_bytes()
    small = subprocess.check_output([*script, "--servers", "3", "--cameras-per-server", "2"])
    assert small == written(3, 2)


def test_the_file_has_the_columns_and_credentials_of_an_export() -> None:
    with (EXAMPLES / "retail_site.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert {(row["UserName"], row["Password"]) for row in rows} == {(USER_NAME, PASSWORD)}


def test_the_file_is_imported_whole_and_without_credentials() -> None:
    parsed = parse_csv((EXAMPLES / "retail_site.csv").read_bytes())
    assert parsed.bad == ()
    assert [server.name for server in parsed.servers] == store_recorders()
    assert len({server.external_id for server in parsed.servers}) == 40
    assert len(parsed.cameras) == 840
    assert USER_NAME not in repr(parsed)
    assert PASSWORD not in repr(parsed)


def test_the_cameras_are_plausible() -> None:
    parsed = parse_csv((EXAMPLES / "retail_site.csv").read_bytes())
    sizes = Counter(camera.server_name for camera in parsed.cameras)
    assert set(sizes.values()) == {16, 19, 21, 24, 25}
    assert len({(camera.server_name, camera.name) for camera in parsed.cameras}) == 840
    assert Counter(camera.channel for camera in parsed.cameras) == {0: 810, 1: 10, 2: 10, 3: 10}
    devices = {camera.hardware.mac_address: camera.hardware.address for camera in parsed.cameras}
    assert len(devices) == len(set(devices.values())) == 810
    assert all(mac is not None and mac.startswith("02:") for mac in devices)
    assert all(is_for_documentation(camera.address) for camera in cameras())


def test_the_two_scenarios_cover_every_camera() -> None:
    site = cameras()
    assert len(store_recorders()) == 40
    assert len(headquarters_recorders()) == 2
    assert len(local_recorders()) == 8
    critical = critical_cameras(site)
    assert Counter(Counter(camera.recorder for camera in critical).values()) == {5: 8}
    mappings = manual_mappings(site)
    assert [camera for camera, _ in mappings] == site
    assert [camera for camera, recorder in mappings if recorder == headquarters_recorders()[0]] == critical
    per_recorder = Counter(recorder for _, recorder in mappings)
    assert per_recorder == {headquarters_recorders()[0]: 40, **dict.fromkeys(local_recorders(), 100)}


@pytest.mark.parametrize(("stores", "cameras_per_store"), [(1, 1), (4, 3), (7, 21), (12, 100), (2_400, 2)])
def test_other_sizes_are_as_asked_and_importable(stores: int, cameras_per_store: int) -> None:
    parsed = parse_csv(written(stores, cameras_per_store))
    assert parsed.bad == ()
    assert [server.name for server in parsed.servers] == store_recorders(stores)
    assert len(parsed.cameras) == stores * cameras_per_store
