"""One line a row, one year a column. Lines are known by their code or their name, years by their header.

A form with lines of its own (a return) counts the lines it knows. A form without (the departments' yearly workbook)
takes every line by its name. form.yml says which sheets are a department's and which rows are remarks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ingestion.entries import Entry
from ingestion.forms.form import Form, Line
from ingestion.forms.layouts.lines import identify
from ingestion.forms.layouts.year_columns import YearColumns, find_tables, title_rows
from ingestion.forms.normalise import name_key, split_code
from ingestion.forms.values import Reading, read_cell, shown
from ingestion.readers import Document, Table

_DEPARTMENT_SAID = re.compile(r"^(?:填报)?(?:科室|部门)(?:名称)?[:：]\s*(?P<name>\S.*)$")


class LineRow(NamedTuple):
    """A row with a name: its number, its name as written, the line of the form that it is, and what is doubtful."""

    row: int
    label: str
    line: Line | None
    notes: tuple[str, ...]


class ReturnTable(NamedTuple):
    """One table of a return: its columns, its rows, and the department whose sheet it stands on."""

    columns: YearColumns
    rows: list[LineRow]
    department: str | None


@dataclass(frozen=True)
class ReturnMatch:
    """Tables of a document that are this return; ``score`` counts the lines known by their name. ``unread`` says which
    sheets and columns hold something that the form does not know."""

    tables: tuple[ReturnTable, ...]
    score: int
    unread: tuple[str, ...] = ()


def find(document: Document, form: Form, reporting_year: int) -> ReturnMatch | None:
    """The return in ``document``, or None where no table has its header and enough of its lines."""
    found: list[ReturnTable] = []
    unread: list[str] = []
    score = 0
    for table in document.tables:
        parts = list(find_tables(table, form, reporting_year))
        if not parts:
            unread.append(f"{table.name}: no table of the form")
            continue
        department = _department(form, table, parts[0].first_row)
        for part in parts:
            rows = list(_lines(form, part))
            found.append(ReturnTable(part, rows, department))
            unread += part.unread
            # A form without lines of its own knows none: each of its columns then speaks for it once.
            score += (
                sum(line is not None and "label_differs" not in notes for _, _, line, notes in rows)
                if form.lines
                else len(part.years)
            )
    return ReturnMatch(tuple(found), score, tuple(unread)) if score >= form.recognise["min_known_lines"] else None


def read(form: Form, match: ReturnMatch, reporting_year: int, keep_markers: bool) -> Iterator[Entry]:
    """Every filled cell of every line and year. An empty cell is no entry; a marker such as ``--`` is one only with
    ``keep_markers`` (a patch that clears a figure). Lines unknown to the form are entries without a line code."""
    ordinal = 0
    for part, line_rows, department in match.tables:
        rows, locate, lines_known = part.table.rows, part.table.locate, bool(form.lines)
        unit_column, code_column, department_column = map(part.column, ("unit", "line_code", "department"))
        for row, label, line, line_notes in line_rows:
            cells = rows[row]
            unit, code = _text(cells, unit_column), _text(cells, code_column) or None
            unit_read = line.unit if line else unit.strip("()（） ")
            notes = (*line_notes, *part.notes) if lines_known else part.notes
            if department_column >= 0:
                department = _above(rows, part.first_row, row, department_column) or department
            for column, year in part.years:
                cell = cells[column] if column < len(cells) else None
                # A number says something; only text can be a marker for none.
                is_missing = type(cell) is not float and form.is_missing(cell)
                if is_missing and not (keep_markers and shown(cell)):
                    continue
                ordinal += 1
                reading = read_cell(cell, line, missing=is_missing)
                yield Entry(
                    entry_kind="value",
                    ordinal=ordinal,
                    locator=locate(row, column),
                    row_raw=code,
                    label_raw=label,
                    unit_raw=unit or None,
                    department_raw=department,
                    period_raw=str(year),
                    value_raw=shown(cell),
                    line_code=line.line_code if line else None,
                    period=str(year),
                    value=reading.value,
                    stated_decimals=reading.decimals,
                    grade=reading.grade,
                    comparator="=" if reading.value is not None else None,
                    unit=unit_read if line else unit_read or _shown_unit(reading),
                    notes=(*reading.notes, *notes),
                )


def _department(form: Form, table: Table, first_row: int) -> str | None:
    """The department whose sheet this is, by the sheet's name or else by its title; None for the whole hospital."""
    if form.recognise.get("sheet_is") != "department":
        return None
    if form.is_hospital_sheet(table.name):
        for row, column, text in title_rows(table, first_row):
            said = _DEPARTMENT_SAID.match(text.strip())
            if said:
                return said["name"].strip()
            if name_key(text) in {"科室", "科室名称", "填报科室", "部门", "部门名称", "科室:", "科室名称:"}:
                beside = next((t for c in table.rows[row][column + 1 :] if (t := shown(c))), None)
                return beside.strip() if beside else None
        return None
    return table.name.strip()


def _lines(form: Form, part: YearColumns) -> Iterator[LineRow]:
    """Every row with a name that is no remark."""
    after = 0
    code_column, number_column = part.column("line_code"), part.column("line_no")
    labels = part.labels[::-1]
    for row in range(part.first_row, part.end_row):
        cells = part.table.rows[row]
        written = ""
        for column in labels:
            written = _text(cells, column)
            if written:
                break
        if not written or form.is_remark(written):
            continue
        first = next(cell for cell in cells if cell is not None and cell != "")
        if type(first) is str and first != written and form.is_remark(first):
            continue
        code, label = split_code(written)
        line, notes = identify(
            form, code, label, code_cell=_cell(cells, code_column), number_cell=_cell(cells, number_column), after=after
        )
        after = line.ordinal if line else after
        yield LineRow(row, written, line, notes)


def _shown_unit(reading: Reading) -> str | None:
    """The unit that the cell itself shows."""
    return "%" if "percent_format" in reading.notes else None


def _above(rows: list[list[Any]], first_row: int, row: int, column: int) -> str | None:
    """Text of a cell, or of the nearest filled one above it: a merged cell holds for all its rows."""
    return next((t for r in range(row, first_row - 1, -1) if (t := _text(rows[r], column))), None)


def _cell(cells: list[Any], column: int) -> Any:
    return cells[column] if 0 <= column < len(cells) else None


def _text(cells: list[Any], column: int) -> str:
    if not 0 <= column < len(cells):
        return ""
    cell = cells[column]
    return cell.strip() if type(cell) is str else (shown(cell) or "").strip()
