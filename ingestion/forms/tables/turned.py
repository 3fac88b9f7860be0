"""A table on its side: years or departments down the rows, indicators along the header. It is turned, and read as any
other.

Only where that is certain: a title such as 年份 stands above years and nothing but years, each once (or once for each
department), or one such as 科室 above names of which none comes twice; beside it the names of the indicators, and below
those hardly anything but figures. The header may have several rows, with years or departments above the indicators
or below them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise, zip_longest
from typing import Any, NamedTuple

from ingestion.forms.form import Form
from ingestion.forms.header_units import is_unit, without_unit
from ingestion.forms.normalise import name_key
from ingestion.forms.patterns import Headers
from ingestion.forms.periods import part_of_year, year_of_header, years_in
from ingestion.forms.tables.header import (
    LEAST_DEPARTMENTS,
    NAMES_OF_WHOM,
    Header,
    Titles,
    header_around,
    path_of,
)
from ingestion.forms.tables.told_apart import told_apart
from ingestion.readers import Table, shown
from ingestion.readers.document import Locator

_MEASURED = re.compile(r"[-+]?\d[\d,，.．]*\s*\D{0,6}")
"""A figure, perhaps with its unit."""
_LEAST_NAMES = 2
_MOSTLY, _HALF = 0.8, 0.5
_NO_NAMES = {"label", "line_code", "line_no", "value", "prior_value"}
_DERIVED = {"target", "derived"}
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


class _Keys(NamedTuple):
    """The columns of years, campuses and departments, -1 where there is none."""

    period: int
    campus: int
    department: int

    @property
    def whose(self) -> int:
        """The column that names the smallest part of a hospital."""
        return self.department if self.department >= 0 else self.campus

    @property
    def columns(self) -> list[int]:
        return [column for column in self if column >= 0]


class _Column(NamedTuple):
    """A column of figures, as sent: the names above it, and the year (as in ``TurnedPart``) and the department where
    one is among them."""

    at: int
    names: tuple[str, ...]
    year: int
    department: str | None


class _Row(NamedTuple):
    """A row of figures, as sent: whose they are, and of which year (0 where the row does not say)."""

    at: int
    department: str | None
    year: int


def turned(
    table: Table, form: Form, reporting_year: int, upright: Sequence[tuple[int, int]] = ()
) -> tuple[list[TurnedTable], tuple[str, ...]]:
    """The tables on their side, turned upright, top down, and where others may lie that are not certain. Each ends
    above the next one, and above the headers that stand ``upright`` (their first and last rows)."""
    headers = form.headers(reporting_year)
    tops = {row for name in ("period", "department", "campus") for row in headers.of(name).rows_in(table)}
    if not tops:
        return [], ()
    heads: list[tuple[Table, range, _Keys, Header]] = []
    for top in sorted(tops):
        if any(first <= top <= last for first, last in upright) or not _is_head(table.rows[top]):
            continue
        for columns in _beside(table, top, headers):
            one = _part_of(table, columns)
            keys = _Keys(*(headers.of(name).first_in(one.rows[top]) for name in _KEYS))
            heads.append((one, columns, keys, header_around(one, top, keys.columns)))
    starts = [*(first for first, _ in upright), *(header.top for *_, header in heads)]
    found: list[TurnedTable] = []
    told: list[str] = []
    seen: set[Titles] = set()
    for one, columns, keys, header in heads:
        end = min((row for row in starts if row > header.bottom), default=len(table.rows))
        while end < len(table.rows) and end - 1 > header.bottom and _says_little(table.rows[end - 1]):
            end -= 1  # the title of the next one
        least = 1 if header.titles in seen else LEAST_DEPARTMENTS
        if upright_one := _turned_at(one, header, end, least, keys, form, headers):
            found.append(upright_one._replace(beside=columns))
            seen.add(header.titles)
        elif any(type(cell) is float for row in one.rows[header.bottom + 1 : end] for cell in row[max(keys) + 1 :]):
            told.append(f"{one.locate(header.bottom, max(keys))}: no certain table below these titles")
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


def _turned_at(
    table: Table, header: Header, end: int, least: int, keys: _Keys, form: Form, headers: Headers
) -> TurnedTable | None:
    lead = max(keys) + 1
    titles, units = _without_units(header)
    found = [
        column
        for c in range(lead, len(titles[0]))
        if (column := _column(c, path_of(titles, c), headers, has_departments=keys.whose >= 0))
    ]
    found, derived = _without_derived(found, headers)
    numbered = list(enumerate(table.rows[header.bottom + 1 : end], header.bottom + 1))
    if keys.period >= 0:
        read = _rows_of_years(numbered, keys, form, headers)
    else:
        read = _rows_of_departments(numbered, keys, form, headers, least)
    if read is None or any(not column.names or _is_refused(column, headers) for column in found):
        return None
    rows, own_units, derived_rows = read
    columns = [column for column in found if _is_counted(column, table, rows, found, form, headers)]
    cells = [_cell(table, row.at, column.at) for row in rows for column in columns]
    others = {
        column.at
        for column in found
        if column not in columns and any(shown(_cell(table, row.at, column.at)) for row in rows)
    } - {column.at for column in found if _field_of(column, headers)}
    is_sure = (
        len(columns) >= _LEAST_NAMES
        and len(others) <= len(columns)
        and _figures(cells, form) >= _MOSTLY
        and not all(headers.field_of(name) in NAMES_OF_WHOM for column in columns for name in column.names)
    )
    if not is_sure or (keys.period >= 0 and any(column.year for column in columns)):
        return None
    others |= derived
    upright = _upright(
        table, header, lead, units if own_units < 0 else own_units, columns, rows, others, keys.columns, headers
    )
    told = (f"{table.locate(r, max(keys))}: row {said!r}" for r, said in derived_rows)
    return upright._replace(unread=(*upright.unread, *told))


def _without_derived(columns: list[_Column], headers: Headers) -> tuple[list[_Column], set[int]]:
    """Columns but for those that are wanted, or that come of the others: targets, ranks, rates of completion; and
    where these stand."""
    lowest = {c.at: c.names[-1] for c in columns if c.names}
    derived = {
        at
        for at, name in lowest.items()
        if {headers.field_of(name), headers.field_of(without_unit(name)[0])} & _DERIVED
    }
    return [c for c in columns if c.at not in derived], derived


def _without_units(header: Header) -> tuple[tuple[tuple[str, ...], ...], int]:
    """The titles of a header without a row of nothing but units below the others, and that row (-1 = none)."""
    *above, last = header.titles
    if above and all(map(is_unit, filter(None, last))):
        return tuple(above), header.bottom
    return header.titles, -1


def _column(at: int, path: list[str], headers: Headers, *, has_departments: bool) -> _Column | None:
    """What the titles of a column say; None for one without a title."""
    if not path:
        return None
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
    return _Column(at, tuple(names), year, department)


def _field_of(column: _Column, headers: Headers) -> str | None:
    """The field of the form that a column is, by its lowest title."""
    field = headers.field_of(column.names[-1])
    return None if field in NAMES_OF_WHOM else field


def _is_refused(column: _Column, headers: Headers) -> bool:
    """Whether a title shows that the table stands upright, or that what its columns are is open."""
    return _field_of(column, headers) in _NO_NAMES


def _is_counted(
    column: _Column, table: Table, rows: list[_Row], columns: list[_Column], form: Form, headers: Headers
) -> bool:
    """Whether a column holds the figures of a line. A part of a year (6月, 06) is none; a year in other words
    (较2019年), or none where the others have one, leaves open of when they are."""
    if _field_of(column, headers) or any(name.isdecimal() or part_of_year(name) is not None for name in column.names):
        return False
    cells = [_cell(table, row.at, column.at) for row in rows]
    has_when = all(row.year for row in rows)
    is_open = not has_when and (
        any(map(years_in, column.names)) or (column.year <= 0 and any(c.year > 0 for c in columns))
    )
    return not is_open and _figures(cells, form) >= _HALF


def _rows_of_years(
    numbered: list[tuple[int, list[Any]]], keys: _Keys, form: Form, headers: Headers
) -> tuple[list[_Row], int, list[tuple[int, str]]] | None:
    """Rows that each begin with a year, the row of the units (-1 = none), and rows that come of the others (平均); None
    where one begins with anything else."""
    found: list[_Row] = []
    derived: list[tuple[int, str]] = []
    units, campus, whose = -1, "", ""
    for r, cells in numbered:
        said = cells[keys.period] if keys.period < len(cells) else None
        campus, whose = _whose(cells, keys, campus, whose)
        if year := year_of_header(said):
            found.append(_Row(r, form.department_of(whose, campus), year))
        elif shown(said) and headers.of("unit").fits(str(said)) and not found:
            units = r
        elif (text := shown(said)) and found and any(headers.of(f).fits(text) for f in ("derived", "hospital_name")):
            derived.append((r, text))
        elif shown(said) and not form.is_remark(str(said)):
            return None
    return (found, units, derived) if found and _is_once(found) else None


def _rows_of_departments(
    numbered: list[tuple[int, list[Any]]], keys: _Keys, form: Form, headers: Headers, least: int
) -> tuple[list[_Row], int, list[tuple[int, str]]] | None:
    """Rows that each begin with a department, ``least`` of them, the row of the units (-1 = none), and rows that come
    of the others (小计). A row that says nothing but a year is that of the rows below."""
    found: list[_Row] = []
    derived: list[tuple[int, str]] = []
    units, year, campus, whose = -1, 0, "", ""
    for r, cells in numbered:
        # 合计 spans the number before the department, too: it stands in the first of its cells.
        said = next((text for cell in cells[keys.whose :: -1] if (text := (shown(cell) or "").strip())), "")
        banner = year_of_header(said)
        said = "" if said.isdigit() else said
        filled = any(shown(cell) for cell in cells[keys.whose + 1 :])
        if said and headers.of("unit").fits(said) and not found:
            units = r
        elif banner and not filled:
            year = banner
        elif filled and not (said and form.is_remark(said)):
            campus, whose = _whose(cells, keys, campus, "")
            if not (said or whose or campus):
                return None
            if any(headers.of(field).fits(said) for field in ("derived", "prior_value", "note")):
                derived.append((r, said))
                continue
            is_named = bool(whose or campus)
            found.append(_Row(r, form.department_of(whose, campus) if is_named else form.department_of(said), year))
    is_sure = len({row.department for row in found}) >= least and _is_once(found)
    return (found, units, derived) if is_sure else None


def _whose(cells: list[Any], keys: _Keys, campus: str, department: str) -> tuple[str, str]:
    """Campus and department of a row, by its cells or those merged over it."""
    of_campus, of_department = (
        (shown(cells[c]) or "").strip() if 0 <= c < len(cells) else "" for c in (keys.campus, keys.department)
    )
    return (of_campus, of_department) if of_campus else (campus, of_department or department)


def _is_once(rows: list[_Row]) -> bool:
    return len({(row.department, row.year) for row in rows}) == len(rows)


def _upright(
    table: Table, header: Header, lead: int, units: int, columns: list[_Column], rows: list[_Row],
    others: Iterable[int], keys: list[int], headers: Headers,
) -> TurnedTable:  # fmt: skip
    """The table turned, lines of one year and one department together."""
    together = sorted(columns, key=lambda column: (column.year, column.department or ""))
    sent = (*range(lead), *(column.at for column in together))
    cells = list(zip_longest(*table.rows))
    upright = [list(cells[c]) for c in sent]
    parts: list[TurnedPart] = []
    first = lead
    for (year, department), group in groupby(together, key=lambda column: column[2:]):
        names = told_apart([column.names for column in group])
        end = first + len(names)
        for row, name in zip(upright[first:end], names, strict=True):
            for r in range(header.bottom + 1):  # what stands above a column is no part of its name
                row[r] = row[r] if r == units else None  # a year that is told by now
            row[header.top] = name
        for whose in dict.fromkeys(row.department for row in rows):
            years = tuple(
                (row.at, row.year + min(year, 0) if row.year else year) for row in rows if row.department == whose
            )
            parts.append(TurnedPart(first, end, department or whose, years))
        first = end
    unread = tuple(
        f"{table.locate(header.bottom, c)}: column {' / '.join(path)!r}"
        for c in range(len(header.titles[0]))
        if (path := path_of(header.titles, c)) and c not in keys and (c < lead or c in others)
        and headers.field_of(path[-1]) not in ("line_no", "line_code")
    )  # fmt: skip
    return TurnedTable(
        Table(table.name, upright, TurnedLocator(table.locate, sent)), header.top, units, tuple(parts), unread,
        range(table.width),
    )  # fmt: skip


def _cell(table: Table, row: int, column: int) -> Any:
    return table.rows[row][column] if column < len(table.rows[row]) else None


def _figures(cells: Iterable[Any], form: Form) -> float:
    """Share of figures, and of marks for none, among the filled cells; 0 where none is filled."""
    filled = [cell for cell in cells if shown(cell)]
    counted = sum(isinstance(c, (int, float)) or form.is_missing(c) or _is_measured(c) for c in filled)
    return counted / len(filled) if filled else 0


def _is_measured(cell: Any) -> bool:
    return isinstance(cell, str) and bool(_MEASURED.fullmatch(cell.strip()))
