"""One line a row, one year a column. Lines are known by their code or their name, years by their header.

A form with lines of its own (a return) counts the lines it knows. A form without (the departments' yearly workbook)
takes every line by its name. form.yml says which sheets are a department's and which rows are remarks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from operator import itemgetter
from typing import Any, NamedTuple

from ingestion.forms.entry_workbook import NOTES_SHEET
from ingestion.forms.form import Form, Line
from ingestion.forms.header_units import is_another_unit, is_same_kind, is_unit, without_unit
from ingestion.forms.normalise import name_key, split_code
from ingestion.forms.patterns import Headers
from ingestion.forms.tables.above import header_row
from ingestion.forms.tables.departments import departments_of, departments_of_rows, names_nobody
from ingestion.forms.tables.ends import before_others
from ingestion.forms.tables.figures import Figures, LineRow
from ingestion.forms.tables.find import find_tables
from ingestion.forms.tables.groups import in_groups, measured, needs_groups
from ingestion.forms.tables.lines import codes_of, identify, is_any_named
from ingestion.forms.tables.numbered import without_numbers
from ingestion.forms.tables.part_years import of_whole_years
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.forms.title import texts_above
from ingestion.forms.values import looks_like_figure
from ingestion.readers import HEAD_ROWS, Document, Table, shown

_LONGEST_KEPT = 2000
"""Rows of a table whose lines are remembered; a return has some hundred."""
_MARKS = "▲△★☆* "
_UNIT_SAID = re.compile(r"单\s*位\s*[:：]\s*([^\s()（）:：，,;；、]{1,8})")
_NEARLY_ALL = 0.8
"""Share of a table's rows that speaks for a form as much as the count of its lines."""
_LEAST_OF_ALL = 5
_LEAST_GOING_ON = 2
_TITLE_ROWS = 4
_LEAST_UNCLEAR = 2


class Lines(NamedTuple):
    """The rows of a table that have a name, and the codes of the lines that the form knows by it; ``of`` takes the
    cells of these rows out of a column; ``is_open`` tells that some names say too little without their groups."""

    rows: list[LineRow]
    known: frozenset[str]
    of: Callable[[Sequence[Any]], Sequence[Any]]
    is_open: bool


class ReturnTable(NamedTuple):
    """One table of a return: its columns, the department whose sheet it stands on, and its lines where they were
    needed to find it."""

    columns: YearColumns
    department: str | None
    lines: Lines | None


@dataclass(frozen=True)
class ReturnMatch:
    """Tables of a document that are this return; ``score`` is what speaks for it. ``others`` are the tables that are
    none of its, told in words, and those that may hold more than it knows."""

    tables: tuple[ReturnTable, ...]
    score: int
    others: tuple[str | YearColumns, ...] = ()

    @property
    def unread(self) -> tuple[str, ...]:
        """Which sheets and columns hold something that the form does not know."""
        told = (told for other in self.others for told in ([other] if isinstance(other, str) else _untold(other)))
        return tuple(dict.fromkeys(told))


def find(document: Document, form: Form, reporting_year: int) -> ReturnMatch | None:
    """The return in ``document``, or None where no table has its header and enough of its lines."""
    if form.lines and not any(is_any_named(form, table.words) for table in document.tables):
        return None
    found: list[ReturnTable] = []
    others: list[str | YearColumns] = []
    nobodys: list[ReturnTable] = []
    for table, own in zip(document.tables, find_tables(document, form, reporting_year), strict=True):
        if own and not form.lines:  # a return is of years, whenever it was written
            own, told = of_whole_years(table, own, reporting_year, document.name)
            own = [before_others(form, part) for part in own]
            others += told
            if told and not own:
                continue
        parts = own or _going_on(form, table, found, reporting_year)
        if not parts and table.name != NOTES_SHEET:
            others.append(f"{table.name}: no table of the form")
        if not parts:
            continue
        departments = departments_of(form, document, table, parts, reporting_year)
        others += (*parts, *(told for part in parts for told in _targets(form, part)))
        for part, department in zip(parts, departments, strict=True):
            lines = _lines(form, part, reporting_year) if form.lines else None
            found.append(ReturnTable(part, department, lines))
            if department is None and not form.lines and names_nobody(form, table, header_row(table, part)):
                nobodys.append(found[-1])
    if unclear := _unclear(found, nobodys):
        found = [one for one in found if one.columns.table.name not in unclear]
        others += [f"{sheet}: names no department" for sheet in unclear]
    score = _score(document, form, found, reporting_year)
    return ReturnMatch(tuple(found), score, tuple(others)) if score >= form.recognise["min_known_lines"] else None


