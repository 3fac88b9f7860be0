"""Whose a table is: the department that its sheet, its title or its file names, or the whole hospital."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, islice

from ingestion.forms.form import Form
from ingestion.forms.hospital_words import is_whole
from ingestion.forms.normalise import joined, name_key
from ingestion.forms.patterns import Headers
from ingestion.forms.tables.above import header_row, is_title, rows_above, title_rows
from ingestion.forms.tables.department_names import (
    after_number,
    asks,
    is_campus,
    is_of_whole,
    is_part,
    named_in,
    names_hospital,
    names_in_order,
    part_named_in,
    sheet_named,
    stated_in,
)
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.readers import Document, Table, shown

_HOSPITAL = ""
"""Whose a table is that its title says to be the whole hospital's."""


def departments_of(
    form: Form, document: Document, table: Table, parts: Sequence[YearColumns], reporting_year: int
) -> list[str | None]:
    """Whose each of the tables on a sheet is: as it says itself; where their titles name several departments, as its
    own title does, or else the one before; and else all are the sheet's, or those of its file."""
    file_name, is_file = document.name, not table.is_sheet
    sheet = _name_of_sheet(document, table)
    # Where rows or titles name departments, one that names none is the whole's that they are of, mostly the hospital.
    if any(part.department for part in parts):
        rows = [header_row(table, part) for part in parts]
        wholes = {row: _whole_of(form, table, row, sheet, file_name=file_name, is_file=is_file) for row in {*rows}}
        return [_within(wholes[row], part.department) for row, part in zip(rows, parts, strict=True)]
    if len(parts) > 1 and not form.lines:
        titled = [_titled(table, part, parts, form.headers(reporting_year)) for part in parts]
        has_several = len({*map(name_key, filter(None, titled))}) > 1
        if has_several or _HOSPITAL in titled:
            of_sheet = None if has_several else _by_name(form, sheet, is_file)
            of_those: list[str | None] = [of_sheet or _HOSPITAL, *titled]
            of_each: Iterator[str | None] = accumulate(of_those, lambda before, own: before if own is None else own)
            return [department or None for department in islice(of_each, 1, None)]
    has_column = max(parts[0].column("department"), parts[0].column("campus")) >= 0
    header = header_row(table, parts[0])
    department = department_of(form, table, header, sheet, file_name=file_name, is_file=is_file, has_column=has_column)
    if has_column and (whole := _whole_of(form, table, header, sheet, file_name=file_name, is_file=is_file)):
        department = whole
    return [department] * len(parts)


def departments_of_rows(form: Form, part: YearColumns, department: str | None) -> Sequence[str | None]:
    """The department of each row: as its columns say, where a merged cell holds for all its rows; else the table's."""
    columns = [part.column(name) for name in ("campus", "department")]
    if max(columns) < 0:
        return [department] * part.end_row
    found: list[str | None] = [department] * part.first_row
    whole = department if department and is_part(department) else None
    campus = stated = ""
    for of_campus, of_department in zip(
        *(part.table.texts(c)[part.first_row : part.end_row] for c in columns), strict=True
    ):
        if of_campus:
            campus, stated = of_campus, ""
        stated = of_department or stated
        own = form.department_of(stated, campus)
        found.append(_within(whole, own) if campus or stated else department)
    return found


def _within(whole: str | None, department: str | None) -> str | None:
    """A department that a table names, on the campus that the table is of; where it names none, all that it is of."""
    if whole is None or not department or department == whole:
        return department or whole
    return joined([whole, department]) if is_campus(whole) else department


def _whole_of(form: Form, table: Table, header: int, sheet: str, *, file_name: str, is_file: bool) -> str | None:
    """What a table of several departments is of, and its totals with it: a campus, a group of departments or one with
    parts of its own, as its sheet or its title says, or else its file; None for the hospital, which is named as such
    beside them or meant by every other name (工作量, 护理部)."""
    if form.recognise.get("sheet_is") != "department":
        return None
    of_sheet = _by_name(form, sheet, is_file)
    if of_sheet and not is_part(of_sheet):
        return None
    titles = [*_titles_above(table, header), *reversed(table.caption)]
    if not of_sheet and any(map(is_of_whole, titles)):
        return None
    whole = of_sheet or next(filter(None, map(part_named_in, titles)), None)
    if whole is None and form.is_nameless_sheet(sheet):
        whole = part_named_in(file_name)
    return None if whole is None or any(map(is_whole, table.words)) else whole


