"""Where a table's figures stand: its header, found by what it says, whatever rows and columns surround it.

A header may be one row or several (a year above ``填报值`` and ``备注``, a merged title above the years); it may come
again further down, and two tables may stand side by side.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import compress, count
from typing import Any, NamedTuple

from ingestion.forms.entry_workbook import is_earlier_title
from ingestion.forms.form import Form
from ingestion.forms.header_units import is_unit, without_unit
from ingestion.forms.hospital_words import is_total, is_whole
from ingestion.forms.layouts.header import (
    LEAST_DEPARTMENTS,
    NAMES_OF_WHOM,
    Header,
    Titles,
    header_around,
    path_of,
)
from ingestion.forms.layouts.turned import TurnedTable, turned
from ingestion.forms.normalise import name_key, without_serial
from ingestion.forms.patterns import Headers, Sieve
from ingestion.forms.periods import (
    is_date_of_paper,
    is_restated,
    part_of_year,
    without_years,
    year_of_header,
    years_besides_days,
    years_in,
)
from ingestion.forms.values import looks_like_figure
from ingestion.readers import HEAD_ROWS, Document, Table, shown

_FROM_SUBMISSION = ("year_from_submission",)
_LABEL, _VALUE, _PRIOR = "label", "value", "prior_value"
_MEASURES = "numerator", "denominator"
_FIGURES = _VALUE, *_MEASURES


class Measure(NamedTuple):
    """What columns hold of each line where it is not its figure: their ``title``, and its ``field`` where that is one
    of the form's (numerator, denominator)."""

    title: str
    field: str | None


