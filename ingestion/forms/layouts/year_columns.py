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
from functools import lru_cache
from itertools import compress, count, zip_longest
from typing import Any, NamedTuple

from ingestion.forms.entry_workbook import is_earlier_title
from ingestion.forms.form import Form
from ingestion.forms.header_units import is_unit, without_unit
from ingestion.forms.layouts.turned import departments_down, turned
from ingestion.forms.normalise import name_key
from ingestion.forms.patterns import Headers, Sieve
from ingestion.forms.periods import year_of_header, years_in
from ingestion.readers import HEAD_ROWS, Document, Table, shown

_MOST_ROWS_OF_HEADER = 4
_FROM_SUBMISSION = ("year_from_submission",)
_NAMES_OF_WHOM = "hospital_name", "department_name"
_LEAST_DEPARTMENTS = 2
_LABEL, _VALUE, _PRIOR = "label", "value", "prior_value"

Titles = tuple[tuple[str, ...], ...]
"""Texts of a header, row by row, every row as wide as the widest."""


@dataclass(frozen=True)
class YearColumns:
    """One table of figures: rows ``first_row`` to ``end_row`` (not included), columns by what they hold (-1 = absent).

    ``labels`` are the columns of the line's name, from the widest group to the line itself; ``years`` are
    (column, year) pairs, ``units`` the units that their titles carry, by column. ``notes`` tell where the year was
    taken from if no column names it, ``department`` whose figures they are where the rows of a turned table say it.
    """

    table: Table
    first_row: int
    end_row: int
    labels: tuple[int, ...]
    years: tuple[tuple[int, int], ...]
    columns: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    department: str | None = None
    units: dict[int, str] = field(default_factory=dict)

    def column(self, name: str) -> int:
        """Column of a field of column_map.csv, -1 where the table has none."""
        return self.columns.get(name, -1)


class _Part(NamedTuple):
    """What the titles of one table say, wherever they stand; ``years`` is empty where no column names a year.
    ``names`` are the titles of the columns of names, compared, by column; ``unread`` are (column, titles) of what the
    form does not know, of targets of a year, and of a year that goes without saying where others are said; ``units``
    are those that titles carry, by column."""

    labels: tuple[int, ...]
    names: dict[int, frozenset[str]]
    years: tuple[tuple[int, int], ...]
    columns: dict[str, int]
    unread: tuple[tuple[int, str], ...]
    units: dict[int, str]
    departments: dict[str | None, tuple[tuple[int, int], ...]]


class _Block(NamedTuple):
    """A header (rows ``top`` to ``bottom``, included) and the tables side by side below it; ``names`` are the titles of
    their columns of names, compared, by column."""

    top: int
    bottom: int
    parts: list[YearColumns]
    names: dict[int, frozenset[str]]


def find_tables(document: Document, form: Form, reporting_year: int) -> list[list[YearColumns]]:
    """Every table of figures on each sheet, in reading order; the same for forms with the same titles."""
    headers = form.headers(reporting_year)
    asked = headers, bool(form.lines), reporting_year
    if asked not in document.memo:
        document.memo[asked] = [
            list(_find_tables(table, headers, form, reporting_year))
            or _turned(table, form, reporting_year)
            or (list(_find_tables(table, headers.by_code, form, reporting_year)) if form.lines else [])
            for table in document.tables
        ]
    found: list[list[YearColumns]] = document.memo[asked]
    return found


def _find_tables(table: Table, headers: Headers, form: Form, reporting_year: int) -> Iterator[YearColumns]:
    blocks = list(_blocks(table, headers, form, reporting_year))
    for block, following in zip_longest(blocks, blocks[1:]):
        yield from (replace(part, end_row=following.top) for part in block.parts) if following else block.parts