def _titles_above(table: Table, header: int) -> Iterator[str]:
    """The titles above row ``header``, the nearest first, up to the figures of the table before it."""
    for row, texts in rows_above(table, header):
        if any(type(cell) is float for cell in row):
            return
        yield from texts.values() if is_title(row, texts) else ()


def _titled(table: Table, part: YearColumns, parts: Sequence[YearColumns], headers: Headers) -> str | None:
    """The department that stands above a table, and above none beside it: in rows of its own, or else in the text;
    ``_HOSPITAL`` where it is all of them."""
    for row, texts in rows_above(table, header_row(table, part)):
        if not is_title(row, texts):
            break
        own = [text for column, text in texts.items() if column in part.beside]
        if (department := _first_named(own, headers)) is not None:
            return department
    else:
        return _first_named(reversed(table.caption), headers) if len({other.beside for other in parts}) == 1 else None
    return None


def _first_named(texts: Iterable[str], headers: Headers) -> str | None:
    """The first department that is said or named by one of some titles; ``_HOSPITAL`` where it is all of them."""
    for text in texts:
        if is_of_whole(text):
            return _HOSPITAL
        name = stated_in(text) or named_in(text)
        if name and headers.of("department_name").fits(name):
            return name
    return None


def department_of(
    form: Form, table: Table, header: int, sheet: str, *, file_name: str, is_file: bool, has_column: bool
) -> str | None:
    """The department whose table this is, by the name of its ``sheet``, or else by its title above row ``header``, or
    else, where its sheet has a name that says nothing (Sheet1), by that of its file; None for the whole hospital.

    Years in the name are no part of it. With ``is_file`` the table has the name of its file, or none of its own; with
    ``has_column`` a column of departments says whose its rows are.
    """
    if form.recognise.get("sheet_is") != "department":
        return None
    if of_sheet := _by_name(form, sheet, is_file):
        return of_sheet
    # The title of a column of departments asks for none.
    titled = None if has_column else _in_titles(form, table, header)
    if titled is None and not (has_column or form.lines) and form.is_nameless_sheet(sheet):
        titled = named_in(file_name)
    return form.department_of(titled or "")


def names_nobody(form: Form, table: Table, header: int) -> bool:
    """Whether nothing says that a table is the whole hospital's: no name of its sheet, and no title of it or of all."""
    if not form.is_nameless_sheet(table.name):
        return False
    titles = [*_titles_above(table, header), *table.caption]
    return not any(map(names_hospital, titles))


def _name_of_sheet(document: Document, table: Table) -> str:
    asked = (_name_of_sheet,)
    if asked not in document.memo:
        sheets = [table.name for table in document.tables if table.is_sheet]
        document.memo[asked] = names_in_order(sheets, len(document.tables))
    names: Mapping[str, str] = document.memo[asked]
    return names.get(table.name, table.name)


@lru_cache(maxsize=256)
def _by_name(form: Form, name: str, is_file: bool) -> str | None:
    """The department that a sheet, or a file, is named after."""
    called = after_number(named_in(name) or "") if is_file else sheet_named(name)
    return called if called and not form.is_hospital_sheet(called) else None


def _in_titles(form: Form, table: Table, header: int) -> str | None:
    """The department that a table's title names, or else the text above it: 填报科室：儿科, the same in two cells, or
    儿科2023年度指标. A return that begins with a department's name is the hospital's, written by that department."""
    titled = None
    for row, column, text in title_rows(table, header):
        if stated := stated_in(text.strip()):
            return stated
        if asks(text):
            return next((t.strip() for cell in table.rows[row][column + 1 :] if (t := shown(cell))), None)
        titled = titled or (None if form.lines else named_in(text))
    for text in () if titled else reversed(table.caption):
        if stated := stated_in(text):
            return stated
        titled = titled or (None if form.lines else named_in(text))
    return titled
