"""Each value is explained, is in the schema, and does what it says."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

Render = Callable[..., dict[str, dict[str, Any]]]
Effect = tuple[str, object, str, str, object]

CHART = Path(__file__).parents[2] / "helm"
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
# Objects whose inside belongs to Kubernetes, or to who installs the chart.
FOREIGN = {"resources", "strings", "objects", "quantities"}

POD = "spec template spec"
SERVER = f"{POD} containers 0"
# One value, what it is set to, and where that shows: kind, place, and what stands there.
EFFECTS: list[Effect] = [
    ("replicas", 0, "Deployment", "spec replicas", 0),
    ("image.repository", "host:5000/team/x", "Deployment", f"{SERVER} image", "host:5000/team/x:0.1.0"),
    ("image.tag", "1.2", "Deployment", f"{SERVER} image", "camera-redundancy:1.2"),
    ("image.digest", f"sha256:{'a' * 64}", "Job", f"{SERVER} image", f"camera-redundancy@sha256:{'a' * 64}"),
    ("image.pullPolicy", "Always", "Deployment", f"{SERVER} imagePullPolicy", "Always"),
    ("image.pullPolicy", "Never", "Job", f"{SERVER} imagePullPolicy", "Never"),
    ("imagePullSecrets", [{"name": "key"}], "Deployment", f"{POD} imagePullSecrets", [{"name": "key"}]),
    ("imagePullSecrets", [{"name": "key"}], "Job", f"{POD} imagePullSecrets", [{"name": "key"}]),
    ("nameOverride", "short", "Service", "metadata name", "demo-short"),
    ("fullnameOverride", "short", "Service", "metadata name", "short"),
    ("database.existingSecret", "s", "Job", f"{SERVER} env 0 valueFrom secretKeyRef name", "s"),
    ("database.urlKey", "uri", "Deployment", f"{SERVER} env 0 valueFrom secretKeyRef key", "uri"),
    ("database.directUrlKey", "direct", "Deployment", f"{SERVER} env 1 valueFrom secretKeyRef key", "direct"),
    ("settings.poolSize", 20, "Deployment", f"{SERVER} env 1 value", "20"),
    ("settings.siteLockTimeout", 0.25, "Deployment", f"{SERVER} env 2 value", "0.25"),
    ("settings.pollInterval", 600, "Deployment", f"{SERVER} env 3 value", "600"),
    ("settings.heartbeat", 10, "Deployment", f"{SERVER} env 4 value", "10"),
    ("settings.shutdownTimeout", 2.5, "Deployment", f"{SERVER} env 5 value", "2.5"),
    ("settings.retentionDays", 36500, "Deployment", f"{SERVER} env 6 value", "36500"),
    ("settings.pruneInterval", 86400, "Deployment", f"{SERVER} env 7 value", "86400"),
    ("settings.graphiql", True, "Deployment", f"{SERVER} env 8 value", "true"),
    ("settings.logLevel", "debug", "Deployment", f"{SERVER} env 9 value", "debug"),
    ("migration.backoffLimit", 0, "Job", "spec backoffLimit", 0),
    ("migration.activeDeadlineSeconds", 86400, "Job", "spec activeDeadlineSeconds", 86400),
    ("migration.resources", {"limits": {"cpu": 2}}, "Job", f"{SERVER} resources limits cpu", 2),
    ("service.type", "NodePort", "Service", "spec type", "NodePort"),
    ("service.port", 8080, "Service", "spec ports 0 port", 8080),
    ("service.annotations", {"a": "b"}, "Service", "metadata annotations", {"a": "b"}),
    ("serviceAccount.name", "mine", "Deployment", f"{POD} serviceAccountName", "mine"),
    ("serviceAccount.name", "mine", "ServiceAccount", "metadata name", "mine"),
    ("serviceAccount.annotations", {"a": "b"}, "ServiceAccount", "metadata annotations", {"a": "b"}),
    ("resources", {"requests": {"cpu": "1.5"}}, "Deployment", f"{SERVER} resources requests cpu", "1.5"),
    *(
        (f"probes.{probe}.{field}", 7, "Deployment", f"{SERVER} {probe}Probe {field}", 7)
        for probe in ("startup", "liveness", "readiness")
        for field in ("periodSeconds", "timeoutSeconds", "failureThreshold")
    ),
    ("preStopSeconds", 9, "Deployment", f"{SERVER} lifecycle preStop exec command", ["sleep", "9"]),
    ("terminationGracePeriodSeconds", 31, "Deployment", f"{POD} terminationGracePeriodSeconds", 31),
    ("podAnnotations", {"a": "b"}, "Deployment", "spec template metadata annotations", {"a": "b"}),
    ("podLabels", {"a": "b"}, "Deployment", "spec template metadata labels a", "b"),
    ("nodeSelector", {"a": "b"}, "Deployment", f"{POD} nodeSelector", {"a": "b"}),
    ("nodeSelector", {"a": "b"}, "Job", f"{POD} nodeSelector", {"a": "b"}),
    ("tolerations", [{"key": "k"}], "Deployment", f"{POD} tolerations", [{"key": "k"}]),
    ("tolerations", [{"key": "k"}], "Job", f"{POD} tolerations", [{"key": "k"}]),
    ("affinity", {"nodeAffinity": {"a": []}}, "Deployment", f"{POD} affinity", {"nodeAffinity": {"a": []}}),
    (
        "topologySpreadConstraints",
        [{"topologyKey": "zone"}],
        "Deployment",
        f"{POD} topologySpreadConstraints 0 topologyKey",
        "zone",
    ),
]
# Values that make or leave out a whole manifest have a test of their own.
SWITCHES = {"migration.enabled": "Job", "serviceAccount.create": "ServiceAccount"}


def look_up(manifest: object, place: str) -> object:
    found: Any = manifest
    for step in place.split():
        found = found[int(step) if step.isdigit() else step]
    return found


def resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return SCHEMA["definitions"][name] if name else schema


def is_foreign(schema: Mapping[str, Any]) -> bool:
    return schema.get("$ref", "").rpartition("/")[2] in FOREIGN


def paths_of(schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted names of all values that the schema knows, groups included."""
    for name, child in resolve(schema).get("properties", {}).items():
        yield prefix + name
        if name != "affinity" and not is_foreign(child):
            yield from paths_of(child, f"{prefix}{name}.")


