"""A tidy table: one figure a row, with columns for indicator, period and value, and perhaps unit and department."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingestion.entries import Entry
from ingestion.forms.entry_workbook import NOTES_SHEET
from ingestion.forms.form import Form
from ingestion.forms.periods import period_of_cell
from ingestion.forms.tables.departments import department_of
from ingestion.forms.values import read_cell
from ingestion.readers import Document, Table, shown

_HEADER_ROWS = 20
_NEEDED = ("period", "value")


@dataclass(frozen=True)
class TidyMatch:
    """The table with its columns by field (-1 = absent), and the ``department`` whose it is where no column says so.
    ``score`` is low: any form that knows more goes first."""

    table: Table
    first_row: int
    columns: dict[str, int]
    department: str | None
    score: int = 1
    unread: tuple[str, ...] = ()


def find(document: Document, form: Form, reporting_year: int) -> TidyMatch | None:
    """The first table with a column of periods, one of values, and one that names the indicator."""
    headers = form.headers(reporting_year)
    for table in document.tables:
        for r in headers["value"].rows_in(table, end=_HEADER_ROWS):
            row = table.rows[r]
            if all(headers[field].first_in(row) >= 0 for field in _NEEDED):
                columns = {field: titles.first_in(row) for field, titles in headers.items()}
                if columns["label"] >= 0 or columns["line_code"] >= 0:
                    unread = tuple(
                        f"{table.locate(r, c)}: column {title!r}"
                        for c, cell in enumerate(row)
                        if c not in columns.values() and (title := shown(cell))
                    )
                    others = (t.name for t in document.tables if t is not table and t.name != NOTES_SHEET)
                    unread += tuple(f"{name}: another table" for name in others)
                    unread += tuple(_nameless(form, table, r + 1, columns))
                    has_column = max(columns["department"], columns.get("campus", -1)) >= 0
                    # A table of this kind is on a sheet of any name: only what looks like a department's is one.
                    department = department_of(
                        form, table, r, table.name, file_name=document.name, is_file=True, has_column=has_column
                    )
                    return TidyMatch(table, r + 1, columns, None if has_column else department, unread=unread)
    return None


def read(form: Form, match: TidyMatch, reporting_year: int, keep_markers: bool) -> Iterator[Entry]:
    """One entry a row that has a value; a period that is no year or plan span, or a part of one by its own
    column, is kept as written and noted."""
    ordinal = 0
    for r, cells in _rows(match.table, match.first_row, match.columns):
        missing = form.is_missing(cells["value"])
        if not _is_named(cells) or (missing and not (keep_markers and shown(cells["value"]))):
            continue
        ordinal += 1
        reading = read_cell(cells["value"], None, unit=shown(cells["unit"]), missing=missing)
        period_raw, part = shown(cells["period"]), shown(cells.get("part_of_year"))
        period = period_of_cell(cells["period"])
        if part and not form.is_whole_year(part):
            period_raw, period = f"{period_raw or ''} {part}".strip(), None
        code = shown(cells["line_code"])
        yield Entry(
            entry_kind="value",
            ordinal=ordinal,
            locator=match.table.locate(r, match.columns["value"]),
            row_raw=code,
            label_raw=shown(cells["label"]) or code,
            unit_raw=shown(cells["unit"]),
            department_raw=match.department
            or form.department_of(shown(cells["department"]) or "", shown(cells.get("campus")) or ""),
            period_raw=period_raw,
            value_raw=shown(cells["value"]),
            period=period,
            value=reading.value,
            stated_decimals=reading.decimals,
            comparator=reading.comparator if reading.value is not None else None,
            unit=shown(cells["unit"]) or reading.unit,
            notes=reading.notes if period else (*reading.notes, "unknown_period"),
        )


def _rows(table: Table, first_row: int, columns: dict[str, int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows below the header, their cells by field; what is merged over rows, but for figures, is said of each."""
    above = {
        (row, column): table.rows[top][left]
        for top, left, bottom, right in table.merged
        for row in range(max(top + 1, first_row), bottom + 1)
        for column in range(left, right + 1)
    }
    for r in range(first_row, len(table.rows)):
        cells = {field: _cell(table, r, column) for field, column in columns.items()}
        if above:
            cells |= {
                field: above[r, column]
                for field, column in columns.items()
                if field != "value" and (r, column) in above and not shown(cells[field])
            }
        yield r, cells


def _is_named(cells: dict[str, Any]) -> bool:
    return bool(shown(cells["label"]) or shown(cells["line_code"]))


def _nameless(form: Form, table: Table, first_row: int, columns: dict[str, int]) -> Iterator[str]:
    """The first of the rows whose figures no name speaks for."""
    filled = (row for row in _rows(table, first_row, columns) if not form.is_missing(row[1]["value"]))
    rows = [r for r, cells in filled if not _is_named(cells)]
    if rows:
        more = f" and {len(rows) - 1} more rows" if len(rows) > 1 else ""
        yield f"{table.locate(rows[0], columns['value'])}: figures without a name{more}"


def _cell(table: Table, row: int, column: int) -> Any:
    return table.rows[row][column] if 0 <= column < len(table.rows[row]) else None
