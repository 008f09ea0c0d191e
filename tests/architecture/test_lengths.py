"""Small files, small functions, short tests: what measuring well-kept projects showed to be lost first."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.discovery import slice_names

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    "config",
    "core",
    "platforms",
    "members",
    "coupons",
    "commerce",
    "engagement",
    "tests",
    "tools",
    "benchmarks",
)
FILE_LINES, FUNCTION_LINES, TEST_LINES, DOCSTRING_LINES = 400, 40, 25, 15


def sources() -> list[Path]:
    """Every Python file of the tree but for migrations, which are generated."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]
    return sorted([ROOT / "bootstrap.py", ROOT / "manage.py", *found])


def too_long(path: Path, text: str) -> Iterator[str]:
    """The file and each function in ``text`` that is longer than its bound."""
    if (lines := text.count("\n")) > FILE_LINES:
        yield f"{path}: {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            bound = TEST_LINES if node.name.startswith("test_") else FUNCTION_LINES
            if (length := (node.end_lineno or 0) - node.lineno + 1) > bound:
                yield f"{path}:{node.lineno} {node.name}: {length} lines"


def test_files_functions_and_tests_are_short():
    found = [line for path in sources() for line in too_long(path.relative_to(ROOT), path.read_text(encoding="utf-8"))]

    assert found == []


def test_every_slice_says_in_fifteen_lines_what_it_is():
    for name in slice_names():
        docstring = ast.get_docstring(ast.parse((ROOT / name.replace(".", "/") / "__init__.py").read_text("utf-8")))
        assert docstring, f"{name} has no docstring"
        assert docstring.count("\n") < DOCSTRING_LINES, name


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x = 1\n" * 400, 0),
        ("x = 1\n" * 401, 1),
        ("def act():\n" + "    x = 1\n" * 39, 0),
        ("def act():\n" + "    x = 1\n" * 40, 1),
        ("def test_it():\n" + "    x = 1\n" * 25, 1),
    ],
)
def test_the_measure_itself(text, count):
    assert len(list(too_long(Path("some.py"), text))) == count
