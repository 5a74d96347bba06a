"""What the chart makes is what Kubernetes accepts, and is locked down."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
from kubernetes_validate.utils import all_versions

Render = Callable[..., dict[str, dict[str, Any]]]

OLDEST = (1, 27)
VERSIONS = sorted(
    {
        ".".join(version.split(".")[:2])
        for version in all_versions()
        if tuple(map(int, version.split(".")[:2])) >= OLDEST
    },
    key=lambda version: int(version.partition(".")[2]),
)


def pod_of(manifests: dict[str, dict[str, Any]], kind: str) -> dict[str, Any]:
    pod: dict[str, Any] = manifests[kind]["spec"]["template"]["spec"]
    return pod


def container_of(manifests: dict[str, dict[str, Any]], kind: str) -> dict[str, Any]:
    (container,) = pod_of(manifests, kind)["containers"]
    found: dict[str, Any] = container
    return found


def variables_of(container: dict[str, Any]) -> dict[str, Any]:
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in container["env"]}


def test_versions_reach_from_the_oldest_supported_to_the_newest_known() -> None:
    assert VERSIONS[0] == "1.27"
    assert "1.37" in VERSIONS


def test_chart_asks_for_the_oldest_version_it_is_checked_against(chart: helm_python.Chart) -> None:
    assert chart.metadata["kubeVersion"] == f">={VERSIONS[0]}.0-0"


def test_makes_these_four_and_nothing_else(render: Render) -> None:
    assert sorted(render()) == ["Deployment", "Job", "Service", "ServiceAccount"]


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_accepts_the_defaults(render: Render, version: str) -> None:
    for manifest in render().values():
        assert kubernetes_validate.validate(manifest, version, strict=True) == version


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_accepts_everything_set(
    render: Render,
    everything_set: dict[str, object],
    version: str,
) -> None:
    for manifest in render(everything_set).values():
        assert kubernetes_validate.validate(manifest, version, strict=True) == version


def test_the_check_sees_a_misspelt_field(render: Render) -> None:
    manifest = deepcopy(render()["Deployment"])
    manifest["spec"]["template"]["spec"]["containers"][0]["readinessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="readinessprobe"):
        kubernetes_validate.validate(manifest, VERSIONS[-1], strict=True)


def test_lint_has_nothing_to_say_but_the_missing_icon(chart_folder: Path) -> None:
    report = helm_python.lint(chart_folder, {"database": {"existingSecret": "database"}}, strict=True)
    assert report["errors"] == []
    assert [message["error"] for message in report["messages"]] == ["icon is recommended"]


def test_packaged_chart_renders_the_same(
    chart_folder: Path,
    chart: helm_python.Chart,
    tmp_path: Path,
) -> None:
    values = {"database": {"existingSecret": "database"}}
    archive = Path(helm_python.package(chart_folder, destination=tmp_path))
    assert archive.name == f"camera-redundancy-{chart.version}.tgz"
    with helm_python.Chart.load(archive) as packaged:
        assert packaged.render(values, name="demo") == chart.render(values, name="demo")


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_pod_is_locked_down(render: Render, kind: str) -> None:
    pod = pod_of(render(), kind)
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert pod["automountServiceAccountToken"] is False
    assert not {"volumes", "hostNetwork", "hostPID", "hostIPC", "initContainers"} & pod.keys()


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_container_is_locked_down(render: Render, kind: str) -> None:
    container = container_of(render(), kind)
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"command", "envFrom", "volumeMounts"} & container.keys()


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_a_service_of_the_same_name_sets_no_variable(render: Render, kind: str) -> None:
    """A Service camera-redundancy would set CAMERA_REDUNDANCY_PORT to tcp://..., a setting of ours."""
    assert pod_of(render(), kind)["enableServiceLinks"] is False


def test_server_is_probed(render: Render) -> None:
    container = container_of(render(), "Deployment")
    paths = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert paths == {
        "startup": {"path": "/healthz", "port": "http"},
        "liveness": {"path": "/healthz", "port": "http"},
        "readiness": {"path": "/readyz", "port": "http"},
    }


