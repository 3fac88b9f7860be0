"""The rows of a table on its side: each is of a year, or of a department."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ingestion.forms.form import Form
from ingestion.forms.patterns import Headers
from ingestion.forms.periods import year_of_header
from ingestion.readers import shown


class Keys(NamedTuple):
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
        """Those that there are."""
        return [column for column in self if column >= 0]


class Row(NamedTuple):
    """A row of figures, as sent: whose they are, and of which year (0 where the row does not say)."""

    at: int
    department: str | None
    year: int


class Rows(NamedTuple):
    """The rows of figures below a header, the row of the units (-1 = none), and (row, text) of what comes of the others
    (平均, 小计)."""

    figures: list[Row]
    units: int
    derived: list[tuple[int, str]]


Numbered = Iterable[tuple[int, list[Any]]]
"""Rows of a table with their numbers."""


def rows_of(numbered: Numbered, keys: Keys, form: Form, headers: Headers, least: int) -> Rows | None:
    """The rows below a header, each of a year where a column says years, else of one of ``least`` departments; None
    where one begins with anything else, or two with the same."""
    of_years = keys.period >= 0
    found = _of_years(numbered, keys, form, headers) if of_years else _of_departments(numbered, keys, form, headers)
    if found is None or not _is_once(found.figures):
        return None
    enough = 1 if of_years else least
    return found if len({row.year if of_years else row.department for row in found.figures}) >= enough else None


def _of_years(numbered: Numbered, keys: Keys, form: Form, headers: Headers) -> Rows | None:
    found: list[Row] = []
    derived: list[tuple[int, str]] = []
    units, campus, whose = -1, "", ""
    for r, cells in numbered:
        said = cells[keys.period] if keys.period < len(cells) else None
        campus, whose = _whose(cells, keys, campus, whose)
        text = shown(said)
        if year := year_of_header(said):
            found.append(Row(r, form.department_of(whose, campus), year))
        elif text and headers.of("unit").fits(text) and not found:
            units = r
        elif text and found and any(headers.of(field).fits(text) for field in ("derived", "hospital_name")):
            derived.append((r, text))
        elif text and not form.is_remark(text):
            return None
    return Rows(found, units, derived)


def _of_departments(numbered: Numbered, keys: Keys, form: Form, headers: Headers) -> Rows | None:
    """A row that says nothing but a year is that of the rows below."""
    found: list[Row] = []
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
            found.append(Row(r, form.department_of(whose, campus) if is_named else form.department_of(said), year))
    return Rows(found, units, derived)


def _whose(cells: list[Any], keys: Keys, campus: str, department: str) -> tuple[str, str]:
    """Campus and department of a row, by its cells or those merged over it."""
    of_campus, of_department = (
        (shown(cells[c]) or "").strip() if 0 <= c < len(cells) else "" for c in (keys.campus, keys.department)
    )
    return (of_campus, of_department) if of_campus else (campus, of_department or department)


def _is_once(rows: list[Row]) -> bool:
    return len({(row.department, row.year) for row in rows}) == len(rows)
