"""What cannot work is refused before anything reaches the cluster, with the name of the value."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

Render = Callable[..., dict[str, dict[str, Any]]]

VALUES = yaml.safe_load((Path(__file__).parents[2] / "helm" / "values.yaml").read_text())


def defaults(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        yield prefix + name, value
        if isinstance(value, dict) and name != "resources":
            yield from defaults(value, f"{prefix}{name}.")


DEFAULTS = dict(defaults(VALUES))
GROUPS = [path for path in DEFAULTS if any(other.startswith(f"{path}.") for other in DEFAULTS)]


def refusal(render: Render, settings: Mapping[str, object]) -> str:
    with pytest.raises(helm_python.HelmValuesError) as refused:
        render(settings)
    return str(refused.value)


def pointer(path: str) -> str:
    return f"at '/{path.replace('.', '/')}'"


def test_nothing_is_installed_without_a_secret(chart: helm_python.Chart) -> None:
    with pytest.raises(helm_python.HelmValuesError) as refused:
        chart.render({}, name="demo")
    assert "- at '/database/existingSecret': minLength: got 0, want 1\n" in str(refused.value)


def test_all_that_is_wrong_is_told_at_once(render: Render) -> None:
    message = refusal(render, {"replicas": "two", "image.name": "x", "service.port": 0, "debug": True})
    assert "- at '': additional properties 'debug' not allowed" in message
    assert "- at '/replicas': got string, want integer" in message
    assert "- at '/image': additional properties 'name' not allowed" in message
    assert "- at '/service/port': minimum: got 0, want 1" in message


@pytest.mark.parametrize("group", ["", *GROUPS])
def test_an_unknown_name_is_refused(render: Render, group: str) -> None:
    settings = {f"{group}.surprise" if group else "surprise": 1}
    place = pointer(group) if group else "at ''"
    assert f"{place}: additional properties 'surprise' not allowed" in refusal(render, settings)


@pytest.mark.parametrize("path", DEFAULTS)
def test_a_wrong_type_is_refused(render: Render, path: str) -> None:
    wrong = "true" if isinstance(DEFAULTS[path], bool) else True
    assert pointer(path) in refusal(render, {path: wrong})


@pytest.mark.parametrize("path", ["image.repository", "database.existingSecret", "database.urlKey"])
def test_a_needed_value_cannot_be_taken_away(render: Render, path: str) -> None:
    group, _, name = path.partition(".")
    assert f"{pointer(group)}: missing property '{name}'" in refusal(render, {path: None})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("replicas", -1),
        ("replicas", 1.5),
        ("replicas", "2"),
        ("image.repository", ""),
        ("image.repository", "team/camera-redundancy:1.2"),
        ("image.repository", "camera-redundancy@sha256"),
        ("image.tag", "with space"),
        ("image.tag", 1.1),
        ("image.digest", "latest"),
        ("image.digest", "sha256:abc"),
        ("image.pullPolicy", "Sometimes"),
        ("nameOverride", "Upper"),
        ("nameOverride", "n" * 64),
        ("fullnameOverride", "1st"),
        ("fullnameOverride", "dotted.name"),
        ("fullnameOverride", "ends-"),
        ("fullnameOverride", "n" * 56),
        ("database.existingSecret", "Secret"),
        ("database.existingSecret", "s" * 254),
        ("database.urlKey", ""),
        ("database.urlKey", "with space"),
        ("database.directUrlKey", "a/b"),
        ("settings.poolSize", 0),
        ("settings.poolSize", 501),
        ("settings.siteLockTimeout", 0),
        ("settings.siteLockTimeout", "5s"),
        ("settings.pollInterval", -1),
        ("settings.pollInterval", 601),
        ("settings.heartbeat", 0),
        ("settings.heartbeat", 3601),
        ("settings.shutdownTimeout", 0),
        ("settings.shutdownTimeout", "25s"),
        ("settings.retentionDays", 0),
        ("settings.retentionDays", 1.5),
        ("settings.retentionDays", 36501),
        ("settings.pruneInterval", 0),
        ("settings.pruneInterval", 86401),
        ("settings.graphiql", "yes"),
        ("settings.logLevel", "INFO"),
        ("migration.backoffLimit", -1),
        ("migration.activeDeadlineSeconds", 0),
        ("service.type", "ExternalName"),
        ("service.port", 0),
        ("service.port", 65536),
        ("serviceAccount.name", "Account"),
        ("probes.startup.failureThreshold", 0),
        ("probes.liveness.periodSeconds", 0),
        ("probes.readiness.timeoutSeconds", 0.5),
        ("preStopSeconds", -1),
        ("terminationGracePeriodSeconds", 0),
    ],
)
def test_a_value_that_cannot_work_is_refused(render: Render, path: str, value: object) -> None:
    assert pointer(path) in refusal(render, {path: value})


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("resources.requests", {"cpu": "plenty"}, "/resources/requests/cpu"),
        ("resources.limits", {"memory": -1}, "/resources/limits/memory"),
        ("migration.resources.limits", {"memory": "1 GB"}, "/migration/resources/limits/memory"),
        ("service.annotations", {"number": 1}, "/service/annotations/number"),
        ("podLabels", {"number": 1}, "/podLabels/number"),
        ("nodeSelector", {"flag": True}, "/nodeSelector/flag"),
        ("tolerations", ["dedicated"], "/tolerations/0"),
        ("topologySpreadConstraints", ["zone"], "/topologySpreadConstraints/0"),
        ("imagePullSecrets", [{"name": ""}], "/imagePullSecrets/0/name"),
        ("imagePullSecrets", [{"secret": "key"}], "/imagePullSecrets/0"),
        ("imagePullSecrets", ["key"], "/imagePullSecrets/0"),
        ("resources", {"request": {}}, "/resources"),
        ("affinity", {"podAntiAffinty": {}}, "/affinity"),
    ],
)
def test_a_mistake_inside_a_value_is_refused_where_it_stands(
    render: Render,
    path: str,
    value: object,
    place: str,
) -> None:
    assert f"at '{place}'" in refusal(render, {path: value})


@pytest.mark.parametrize(("wait", "ending", "grace"), [(5, 25, 30), (0, 25, 25), (10, 25, 35), (5, 29.5, 34)])
def test_a_grace_period_that_stopping_uses_up_is_refused(
    render: Render, wait: int, ending: float, grace: int
) -> None:
    settings = {
        "preStopSeconds": wait,
        "settings.shutdownTimeout": ending,
        "terminationGracePeriodSeconds": grace,
    }
    with pytest.raises(helm_python.HelmRenderError, match=r"preStopSeconds and settings\.shutdownTimeout"):
        render(settings)