def _turned(table: Table, form: Form, reporting_year: int) -> list[YearColumns]:
    """The same of a table on its side, one for each department that its rows name."""
    found, notes = turned(table, form, reporting_year), tuple[str, ...]()
    if found is None and not form.lines and (found := departments_down(table, form, reporting_year)):
        year, notes = _year_said(table, found.names, reporting_year)
        found = replace(found, years={of: tuple((row, year) for row, _ in rows) for of, rows in found.years.items()})
    if found is None:
        return []
    upright, columns = found.table, {"unit": found.units}
    parts = [
        YearColumns(
            upright, found.first_row, len(upright.rows), (found.names,), years, columns, notes, department=department
        )
        for department, years in found.years.items()
    ]
    return [replace(parts[0], unread=found.unread), *parts[1:]]


def _blocks(table: Table, headers: Headers, form: Form, reporting_year: int) -> Iterator[_Block]:
    """Headers with tables below them, top down."""
    row = 0
    names: dict[int, frozenset[str]] = {}
    while True:
        row = _title_again(table, row, names) if names else _title(table, row, headers)
        if row < 0:
            return
        block = _block_at(table, row, headers, form, reporting_year)
        row += 1
        if block.parts:
            yield block
            row = block.bottom + 1
            for column, titles in block.names.items():
                names[column] = names.get(column, titles) | titles


def _title(table: Table, first: int, headers: Headers) -> int:
    """The first row from ``first`` on that holds the title of the names, -1 where none is near enough to the top."""
    return next(headers[_LABEL].rows_in(table, first), -1)


def _title_again(table: Table, first: int, names: dict[int, frozenset[str]]) -> int:
    """The first row from ``first`` on that holds the very title of the names seen above, in its column; -1 for none.

    Further down only that is a header: a line may well be called 新项目 and stand at 2010.
    """
    found = []
    for column, known in names.items():
        titles, cells = _same(known).fitting(table.words), table.column(column)[first:]
        if not titles.isdisjoint(cells):
            found.append(next(compress(count(first), map(titles.__contains__, cells))))
    return min(found, default=-1)


@lru_cache(maxsize=64)
def _same(titles: frozenset[str]) -> Sieve:
    """Spellings of these titles."""
    return Sieve(lambda text: name_key(text) in titles)


def _block_at(table: Table, row: int, headers: Headers, form: Form, reporting_year: int) -> _Block:
    """The header around the row that holds the title of the names, and what it says."""
    rows = table.rows
    at = [c for c, cell in enumerate(rows[row]) if type(cell) is str and headers[_LABEL].fits(cell)]
    bottom = row
    # Below a title that spans rows the cells of the names are empty, and what stands beside is no figure.
    while (
        bottom + 1 < len(rows)
        and bottom + 1 - row < _MOST_ROWS_OF_HEADER
        and not any(_text(rows[bottom + 1], c) for c in at)
        and _is_titles(rows[bottom + 1])
    ):
        bottom += 1
    top = row
    if not any(year_of_header(cell) for r in range(row, bottom + 1) for cell in rows[r]):
        # The years may stand above their subtitles, where the title of the names does not reach up.
        while top > 0 and row - top < 2 and sum(year_of_header(c) is not None for c in rows[top - 1]) > 0:
            if any(_text(rows[top - 1], c) for c in at):
                break
            top -= 1
    width = max(len(rows[r]) for r in range(top, bottom + 1))
    titles = tuple(tuple(_text(rows[r], c) for c in range(width)) for r in range(top, bottom + 1))
    found: list[YearColumns] = []
    names: dict[int, frozenset[str]] = {}
    for part in _parts(titles, headers):
        years: tuple[tuple[int, int], ...] = part.years
        notes: tuple[str, ...] = ()
        unsaid = part.columns.get(_VALUE, -1)
        if unsaid >= 0 and unsaid not in dict(years) and part.columns.get("period", -1) < 0:
            # Beside columns that name their years (2022年, 全年合计) the other's is told by the title alone; and a form
            # that takes every line by its name is not found by a mere column of values: it needs to name its year.
            year, notes = _year_said(table, top, reporting_year)
            is_said = notes != _FROM_SUBMISSION or (bool(form.lines) and not years)
            said = [(unsaid, year)] if is_said else []
            before = part.columns.get(_PRIOR, -1)
            if not years and said and before >= 0:
                said.append((before, year - 1))
            named = {year for _, year in years}
            years = tuple(sorted((*years, *(pair for pair in said if pair[1] not in named))))
            notes = notes if unsaid in dict(years) else ()
        if years:
            labels = tuple([c for c in part.labels if c < years[0][0]]) or part.labels[:1]
            unread = tuple(
                f"{table.locate(bottom, c)}: column {title!r}" for c, title in part.unread if c not in dict(years)
            )
            units = {c: part.units[c] for c, _ in years if c in part.units}
            found.append(
                YearColumns(table, bottom + 1, len(rows), labels, years, part.columns, notes, unread, units=units)
            )
            names |= {column: part.names[column] for column in labels}
        if part.departments:
            year, notes = _year_said(table, top, reporting_year)
            unread = () if years else tuple(f"{table.locate(bottom, c)}: column {title!r}" for c, title in part.unread)
            for department, columns in part.departments.items():
                of_one = tuple((c, stated or year) for c, stated in columns)
                labels = tuple(c for c in part.labels if c < columns[0][0]) or part.labels[:1]
                found.append(
                    YearColumns(
                        table, bottom + 1, len(rows), labels, of_one, part.columns,
                        () if all(stated for _, stated in columns) else notes, unread, department, part.units,
                    )
                )  # fmt: skip
                unread = ()
                names |= {column: part.names[column] for column in labels}
    return _Block(top, bottom, found, names)


