from pathlib import Path

from service.api.schema import sdl

EXPORTED = Path(__file__).parents[2] / "schema.graphql"


def test_the_exported_schema_is_fresh() -> None:
    assert EXPORTED.read_text(encoding="utf-8") == sdl(), (
        "Export it again: camera-redundancy schema > schema.graphql"
    )
