"""Renders the chart with Helm's own code: no cluster, no network."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

Manifests = dict[str, dict[str, Any]]

CHART = Path(__file__).parents[2] / "helm"


def nest(settings: Mapping[str, object]) -> dict[str, Any]:
    """Values from dotted names: {"image.tag": "1"} is {"image": {"tag": "1"}}."""
    values: dict[str, Any] = {}
    for name, value in settings.items():
        *parents, last = name.split(".")
        place = values
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return values


@pytest.fixture(scope="session")
def chart_folder() -> Path:
    return CHART


@pytest.fixture(scope="session")
def chart() -> Iterator[helm_python.Chart]:
    with helm_python.Chart.load(CHART) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def render_files(chart: helm_python.Chart) -> Callable[..., dict[str, str]]:
    """Rendered text by file name, for dotted values and the release's own properties."""

    def rendered(settings: Mapping[str, object] | None = None, **release: Any) -> dict[str, str]:
        values = nest({"database.existingSecret": "database", **(settings or {})})
        files = chart.render(values, **{"name": "demo", "namespace": "prod"} | release)
        return {Path(path).name: text for path, text in files.items()}

    return rendered


@pytest.fixture(scope="session")
def render(render_files: Callable[..., dict[str, str]]) -> Callable[..., Manifests]:
    """Rendered manifests by kind; the chart makes at most one of each."""

    def manifests(settings: Mapping[str, object] | None = None, **release: Any) -> Manifests:
        files = render_files(settings, **release)
        texts = (text for name, text in files.items() if name.endswith(".yaml"))
        found = [document for text in texts for document in yaml.safe_load_all(text) if document]
        by_kind = {document["kind"]: document for document in found}
        assert len(by_kind) == len(found)
        return by_kind

    return manifests


@pytest.fixture(scope="session")
def everything_set() -> dict[str, object]:
    """A value other than the default for all that changes the shape of a manifest."""
    return {
        "replicas": 3,
        "image.repository": "registry.example:5000/team/camera-redundancy",
        "image.digest": "sha256:" + "0123456789abcdef" * 4,
        "imagePullSecrets": [{"name": "registry-credentials"}],
        "database.directUrlKey": "direct",
        "service.type": "LoadBalancer",
        "service.annotations": {"example.org/internal": "true"},
        "serviceAccount.annotations": {"example.org/role": "camera-redundancy"},
        "podAnnotations": {"example.org/team": "video"},
        "podLabels": {"team": "video"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {
            "podAntiAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "topologyKey": "kubernetes.io/hostname",
                        "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "camera-redundancy"}},
                    },
                ],
            },
        },
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule"},
        ],
    }
