"""One line a row, one year a column. Lines are known by their code or their name, years by their header.

A form with lines of its own (a return) counts the lines it knows. A form without (the departments' yearly workbook)
takes every line by its name. form.yml says which sheets are a department's and which rows are remarks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from ingestion.forms.entry_workbook import NOTES_SHEET
from ingestion.forms.form import Form
from ingestion.forms.normalise import split_code
from ingestion.forms.tables.above import header_row
from ingestion.forms.tables.departments import departments_of, departments_of_rows, names_nobody
from ingestion.forms.tables.ends import before_others
from ingestion.forms.tables.figures import Figures
from ingestion.forms.tables.find import find_tables
from ingestion.forms.tables.lines import codes_of, is_any_named
from ingestion.forms.tables.part_years import of_whole_years
from ingestion.forms.tables.row_units import measured_in, with_units
from ingestion.forms.tables.rows import Lines, lines_of
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.forms.title import texts_above
from ingestion.forms.values import looks_like_figure
from ingestion.readers import Document, Table

_NEARLY_ALL = 0.8
"""Share of a table's rows that speaks for a form as much as the count of its lines."""
_LEAST_OF_ALL = 5
_LEAST_GOING_ON = 2
_TITLE_ROWS = 4
_LEAST_UNCLEAR = 2


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
            lines = lines_of(form, part, reporting_year) if form.lines else None
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
    lines = lines_of(form, part, reporting_year)
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
        rows = lines_of(form, part, reporting_year).rows
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
        found = known or lines_of(form, part, reporting_year)
        rows, own = with_units(part, found)
        # Mostly no title carries a unit, and all years are one.
        for unit in dict.fromkeys(part.units.get(column) for column, _ in part.years):
            lines, units = (rows, own) if unit is None else measured_in(unit, form, rows, own)
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


def empty_cells(form: Form, match: ReturnMatch, reporting_year: int) -> dict[str, str]:
    """Code -> place, of the required lines whose cell for the reporting year says nothing: what is to be filled in."""
    found: dict[str, str] = {}
    for part, department, known in match.tables:
        column = next((c for c, year in part.years if year == reporting_year), -1)
        if department is not None or column < 0:
            continue
        lines = known or lines_of(form, part, reporting_year)
        cells = lines.of(part.table.column(column))
        if set(map(type, cells)) == {float}:
            continue
        for (number, _, line, _), cell in zip(lines.rows, cells, strict=True):
            if line and line.requirement == "required" and form.is_missing(cell):
                found.setdefault(line.line_code, part.table.locate(number, column))
    return found
