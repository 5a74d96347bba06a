"""What the README shows can be pasted."""

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from service.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_fit_the_schema(document: str) -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))
    assert validate(schema, parse(document)) == []


def test_there_are_first_steps() -> None:
    assert len(DOCUMENTS) == 11


@pytest.mark.parametrize("field", Settings.model_fields)
def test_each_setting_is_told(field: str) -> None:
    name = field.upper()
    assert f"_{name}" in README or f"| {name} " in README


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!http)([^)#]+)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []
