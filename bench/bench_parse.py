"""Parsing against calamine's own read of the same workbooks, and its memory over many files."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
from python_calamine import CalamineWorkbook

from bench.report import Ratio
from ingestion.forms.form import get_form
from ingestion.readers import read_document
from ingestion.settings import REPOSITORY
from ingestion.steps.parse import read_entries

_FORM = "secondary_national_return"
_FILES = {"small": 40, "national": 300}
_MANY = {"small": 300, "national": 3000}
_ROUNDS = 3
_YEARS = (2020, 2019, 2018, 2017)


def run(size: str) -> list[Ratio]:
    """Returns of 150 lines and four years, department workbooks of sixty sheets, and the memory of a long batch."""
    with tempfile.TemporaryDirectory(prefix="hiw_bench_parse_") as folder:
        returns = [_return(Path(folder) / f"r{n}.xlsx", n) for n in range(_FILES[size])]
        books = [_department_workbook(Path(folder) / f"d{n}.xlsx", n) for n in range(max(2, _FILES[size] // 20))]
        return [
            _reading_alone(returns),
            _against_calamine(returns, "returns of 150 lines, four years", 2020),
            _against_calamine(books, "department workbooks of 60 sheets", 2019),
            _memory(returns[0], _MANY[size]),
        ]


def _against_calamine(files: list[Path], what: str, year: int) -> Ratio:
    entries = sum(len(read_entries(path, path.name, year, None).entries) for path in files)  # and warm both up
    # Turn about, the best of each: what else the machine does meanwhile slows one round, not one side.
    rounds = [(_timed(_calamine, files), _timed(lambda p: read_entries(p, p.name, year, None), files))
              for _ in range(_ROUNDS)]  # fmt: skip
    return Ratio(
        step="parse",
        what=f"read, recognise and parse {what}",
        against="calamine's read of the same",
        measured=min(ours for _, ours in rounds),
        limit=min(theirs for theirs, _ in rounds),
        most=1.5,
        note=f"{len(files)} files, {entries} entries",
    )


def _reading_alone(files: list[Path]) -> Ratio:
    """The reader alone, with all its guards against hostile files: what comes before any form is looked for."""
    rounds = [(_timed(_calamine, files), _timed(read_document, files)) for _ in range(_ROUNDS)]
    return Ratio(
        step="parse",
        what="read into a document",
        against="calamine's read of the same",
        measured=min(ours for _, ours in rounds),
        limit=min(theirs for theirs, _ in rounds),
        note=f"{len(files)} files",
    )


def _timed(work: Callable[[Path], object], files: list[Path]) -> float:
    started = time.process_time()
    for path in files:
        work(path)
    return time.process_time() - started


def _calamine(path: Path) -> None:
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _memory(path: Path, files: int) -> Ratio:
    """Peak memory of a process after a tenth of the files and after all of them."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.bench_parse", str(path), str(files)],
        capture_output=True, text=True, check=True, cwd=REPOSITORY,
    )  # fmt: skip
    early, late = map(float, done.stdout.split())
    return Ratio(
        step="parse",
        what=f"peak memory after {files} files",
        against=f"after {files // 10}",
        measured=late,
        limit=early,
        most=1.1,
        unit="MB",
        note="one process",
    )


def _parse_many(path: Path, files: int) -> None:
    peaks = []
    for n in range(1, files + 1):
        read_entries(path, path.name, 2020, None)
        if n in {files // 10, files}:
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(*peaks)


def _return(path: Path, seed: int) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("填报表")
    sheet.append(["某县人民医院绩效考核填报表"])
    sheet.append(["指标名称", "单位", "行次", *(f"{year}年" for year in _YEARS), "说明"])
    for n, line in enumerate(get_form(_FORM).lines.values(), 1):
        figures = [round((n * 7919 + seed * 104729 + year) % 100000 / 7, 2) for year in _YEARS]
        sheet.append([f"{line.line_code}.{line.label_zh}", line.unit, n, *figures, None])
    book.save(path)
    return path


def _department_workbook(path: Path, seed: int) -> Path:
    book = openpyxl.Workbook(write_only=True)
    for department in range(60):
        sheet = book.create_sheet(f"第{department + 1}科")
        sheet.append(["ID", "名称", "单位", "Y2018", "Y2019"])
        for n in range(50):
            sheet.append([f"{n:03d}", f"指标{n}", "人次", n * seed + department, n + seed * department])
    book.save(path)
    return path


if __name__ == "__main__":
    _parse_many(Path(sys.argv[1]), int(sys.argv[2]))