def _unclear(found: list[ReturnTable], nobodys: list[ReturnTable]) -> list[str]:
    """The sheets of tables that name nobody, where others are of departments and two of them have a line in common: at
    most one of them can be the whole hospital's."""
    if len(nobodys) < _LEAST_UNCLEAR or all(one.department is None for one in found):
        return []
    lines: dict[str, set[str]] = {}
    for one in nobodys:
        lines.setdefault(one.columns.table.name, set()).update(filter(None, one.columns.names[0]))
    common = Counter(name for names in lines.values() for name in names)
    return [*lines] if max(common.values(), default=0) > 1 else []


def _untold(part: YearColumns) -> Iterator[str]:
    """What a table holds besides: columns by their titles, and where figures stand that no name or no title speaks for,
    the first of such rows, and such columns."""
    yield from part.unread
    table, rows, (names, _) = part.table, range(part.first_row, part.end_row), part.names
    columns = [table.column(column) for column, _ in part.years]
    bare = () if all(names) else [r for r, name in zip(rows, names, strict=True) if not name]
    nameless = [r for r in bare if any(looks_like_figure(column[r]) for column in columns)]
    if nameless:
        more = f" and {len(nameless) - 1} more rows" if len(nameless) > 1 else ""
        yield f"{table.locate(nameless[0], part.years[0][0])}: figures without a name{more}"
    used = {*part.labels, *(column for column, _ in part.years), *part.columns.values()}
    for c in sorted({*range(table.width)} - used):
        titles = table.texts(c)[max(part.first_row - _TITLE_ROWS, 0) : part.first_row]
        if not any(titles) and any(
            name and looks_like_figure(table.column(c)[r]) for r, name in zip(rows, names, strict=True)
        ):
            yield f"{table.locate(part.first_row, c)}: figures without a title"


def _targets(form: Form, part: YearColumns) -> Iterator[str]:
    """The first of the rows that hold what is wanted of a line."""
    if len(form.target_rows) and (named := form.target_rows.fitting(part.table.words)):
        rows = [row for row, name in enumerate(part.names[0], part.first_row) if name in named]
        more = f" and {len(rows) - 1} more rows" if len(rows) > 1 else ""
        yield from (f"{part.table.locate(row, part.labels[-1])}: a row of targets{more}" for row in rows[:1])


def _going_on(form: Form, table: Table, found: list[ReturnTable], reporting_year: int) -> list[YearColumns]:
    """A table without a header as the rest of the one before it, as where a page breaks: as many columns, and nearly
    all its rows are lines of the form."""
    if not form.lines or not found:
        return []
    before = found[-1].columns
    is_only = all(other.columns.table is not before.table for other in found[:-1])
    if not is_only or before.table.width != table.width or before.end_row < len(before.table.rows):
        return []
    part = replace(before, table=table, first_row=0, end_row=len(table.rows), unread=())
    lines = _lines(form, part, reporting_year)
    return [part] if len(lines.known) >= max(_LEAST_GOING_ON, _NEARLY_ALL * len(lines.rows)) else []


def _score(document: Document, form: Form, found: list[ReturnTable], reporting_year: int) -> int:
    """What speaks for a form: the lines of it that were found, each once, whatever sheets repeat them.

    Where they are few, a title that names the form weighs as much as all the lines that are asked for, and so do rows
    that are nearly all the form's, by code and name: a hospital may report little. What departments count under the
    names of a return is no return, and a workbook of departments is none for its title. A form without lines has its
    years to speak for it, up to the one reported.
    """
    if not form.lines:
        years = {year for part in found for _, year in part.columns.years}
        return len({year for year in years if year <= reporting_year}) or min(len(years), 1)
    needed = form.recognise["min_known_lines"]
    known = _known_in(found)
    if len(known) >= needed:
        return len(known)
    of_hospital = [part for part in found if part.department is None]
    if len(of_hospital) < len(found) - len(of_hospital):
        return len(known)
    known = _known_in(of_hospital)
    says_so = bool(known) and (form.is_titled(texts_above(document)) or _are_nearly_all(form, of_hospital, known))
    return len(known) + (needed if says_so else 0)


