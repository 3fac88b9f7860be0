"""Whose a table is: the department that its sheet, its title or its file names, or the whole hospital."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from ingestion.forms.form import Form
from ingestion.forms.hospital_words import any_of
from ingestion.forms.layouts.above import header_row, is_title, rows_above
from ingestion.forms.layouts.year_columns import YearColumns, title_rows
from ingestion.forms.normalise import joined, name_key, without_serial
from ingestion.forms.patterns import Headers
from ingestion.forms.periods import without_years
from ingestion.readers import Table, shown

_SAID = re.compile(r"(?:填报)?(?:科室|部门)(?:名称)?[:：]\s*(?P<name>\S.*)")
_ASKED = re.compile("(?:填报)?(?:科室|部门)(?:名称)?:?")
_OF_HOSPITAL = re.compile(rf".*(?:{any_of('hospitals')})(?:\((?P<part>[^()]*)\))?")
_OF_ALL = re.compile("各|全院|全部|科室|所有")
_LONGEST_TITLE = 40
_IN_BRACKETS = re.compile(r"[(【\[〔《](?P<inside>[^()【】\[\]〔〕《》]+)[)】\]〕》]")
_NUMBERED = re.compile(
    r"(?:附?表|附件)\s*(?:[一二三四五六七八九十]|\d){1,3}(?:[-.]\d{1,2})?[-_—、.:：\s]*(?P<name>\S.*)"
)
"""A sheet with its number before its name: 附表16-骨科."""
_CAMPUS = rf"[^\s()\d,，。:：]{{0,10}}?(?:{any_of('campuses')})"
_IS_CAMPUS = re.compile(_CAMPUS)
_NAMED = re.compile(
    rf"(?P<name>{_CAMPUS}(?:\([^()]{{1,8}}\))?|[^\s()\d,，。:：]{{1,14}}?(?:{any_of('departments')})"
    r"(?:[一二三四五六七八九十\d]{1,2}(?:病区|组)?)?(?:\([^()]{1,8}\))?)"
    rf"(?=$|[\s_—-]|(?:19|20)\d\d|{any_of('followed_by', 'departments_followed_by')})",
    re.IGNORECASE,
)
"""A department or a campus that begins a title or a file's name, ended by what its figures are: 骨科2023年度指标."""


def departments_of(
    form: Form, table: Table, parts: Sequence[YearColumns], reporting_year: int, *, file_name: str, is_file: bool
) -> list[str | None]:
    """Whose each of the tables on a sheet is: as it says itself; where their titles name several departments, as its
    own title does, or else the one before; and else all are the sheet's. For ``file_name`` and ``is_file`` see
    ``department_of``."""
    # Where the rows of a turned table name departments, one that names none is the whole hospital's.
    if any(part.department for part in parts):
        header = header_row(table, parts[0])
        sheet = department_of(form, table, header, file_name=file_name, is_file=is_file, has_column=True)
        return [_on_campus(sheet, part.department) for part in parts]
    if len(parts) > 1 and not form.lines:
        titled = [_titled(table, part, parts, form.headers(reporting_year)) for part in parts]
        if len({*map(name_key, filter(None, titled))}) > 1:
            of_each: Iterator[str | None] = accumulate(titled, lambda before, own: own or before)
            return list(of_each)
    has_column = max(parts[0].column("department"), parts[0].column("campus")) >= 0
    header = header_row(table, parts[0])
    department = department_of(form, table, header, file_name=file_name, is_file=is_file, has_column=has_column)
    return [department] * len(parts)


def departments_of_rows(form: Form, part: YearColumns, department: str | None) -> Sequence[str | None]:
    """The department of each row: as its columns say, where a merged cell holds for all its rows; else the table's."""
    columns = [part.column(name) for name in ("campus", "department")]
    if max(columns) < 0:
        return [department] * part.end_row
    found: list[str | None] = [department] * part.first_row
    campus = stated = ""
    for of_campus, of_department in zip(
        *(part.table.texts(c)[part.first_row : part.end_row] for c in columns), strict=True
    ):
        if of_campus:
            campus, stated = of_campus, ""
        stated = of_department or stated
        said = form.department_of(stated, campus)
        found.append(_on_campus(department, said) if campus or stated else department)
    return found


