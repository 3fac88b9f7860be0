"""One line a row, one year a column. Lines are known by their code or their label, years by their header.

A form with lines of its own (a return) counts the lines it knows. A form without (the departments' yearly workbook)
takes every line by its name. With ``sheet_is: department`` in form.yml each sheet is a department's, but for the
sheets of the whole hospital listed there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingestion.entries import Entry
from ingestion.forms.form import Form, Line, matches_header
from ingestion.forms.normalise import name_key, split_code
from ingestion.forms.periods import year_of_header
from ingestion.forms.values import read_cell, shown
from ingestion.readers import Document, Table

_HEADER_ROWS = 60
"""A header further down than this is no header: cover sheets and notes are shorter."""
_LEAST_OVERLAP = 4
"""Characters that a cut-off label must share with the full one to count as the same."""


@dataclass(frozen=True)
class YearTable:
    """A table with its header found: columns of label, unit and code (-1 = absent), and (column, year) pairs."""

    table: Table
    first_row: int
    label: int
    unit: int
    code: int
    years: tuple[tuple[int, int], ...]
    department: str | None


@dataclass(frozen=True)
class ReturnMatch:
    """Tables of a document that are this return; ``score`` counts the lines known by code and label."""

    tables: tuple[YearTable, ...]
    score: int


def find(document: Document, form: Form, reporting_year: int) -> ReturnMatch | None:
    """The return in ``document``, or None where no table has its header and enough of its lines."""
    found: list[YearTable] = []
    score = 0
    for table in document.tables:
        located = _header(table, form, reporting_year)
        if not located:
            continue
        # A form without lines of its own knows none: each table then speaks for it once.
        known = sum(line is not None and sure for _, _, line, sure in _lines(form, located)) if form.lines else 1
        if known:
            found.append(located)
            score += known
    return ReturnMatch(tuple(found), score) if score >= form.recognise["min_known_lines"] else None


def read(form: Form, match: ReturnMatch, reporting_year: int, keep_markers: bool) -> Iterator[Entry]:
    """Every filled cell of every line and year. An empty cell is no entry; a marker such as ``--`` is one only with
    ``keep_markers`` (a patch that clears a figure). Lines unknown to the form are entries without a line code."""
    ordinal = 0
    for part in match.tables:
        for row, label, line, sure in _lines(form, part):
            cells = part.table.rows[row]
            unit = _text(cells, part.unit)
            for column, year in part.years:
                cell = cells[column] if column < len(cells) else None
                if form.is_missing(cell) and not (keep_markers and shown(cell)):
                    continue
                ordinal += 1
                reading = read_cell(cell, line, missing=form.is_missing(cell))
                unsure = () if sure or not form.lines else ("label_differs" if line else "unknown_line",)
                yield Entry(
                    entry_kind="value",
                    ordinal=ordinal,
                    locator=part.table.locate(row, column),
                    row_raw=_text(cells, part.code) or None,
                    label_raw=label,
                    unit_raw=unit or None,
                    department_raw=part.department,
                    period_raw=str(year),
                    value_raw=shown(cell),
                    line_code=line.line_code if line else None,
                    period=str(year),
                    value=reading.value,
                    stated_decimals=reading.decimals,
                    grade=reading.grade,
                    comparator="=" if reading.value is not None else None,
                    unit=line.unit if line else unit.strip("()（） ") or None,
                    notes=(*reading.notes, *unsure),
                )


def _header(table: Table, form: Form, reporting_year: int) -> YearTable | None:
    headers = form.headers(reporting_year)
    for r, row in enumerate(table.rows[:_HEADER_ROWS]):
        label = _column(row, headers.get("label", ()))
        if label < 0:
            continue
        # The years may stand one row below the titles, where a merged title spans them.
        for below in (0, 1):
            years = _years(table.rows[r + below]) if r + below < len(table.rows) else ()
            if years and (not below or not _text(table.rows[r + below], label)):
                return YearTable(
                    table,
                    r + below + 1,
                    label,
                    _column(row, headers.get("unit", ())),
                    _column(row, headers.get("line_code", ())),
                    years,
                    _department(form, table.name),
                )
    return None


def _department(form: Form, sheet: str) -> str | None:
    """The department whose sheet this is; None for the whole hospital."""
    if form.recognise.get("sheet_is") != "department":
        return None
    return None if name_key(sheet) in map(name_key, form.recognise["hospital_sheets"]) else sheet.strip()


def _years(row: list[Any]) -> tuple[tuple[int, int], ...]:
    named = [(column, year_of_header(cell)) for column, cell in enumerate(row)]
    return tuple((column, year) for column, year in named if year is not None)


def _column(row: list[Any], patterns: tuple[str, ...]) -> int:
    return next((c for c, cell in enumerate(row) if matches_header(cell, patterns)), -1)


def _lines(form: Form, part: YearTable) -> Iterator[tuple[int, str, Line | None, bool]]:
    """(row, label as written, line of the form or None, whether code and label agree) of every row with a name."""
    after = 0
    for row in range(part.first_row, len(part.table.rows)):
        cells = part.table.rows[row]
        written = _text(cells, part.label)
        if not written:
            continue
        code, label = split_code(written)
        code = _text(cells, part.code) or code
        line, sure = _identify(form, code, label, after)
        after = line.ordinal if line else after
        yield row, written, line, sure


def _identify(form: Form, code: str | None, label: str, after: int) -> tuple[Line | None, bool]:
    """The line a code and label name. The code decides; without a known one, the label does, and where a label stands
    in the form several times, the first one after the line before."""
    line = form.lines.get(code.strip(". ")) if code else None
    if line:
        return line, _same_label(line.label_zh, label)
    named = form.lines_by_label.get(name_key(label), [])
    line = next((line for line in named if line.ordinal > after), None)
    return line, line is not None


def _same_label(known: str, written: str) -> bool:
    """Whether a label is the form's: equal, cut off by the program that made the file, or with a remark behind."""
    a, b = name_key(known), name_key(written)
    short, long = sorted((a, b), key=len)
    return a == b or (len(short) >= _LEAST_OVERLAP and long.startswith(short))


def _text(cells: list[Any], column: int) -> str:
    return shown(cells[column]) or "" if 0 <= column < len(cells) else ""
