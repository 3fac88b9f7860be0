"""A table on its side: years or departments down the rows, indicators along the header. It is turned, and read as any
other.

Only where that is certain: a title such as 年份 stands above years and nothing but years, each once (or once for each
department), or one such as 科室 above names of which none comes twice; beside it the names of the indicators, and below
those hardly anything but figures. The header may have several rows, with years or departments above the indicators
or below them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise, zip_longest
from typing import Any, NamedTuple

from ingestion.forms.form import Form
from ingestion.forms.header_units import is_unit
from ingestion.forms.normalise import name_key
from ingestion.forms.patterns import Headers
from ingestion.forms.periods import year_of_header
from ingestion.forms.tables.header import LEAST_DEPARTMENTS, NAMES_OF_WHOM, Header, Titles, header_around, path_of
from ingestion.forms.tables.told_apart import told_apart
from ingestion.forms.tables.turned_columns import (
    Column,
    cell_of,
    columns_of,
    is_counted,
    is_derived,
    is_open,
    share_of_figures,
)
from ingestion.forms.tables.turned_rows import Keys, Row, rows_of
from ingestion.readers import Table, shown
from ingestion.readers.document import Locator

_LEAST_NAMES = 2
_MOSTLY = 0.8
_KEYS = "period", "campus", "department"


@dataclass(frozen=True, slots=True)
class TurnedLocator(Locator):
    """Locators of a turned table: those of the table as it was sent; ``columns`` are its columns, by row of ours."""

    sent: Locator
    columns: tuple[int, ...]

    def __call__(self, row: int, column: int) -> str:
        return self.sent(column, self.columns[row])


@dataclass(frozen=True, slots=True)
class BesideLocator(Locator):
    """Locators of a table that begins at column ``first`` of a sheet, beside another one."""

    sent: Locator
    first: int

    def __call__(self, row: int, column: int) -> str:
        return self.sent(row, column + self.first)


class TurnedPart(NamedTuple):
    """Rows ``first_row`` to ``end_row`` (not included) of a turned table: lines of which the figures of ``department``
    (None for whom the sheet is of) stand in (column, year) pairs; the year is 0 where nothing says it, and -1 where it
    is the one before that."""

    first_row: int
    end_row: int
    department: str | None
    years: tuple[tuple[int, int], ...]


class TurnedTable(NamedTuple):
    """A table turned upright: its names stand in column ``names`` (the row where it begins, as sent), units in column
    ``units`` (-1 = none). ``unread`` are the titles of the columns, as sent, that no line was made of; ``beside`` are
    the columns of the table, as sent."""

    table: Table
    names: int
    units: int
    parts: tuple[TurnedPart, ...]
    unread: tuple[str, ...]
    beside: range


class _Head(NamedTuple):
    """The header of what may be a table on its side: the table in the ``columns`` below it, and its keys."""

    table: Table
    columns: range
    keys: Keys
    header: Header


def turned(
    table: Table, form: Form, reporting_year: int, upright: Sequence[tuple[int, int]] = ()
) -> tuple[list[TurnedTable], tuple[str, ...]]:
    """The tables on their side, turned upright, top down, and where others may lie that are not certain. Each ends
    above the next one, and above the headers that stand ``upright`` (their first and last rows)."""
    headers = form.headers(reporting_year)
    tops = {row for name in ("period", "department", "campus") for row in headers.of(name).rows_in(table)}
    if not tops:
        return [], ()
    heads: list[_Head] = []
    for top in sorted(tops):
        if any(first <= top <= last for first, last in upright) or not _is_head(table.rows[top]):
            continue
        for columns in _beside(table, top, headers):
            part = _part_of(table, columns)
            keys = Keys(*(headers.of(name).first_in(part.rows[top]) for name in _KEYS))
            heads.append(_Head(part, columns, keys, header_around(part, top, keys.columns)))
    starts = [*(first for first, _ in upright), *(head.header.top for head in heads)]
    found: list[TurnedTable] = []
    told: list[str] = []
    seen: set[Titles] = set()
    for head in heads:
        first, last = head.header.bottom + 1, max(head.keys)
        end = min((row for row in starts if row >= first), default=len(table.rows))
        while first < end < len(table.rows) and _says_little(table.rows[end - 1]):
            end -= 1  # the title of the next one
        least = 1 if head.header.titles in seen else LEAST_DEPARTMENTS
        if one := _turned_at(head, end, least, form, headers):
            found.append(one)
            seen.add(head.header.titles)
        elif any(type(cell) is float for row in head.table.rows[first:end] for cell in row[last + 1 :]):
            told.append(f"{head.table.locate(first - 1, last)}: no certain table below these titles")
    return found, tuple(told)


def _beside(table: Table, top: int, headers: Headers) -> list[range]:
    """The columns of each of the tables that stand side by side below row ``top``: another one begins where the title
    of the first one's years, campuses or departments comes again, with the number before it."""
    row = table.rows[top]
    for name in reversed(_KEYS):
        if (key := headers.of(name).first_in(row)) >= 0:
            break
    again = [c for c in range(key + 1, len(row)) if type(row[c]) is str and name_key(row[c]) == name_key(row[key])]
    numbers = headers.of("line_no"), headers.of("line_code")
    starts = [c - any(type(row[c - 1]) is str and number.fits(row[c - 1]) for number in numbers) for c in again]
    return [range(first, end) for first, end in pairwise((0, *starts, table.width))]