def _known_in(parts: list[ReturnTable]) -> frozenset[str]:
    """The codes of the lines that tables have, each once."""
    first, *others = (part.lines.known for part in parts if part.lines) if parts else [frozenset[str]()]
    return first.union(*others) if others else first


def _are_nearly_all(form: Form, parts: list[ReturnTable], known: frozenset[str]) -> bool:
    """Whether rows are lines of the form, but for a few, and some say so by a code that is no mere number (1.1)."""
    rows = coded = 0
    for columns, _, lines in parts:
        cells = columns.table.texts(columns.column("line_code"))
        for number, written, line, _ in lines.rows if lines else ():
            rows += 1
            codes = (split_code(written)[0], *codes_of(written), *codes_of(cells[number]))
            coded += line is not None and any(c and not c.isdecimal() and form.coded.get(c) is line for c in codes)
    return coded > 1 and len(known) >= max(_LEAST_OF_ALL, _NEARLY_ALL * rows)


def may_be(document: Document, form: Form, reporting_year: int) -> str | None:
    """Where a table of a hospital begins whose rows are nearly all named as lines of ``form``, though nothing says that
    it is that form: the locator of its first row. None where there is none, or too few lines to ask."""
    needed = form.recognise.get("ask_from_lines")
    tables = zip(document.tables, find_tables(document, form, reporting_year), strict=True) if needed else ()
    for part in (part for table, parts in tables if is_any_named(form, table.words) for part in parts):
        rows = _lines(form, part, reporting_year).rows
        codes = {line.line_code for _, _, line, notes in rows if line and "label_differs" not in notes}
        of_departments = max(part.column("department"), part.column("campus")) >= 0
        if not of_departments and len(codes) >= max(needed or 0, _NEARLY_ALL * len(rows)):
            return part.table.locate(rows[0][0], part.labels[-1])
    return None


def read(form: Form, match: ReturnMatch, reporting_year: int, keep_markers: bool) -> Iterator[Figures]:
    """Every filled cell of every line and year. An empty cell is no entry; a marker such as ``--`` is one only with
    ``keep_markers`` (a patch that clears a figure). Lines unknown to the form are entries without a line code."""
    for part, department, known in match.tables:
        table = part.table
        found = known or _lines(form, part, reporting_year)
        rows, own = _with_units(part, found)
        # Mostly no title carries a unit, and all years are one.
        for unit in dict.fromkeys(part.units.get(column) for column, _ in part.years):
            lines, units = (rows, own) if unit is None else _measured_in(unit, form, rows, own)
            years = [(column, year) for column, year in part.years if part.units.get(column) == unit]
            yield Figures(
                form=form,
                lines=lines,
                units=units,
                codes=table.texts(part.column("line_code")),
                departments=departments_of_rows(form, part, department),
                years=[(table.locate.of_column(column), str(year)) for column, year in years],
                cells=[found.of(table.column(column)) for column, _ in years],
                notes=part.notes,
                keep_markers=keep_markers,
            )


def _measured_in(unit: str, form: Form, rows: list[LineRow], units: Sequence[str]) -> tuple[list[LineRow], list[str]]:
    """Rows below a title that carries a unit, and the unit of each: its own where it states one; where that is another,
    the row says so."""
    own = ["" if form.is_missing(text) else text for text in units]
    doubted = [
        (*row[:3], (*row[3], "title_unit_differs")) if own[row[0]] and is_another_unit(own[row[0]], unit) else row
        for row in rows
    ]
    return doubted, [stated or unit for stated in own]


def empty_cells(form: Form, match: ReturnMatch, reporting_year: int) -> dict[str, str]:
    """Code -> place, of the required lines whose cell for the reporting year says nothing: what is to be filled in."""
    found: dict[str, str] = {}
    for part, department, known in match.tables:
        column = next((c for c, year in part.years if year == reporting_year), -1)
        if department is not None or column < 0:
            continue
        lines = known or _lines(form, part, reporting_year)
        cells = lines.of(part.table.column(column))
        if set(map(type, cells)) == {float}:
            continue
        for (number, _, line, _), cell in zip(lines.rows, cells, strict=True):
            if line and line.requirement == "required" and form.is_missing(cell):
                found.setdefault(line.line_code, part.table.locate(number, column))
    return found


