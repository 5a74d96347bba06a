"""The rules of the house that no linter knows: sizes, and that nothing stands in the tree that nobody reads."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST_FUNCTION = 50
LONGEST_FILE = {"service": 400, "migrations": 400, "benchmarks": 400, "examples": 400, "tests": 600}
FILES = sorted(path for folder in LONGEST_FILE for path in (ROOT / folder).rglob("*.py"))
STATEMENTS = sorted((ROOT / "service/store/sql").glob("*.sql"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_are_short_enough_to_hold_one_noun() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE[path.split("/")[0]]} == {}


def test_functions_are_short_enough_to_read_at_once() -> None:
    long = [
        (name(path), node.name)
        for path in FILES
        for node in functions(path)
        if length(node) > LONGEST_FUNCTION
    ]
    assert long == []


def test_each_statement_is_used() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "service").rglob("*.py"))
    found_by_pattern = {path.stem for path in STATEMENTS if path.stem.startswith("check_")}
    assert [
        path.stem for path in STATEMENTS if f'"{path.stem}"' not in code and path.stem not in found_by_pattern
    ] == []
