"""The statements that stand in sql/*.sql, by name."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> str:
    """Return the text of sql/NAME.sql."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
