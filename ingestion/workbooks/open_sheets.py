"""Sheets of forms whose rows the sender names: departments' yearly figures, the plan's annex, a tidy table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.forms.entry_workbook import LAST_PLAN, earlier_title
from ingestion.forms.form import Form
from ingestion.workbooks import checks, styles
from ingestion.workbooks.known import Figure, PlanRow
from ingestion.workbooks.titles import plan_name, title_of, year_title

FIRST_ROW = 5
_EMPTY_ROWS = {"department": 40, "plan": 60, "tidy": 500}
"""Rows to fill in below what is known; more can be inserted."""


def departments(workbook: Workbook, form: Form, known: Sequence[Figure]) -> list[tuple[Worksheet, list[Figure]]]:
    """A sheet for the hospital and one for each of its departments, each with the figures known for it."""
    whole = next(iter(form.recognise.get("hospital_sheets", ())), "医院")
    names = [None, *sorted({figure.department for figure in known if figure.department})]
    return [
        (workbook.create_sheet(styles.sheet_title(workbook, name or whole)), [f for f in known if f.department == name])
        for name in names
    ]


def fill_department(
    sheet: Worksheet, form: Form, reporting_year: int, known: Sequence[Figure], earlier: Sequence[int]
) -> None:
    """Code, name, unit, the reporting year to fill in, earlier years in grey; names can be changed and added."""
    headers = form.headers(reporting_year)
    names = [title_of(headers[name]) for name in ("line_code", "label", "unit")]
    styles.header(sheet, FIRST_ROW - 1, [*names, year_title(reporting_year), *map(earlier_title, earlier)])
    rows: dict[str, dict[int, Figure]] = {}
    for figure in known:
        rows.setdefault(figure.label, {})[figure.year] = figure
    last = FIRST_ROW + len(rows) + _EMPTY_ROWS["department"] - 1
    empty: list[dict[int, Figure]] = [{}] * _EMPTY_ROWS["department"]
    for row, of_year in enumerate([*rows.values(), *empty], FIRST_ROW):
        newest = next(iter(of_year.values()), None)
        values = [newest.row, newest.label, newest.unit, None] if newest else []
        styles.put_row(sheet, row, values)
        _open(sheet, row, range(1, 5))
        for column, year in enumerate(earlier, 5):
            styles.put(styles.at(sheet, row, column), of_year[year].value if year in of_year else None)
        _grey(sheet, row, range(5, 5 + len(earlier)))
    checks.add(sheet, "number", [f"D{FIRST_ROW}:D{last}"])
    _finish(sheet, [10, 40, 12, 16, *[16] * len(earlier)], freeze=f"D{FIRST_ROW}", landscape=False)


def fill_plan(sheet: Worksheet, form: Form, reporting_year: int, last_plan: Sequence[PlanRow]) -> None:
    """The annex of the plan that runs the year after: rows of the last plan with its targets in grey, then empty ones.

    A section is a row with nothing but its title.
    """
    headers = form.headers(reporting_year)
    period, before = plan_name(reporting_year + 1), plan_name(reporting_year + 1 - 5)
    titles = {
        "row_no": title_of(headers["row_no"]),
        "label": title_of(headers["label"]),
        "unit": title_of(headers["unit"]),
        "baseline": title_of(headers["baseline"], f"“{before}”末"),
        "target": title_of(headers["target"], f"“{period}”"),
        "department": title_of(headers["department"]),
    }
    styles.header(sheet, FIRST_ROW - 1, [*titles.values(), LAST_PLAN])
    row = FIRST_ROW
    for section, of_section in groupby(last_plan, key=lambda known: known.section):
        if section:
            styles.put(styles.at(sheet, row, 2), section)
            styles.at(sheet, row, 2).font = styles.BOLD
            _open(sheet, row, range(1, 7))
            _grey(sheet, row, range(7, 8))
            row += 1
        for known in of_section:
            styles.put_row(sheet, row, [None, known.label, known.unit, None, None, known.department, known.target])
            _open(sheet, row, range(1, 7))
            _grey(sheet, row, range(7, 8))
            row += 1
    for empty in range(row, row + _EMPTY_ROWS["plan"]):
        _open(sheet, empty, range(1, 7))
        _grey(sheet, empty, range(7, 8))
    _finish(sheet, [8, 36, 12, 22, 30, 26, 26], freeze=f"C{FIRST_ROW}", landscape=True)


def fill_tidy(sheet: Worksheet, form: Form, reporting_year: int) -> None:
    """One figure a row: code, indicator, department, period, value, unit."""
    headers = form.headers(reporting_year)
    order = ("line_code", "label", "department", "period", "value", "unit")
    styles.header(sheet, FIRST_ROW - 1, [_chinese(headers[name]) for name in order])
    last = FIRST_ROW + _EMPTY_ROWS["tidy"] - 1
    for row in range(FIRST_ROW, last + 1):
        _open(sheet, row, range(1, len(order) + 1))
    checks.add(sheet, "year", [f"D{FIRST_ROW}:D{last}"])
    checks.add(sheet, "number", [f"E{FIRST_ROW}:E{last}"])
    _finish(sheet, [14, 40, 20, 12, 18, 12], freeze=f"A{FIRST_ROW}", landscape=False)


def _chinese(patterns: Sequence[str]) -> str:
    """The first Chinese title among the patterns of a field."""
    return next((pattern for pattern in patterns if not pattern.isascii()), patterns[0])


def _open(sheet: Worksheet, row: int, columns: range) -> None:
    for column in columns:
        cell = styles.at(sheet, row, column)
        cell.protection, cell.border, cell.alignment = styles.UNLOCKED, styles.THIN, styles.WRAPPED
        if not cell.value:
            cell.font = styles.PLAIN


def _grey(sheet: Worksheet, row: int, columns: range) -> None:
    for column in columns:
        cell = styles.at(sheet, row, column)
        cell.font, cell.fill, cell.border = styles.GREY, styles.EARLIER_FILL, styles.THIN
        cell.alignment = Alignment(vertical="center", wrap_text=True)


def _finish(sheet: Worksheet, wide: Sequence[float], *, freeze: str, landscape: bool) -> None:
    styles.widths(sheet, wide)
    sheet.freeze_panes = freeze
    sheet.print_area = f"A1:{get_column_letter(len(wide))}{sheet.max_row}"
    styles.protect(sheet, rows_may_change=True)
    styles.printed(sheet, landscape=landscape)
