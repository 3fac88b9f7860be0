"""Where a table's figures stand: its header, found by what it says, whatever rows and columns surround it.

A header may be one row or several (a year above ``填报值`` and ``备注``, a merged title above the years); it may come
again further down, and two tables may stand side by side. Merged cells need no knowledge of merging: their other cells
are empty, and a title holds for the empty cells right of it as long as something stands below those.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ingestion.forms.form import Form, matches_header
from ingestion.forms.normalise import name_key
from ingestion.forms.periods import year_of_header, years_in
from ingestion.forms.values import shown
from ingestion.readers import Table

_HEADER_ROWS = 60
"""A first header further down than this is no header: cover sheets and notes are shorter."""
_MOST_ROWS_OF_HEADER = 4
_LABEL, _VALUE = "label", "value"


@dataclass(frozen=True)
class YearColumns:
    """One table of figures: rows ``first_row`` to ``end_row`` (not included), columns by what they hold (-1 = absent).

    ``labels`` are the columns of the line's name, from the widest group to the line itself; ``years`` are
    (column, year) pairs. ``notes`` tell where the year was taken from if no column names it.
    """

    table: Table
    first_row: int
    end_row: int
    labels: tuple[int, ...]
    years: tuple[tuple[int, int], ...]
    columns: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def column(self, name: str) -> int:
        """Column of a field of column_map.csv, -1 where the table has none."""
        return self.columns.get(name, -1)


@dataclass(frozen=True)
class _Header:
    """Texts of each column from top to bottom, rows ``top`` to ``bottom`` (included)."""

    top: int
    bottom: int
    paths: list[list[tuple[str, int]]]


def find_tables(table: Table, form: Form, reporting_year: int) -> Iterator[YearColumns]:
    """Every table of figures on a sheet, in reading order."""
    headers = form.headers(reporting_year)
    blocks: list[tuple[_Header, list[YearColumns]]] = []
    again: dict[int, set[str]] = {}
    for r, row in enumerate(table.rows):
        if blocks:
            if r <= blocks[-1][0].bottom or not any(
                c < len(row) and isinstance(row[c], str) and name_key(row[c]) in names for c, names in again.items()
            ):
                continue
        elif r >= _HEADER_ROWS or not _is_label_row(row, headers):
            continue
        header = _header_at(table, r, headers)
        parts = list(_parts(table, header, headers, form, reporting_year))
        if parts:
            blocks.append((header, parts))
            # Further down only the very same title is a header: a line may well be called 新项目 and stand at 2010.
            for column in (c for part in parts for c in part.labels):
                again.setdefault(column, set()).update(name_key(text) for text, _ in header.paths[column])
    if not blocks:
        return
    ends = [header.top for header, _ in blocks[1:]] + [len(table.rows)]
    for (_, parts), end in zip(blocks, ends, strict=True):
        for part in parts:
            yield replace(part, end_row=end)


def _is_label_row(row: list[Any], headers: dict[str, tuple[str, ...]]) -> bool:
    return any(isinstance(cell, str) and matches_header(cell, headers[_LABEL]) for cell in row)


def _header_at(table: Table, row: int, headers: dict[str, tuple[str, ...]]) -> _Header:
    """The header around the row that holds the title of the names."""
    at = [c for c, cell in enumerate(table.rows[row]) if matches_header(cell, headers[_LABEL])]
    bottom = row
    # Below a title that spans rows the cells of the names are empty, and what stands beside is no figure.
    while (
        bottom + 1 < len(table.rows)
        and bottom + 1 - row < _MOST_ROWS_OF_HEADER
        and not any(_text(table.rows[bottom + 1], c) for c in at)
        and _is_titles(table.rows[bottom + 1])
    ):
        bottom += 1
    top = row
    if not any(year_of_header(cell) for r in range(row, bottom + 1) for cell in table.rows[r]):
        # The years may stand above their subtitles, where the title of the names does not reach up.
        while top > 0 and row - top < 2 and sum(year_of_header(c) is not None for c in table.rows[top - 1]) > 0:
            if any(_text(table.rows[top - 1], c) for c in at):
                break
            top -= 1
    width = max(len(table.rows[r]) for r in range(top, bottom + 1))
    return _Header(top, bottom, [_path(table, top, bottom, column) for column in range(width)])


def _is_titles(row: list[Any]) -> bool:
    """Whether a row can belong to a header: it says something, and nothing in it is a figure but a year."""
    filled = [cell for cell in row if shown(cell)]
    return bool(filled) and all(
        year_of_header(cell) or not (isinstance(cell, (int, float)) or _looks_like_figure(cell)) for cell in filled
    )


def _looks_like_figure(cell: Any) -> bool:
    return bool(re.fullmatch(r"[-+]?[\d０-９][\d０-９,，.．]*\s*[%％]?", str(cell).strip()))


def _path(table: Table, top: int, bottom: int, column: int) -> list[tuple[str, int]]:
    """Titles of a column from top to bottom, each with the column it is written in."""
    path: list[tuple[str, int]] = []
    for r in range(top, bottom + 1):
        text, at = _text(table.rows[r], column), column
        # The title left of an empty cell spans it where something of its own stands below.
        if not text and any(_text(table.rows[below], column) for below in range(r + 1, bottom + 1)):
            at = next((c for c in range(column - 1, -1, -1) if _text(table.rows[r], c)), -1)
            text = _text(table.rows[r], at)
        if text and (not path or path[-1][0] != text):
            path.append((text, at))
    return path


def _parts(
    table: Table, header: _Header, headers: dict[str, tuple[str, ...]], form: Form, reporting_year: int
) -> Iterator[YearColumns]:
    """The tables that stand side by side under one header."""
    fields = [_field_of(path, headers) for path in header.paths]
    years = [
        _year_of(path, headers) if not fields[c] or fields[c] == _VALUE else None for c, path in enumerate(header.paths)
    ]
    for first, end in _segments(fields, years):
        named = {c: year for c in range(first, end) if (year := years[c]) is not None}
        labels = tuple(c for c in range(first, end) if fields[c] == _LABEL)
        if not labels:
            continue
        columns = {
            name: next((c for c in range(first, end) if fields[c] == name), -1) for name in headers if name != _LABEL
        }
        notes: tuple[str, ...] = ()
        taken = _one_column_a_year(named, header.paths, headers)
        if not taken and columns.get(_VALUE, -1) >= 0 and columns.get("period", -1) < 0:
            year, note = _year_said(table, header.top, form, reporting_year)
            if year:
                taken, notes = ((columns[_VALUE], year),), (note,)
        if not taken:
            continue
        left = tuple(c for c in labels if c < taken[0][0]) or labels[:1]
        used = {c for c, _ in taken}
        unread = tuple(
            f"{table.locate(header.bottom, c)}: column {' / '.join(text for text, _ in header.paths[c])!r}"
            for c in range(first, end)
            if c not in used
            and fields[c] in {None, "target"}
            and (c in named or any(years_in(text) for text, _ in header.paths[c]))
        )
        yield YearColumns(table, header.bottom + 1, header.bottom + 1, left, taken, columns, notes, unread)


def _segments(fields: list[str | None], years: list[int | None]) -> Iterator[tuple[int, int]]:
    """Column ranges of tables side by side: names that come again right of a year begin another table."""
    first, has_label, has_year = 0, False, False
    for c, name in enumerate(fields):
        if name == _LABEL and has_label and has_year:
            start = c
            while start > first and fields[start - 1] not in (None, _LABEL, _VALUE, "unit", "note"):
                start -= 1  # its code or number stands before the name
            yield first, start
            first, has_year = start, False
        has_label = has_label or name == _LABEL
        has_year = has_year or years[c] is not None or name == _VALUE
    yield first, len(fields)


def _field_of(path: list[tuple[str, int]], headers: dict[str, tuple[str, ...]]) -> str | None:
    """The field that the lowest title of a column names, in the order of column_map.csv; a column serves one."""
    for text, _ in reversed(path):
        if year_of_header(text):
            return None
        for name, patterns in headers.items():
            if matches_header(text, patterns):
                return name
    return None


def _year_of(path: list[tuple[str, int]], headers: dict[str, tuple[str, ...]]) -> int | None:
    """The year of a column of figures; None where a title says that they are wanted, not counted."""
    if any(matches_header(text, headers.get("target", ())) for text, _ in path):
        return None
    named = {year for text, _ in path if (year := year_of_header(text)) is not None}
    return named.pop() if len(named) == 1 else None


def _one_column_a_year(
    named: dict[int, int], paths: list[list[tuple[str, int]]], headers: dict[str, tuple[str, ...]]
) -> tuple[tuple[int, int], ...]:
    """One column for each year: the one whose lowest title says that it holds the figure, else the first whose title
    is the year itself."""
    best: dict[int, tuple[int, int]] = {}
    for column, year in named.items():
        lowest = paths[column][-1][0]
        rank = 0 if matches_header(lowest, headers.get(_VALUE, ())) else 1 if year_of_header(lowest) else 2
        if year not in best or rank < best[year][0]:
            best[year] = (rank, column)
    return tuple(sorted((column, year) for year, (_, column) in best.items()))


def _year_said(table: Table, top: int, form: Form, reporting_year: int) -> tuple[int | None, str]:
    """The year of a table with one column of figures: as its title has it, else its sheet, else its submission.

    A form that takes every line by its name is not found by a mere column of values: it needs to name its year.
    """
    for row in range(top - 1, -1, -1):
        said = {year for cell in table.rows[row] if cell is not None for year in years_in(str(cell))}
        if len(said) == 1:
            return said.pop(), "year_from_title"
    on_sheet = years_in(table.name)
    if len(set(on_sheet)) == 1:
        return on_sheet[0], "year_from_sheet"
    return (reporting_year, "year_from_submission") if form.lines else (None, "")


def title_rows(table: Table, end: int) -> Iterator[tuple[int, int, str]]:
    """(row, column, text) of what stands above a table's header, top down."""
    for r in range(min(end, _HEADER_ROWS)):
        for c, cell in enumerate(table.rows[r]):
            if isinstance(cell, str) and name_key(cell):
                yield r, c, cell


def _text(cells: list[Any], column: int) -> str:
    if not 0 <= column < len(cells):
        return ""
    cell = cells[column]
    # A year that the spreadsheet keeps as a date is read as the year that it shows.
    year = year_of_header(cell) if isinstance(cell, datetime.date) else None
    return str(year) if year else (shown(cell) or "").strip()