def _with_units(part: YearColumns, found: Lines) -> tuple[list[LineRow], Sequence[str]]:
    """Rows, and the unit of each: as its column says, else as ends its name, else as stands above the table, there only
    for what may be measured in it. A row that no form knows may be measured in anything: it notes where its unit is
    from."""
    texts = part.table.texts(part.column("unit"))
    bare = [at for at, text in enumerate(found.of(texts)) if not text]
    if not bare:
        return found.rows, texts
    rows, units, above = list(found.rows), list(texts), _unit_above(part)
    for at in bare:
        number, label, line, notes = rows[at]
        own = _unit_behind(label, line)
        units[number] = own or (above if above and (line is None or is_same_kind(line.unit, above)) else "")
        if line is None and units[number] and not own:
            rows[at] = (number, label, line, (*notes, "unit_from_title"))
    return rows, units


@lru_cache(maxsize=1024)
def _unit_behind(label: str, line: Line | None) -> str | None:
    """The unit that ends a row's name, where that is not the very name of its line."""
    is_of_form = line is not None and name_key(line.label_zh) == name_key(split_code(label)[1])
    return None if is_of_form else without_unit(label.rstrip(_MARKS))[1]


def _unit_above(part: YearColumns) -> str:
    """The unit that the title nearest above a table says: 单位：万元. 单位：某医院 is none; and where titles of columns
    carry theirs, those hold."""
    if part.units:
        return ""
    for row in reversed(part.table.rows[: part.first_row][-HEAD_ROWS:]):
        for cell in row:
            if type(cell) is str and (said := _UNIT_SAID.search(cell)) and is_unit(said[1]):
                return said[1]
    for text in reversed(part.table.caption):
        if (said := _UNIT_SAID.search(text)) and is_unit(said[1]):
            return said[1]
    return ""


def _lines(form: Form, part: YearColumns, reporting_year: int) -> Lines:
    """Every row with a name that is no remark."""
    headers = form.headers(reporting_year)
    names, befores = part.names
    names = without_numbers(headers, part, names)
    read = _read_lines if len(names) <= _LONGEST_KEPT else _read_lines.__wrapped__
    lines = read(form, headers, part.first_row, names, befores, *(part.codes if form.lines else ((), ())))
    if not (lines.is_open or part.measure):
        return lines
    found = in_groups(form, headers, part, lines.rows) if lines.is_open else lines.rows
    found = measured(form, part.measure, found) if part.measure else found
    return lines._replace(rows=found, known=_known(found))


@lru_cache(maxsize=16)
def _read_lines(
    form: Form, headers: Headers, first_row: int, names: tuple[str, ...], befores: tuple[str, ...],
    codes: tuple[Any, ...], numbers: tuple[Any, ...],
) -> Lines:  # fmt: skip
    """The lines that the columns of a table say. The files of a batch mostly say the same: they are read once."""
    found: list[LineRow] = []
    coded = set[int]()
    after, is_remark = 0, form.is_remark
    for row, (written, before, code, number) in enumerate(zip_longest(names, befores, codes, numbers), first_row):
        if not written or is_remark(written) or (before and is_remark(before)):
            continue
        line, notes = identify(form, written, code, number, after) if form.lines else (None, ())
        if line:
            after = line.ordinal
        if line and (shown(code) or split_code(written)[0]):
            coded.add(row)
        found.append((row, written, line, notes))
    return Lines(found, _known(found), _taking([row for row, *_ in found]), needs_groups(form, headers, found, coded))


def _known(rows: list[LineRow]) -> frozenset[str]:
    return frozenset(line.line_code for _, _, line, notes in rows if line and "label_differs" not in notes)


def _taking(rows: list[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Takes the cells of some rows, in their order, out of a column; mostly they stand one below the other."""
    first, end = (rows[0], rows[-1] + 1) if rows else (0, 0)
    return itemgetter(slice(first, end)) if end - first == len(rows) else itemgetter(*rows)