def _on_campus(table_of: str | None, department: str | None) -> str | None:
    """A department that a table names, on the campus whose the table is, where it is one's."""
    if table_of is None or not _IS_CAMPUS.fullmatch(table_of):
        return department
    return joined([table_of, department]) if department and department != table_of else table_of


def _titled(table: Table, part: YearColumns, parts: Sequence[YearColumns], headers: Headers) -> str | None:
    """The department that stands above a table, and above none beside it."""
    firsts = sorted({min(other.labels) for other in parts if other.first_row == part.first_row})
    at = firsts.index(min(part.labels))
    first, end = firsts[at] if at else 0, [*firsts, table.width][at + 1]
    for row, texts in rows_above(table, header_row(table, part)):
        if not is_title(row, texts):
            break
        own = [text for column, text in texts.items() if first <= column < end]
        found = (said["name"].strip() if (said := _SAID.match(text)) else _named(text) for text in own)
        if department := next((name for name in found if name and headers.of("department_name").fits(name)), None):
            return department
    return None


def department_of(
    form: Form, table: Table, header: int, *, file_name: str, is_file: bool, has_column: bool
) -> str | None:
    """The department whose table this is, by the name of its sheet, or else by its title above row ``header``, or else,
    where its sheet has a name that says nothing (Sheet1), by the name of its file; None for the whole hospital.

    Years in the name are no part of it. With ``is_file`` the table has the name of its file, or none of its own; with
    ``has_column`` a column of departments says whose its rows are.
    """
    if form.recognise.get("sheet_is") != "department":
        return None
    if named := _by_name(form, table.name, is_file):
        return named
    # The title of a column of departments asks for none.
    said = None if has_column else _in_titles(form, table, header)
    if said is None and not (has_column or form.lines) and form.is_nameless_sheet(table.name):
        said = _named(file_name)
    return form.department_of(said or "")


@lru_cache(maxsize=256)
def _by_name(form: Form, name: str, is_file: bool) -> str | None:
    """The department that a sheet, or a file, is named after."""
    named = _named(name) if is_file else without_years(name)
    if numbered := _NUMBERED.fullmatch(named or ""):
        named = _named(numbered["name"]) or named
    elif named and _OF_HOSPITAL.match(named):
        named = _named(named) or named
    return named if named and not form.is_hospital_sheet(named) else None


def _in_titles(form: Form, table: Table, header: int) -> str | None:
    """The department that a table's title names, or else the text above it: 填报科室：儿科, the same in two cells, or
    儿科2023年度指标. A return that begins with a department's name is the hospital's, written by that department."""
    titled = None
    for row, column, text in title_rows(table, header):
        said = _SAID.match(text.strip())
        if said:
            return said["name"].strip()
        if _ASKED.fullmatch(name_key(text)):
            return next((t.strip() for cell in table.rows[row][column + 1 :] if (t := shown(cell))), None)
        titled = titled or (None if form.lines else _named(text))
    for text in () if titled else reversed(table.caption):
        if said := _SAID.match(text):
            return said["name"].strip()
        titled = titled or (None if form.lines else _named(text))
    return titled


def _named(title: str) -> str | None:
    """The department that a title begins with, after its hospital and year; None where it is a title of all."""
    plain = unicodedata.normalize("NFKC", title).strip()
    if len(plain) > _LONGEST_TITLE or _OF_ALL.search(plain):
        return None
    hospital = _OF_HOSPITAL.match(plain)
    if hospital and hospital["part"] and _IS_CAMPUS.fullmatch(hospital["part"]):
        return hospital["part"]
    rest = plain[hospital.end() :] if hospital else plain
    if bracketed := _IN_BRACKETS.fullmatch(rest.strip()):
        rest = bracketed["inside"]
    rest = without_serial(rest)
    year = re.match(r"\s*(?:19|20)\d\d\s*年?度?\s*", rest)
    found = _NAMED.match(rest[year.end() :] if year else rest)
    return found["name"] if found else None
