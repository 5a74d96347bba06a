"""Names and labels: stable between releases, apart between installations, found by their selectors."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import yaml

Render = Callable[..., dict[str, dict[str, Any]]]

SELECTOR = {
    "app.kubernetes.io/name": "camera-redundancy",
    "app.kubernetes.io/instance": "demo",
    "app.kubernetes.io/component": "server",
}


def names_of(manifests: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {kind: manifest["metadata"]["name"] for kind, manifest in manifests.items()}


def named(name: str) -> dict[str, str]:
    return {"Deployment": name, "Job": f"{name}-migrate", "Service": name, "ServiceAccount": name}


@pytest.mark.parametrize(
    ("release", "settings", "name"),
    [
        ("demo", {}, "demo-camera-redundancy"),
        ("camera-redundancy", {}, "camera-redundancy"),
        ("store-camera-redundancy-2", {}, "store-camera-redundancy-2"),
        ("demo.east", {}, "demo-east-camera-redundancy"),
        ("demo", {"nameOverride": "redundancy"}, "demo-redundancy"),
        ("demo", {"fullnameOverride": "redundancy"}, "redundancy"),
        ("r" * 53, {}, "r" * 53 + "-c"),
        ("r" * 53, {"nameOverride": "n" * 63}, "r" * 53 + "-n"),
        ("r" * 30 + "." + "s" * 22, {}, "r" * 30 + "-" + "s" * 22 + "-c"),
    ],
)
def test_names(render: Render, release: str, settings: dict[str, object], name: str) -> None:
    manifests = render(settings, name=release)
    assert names_of(manifests) == named(name)
    assert all(len(each) <= 63 for each in names_of(manifests).values())


def test_a_cut_name_does_not_end_in_a_dash(render: Render) -> None:
    release = "r" * 53
    assert names_of(render({"nameOverride": "a"}, name=release))["Service"] == f"{release}-a"
    assert names_of(render({"fullnameOverride": "x" * 55}))["Job"] == "x" * 55 + "-migrate"


def test_everything_is_in_the_namespace_of_the_release(render: Render) -> None:
    assert {manifest["metadata"]["namespace"] for manifest in render(namespace="video").values()} == {"video"}


def test_an_upgrade_changes_nothing_by_itself(render: Render) -> None:
    first = render(revision=1, is_install=True, is_upgrade=False)
    assert render(revision=2, is_install=False, is_upgrade=True) == first


def test_selectors_hold_only_what_never_changes(render: Render) -> None:
    manifests = render()
    assert manifests["Deployment"]["spec"]["selector"] == {"matchLabels": SELECTOR}
    assert manifests["Service"]["spec"]["selector"] == SELECTOR


def test_selectors_find_the_pods_but_not_the_migration(render: Render) -> None:
    manifests = render()
    pod = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"]
    migration = manifests["Job"]["spec"]["template"]["metadata"]["labels"]
    assert SELECTOR.items() <= pod.items()
    assert not SELECTOR.items() <= migration.items()
    assert migration["app.kubernetes.io/component"] == "migration"


def test_labels_tell_chart_and_version(render: Render, chart: helm_python.Chart) -> None:
    common = {
        "app.kubernetes.io/name": "camera-redundancy",
        "app.kubernetes.io/instance": "demo",
        "app.kubernetes.io/version": chart.metadata["appVersion"],
        "app.kubernetes.io/managed-by": "Helm",
        "helm.sh/chart": f"camera-redundancy-{chart.version}",
    }
    for kind, manifest in render().items():
        component = "migration" if kind == "Job" else "server"
        assert manifest["metadata"]["labels"] == common | {"app.kubernetes.io/component": component}


def test_labels_of_ones_own_do_not_replace_those_of_the_chart(render: Render) -> None:
    wanted = {"team": "video", "app.kubernetes.io/name": "other", "app.kubernetes.io/component": "other"}
    labels = render({"podLabels": wanted})["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert labels["team"] == "video"
    assert SELECTOR.items() <= labels.items()


def test_two_releases_do_not_touch(render: Render) -> None:
    one, other = render(name="one"), render(name="other")
    assert not set(names_of(one).values()) & set(names_of(other).values())
    labels = other["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert not one["Service"]["spec"]["selector"].items() <= labels.items()


def test_names_that_look_like_numbers_stay_text(render: Render) -> None:
    settings = {
        "nameOverride": "1e3",
        "database.existingSecret": "123",
        "database.urlKey": "0x10",
        "database.directUrlKey": "456",
        "serviceAccount.name": "789",
        "image.tag": "1.10",
        "podLabels": {"build": "12"},
        "podAnnotations": {"build": "0.10"},
    }
    for manifest in render(settings, name="100", namespace="200").values():
        assert kubernetes_validate.validate(manifest, "1.37", strict=True) == "1.37"


def test_works_as_the_dependency_of_another_chart(chart_folder: Path, tmp_path: Path) -> None:
    parent = tmp_path / "parent"
    copytree(chart_folder, parent / "charts" / "camera-redundancy")
    (parent / "Chart.yaml").write_text("apiVersion: v2\nname: parent\nversion: 1.0.0\n")
    values = {"global": {"region": "east"}, "camera-redundancy": {"database": {"existingSecret": "database"}}}
    with helm_python.Chart.load(parent) as chart:
        files = chart.render(values, name="demo", namespace="prod")
    deployment = yaml.safe_load(files["parent/charts/camera-redundancy/templates/deployment.yaml"])
    assert deployment["metadata"]["name"] == "demo-camera-redundancy"
