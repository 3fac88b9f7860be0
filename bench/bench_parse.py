"""Parsing against calamine's own read of the same workbooks, and its memory over many files.

calamine's own read is that of the file as sent, every sheet as Python lists. Parsing reads the same through calamine;
what it adds is the look at each container and sheet before (calamine lays out whatever a hostile file asks for, and
tells neither errors nor formulas without a result), the form, its lines and years, and the count of entries, which are
made when loaded. What it saves is unpacking with another library, and calamine's second way through each sheet in
search of merged cells.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
from python_calamine import CalamineWorkbook

from bench.report import Ratio, peak_mb
from ingestion.forms.form import get_form
from ingestion.readers import read_document
from ingestion.settings import REPOSITORY
from ingestion.steps.parse import read_entries

_FORM = "secondary_national_return"
_FILES = {"small": 40, "national": 300}
_MANY = {"small": 300, "national": 3000}
_ROUNDS = 5
_YEARS = (2020, 2019, 2018, 2017)


def run(size: str) -> list[Ratio]:
    """Returns of 150 lines and four years, department workbooks of sixty sheets, and the memory of a long batch."""
    with tempfile.TemporaryDirectory(prefix="hiw_bench_parse_") as folder:
        returns = [_return(Path(folder) / f"r{n}.xlsx", n) for n in range(_FILES[size])]
        books = [_department_workbook(Path(folder) / f"d{n}.xlsx", n) for n in range(max(2, _FILES[size] // 20))]
        return [
            _reading_alone(returns),
            _parsing(returns, "returns of 150 lines, four years", 2020),
            _parsing(books, "department workbooks of 60 sheets", 2019),
            _to_copy_text(returns, 2020),
            _memory(_MANY[size]),
        ]


def _parsing(files: list[Path], what: str, year: int) -> Ratio:
    entries = sum(len(read_entries(path, path.name, year, None).entries) for path in files)  # and warm both up
    return _against_calamine(
        files,
        f"read, recognise and parse {what}",
        lambda path: read_entries(path, path.name, year, None),
        most=1.5,
        note=f", {entries} entries",
    )


def _reading_alone(files: list[Path]) -> Ratio:
    """The reader alone, with all its guards against hostile files: what comes before any form is looked for."""
    return _against_calamine(files, "read into a document", read_document)


def _to_copy_text(files: list[Path], year: int) -> Ratio:
    """Plain numbers stay cells until they are loaded: parsing with what it leaves to the load."""
    return _against_calamine(
        files,
        "the same returns, to the text that COPY takes",
        lambda path: "".join(read_entries(path, path.name, year, None).entries.copy_lines("H0001-2020-r1")),
    )


def _against_calamine(
    files: list[Path], what: str, work: Callable[[Path], object], most: float | None = None, note: str = ""
) -> Ratio:
    measured, limit = _turn_about(work, files)
    return Ratio(
        step="parse",
        what=what,
        against="calamine's read of the same",
        measured=measured,
        limit=limit,
        most=most,
        note=f"{len(files)} files{note}",
    )


def _turn_about(work: Callable[[Path], object], files: list[Path]) -> tuple[float, float]:
    """Seconds of ``work`` and of calamine, file by file in turn, the best of each: what else the machine does meanwhile
    slows one try, not one side."""
    best = dict.fromkeys(files, (math.inf, math.inf))
    for _ in range(_ROUNDS):
        for path, (ours, theirs) in best.items():
            best[path] = min(ours, _timed(work, path)), min(theirs, _timed(_calamine, path))
    return sum(ours for ours, _ in best.values()), sum(theirs for _, theirs in best.values())


def _timed(work: Callable[[Path], object], path: Path) -> float:
    started = time.process_time()
    work(path)
    return time.process_time() - started


def _calamine(path: Path) -> None:
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _memory(files: int) -> Ratio:
    """Peak memory of a process after a tenth of the files and after all of them, no two of which are alike."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.bench_parse", str(files)],
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
        note="one process, every file another hospital's with ten lines of its own",
    )


def _parse_many(files: int) -> None:
    peaks = []
    with tempfile.TemporaryDirectory(prefix="hiw_bench_parse_") as folder:
        path = Path(folder) / "r.xlsx"
        for n in range(1, files + 1):
            read_entries(_return(path, n, own_lines=10), path.name, 2020, None)
            if n in {files // 10, files}:
                peaks.append(peak_mb())
    print(*peaks)


def _return(path: Path, seed: int, own_lines: int = 0) -> Path:
    """A filled-in return; ``own_lines`` of it are no lines of the form."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("填报表")
    sheet.append([f"某县第{seed}人民医院绩效考核填报表"])
    sheet.append(["指标名称", "单位", "行次", *(f"{year}年" for year in _YEARS), "说明"])
    lines = [(f"{line.line_code}.{line.label_zh}", line.unit) for line in get_form(_FORM).lines.values()]
    lines += [(f"本院指标{seed}之{n}", "人") for n in range(own_lines)]
    for n, (label, unit) in enumerate(lines, 1):
        figures = [round((n * 7919 + seed * 104729 + year) % 100000 / 7, 2) for year in _YEARS]
        sheet.append([label, unit, n, *figures, None])
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
    _parse_many(int(sys.argv[1]))
