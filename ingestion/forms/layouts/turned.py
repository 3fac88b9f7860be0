"""A table on its side: years or departments down the rows, indicators along the header. It is turned, and read as any
other.

Only where that is certain: a title such as 年份 stands above years and nothing but years, each once (or once for each
department), or one such as 科室 above names of which none comes twice; beside it the names of the indicators, and below
those hardly anything but figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from ingestion.forms.form import Form
from ingestion.forms.periods import year_of_header
from ingestion.readers import Table, shown
from ingestion.readers.document import Locator

_FIGURE = re.compile(r"[-+]?[\d０-９][\d０-９,，.．]*\s*\D{0,6}")
_LEAST_NAMES = 2
_MOSTLY = 0.8
_NO_NAMES = {"label", "line_code", "line_no", "value", "prior_value", "target"}


@dataclass(frozen=True, slots=True)
class TurnedLocator(Locator):
    """Locators of a turned table: those of the table as it was sent."""

    sent: Locator

    def __call__(self, row: int, column: int) -> str:
        return self.sent(column, row)


@dataclass(frozen=True)
class TurnedTable:
    """A table turned upright: its names stand in column ``names`` from ``first_row`` on, units in column ``units``
    (-1 = none), the figures of a department (None for whom the sheet is of) in (column, year) pairs. ``unread`` are
    what stands left of the years."""

    table: Table
    first_row: int
    names: int
    units: int
    years: dict[str | None, tuple[tuple[int, int], ...]]
    unread: tuple[str, ...]


def turned(table: Table, form: Form, reporting_year: int) -> TurnedTable | None:
    """The table turned upright where it lies on its side, else None."""
    headers = form.headers(reporting_year)
    for top in headers.of("period").rows_in(table):
        period = headers.of("period").first_in(table.rows[top])
        departments = headers.of("department").first_in(table.rows[top])
        names = {c: text for c, cell in enumerate(table.rows[top]) if c > period and (text := shown(cell))}
        if len(names) < _LEAST_NAMES or any(headers.field_of(name) in _NO_NAMES for name in names.values()):
            continue
        units, department = -1, None
        years: dict[str | None, list[tuple[int, int]]] = {}
        for r, row in enumerate(table.rows[top + 1 :], top + 1):
            said = row[period] if period < len(row) else None
            if departments >= 0 and departments < len(row):
                department = shown(row[departments]) or department
            if year := year_of_header(said):
                years.setdefault(department, []).append((r, year))
            elif shown(said) and headers.of("unit").fits(str(said)) and not years:
                units = r
            elif shown(said) and not form.is_remark(str(said)):
                years = {}
                break
        is_once = all(len({year for _, year in of_one}) == len(of_one) for of_one in years.values())
        if years and is_once and _are_figures(table, [r for pairs in years.values() for r, _ in pairs], [*names], form):
            rows = [list(row) for row in zip_longest(*table.rows)]
            upright = Table(table.name, rows, TurnedLocator(table.locate))
            ordered = {name: tuple(pairs) for name, pairs in years.items()}
            unread = tuple(
                f"{table.locate(top, c)}: column {title!r}"
                for c, cell in enumerate(table.rows[top][:period])
                if c != departments and (title := shown(cell)) and not headers.of("line_no").fits(title)
            )
            return TurnedTable(upright, period + 1, top, units, ordered, unread)
    return None


def departments_down(table: Table, form: Form, reporting_year: int) -> TurnedTable | None:
    """A table with one row a department and no column of years, turned upright; its ``years`` name no year yet (0)."""
    headers = form.headers(reporting_year)
    for top in headers.of("department").rows_in(table):
        header = table.rows[top]
        column = headers.of("department").first_in(header)
        names = {c: text for c, cell in enumerate(header) if c > column and (text := shown(cell))}
        fields = {c: headers.field_of(name) for c, name in names.items()}
        is_other = headers.of("period").first_in(header) >= 0 or any(map(year_of_header, names.values()))
        if is_other or not _NO_NAMES.isdisjoint(fields.values()):
            continue
        units, rows = -1, dict[str | None, int]()
        for r, row in enumerate(table.rows[top + 1 :], top + 1):
            # 合计 spans the number before the department, too: it stands in the first of its cells.
            said = next((text for cell in row[column::-1] if (text := (shown(cell) or "").strip())), "")
            said = "" if said.isdigit() else said
            filled = any(shown(cell) for cell in row[column + 1 :])
            if said and headers.of("unit").fits(said) and not rows:
                units = r
            elif filled and not (said and form.is_remark(said)):
                if not said or form.department_of(said) in rows:
                    rows = {}
                    break
                rows[form.department_of(said)] = r
        fields = {c: None if name in ("hospital_name", "department_name") else name for c, name in fields.items()}
        counted = [c for c in names if fields[c] is None and _are_figures(table, [*rows.values()], [c], form)]
        others = {c: title for c, title in names.items() if c not in counted and fields[c] is None}
        if min(len(rows), len(counted)) < _LEAST_NAMES or len(others) > len(counted):
            continue
        upright = [list(row) for row in zip_longest(*table.rows)]
        for c in names.keys() - set(counted):  # a remark, a person in charge: no name of a line
            upright[c] = [None] * len(table.rows)
        unread = tuple(
            f"{table.locate(top, c)}: column {title!r}"
            for c, cell in enumerate(header)
            if (c < column or c in others) and (title := shown(cell)) and not headers.of("line_no").fits(title)
            and headers.field_of(title) != "line_code"
        )  # fmt: skip
        turned_up = Table(table.name, upright, TurnedLocator(table.locate))
        return TurnedTable(turned_up, column + 1, top, units, {d: ((r, 0),) for d, r in rows.items()}, unread)
    return None


def _are_figures(table: Table, rows: list[int], columns: list[int], form: Form) -> bool:
    cells = [cell for r in rows for c in columns if c < len(table.rows[r]) and shown(cell := table.rows[r][c])]
    figures = sum(isinstance(c, (int, float)) or form.is_missing(c) or _is_figure(c) for c in cells)
    return bool(cells) and figures >= _MOSTLY * len(cells)


def _is_figure(cell: Any) -> bool:
    return isinstance(cell, str) and bool(_FIGURE.fullmatch(cell.strip()))
