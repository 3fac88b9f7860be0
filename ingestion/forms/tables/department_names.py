"""Departments, groups of them and campuses by their names, as titles, sheets and files have them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from ingestion.forms.hospital_words import any_of
from ingestion.forms.normalise import name_key, without_serial
from ingestion.forms.periods import without_years

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
_WITH_PATIENTS = re.compile(rf"(?:{any_of('with_patients')})(?:{any_of('offices')})")
_OF_WHOLE = re.compile(
    r"(?:附(?:表|件)?\d{0,2}\s*[:、.]?\s*)?"
    rf"(?:{any_of('whole_in_titles')})(?!{any_of('whole_not_followed_by')})"
)
"""What begins the title of a table of the whole hospital: 附：全院同期."""


def stated_in(title: str) -> str | None:
    """The department that a title states where it was asked for: 填报科室：骨科."""
    found = _SAID.match(title)
    return found["name"].strip() if found else None


def asks(title: str) -> bool:
    """Whether a title asks for the department and leaves it to the next cell."""
    return bool(_ASKED.fullmatch(name_key(title)))


def named_in(title: str) -> str | None:
    """The department that a title begins with, after its hospital and year, or ends with; None for a title of all."""
    plain = _plain(title)
    return (None if _OF_ALL.search(plain) else _begun_by(_NAMED, plain)) or _ended_by(plain)


def part_named_in(title: str) -> str | None:
    """The campus or the group of departments that a title begins with, also one of all its departments."""
    return _begun_by(_PART_NAMED, _plain(title))


def is_part(name: str) -> bool:
    """Whether a name is that of a part of a hospital, with departments of its own or none."""
    return bool(_IS_PART.fullmatch(name)) and not _OF_ALL_DEPARTMENTS.fullmatch(name)


def is_campus(name: str) -> bool:
    """Whether a name is that of a campus, and of no department on it."""
    return bool(_IS_CAMPUS.fullmatch(name))


def is_of_whole(title: str) -> bool:
    """Whether a title begins with the whole hospital: 全院2024年指标, 附：全院同期."""
    return bool(_OF_WHOLE.match(without_serial(_plain(title))))


def names_hospital(title: str) -> bool:
    """Whether a title names a hospital, or all that is in it, whatever else it says."""
    plain = _plain(title)
    return bool(_OF_HOSPITAL.match(plain) or _OF_ALL.search(plain))


def sheet_named(sheet: str) -> str:
    """The name of a sheet, without years and without the number that keeps the sheets in order: 骨科 for 01骨科 and for
    3-骨科, and where a hospital stands before it or a number such as 附表16."""
    numbered = _SHEET_NUMBER.match(without := without_years(sheet))
    return after_number(without[numbered.end() :] if numbered else without_serial(without))


def after_number(name: str) -> str:
    """The department in a name that begins with its hospital or with a number such as 附表16; else the same name."""
    numbered = _NUMBERED.fullmatch(name)
    rest = numbered["name"] if numbered else name if _OF_HOSPITAL.match(name) else ""
    return named_in(rest) or name


def names_in_order(sheets: Sequence[str], most: int) -> dict[str, str]:
    """Sheet -> its name, of sheets that begin with the numbers that keep them in order, up to ``most``: 骨科 for
    10骨科 that stands between 9眼科 and 11儿科. A number that goes up with no other (120急救中心, 5病区) is part of the
    name."""
    found = [one for sheet in sheets if (one := _IN_ORDER.fullmatch(sheet))]
    numbers = [number for one in found if (number := int(one["number"])) <= most]
    is_order = len(found) == len(numbers) >= _LEAST_IN_ORDER and all(a < b for a, b in pairwise(numbers))
    is_order = is_order and len({one["name"] for one in found}) == len(found)
    return {one.string: one["name"] for one in found} if is_order else {}


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


def _ended_by(plain: str) -> str | None:
    """The department that a title ends with, in brackets or behind a dash; an office is the one that wrote it."""
    found = _AT_END.search(plain) if len(plain) <= _LONGEST_TITLE else None
    name = (found["inside"] or found["behind"]).strip() if found else ""
    is_one = is_part(name) or _WITH_PATIENTS.fullmatch(name)
    if not is_one or _NOT_OF.match(name) or _OF_ALL.search(name):
        return None
    return name if len(name) > len("内部") or name.endswith("科") else None


def _plain(title: str) -> str:
    return unicodedata.normalize("NFKC", title).strip()