def test_service_leads_to_the_port_that_is_served(render: Render) -> None:
    manifests = render()
    container = container_of(manifests, "Deployment")
    assert container["args"] == ["serve", "--host", "0.0.0.0", "--port", "8000"]  # noqa: S104
    assert container["ports"] == [{"name": "http", "containerPort": 8000, "protocol": "TCP"}]
    assert manifests["Service"]["spec"]["ports"] == [
        {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"},
    ]


def test_no_pod_leaves_before_its_successor_is_ready(render: Render) -> None:
    assert render()["Deployment"]["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_connection_string_comes_from_the_secret(render: Render, kind: str) -> None:
    variables = variables_of(container_of(render(), kind))
    assert variables["DATABASE_URL"] == {"secretKeyRef": {"name": "database", "key": "DATABASE_URL"}}
    assert "DATABASE_LISTEN_URL" not in variables


def test_past_a_pooler_go_listening_and_the_migration(render: Render) -> None:
    manifests = render({"database.urlKey": "pooled", "database.directUrlKey": "direct"})
    server = variables_of(container_of(manifests, "Deployment"))
    assert server["DATABASE_URL"]["secretKeyRef"]["key"] == "pooled"
    assert server["DATABASE_LISTEN_URL"] == {"secretKeyRef": {"name": "database", "key": "direct"}}
    migration = variables_of(container_of(manifests, "Job"))
    assert migration == {"DATABASE_URL": {"secretKeyRef": {"name": "database", "key": "direct"}}}


def test_settings_are_handed_over_as_text(render: Render) -> None:
    variables = variables_of(container_of(render(), "Deployment"))
    del variables["DATABASE_URL"]
    assert variables == {
        "CAMERA_REDUNDANCY_POOL_SIZE": "10",
        "CAMERA_REDUNDANCY_SITE_LOCK_TIMEOUT": "5",
        "CAMERA_REDUNDANCY_POLL_INTERVAL": "2",
        "CAMERA_REDUNDANCY_HEARTBEAT": "30",
        "CAMERA_REDUNDANCY_SHUTDOWN_TIMEOUT": "25",
        "CAMERA_REDUNDANCY_RETENTION_DAYS": "400",
        "CAMERA_REDUNDANCY_PRUNE_INTERVAL": "3600",
        "CAMERA_REDUNDANCY_GRAPHIQL": "false",
        "CAMERA_REDUNDANCY_LOG_LEVEL": "info",
    }


def test_migration_runs_before_install_and_upgrade(render: Render) -> None:
    job = render()["Job"]
    assert job["metadata"]["annotations"] == {
        "helm.sh/hook": "pre-install,pre-upgrade",
        "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    }
    assert container_of(render(), "Job")["args"] == ["migrate"]
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_only_the_migration_is_a_hook(render: Render) -> None:
    hooks = [
        kind
        for kind, manifest in render().items()
        if any(key.startswith("helm.sh/hook") for key in manifest["metadata"].get("annotations", {}))
    ]
    assert hooks == ["Job"]


@pytest.mark.parametrize(
    ("settings", "server", "migration"),
    [
        ({}, "demo-camera-redundancy", "default"),
        ({"serviceAccount.name": "mine"}, "mine", "default"),
        ({"serviceAccount.create": False}, "default", "default"),
        ({"serviceAccount.create": False, "serviceAccount.name": "theirs"}, "theirs", "theirs"),
    ],
)
def test_migration_needs_no_account_that_is_not_there_yet(
    render: Render,
    settings: dict[str, object],
    server: str,
    migration: str,
) -> None:
    manifests = render(settings)
    assert pod_of(manifests, "Deployment")["serviceAccountName"] == server
    assert pod_of(manifests, "Job")["serviceAccountName"] == migration
    made = manifests.get("ServiceAccount", {"metadata": {"name": None}})["metadata"]["name"]
    assert made != migration


def test_account_has_no_token(render: Render) -> None:
    assert render()["ServiceAccount"]["automountServiceAccountToken"] is False
