"""Whose a table is: the department that its sheet, its title or its file names, or the whole hospital."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, islice, pairwise

from ingestion.forms.form import Form
from ingestion.forms.hospital_words import any_of, is_whole
from ingestion.forms.normalise import joined, name_key, without_serial
from ingestion.forms.patterns import Headers
from ingestion.forms.periods import without_years
from ingestion.forms.tables.above import header_row, is_title, rows_above, title_rows
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.readers import Document, Table, shown

_ASKS = rf"(?:填报)?(?:{any_of('department_asked')})(?:名称)?"
_SAID = re.compile(
    rf"{_ASKS}[:：]\s*(?P<name>\S+?(?: \S+?)*?)"
    r"(?=\s*$|[;；,，。]|\s*[^\S ]|\s{2}|\s+(?:[^\s:：]{1,10}[:：]|(?:19|20)\d\d))"
)
"""科室：骨科, up to what else the line says: 科室：骨科  负责人：张三."""
_ASKED = re.compile(f"{_ASKS}:?")
_OF_HOSPITAL = re.compile(rf".*(?:{any_of('hospitals')})(?:\((?P<part>[^()]*)\))?")
_OF_ALL = re.compile(any_of("of_all"))
_LONGEST_TITLE = 40
_IN_BRACKETS = re.compile(r"[(【\[〔《](?P<inside>[^()【】\[\]〔〕《》]+)[)】\]〕》]")
_AT_END = re.compile(r"(?:[(【\[〔](?P<inside>[^()【】\[\]〔〕]+)[)】\]〕]|[-—–]\s*(?P<behind>[^\s—–-]+))\s*$")
"""The end of a title that begins with what its table holds: 2024年度指标统计表(骨科), 年度指标——骨科."""
_NOT_OF = re.compile(any_of("no_department_begins"))
_SHEET_NUMBER = re.compile(r"\s*(?:0\d{1,2}|\d{1,3}\s*[-_—\s])\s*(?=[^\d\s])")
_IN_ORDER = re.compile(rf"(?P<number>\d{{1,2}})(?P<name>(?!{any_of('counted_by_numbers')}|科\d)[^\W\d_].+)")
_LEAST_IN_ORDER = 3
_NUMBERED = re.compile(
    r"(?:附?表|附件)\s*(?:[一二三四五六七八九十]|\d){1,3}(?:[-.]\d{1,2})?[-_—、.:：\s]*(?P<name>\S.*)"
)
"""A sheet with its number before its name: 附表16-骨科."""
_CAMPUS = rf"[^\s()\d,，。:：]{{0,10}}?(?:{any_of('campuses')})"
_IS_CAMPUS = re.compile(_CAMPUS)
_GROUP = rf"[^\s()\d,，。:：]{{0,10}}?(?:{any_of('groups')})"
_DEPARTMENT = (
    rf"[^\s()\d,，。:：]{{1,14}}?(?:{any_of('departments')})"
    r"(?:[一二三四五六七八九十\d]{1,2}(?:病区|组)?)?(?:\([^()]{1,8}\))?"
)
_ENDED = rf"$|[\s_—-]|(?:19|20)\d\d|{any_of('followed_by', 'departments_followed_by')}"
_NAMED = re.compile(
    rf"(?P<name>{_CAMPUS}(?:\([^()]{{1,8}}\))?|{_GROUP}|{_DEPARTMENT})(?={_ENDED})",
    re.IGNORECASE,
)
"""A department, a group of them or a campus that begins a title or a file's name, ended by what its figures are:
骨科2023年度指标."""
_PART_NAMED = re.compile(rf"(?P<name>{_CAMPUS}|{_GROUP})(?={_ENDED}|{any_of('parts_followed_by')})")
"""The same for a table of several departments: 外科系统各科室2023年工作量."""
_IS_PART = re.compile(rf"{_CAMPUS}|{_GROUP}|{_DEPARTMENT}", re.IGNORECASE)
_OF_ALL_DEPARTMENTS = re.compile(rf"(?:{any_of('of_all_departments')})+(?:{any_of('offices')})?")
_OF_WHOLE = re.compile(
    r"(?:附(?:表|件)?\d{0,2}\s*[:、.]?\s*)?"
    rf"(?:{any_of('whole_in_titles')})(?!{any_of('whole_not_followed_by')})"
)
"""What begins the title of a table of the whole hospital: 附：全院同期."""
_HOSPITAL = ""


def departments_of(
    form: Form, document: Document, table: Table, parts: Sequence[YearColumns], reporting_year: int
) -> list[str | None]:
    """Whose each of the tables on a sheet is: as it says itself; where their titles name several departments, as its
    own title does, or else the one before; and else all are the sheet's, or those of its file."""
    file_name, is_file = document.name, not table.is_sheet
    sheet = _names_of_sheets(document).get(table.name, table.name)
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
            said: list[str | None] = [of_sheet or _HOSPITAL, *titled]
            of_each: Iterator[str | None] = accumulate(said, lambda before, own: before if own is None else own)
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
    whole = department if department and _is_part(department) else None
    campus = stated = ""
    for of_campus, of_department in zip(
        *(part.table.texts(c)[part.first_row : part.end_row] for c in columns), strict=True
    ):
        if of_campus:
            campus, stated = of_campus, ""
        stated = of_department or stated
        said = form.department_of(stated, campus)
        found.append(_within(whole, said) if campus or stated else department)
    return found


def _within(whole: str | None, department: str | None) -> str | None:
    """A department that a table names, on the campus that the table is of; where it names none, all that it is of."""
    if whole is None or not department or department == whole:
        return department or whole
    return joined([whole, department]) if _IS_CAMPUS.fullmatch(whole) else department