def _is_titles(row: list[Any]) -> bool:
    """Whether a row can belong to a header: it says something, and nothing in it is a figure but a year."""
    filled = [cell for cell in row if shown(cell)]
    return bool(filled) and all(
        year_of_header(cell) or not (isinstance(cell, (int, float)) or looks_like_figure(cell)) for cell in filled
    )


def looks_like_figure(cell: Any) -> bool:
    """Whether a cell shows a figure, perhaps with a percent sign."""
    return bool(re.fullmatch(r"[-+]?[\d０-９][\d０-９,，.．]*\s*[%％]?", str(cell).strip()))


@lru_cache(maxsize=512)
def _parts(titles: Titles, headers: Headers) -> tuple[_Part, ...]:
    """The tables that stand side by side under one header. The sheets of a workbook, and the files of a batch, mostly
    have the same titles: they are taken apart once."""
    paths = [_path(titles, column) for column in range(len(titles[0]))]
    fields = [_field_of(path, headers) for path in paths]
    years = [_year_of(path, headers) if not fields[c] or fields[c] == _VALUE else None for c, path in enumerate(paths)]
    found = []
    for first, end in _segments(fields, years):
        departments = _departments_of(paths, years, fields, range(first, end), headers)
        of_departments = {c for columns in departments.values() for c, _ in columns}
        named = {c: year for c in range(first, end) if (year := years[c]) is not None and c not in of_departments}
        labels = tuple(c for c in range(first, end) if fields[c] == _LABEL)
        if not labels:
            continue
        columns = {
            name: next((c for c in range(first, end) if fields[c] == name), -1) for name in headers if name != _LABEL
        }
        taken = _one_column_a_year(named, paths, headers)
        used = of_departments | ({c for c, _ in taken} or {columns.get(_VALUE, -1)})
        unread = tuple(
            (c, " / ".join(paths[c]))
            for c in range(first, end)
            if c not in used
            and (
                (paths[c] and fields[c] is None)
                or (fields[c] == "target" and any(map(years_in, paths[c])))
                or (fields[c] in (_VALUE, _PRIOR) and taken)
            )
            and not any(map(is_earlier_title, paths[c]))
        )
        names = {c: frozenset(map(name_key, paths[c])) for c in labels}
        units = {c: unit for c in range(first, end) if (unit := _unit_of(paths[c]))}
        found.append(_Part(labels, names, taken, columns, unread, units, departments))
    return tuple(found)