def lines_by_path() -> Iterator[tuple[str, list[str]]]:
    """Each name in values.yaml, dotted, with the comment lines above it."""
    stack: list[str] = []
    comment: list[str] = []
    for line in (CHART / "values.yaml").read_text().splitlines():
        match = re.fullmatch(r"( *)(?:# ?(.*)|([A-Za-z]+):.*)?", line)
        assert match, line
        indent, text, name = match.groups()
        if name:
            stack[len(indent) // 2 :] = [name]
            yield ".".join(stack), comment
        comment = [*comment, text] if text else []


def leaves(paths: set[str]) -> set[str]:
    return {path for path in paths if not any(other.startswith(f"{path}.") for other in paths)}


KNOWN = set(paths_of(SCHEMA)) - {"global"}
LEAVES = leaves(KNOWN)


def test_values_and_schema_have_the_same_names() -> None:
    assert {path for path, _ in lines_by_path() if "resources." not in path} == KNOWN


def test_each_value_is_explained_in_whole_sentences() -> None:
    for path, comment in lines_by_path():
        if "resources." not in path:
            assert re.fullmatch(r"[A-Z].+\.", " ".join(comment)), f"{path} is not explained above it"


def test_each_name_in_the_schema_is_described_and_required() -> None:
    def check(schema: Mapping[str, Any], path: str) -> None:
        for name, child in resolve(schema).get("properties", {}).items():
            assert child.get("description", "").endswith("."), path + name
            check(child, f"{path}{name}.")

    check(SCHEMA, "")
    assert SCHEMA["required"] == [name for name in VALUES]  # noqa: C416


def test_all_objects_that_the_chart_owns_are_closed() -> None:
    def open_objects(schema: object, path: str) -> Iterator[str]:
        if isinstance(schema, dict):
            if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
                yield path
            for name, child in schema.items():
                yield from open_objects(child, f"{path}/{name}")

    assert set(open_objects(SCHEMA, "")) == {
        "/properties/global",
        "/properties/affinity/properties/nodeAffinity",
        "/properties/affinity/properties/podAffinity",
        "/properties/affinity/properties/podAntiAffinity",
        "/definitions/strings",
        "/definitions/objects/items",
        "/definitions/quantities",
    }


def test_each_value_has_a_test_of_its_effect() -> None:
    assert {path for path, *_ in EFFECTS} | set(SWITCHES) == LEAVES


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: f"{effect[0]}-{effect[2]}")
def test_value_takes_effect(render: Render, effect: Effect) -> None:
    path, value, kind, place, expected = effect
    before, after = render()[kind], render({path: value})[kind]
    assert look_up(after, place) == expected
    assert before != after


@pytest.mark.parametrize(("path", "kind"), SWITCHES.items())
def test_switch_takes_effect(render: Render, path: str, kind: str) -> None:
    assert set(render()) - set(render({path: False})) == {kind}


def test_all_resources_may_be_left_to_the_namespace(render: Render) -> None:
    """Helm merges maps: emptying one takes a null for each of its names."""
    nothing = {"requests": None, "limits": None}
    container = render({"resources": nothing})["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert container["resources"] == {}


def test_no_grace_is_spent_on_waiting_when_told_so(render: Render) -> None:
    container = render({"preStopSeconds": 0})["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert "lifecycle" not in container


def test_spreading_takes_the_charts_pods_or_what_is_given(render: Render) -> None:
    given = {"matchLabels": {"team": "video"}}
    constraints = [{"topologyKey": "zone"}, {"topologyKey": "host", "labelSelector": given}]
    deployment = render({"topologySpreadConstraints": constraints})["Deployment"]
    assert deployment["spec"]["template"]["spec"]["topologySpreadConstraints"] == [
        {"topologyKey": "zone", "labelSelector": deployment["spec"]["selector"]},
        {"topologyKey": "host", "labelSelector": given},
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "http://demo-camera-redundancy.prod.svc:80/graphql"),
        ({"service.port": 8080}, "port-forward service/demo-camera-redundancy 8000:8080"),
        ({}, "settings.graphiql=true serves GraphiQL there"),
        ({"settings.graphiql": True}, "GraphiQL is served there."),
        ({}, "was migrated by the Job demo-camera-redundancy-migrate before"),
        ({"migration.enabled": False}, "once you have run `camera-redundancy migrate`"),
    ],
)
def test_notes_tell_the_next_step(
    render_files: Callable[..., dict[str, str]],
    settings: dict[str, object],
    expected: str,
) -> None:
    assert expected in render_files(settings)["NOTES.txt"]


def test_defaults_that_are_loaded_are_those_in_the_file(chart: helm_python.Chart) -> None:
    assert chart.values == VALUES
    assert chart.schema == SCHEMA