@dataclass(frozen=True)
class YearColumns:
    """One table of figures: rows ``first_row`` to ``end_row`` (not included), columns by what they hold (-1 = absent).

    ``labels`` are the columns of the line's name, from the widest group to the line itself; ``years`` are
    (column, year) pairs, ``units`` the units that their titles carry, by column. ``notes`` tell where the year was
    taken from if no column names it, ``department`` whose figures they are where the rows of a turned table say it,
    ``measure`` what they are where they are not those of the lines themselves. ``beside`` are all columns of the table,
    as sent.
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
    measure: Measure | None = None
    beside: range = range(0)

    def column(self, name: str) -> int:
        """Column of a field of column_map.csv, -1 where the table has none."""
        return self.columns.get(name, -1)

    @cached_property
    def title_row(self) -> int:
        """The row above the figures that says something in the column of the names: their title."""
        texts = self.table.texts(self.labels[0])
        return next((row for row in range(self.first_row - 1, -1, -1) if texts[row]), 0)

    @cached_property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the rows, and the texts that begin them where something stands left of the names."""
        rows = slice(self.first_row, self.end_row)
        before = _first_of(self.table, tuple(range(self.labels[-1])))[rows]
        return tuple(_first_of(self.table, self.labels[::-1])[rows]), tuple(before)

    @cached_property
    def codes(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The cells of the rows' codes and of their numbers; none where there is no such column."""
        columns, rows = map(self.column, ("line_code", "line_no")), slice(self.first_row, self.end_row)
        codes, numbers = (tuple(_without_bools(self.table.column(c)[rows])) if c >= 0 else () for c in columns)
        return codes, numbers


class Outside(NamedTuple):
    """What is known of a table by what it is in: the reporting year of its submission, and the name of its file."""

    reporting_year: int
    file_name: str


class _Part(NamedTuple):
    """What the titles of one table say, wherever they stand; ``years`` is empty where no column names a year.
    ``names`` are the titles of the columns of names, compared, by column; ``unread`` are (column, titles) of what the
    form does not know, of targets of a year, and of a year that goes without saying where others are said; ``units``
    are those that titles carry, by column; ``departments`` and ``measures`` have (column, year) pairs of their own, the
    year 0 where no title names it; ``beside`` are all its columns."""

    labels: tuple[int, ...]
    names: dict[int, frozenset[str]]
    years: tuple[tuple[int, int], ...]
    columns: dict[str, int]
    unread: tuple[tuple[int, str], ...]
    units: dict[int, str]
    departments: dict[str | None, tuple[tuple[int, int], ...]]
    measures: dict[Measure, tuple[tuple[int, int], ...]]
    headers: Headers
    beside: range


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
    outside = Outside(reporting_year, document.name)
    if asked not in document.memo:
        document.memo[asked] = [
            _find_tables(table, headers, form, outside)
            or (_find_tables(table, headers.by_code, form, outside) if form.lines else [])
            for table in document.tables
        ]
    found: list[list[YearColumns]] = document.memo[asked]
    return found


def _find_tables(table: Table, headers: Headers, form: Form, outside: Outside) -> list[YearColumns]:
    blocks = list(_blocks(table, headers, form, outside))
    lying, told = turned(table, form, outside.reporting_year, [(block.top, block.bottom) for block in blocks])
    tops = [*(block.top for block in blocks), *(one.names for one in lying)]
    found: list[YearColumns] = []
    for block in blocks:
        end = min((top for top in tops if top > block.bottom), default=len(table.rows))
        for part in block.parts:
            found += _below_banners(part if part.end_row == end else replace(part, end_row=end), headers)
    for one in lying:
        found += _turned(table, one, outside)
    return [replace(found[0], unread=(*found[0].unread, *told)), *found[1:]] if told and found else found


def _below_banners(part: YearColumns, headers: Headers) -> Iterator[YearColumns]:
    """The pieces of a table between rows that say nothing but whose the rows below are, or of which year; a year only
    where no title says one."""
    departments, told = ({}, ()) if part.department else _banner_departments(part, headers)
    part = replace(part, unread=(*part.unread, *told)) if told else part
    years = _banner_years(part.table, part.first_row, part.end_row) if part.notes else {}
    if not (departments or years):
        yield part
        return
    of_hospital, piece = headers.of("hospital_name").fits, part
    newest = max((year for _, year in part.years))
    for row in sorted({*departments, *years}):
        if piece.first_row < row:
            yield replace(piece, end_row=row)
        if row in departments:
            piece = replace(piece, department=None if of_hospital(departments[row]) else departments[row])
        if row in years:
            of_year = tuple((column, year - newest + years[row]) for column, year in part.years)
            piece = replace(piece, years=of_year, notes=("year_from_title",))
        piece = replace(piece, first_row=row + 1, unread=part.unread if piece is part else ())
    if piece.first_row < piece.end_row:
        yield piece


def _banner_departments(part: YearColumns, headers: Headers) -> tuple[dict[int, str], tuple[str, ...]]:
    """Department by row, of the rows that say nothing but one: of a single one above all rows, or of several that have
    figures of the same names. Those that share none have each its part of the hospital's figures to answer for: that
    they are taken so is told."""
    table, end = part.table, part.end_row
    found = dict(_banners(table, part.first_row, end, headers.of("department_name").fitting(table.words)))
    if len({*found.values()}) < LEAST_DEPARTMENTS:
        return (found if [*found] == [part.first_row] else {}), ()
    found |= dict(_banners(table, part.first_row, end, headers.of("hospital_name").fitting(table.words)))
    names = _first_of(table, part.labels[::-1])
    whose: dict[str, str] = {}
    for row, following in zip(sorted(found), [*sorted(found)[1:], end], strict=True):
        for name in filter(None, names[row + 1 : following]):
            if whose.setdefault(name, found[row]) != found[row]:
                return found, ()
    first, more = next(iter(found)), f" and {len(found) - 1} more rows"
    return {}, (f"{table.locate(first, 0)}: row {found[first]!r}{more}, taken for headings of the hospital's figures",)


def _banner_years(table: Table, first: int, end: int) -> dict[int, int]:
    """Year by row, of the rows that say nothing but a year."""
    said = {text for text in table.words if year_of_header(text)}
    return {row: year for row, text in _banners(table, first, end, said) if (year := year_of_header(text))}


def _banners(table: Table, first: int, end: int, texts: Set[str]) -> Iterator[tuple[int, str]]:
    """(row, text) of the rows from ``first`` to ``end`` (not included) that say nothing but one of some texts, whatever
    number stands before it."""
    for row in range(first, end if texts else first):
        before, *others = [text for cell in table.rows[row] if (text := shown(cell))] or [""]
        said = {*others} if others and not without_serial(before) else {before, *others}
        if len(said) == 1 and not texts.isdisjoint(said):
            yield row, without_serial(said.pop()).strip()


def _turned(table: Table, found: TurnedTable, outside: Outside) -> Iterator[YearColumns]:
    """The same of a table on its side."""
    said, notes = _year_said(table, found.names, outside, found.beside)
    for number, part in enumerate(found.parts):
        yield YearColumns(
            found.table, part.first_row, part.end_row, (found.names,),
            tuple((column, year if year > 0 else said + year) for column, year in part.years), {"unit": found.units},
            () if all(year > 0 for _, year in part.years) else notes, () if number else found.unread, part.department,
            beside=found.beside,
        )  # fmt: skip


def _blocks(table: Table, headers: Headers, form: Form, outside: Outside) -> Iterator[_Block]:
    """Headers with tables below them, top down."""
    row = 0
    names: dict[int, frozenset[str]] = {}
    while True:
        row = _title_again(table, row, names) if names else _title(table, row, headers)
        if row < 0:
            return
        block = _block_at(table, row, headers, form, outside)
        row += 1
        if block.parts:
            yield block
            row = block.bottom + 1
            for column, titles in block.names.items():
                names[column] = names.get(column, titles) | titles
        elif not form.lines and _is_tidy(table.rows[block.top], headers):
            return


def _is_tidy(row: list[Any], headers: Headers) -> bool:
    """Whether a header is that of one figure a row: what stands below it are rows, and no header is among them."""
    return headers.of("period").first_in(row) >= 0 and headers.of(_VALUE).first_in(row) >= 0


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


def _block_at(table: Table, row: int, headers: Headers, form: Form, outside: Outside) -> _Block:
    """The header around the row that holds the title of the names, and the tables below it."""
    at = [c for c, cell in enumerate(table.rows[row]) if type(cell) is str and headers[_LABEL].fits(cell)]
    header = header_around(table, row, at)
    found: list[YearColumns] = []
    parts = _parts(header.titles, headers)
    for part in parts:
        of_lines = list(_by_year(table, header, part, form, outside))
        found += of_lines
        found += _by_measure(table, header, part, *of_lines)
        found += _by_department(table, header, part, outside)
    titles = {column: names for part in parts for column, names in part.names.items()}
    names = {column: titles[column] for one in found for column in one.labels if column in titles}
    return _Block(header.top, header.bottom, found, names)


def _by_year(table: Table, header: Header, part: _Part, form: Form, outside: Outside) -> Iterator[YearColumns]:
    """The table whose columns are years, or this year and the one before; none where nothing tells a year."""
    years: tuple[tuple[int, int], ...] = part.years
    notes: tuple[str, ...] = ()
    unsaid = part.columns.get(_VALUE, -1)
    if unsaid >= 0 and unsaid not in dict(years) and part.columns.get("period", -1) < 0:
        # Beside columns that name their years (2022年, 全年合计) the other's is told by the title alone; and a form
        # that takes every line by its name is not found by a mere column of values: it needs to name its year.
        year, notes = _year_said(table, header.top, outside, part.beside)
        is_said = (
            notes != _FROM_SUBMISSION
            or (bool(form.lines) and not years)
            or bool(_banner_years(table, header.bottom + 1, len(table.rows)))
        )
        said = [(unsaid, year)] if is_said else []
        before = part.columns.get(_PRIOR, -1)
        if not years and said and before >= 0:
            said.append((before, year - 1))
        named = {year for _, year in years}
        years = tuple(sorted((*years, *(pair for pair in said if pair[1] not in named))))
        notes = notes if unsaid in dict(years) else ()
    if years:
        read = {c for c, _ in years}
        if _only_year(years):
            read |= {c for columns in part.measures.values() for c, _ in columns}
        unread = _unread(table, header, part, read)
        units = {c: part.units[c] for c, _ in years if c in part.units}
        yield _table(table, header, part, years, notes, unread, units=units)


def _by_department(table: Table, header: Header, part: _Part, outside: Outside) -> Iterator[YearColumns]:
    """One table for each department that has columns of its own, and for the whole hospital beside them."""
    if not part.departments:
        return
    year, notes = _year_said(table, header.top, outside, part.beside)
    unread = () if part.years else _unread(table, header, part, set())
    for department, columns in part.departments.items():
        years = tuple((c, stated or year) for c, stated in columns)
        own_notes = () if all(stated for _, stated in columns) else notes
        yield _table(table, header, part, years, own_notes, unread, department=department, units=part.units)
        unread = ()


def _by_measure(table: Table, header: Header, part: _Part, figures: YearColumns | None = None) -> Iterator[YearColumns]:
    """One table for the numerators, one for the denominators, and one for whatever else stands below a year beside
    others. Where no title says the year, it is the one year of the figures; where these are of several, it is open."""
    only = _only_year(figures.years if figures else ())
    for measure, columns in part.measures.items():
        dated = tuple((c, year or only) for c, year in columns)
        if all(year for _, year in dated):
            notes = figures.notes if figures and not all(year for _, year in columns) else ()
            own = part._replace(columns=part.columns | {"unit": -1})  # that of the figures, not of their parts
            yield replace(_table(table, header, own, dated, notes, (), units=part.units), measure=measure)


def _only_year(years: tuple[tuple[int, int], ...]) -> int:
    """The year of all columns, 0 where they are of several."""
    found = {year for _, year in years}
    return found.pop() if len(found) == 1 else 0


def _unread(table: Table, header: Header, part: _Part, read: set[int]) -> tuple[str, ...]:
    return tuple(f"{table.locate(header.bottom, c)}: column {title!r}" for c, title in part.unread if c not in read)


def _table(
    table: Table, header: Header, part: _Part, years: tuple[tuple[int, int], ...], notes: tuple[str, ...],
    unread: tuple[str, ...], *, units: dict[int, str], department: str | None = None,
) -> YearColumns:  # fmt: skip
    """Columns of a part, down to the last row; a name stands left of its figures where one does."""
    labels = tuple([c for c in part.labels if c < years[0][0]]) or part.labels[:1]
    while labels[-1] + 1 < years[0][0] and _goes_on(table, header, labels[-1] + 1, part):
        labels = (*labels, labels[-1] + 1)
    return YearColumns(
        table,
        header.bottom + 1,
        len(table.rows),
        labels,
        years,
        part.columns,
        notes,
        unread,
        department,
        units,
        beside=part.beside,
    )


def _goes_on(table: Table, header: Header, column: int, part: _Part) -> bool:
    """Whether a column left of the figures holds names as well: one without a title, for those of groups are merged
    over it where they have no lines of their own; and one that tells of each row whether it is wanted or reached."""
    if column in part.columns.values():
        return False
    texts = {text for text in table.texts(column)[header.bottom + 1 :] if text}
    if any(row[column] for row in header.titles):
        kinds = [part.headers.of(name) for name in ("target", *_FIGURES)]
        return len(texts) > 1 and all(any(kind.fits(text) for kind in kinds) for text in texts)
    return bool(texts) and not any(is_unit(text) or looks_like_figure(text) for text in texts)


@lru_cache(maxsize=512)
def _parts(titles: Titles, headers: Headers) -> tuple[_Part, ...]:
    """The tables that stand side by side under one header. The sheets of a workbook, and the files of a batch, mostly
    have the same titles: they are taken apart once."""
    paths = [path_of(titles, column) for column in range(len(titles[0]))]
    fields = [_field_of(path, headers) for path in paths]
    years = [_year_of(path, headers) if fields[c] in (None, *_FIGURES) else None for c, path in enumerate(paths)]
    found = []
    for first, end in _segments(fields, years):
        departments = _departments_of(paths, years, fields, range(first, end), headers)
        of_departments = {c for columns in departments.values() for c, _ in columns}
        named = {
            c: year
            for c in range(first, end)
            if (year := years[c]) is not None and c not in of_departments and fields[c] in (None, _VALUE)
        }
        labels = tuple(c for c in range(first, end) if fields[c] == _LABEL)
        if not labels:
            continue
        columns = {
            name: next((c for c in range(first, end) if fields[c] == name), -1) for name in headers if name != _LABEL
        }
        for whose in ("department", "campus"):
            if _is_of_another(paths, fields, range(columns.get(whose, -1), labels[0])):
                columns[whose] = -1
        taken, others = _one_column_a_year(named, paths, headers, of_departments=bool(departments))
        measures = {} if departments else _measures_of(paths, years, fields, range(first, end), others)
        used = of_departments | {c for pairs in measures.values() for c, year in pairs if year}
        used |= {c for c, _ in taken} or {columns.get(_VALUE, -1)}
        unread = tuple(
            (c, " / ".join(paths[c]))
            for c in range(first, end)
            if c not in used
            and (
                (paths[c] and fields[c] is None)
                or (fields[c] == "target" and any(map(years_in, paths[c])))
                or fields[c] == "derived"
                or (fields[c] in (_VALUE, _PRIOR) and taken)
                or fields[c] in _MEASURES
            )
            and not any(map(is_earlier_title, paths[c]))
        )
        names = {c: frozenset(map(name_key, paths[c])) for c in labels}
        units = {c: unit for c in range(first, end) if (unit := _unit_of(paths[c]))}
        beside = range(first, end)
        found.append(_Part(labels, names, taken, columns, unread, units, departments, measures, headers, beside))
    return tuple(found)


def _is_of_another(paths: list[list[str]], fields: list[str | None], between: range) -> bool:
    """Whether a column of departments, the first of those left of the names, is that of another table: with columns of
    its own, and an empty one behind them."""
    if between.start < 0:
        return False
    empty = max((c for c in between if not paths[c]), default=-1)
    return any(fields[c] is None and paths[c] for c in between if c < empty)


def _departments_of(
    paths: list[list[str]], years: list[int | None], fields: list[str | None], among: range, headers: Headers
) -> dict[str | None, tuple[tuple[int, int], ...]]:
    """The columns of each department that titles name, one a year, and those of the whole hospital beside them; none
    where not two departments are named. A total beside the hospital by its name is of something else."""
    found: dict[str | None, dict[int, int]] = {}
    has_whole = any(is_whole(text) for c in among for text in paths[c])
    for c in among:
        if fields[c] not in (None, _VALUE) or (has_whole and any(map(is_total, paths[c]))):
            continue
        for text in reversed(paths[c]):
            is_department = headers.of("department_name").fits(text)
            if is_department or headers.of("hospital_name").fits(text):
                found.setdefault(text if is_department else None, {}).setdefault(years[c] or 0, c)
                break
    if len(found.keys() - {None}) < LEAST_DEPARTMENTS:
        return {}
    return {name: tuple(sorted((c, year) for year, c in columns.items())) for name, columns in found.items()}


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
            return None if field_named in NAMES_OF_WHOM else field_named
    return None


def _unit_of(path: list[str]) -> str | None:
    """The unit that the titles of a column carry, the lowest first, or that stands alone below them."""
    carried = next((unit for text in reversed(path) if (unit := without_unit(text)[1])), None)
    return carried or (path[-1] if len(path) > 1 and is_unit(path[-1]) else None)


def _year_of(path: list[str], headers: Headers) -> int | None:
    """The year of a column of figures; None where a title says that they are wanted, not counted, or of a part
    of it."""
    if any(headers.of("target").fits(text) or part_of_year(text) is not None for text in path):
        return None
    named = {year for text in path if (year := year_of_header(text)) is not None}
    # A title that the form has for its figures may name the year in words that only this form knows: 2021年决算口径.
    for text in path:
        if any(headers.of(name).fits(without_unit(text)[0]) for name in _FIGURES):
            named.update(years_in(text))
    return named.pop() if len(named) == 1 else None


def _one_column_a_year(
    named: dict[int, int], paths: list[list[str]], headers: Headers, *, of_departments: bool
) -> tuple[tuple[tuple[int, int], ...], set[int]]:
    """One column for each year: the one that restates it, else the one whose lowest title says that it holds the
    figure, else the first whose title is the year itself, else the only one. Of several below a year (例数, 占比) none
    is the figure: these are told, too. Beside columns ``of_departments`` any other may be a department's.
    """
    best: dict[int, tuple[int, list[int]]] = {}
    for column, year in named.items():
        lowest = without_unit(paths[column][-1])[0]
        rank = 0 if headers.of(_VALUE).fits(lowest) else 1 if year_of_header(lowest) else 2
        rank = -1 if rank < 2 and any(map(is_restated, paths[column])) else rank
        if of_departments and not all(year_of_header(text) or headers.of(_VALUE).fits(text) for text in paths[column]):
            continue
        if year not in best or rank < best[year][0]:
            best[year] = (rank, [column])
        elif rank == best[year][0]:
            best[year][1].append(column)
    several = {column for rank, columns in best.values() if rank == 2 and len(columns) > 1 for column in columns}
    return tuple(
        sorted((columns[0], year) for year, (_, columns) in best.items() if columns[0] not in several)
    ), several


def _measures_of(
    paths: list[list[str]], years: list[int | None], fields: list[str | None], among: range, others: set[int]
) -> dict[Measure, tuple[tuple[int, int], ...]]:
    """The columns of numerators and denominators, and of what else is counted (``others``), by their lowest title."""
    found: dict[Measure, dict[int, int]] = {}
    for c in among:
        if c in others or fields[c] in _MEASURES:
            title = without_years(without_unit(paths[c][-1])[0]) or paths[c][-1]
            found.setdefault(Measure(title, fields[c]), {}).setdefault(years[c] or 0, c)
    return {measure: tuple(sorted((c, year) for year, c in columns.items())) for measure, columns in found.items()}


def _year_said(table: Table, top: int, outside: Outside, beside: range) -> tuple[int, tuple[str, ...]]:
    """The year of a table without columns of years, and the note that says whence: as its title above row ``top`` has
    it, else the text above it, else its sheet, else its file, else its submission. Of the titles of tables side by side
    it is the one above its own columns (``beside``)."""
    for row in range(top - 1, -1, -1):
        cells = table.rows[row]
        for among in (cells, cells[beside.start : beside.stop]):
            said = {year for cell in among if cell is not None for year in _years_above(cell, outside.reporting_year)}
            if len(said) == 1:
                return said.pop(), ("year_from_title",)
            if not said:
                break
    for text in reversed(table.caption):
        if len(said := {*_years_above(text, outside.reporting_year)}) == 1:
            return said.pop(), ("year_from_title",)
    for name, note in ((table.name, "year_from_sheet"), (outside.file_name, "year_from_file")):
        named = set(_years_above(name, outside.reporting_year))
        if len(named) == 1:
            return named.pop(), (note,)
    return outside.reporting_year, _FROM_SUBMISSION


def _years_above(cell: Any, reporting_year: int) -> tuple[int, ...]:
    """The years that a cell above a table names for it; the day or the month when its paper was written is none."""
    if isinstance(cell, datetime.date):
        year = year_of_header(cell)
        return (year,) if year else ()
    years = years_besides_days(text := str(cell))
    return () if years and (is_date_of_paper(text) or (part_of_year(text) or 0) > reporting_year) else years


def title_rows(table: Table, end: int) -> Iterator[tuple[int, int, str]]:
    """(row, column, text) of what stands above a table's header, top down."""
    for r in range(min(end, HEAD_ROWS)):
        for c, cell in enumerate(table.rows[r]):
            if isinstance(cell, str) and name_key(cell):
                yield r, c, cell


def _first_of(table: Table, columns: tuple[int, ...]) -> list[str]:
    """Of each row the text that stands first in ``columns``, in that order."""
    texts = [table.texts(column) for column in columns]
    if len(texts) == 1:
        return texts[0]
    return [next(filter(None, row), "") for row in zip(*texts, strict=True)] if texts else [""] * len(table.rows)


def _without_bools(cells: Sequence[Any]) -> Sequence[Any]:
    """Cells without those that are true or false: True is 1 for whoever looks it up."""
    return [None if type(cell) is bool else cell for cell in cells] if bool in set(map(type, cells)) else cells
