"""A file that is not taken in is told of in both languages, whatever is wrong with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ingestion.errors import Problem
from ingestion.refusals import refusal_zh, refusals_zh
from ingestion.settings import REPOSITORY

OF_FILES = ("readers/*.py", "forms/recognise.py", "steps/land.py", "steps/parse.py", "steps/load.py", "pipeline.py")


def _codes(path: Path) -> Iterator[str]:
    """Codes of the Problems that a module raises, as its source names them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            named = [k.value for k in node.keywords if node.func.id == "Problem" and k.arg == "code"]
            for code in named or node.args[:1] if node.func.id in ("Problem", "problem") else ():
                yield from (c.value for c in ast.walk(code) if isinstance(c, ast.Constant) and isinstance(c.value, str))


def test_every_refusal_of_a_file_is_said_in_chinese() -> None:
    modules = [path for pattern in OF_FILES for path in (REPOSITORY / "ingestion").glob(pattern)]
    codes = {code for module in modules for code in _codes(module)}
    assert {"not-a-workbook", "unknown-form", "file-too-large", "scanned-pdf"} <= codes
    assert codes - refusals_zh().keys() == set()
    assert refusals_zh().keys() - codes == set()


def test_the_line_of_a_problem_is_known_by_its_code() -> None:
    problem = Problem("empty-file", "return.xlsx", "0 bytes", "a form", "Send it again.")
    assert refusal_zh(str(problem)).startswith("文件是空的")
    assert refusal_zh("no code here") == ""