def _departments_of(
    paths: list[list[str]], years: list[int | None], fields: list[str | None], among: range, headers: Headers
) -> dict[str | None, tuple[tuple[int, int], ...]]:
    """The columns of each department that titles name, one a year, and those of the whole hospital beside them; none
    where not two departments are named."""
    found: dict[str | None, dict[int, int]] = {}
    for c in among:
        if fields[c] not in (None, _VALUE):
            continue
        for text in reversed(paths[c]):
            is_department = headers.of("department_name").fits(text)
            if is_department or headers.of("hospital_name").fits(text):
                found.setdefault(text if is_department else None, {}).setdefault(years[c] or 0, c)
                break
    if len(found.keys() - {None}) < _LEAST_DEPARTMENTS:
        return {}
    return {name: tuple(sorted((c, year) for year, c in columns.items())) for name, columns in found.items()}


def _path(titles: Titles, column: int) -> list[str]:
    """Titles of a column from top to bottom."""
    path: list[str] = []
    for r, row in enumerate(titles):
        text = row[column]
        # The title left of an empty cell spans it where something of its own stands below.
        if not text and any(below[column] for below in titles[r + 1 :]):
            text = next((left for left in reversed(row[:column]) if left), "")
        if text and (not path or path[-1] != text):
            path.append(text)
    return path


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


def _field_of(path: list[str], headers: Headers) -> str | None:
    """The field that the lowest title of a column names, in the order of column_map.csv; a column serves one."""
    for text in reversed(path):
        if year_of_header(text):
            return None
        if field_named := headers.field_of(text) or headers.field_of(without_unit(text)[0]):
            return None if field_named in _NAMES_OF_WHOM else field_named
    return None


def _unit_of(path: list[str]) -> str | None:
    """The unit that the titles of a column carry, the lowest first, or that stands alone below them."""
    carried = next((unit for text in reversed(path) if (unit := without_unit(text)[1])), None)
    return carried or (path[-1] if len(path) > 1 and is_unit(path[-1]) else None)


def _year_of(path: list[str], headers: Headers) -> int | None:
    """The year of a column of figures; None where a title says that they are wanted, not counted."""
    if any(map(headers.of("target").fits, path)):
        return None
    named = {year for text in path if (year := year_of_header(text)) is not None}
    # A title that the form has for its figures may name the year in words that only this form knows: 2021年决算口径.
    named.update(year for text in path if headers.of(_VALUE).fits(without_unit(text)[0]) for year in years_in(text))
    return named.pop() if len(named) == 1 else None


def _one_column_a_year(named: dict[int, int], paths: list[list[str]], headers: Headers) -> tuple[tuple[int, int], ...]:
    """One column for each year: the one whose lowest title says that it holds the figure, else the first whose title
    is the year itself."""
    best: dict[int, tuple[int, int]] = {}
    for column, year in named.items():
        lowest = without_unit(paths[column][-1])[0]
        rank = 0 if headers.of(_VALUE).fits(lowest) else 1 if year_of_header(lowest) else 2
        if year not in best or rank < best[year][0]:
            best[year] = (rank, column)
    return tuple(sorted((column, year) for year, (_, column) in best.items()))


def _year_said(table: Table, top: int, reporting_year: int) -> tuple[int, tuple[str, ...]]:
    """The year of a table without columns of years, and the note that says whence: as its title above row ``top`` has
    it, else its sheet, else its submission."""
    for row in range(top - 1, -1, -1):
        said = {year for cell in table.rows[row] if cell is not None for year in years_in(str(cell))}
        if len(said) == 1:
            return said.pop(), ("year_from_title",)
    on_sheet = set(years_in(table.name))
    return (on_sheet.pop(), ("year_from_sheet",)) if len(on_sheet) == 1 else (reporting_year, _FROM_SUBMISSION)


def title_rows(table: Table, end: int) -> Iterator[tuple[int, int, str]]:
    """(row, column, text) of what stands above a table's header, top down."""
    for r in range(min(end, HEAD_ROWS)):
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