def _part_of(table: Table, columns: range) -> Table:
    """Some columns of a table; the table itself where these are all."""
    if len(columns) == table.width:
        return table
    rows = [row[columns.start : columns.stop] for row in table.rows]
    return Table(table.name, rows, BesideLocator(table.locate, columns.start), caption=table.caption)


def _is_head(row: list[Any]) -> bool:
    """Whether a row can be a header: it has names beside its key, and no figures but years."""
    filled = [cell for cell in row if shown(cell)]
    return len(filled) > 1 and all(isinstance(cell, str) or year_of_header(cell) for cell in filled)


def _says_little(row: list[Any]) -> bool:
    return len({text for cell in row if (text := shown(cell))}) <= 1


def _turned_at(head: _Head, end: int, least: int, form: Form, headers: Headers) -> TurnedTable | None:
    """The table between a header and row ``end`` (not included); None where it is not certain."""
    table, _, keys, header = head
    first = max(keys) + 1
    titles, units = _without_units(header)
    titled = columns_of(titles, first, headers, has_departments=keys.whose >= 0)
    derived = [column for column in titled if is_derived(column, headers)]
    found = [column for column in titled if column not in derived]
    rows = rows_of(enumerate(table.rows[header.bottom + 1 : end], header.bottom + 1), keys, form, headers, least)
    if rows is None or any(map(is_open, found)):
        return None
    counted = [column for column in found if is_counted(column, found, rows.figures, table, form)]
    others = [
        column
        for column in found
        if column not in counted
        and not column.field
        and any(shown(cell_of(table, row, column)) for row in rows.figures)
    ]
    if not _is_sure(head, rows.figures, counted, others, form, headers):
        return None
    units = units if rows.units < 0 else rows.units
    upright, parts = _upright(head, rows.figures, units, counted)
    unread = _unread(head, {column.at for column in (*others, *derived)}, headers)
    told = (f"{table.locate(row, max(keys))}: row {said!r}" for row, said in rows.derived)
    return TurnedTable(
        table=upright,
        names=header.top,
        units=units,
        parts=parts,
        unread=(*unread, *told),
        beside=head.columns,
    )


def _without_units(header: Header) -> tuple[Titles, int]:
    """The titles of a header without a row of nothing but units below the others, and that row (-1 = none)."""
    *above, last = header.titles
    if above and all(map(is_unit, filter(None, last))):
        return tuple(above), header.bottom
    return header.titles, -1


def _is_sure(
    head: _Head, rows: list[Row], counted: list[Column], others: list[Column], form: Form, headers: Headers
) -> bool:
    """Whether columns are those of indicators: hardly anything but figures in them, not departments alone above them,
    and not years both above and beside."""
    return (
        len(counted) >= _LEAST_NAMES
        and len(others) <= len(counted)
        and share_of_figures((cell_of(head.table, row, c) for row in rows for c in counted), form) >= _MOSTLY
        and not all(headers.field_of(name) in NAMES_OF_WHOM for column in counted for name in column.names)
        and not (head.keys.period >= 0 and any(column.year for column in counted))
    )


def _unread(head: _Head, others: Collection[int], headers: Headers) -> tuple[str, ...]:
    """The titles of columns that no line was made of: before the figures, or among ``others``."""
    table, _, keys, header = head
    return tuple(
        f"{table.locate(header.bottom, c)}: column {' / '.join(path)!r}"
        for c in range(len(header.titles[0]))
        if (path := path_of(header.titles, c))
        and c not in keys
        and (c <= max(keys) or c in others)
        and headers.field_of(path[-1]) not in ("line_no", "line_code")
    )


def _upright(head: _Head, rows: list[Row], units: int, columns: list[Column]) -> tuple[Table, tuple[TurnedPart, ...]]:
    """The table turned, lines of one year and one department together, and these."""
    table, _, keys, header = head
    lead = range(max(keys) + 1)
    together = sorted(columns, key=_of_whom)
    sent = (*lead, *(column.at for column in together))
    cells = list(zip_longest(*table.rows))
    upright = [list(cells[c]) for c in sent]
    parts: list[TurnedPart] = []
    first = len(lead)
    for (year, department), group in groupby(together, key=_of_whom):
        names = told_apart([column.names for column in group])
        end = first + len(names)
        for row, name in zip(upright[first:end], names, strict=True):
            for r in range(header.bottom + 1):  # what stands above a column is no part of its name
                row[r] = row[r] if r == units else None  # a year that is told by now
            row[header.top] = name
        for whose in dict.fromkeys(row.department for row in rows):
            own = [row for row in rows if row.department == whose]
            years = tuple((row.at, row.year + min(year, 0) if row.year else year) for row in own)
            parts.append(TurnedPart(first, end, department or whose, years))
        first = end
    return Table(table.name, upright, TurnedLocator(table.locate, sent)), tuple(parts)


def _of_whom(column: Column) -> tuple[int, str]:
    return column.year, column.department or ""