def _whole_of(form: Form, table: Table, header: int, sheet: str, *, file_name: str, is_file: bool) -> str | None:
    """What a table of several departments is of, and its totals with it: a campus, a group of departments or one with
    parts of its own, as its sheet or its title says, or else its file; None for the hospital, which is named as such
    beside them or meant by every other name (工作量, 护理部)."""
    if form.recognise.get("sheet_is") != "department":
        return None
    named = _by_name(form, sheet, is_file)
    if named and not _is_part(named):
        return None
    titles = [*_titles_above(table, header), *reversed(table.caption)]
    if not named and any(_OF_WHOLE.match(without_serial(_plain(text))) for text in titles):
        return None
    said = named or next(filter(None, map(_part_named, titles)), None)
    if said is None and form.is_nameless_sheet(sheet):
        said = _part_named(file_name)
    return None if said is None or any(map(is_whole, table.words)) else said


def _titles_above(table: Table, header: int) -> Iterator[str]:
    """The titles above row ``header``, the nearest first, up to the figures of the table before it."""
    for row, texts in rows_above(table, header):
        if any(type(cell) is float for cell in row):
            return
        yield from texts.values() if is_title(row, texts) else ()


def _is_part(name: str) -> bool:
    """Whether a name is that of a part of a hospital, with departments of its own or none."""
    return bool(_IS_PART.fullmatch(name)) and not _OF_ALL_DEPARTMENTS.fullmatch(name)


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
        if _OF_WHOLE.match(without_serial(_plain(text))):
            return _HOSPITAL
        name = said["name"].strip() if (said := _SAID.match(text)) else _named(text)
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
    if named := _by_name(form, sheet, is_file):
        return named
    # The title of a column of departments asks for none.
    said = None if has_column else _in_titles(form, table, header)
    if said is None and not (has_column or form.lines) and form.is_nameless_sheet(sheet):
        said = _named(file_name)
    return form.department_of(said or "")


def names_nobody(form: Form, table: Table, header: int) -> bool:
    """Whether nothing says that a table is the whole hospital's: no name of its sheet, and no title of it or of all."""
    if not form.is_nameless_sheet(table.name):
        return False
    titles = [*_titles_above(table, header), *table.caption]
    return not any(_OF_HOSPITAL.match(text) or _OF_ALL.search(text) for text in map(_plain, titles))


def _names_of_sheets(document: Document) -> Mapping[str, str]:
    """Sheet -> its name, of sheets that begin with the numbers that keep them in order: 骨科 for 10骨科 that stands
    between 9眼科 and 11儿科. A number that goes up with no other (120急救中心, 5病区) is part of the name."""
    asked = (_names_of_sheets,)
    if asked not in document.memo:
        found = [one for table in document.tables if table.is_sheet and (one := _IN_ORDER.fullmatch(table.name))]
        numbers = [n for one in found if (n := int(one["number"])) <= len(document.tables)]
        is_order = len(found) == len(numbers) >= _LEAST_IN_ORDER and all(a < b for a, b in pairwise(numbers))
        is_order = is_order and len({one["name"] for one in found}) == len(found)
        document.memo[asked] = {one.string: one["name"] for one in found} if is_order else {}
    names: Mapping[str, str] = document.memo[asked]
    return names


@lru_cache(maxsize=256)
def _by_name(form: Form, name: str, is_file: bool) -> str | None:
    """The department that a sheet, or a file, is named after."""
    named = _named(name) if is_file else _without_number(without_years(name))
    if numbered := _NUMBERED.fullmatch(named or ""):
        named = _named(numbered["name"]) or named
    elif named and _OF_HOSPITAL.match(named):
        named = _named(named) or named
    return named if named and not form.is_hospital_sheet(named) else None


def _without_number(sheet: str) -> str:
    """The name of a sheet without the number that keeps the sheets in order: 骨科 for 01骨科 and for 3-骨科."""
    numbered = _SHEET_NUMBER.match(sheet)
    return sheet[numbered.end() :] if numbered else without_serial(sheet)


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
    """The department that a title begins with, after its hospital and year, or ends with; None for a title of all."""
    plain = _plain(title)
    return (None if _OF_ALL.search(plain) else _begun_by(_NAMED, plain)) or _ended_by(plain)


def _ended_by(plain: str) -> str | None:
    """The department that a title ends with, in brackets or behind a dash; an office is the one that wrote it."""
    found = _AT_END.search(plain) if len(plain) <= _LONGEST_TITLE else None
    name = (found["inside"] or found["behind"]).strip() if found else ""
    is_one = _is_part(name) and not (_NOT_OF.match(name) or _OF_ALL.search(name))
    return name if is_one and (len(name) > len("内部") or name.endswith("科")) else None


def _part_named(title: str) -> str | None:
    """The campus or the group of departments that a title begins with, also one of all its departments."""
    return _begun_by(_PART_NAMED, _plain(title))


def _plain(title: str) -> str:
    return unicodedata.normalize("NFKC", title).strip()


def _begun_by(names: re.Pattern[str], plain: str) -> str | None:
    """The name that a title begins with, after its hospital and year."""
    if len(plain) > _LONGEST_TITLE:
        return None
    hospital = _OF_HOSPITAL.match(plain)
    if hospital and hospital["part"] and _IS_CAMPUS.fullmatch(hospital["part"]):
        return hospital["part"]
    rest = plain[hospital.end() :] if hospital else plain
    if bracketed := _IN_BRACKETS.fullmatch(rest.strip()):
        rest = bracketed["inside"]
    rest = without_serial(rest)
    year = re.match(r"\s*(?:19|20)\d\d\s*年?度?\s*", rest)
    found = names.match(rest[year.end() :] if year else rest)
    return found["name"] if found else None
