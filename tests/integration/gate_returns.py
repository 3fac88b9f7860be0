"""Returns and plans written for the gate's tests, and what it found in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from openpyxl import Workbook, load_workbook

from ingestion.forms.form import get_form
from ingestion.pipeline import FileOutcome, ingest_file
from ingestion.settings import REPOSITORY
from ingestion.steps.gate import GateOutcome

FORM = get_form("secondary_national_return")
CLEAN = REPOSITORY / "samples" / "inbox" / "2020" / "H15002" / "2020年度填报表.xlsx"
Figures = dict[tuple[str, int], Any]


def clean_figures(last_year: int) -> Figures:
    """Figures of the clean sample return by line and year, its years moved so that the newest is ``last_year``."""
    figures: Figures = {}
    columns: dict[int, int] = {}
    for row in load_workbook(CLEAN, data_only=True).worksheets[0].iter_rows(values_only=True):
        if row[0] == "指标名称":
            columns = {i: int(str(cell)[:4]) + last_year - 2020 for i, cell in enumerate(row) if str(cell)[:2] == "20"}
        elif columns and row[0] and row[0].split()[0] in FORM.lines:
            figures |= {(row[0].split()[0], year): row[i] for i, year in columns.items() if row[i] is not None}
    return figures


def write_return(
    path: Path,
    figures: Mapping[tuple[str, int], Any],
    *,
    units: Mapping[str, str] | None = None,
    extra: tuple[tuple[Any, ...], ...] = (),
) -> Path:
    """A return as a workbook, one line a row, newest year first; ``extra`` rows are (name, unit, *figures)."""
    years = sorted({year for _, year in figures}, reverse=True)
    codes = {code for code, _ in figures}
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["指标名称", "单位", *(f"{year}年" for year in years)])
    for code, line in FORM.lines.items():
        if code in codes:
            unit = (units or {}).get(code, line.unit or "--")
            sheet.append([f"{code}.{line.label_zh}", unit, *(figures.get((code, year)) for year in years)])
    for row in extra:
        sheet.append(list(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def write_annex(path: Path, rows: list[tuple[Any, ...]]) -> Path:
    """A plan's annex table; rows are (indicator, unit, baseline, target, department)."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["序号", "规划指标", "单位", "“十三五”末现状", "“十四五”规划目标", "责任部门"])
    for number, row in enumerate(rows, 1):
        sheet.append([number, *row])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def ingest(path: Path, hospital: str, year: int, **options: Any) -> FileOutcome:
    outcome = ingest_file(path, hospital_code=hospital, reporting_year=year, run_id="test", **options)
    assert outcome.status == "parsed", outcome.line()
    return outcome


def findings(connection: psycopg.Connection, run: GateOutcome, hospital: str | None = None) -> set[tuple[Any, ...]]:
    """(rule, line, period) of what failed, of one hospital or of all."""
    return set(
        connection.execute(
            "select r.rule_id, r.line_code, r.period from audit.validation_result r "
            "join audit.submission s using (submission_id) "
            "where r.gate_run_id = %s and r.outcome = 'failed' and coalesce(s.hospital_code = %s, true)",
            [run.gate_run_id, hospital],
        ).fetchall()
    )
