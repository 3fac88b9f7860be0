"""The columns of a table on its side: each is of an indicator, perhaps of one year or one department of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from ingestion.forms.form import Form
from ingestion.forms.header_units import without_unit
from ingestion.forms.patterns import Headers
from ingestion.forms.periods import part_of_year, year_of_header, years_in
from ingestion.forms.tables.header import NAMES_OF_WHOM, Titles, path_of
from ingestion.forms.tables.turned_rows import Row
from ingestion.readers import Table, shown

_MEASURED = re.compile(r"[-+]?\d[\d,，.．]*\s*\D{0,6}")
"""A figure, perhaps with its unit."""
_HALF = 0.5
_NO_NAMES = {"label", "line_code", "line_no", "value", "prior_value"}
_DERIVED = {"target", "derived"}


class Column(NamedTuple):
    """A column of figures, as sent: the names above it; the year (0 where no title says it, -1 for the one before) and
    the department where one is among them; the field of the form that it is, by its lowest title."""

    at: int
    names: tuple[str, ...]
    year: int
    department: str | None
    field: str | None


def columns_of(titles: Titles, first: int, headers: Headers, *, has_departments: bool) -> list[Column]:
    """The columns with a title, from column ``first`` on."""
    paths = ((at, path_of(titles, at)) for at in range(first, len(titles[0])))
    return [_column(at, path, headers, has_departments=has_departments) for at, path in paths if path]


def _column(at: int, path: list[str], headers: Headers, *, has_departments: bool) -> Column:
    years = {year for text in path if (year := year_of_header(text))}
    names = [text for text in path if not year_of_header(text)]
    whose = [text for text in names if headers.field_of(text) in NAMES_OF_WHOM]
    department = whose[0] if len(names) > len(whose) == 1 and not has_departments else None
    names = [text for text in names if text != department]
    year = years.pop() if len(years) == 1 else 0
    if len(names) > 1 and (field := headers.field_of(names[-1])) in ("value", "prior_value"):
        names.pop()  # 床位 above 数值 and 备注, above 本期 and 同期
        year -= field == "prior_value"
    if len(names) > 1 and headers.field_of(names[0]) == "label":
        del names[0]  # 指标 above all of them
    lowest = headers.field_of(names[-1]) if names else None
    return Column(at, tuple(names), year, department, None if lowest in NAMES_OF_WHOM else lowest)


def is_derived(column: Column, headers: Headers) -> bool:
    """Whether a column is of what is wanted, or comes of the others: targets, ranks, rates of completion."""
    name = column.names[-1] if column.names else ""
    return not _DERIVED.isdisjoint((headers.field_of(name), headers.field_of(without_unit(name)[0])))


def is_open(column: Column) -> bool:
    """Whether nothing names a column, or a title shows that the table stands upright."""
    return not column.names or column.field in _NO_NAMES


def is_counted(column: Column, columns: Sequence[Column], rows: Collection[Row], table: Table, form: Form) -> bool:
    """Whether one of the columns holds the figures of a line. A part of a year (6月, 06) is none; a year in other words
    (较2019年), or none where the others have one, leaves open of when they are."""
    if column.field or any(name.isdecimal() or part_of_year(name) is not None for name in column.names):
        return False
    if not all(row.year for row in rows):
        has_years = any(other.year > 0 for other in columns)
        if any(map(years_in, column.names)) or (column.year <= 0 and has_years):
            return False
    return share_of_figures((cell_of(table, row, column) for row in rows), form) >= _HALF


def cell_of(table: Table, row: Row, column: Column) -> Any:
    """The cell of a table in a row and a column; None beyond the end of the row."""
    cells = table.rows[row.at]
    return cells[column.at] if column.at < len(cells) else None


def share_of_figures(cells: Iterable[Any], form: Form) -> float:
    """Share of figures, and of marks for none, among the filled cells; 0 where none is filled."""
    filled = [cell for cell in cells if shown(cell)]
    counted = sum(isinstance(c, (int, float)) or form.is_missing(c) or _is_measured(c) for c in filled)
    return counted / len(filled) if filled else 0


def _is_measured(cell: Any) -> bool:
    return isinstance(cell, str) and bool(_MEASURED.fullmatch(cell.strip()))
