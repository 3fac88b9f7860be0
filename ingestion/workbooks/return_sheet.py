"""The sheet of a national return: one line a row, the reporting year to fill in, earlier years beside it in grey."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.forms.entry_workbook import earlier_title
from ingestion.forms.form import Form, Line
from ingestion.forms.formula import parse_formula
from ingestion.readers.aligned_text import columns_wide
from ingestion.workbooks import checks, styles
from ingestion.workbooks.formulas import excel_formula
from ingestion.workbooks.known import Figure
from ingestion.workbooks.titles import title_of, year_title

_FORMATS = {"integer": "#,##0", "number": "#,##0.00", "percent": "0.00", "text": "@"}
_LABEL_WIDTH = 52.0
_LINE_HEIGHT = 15.0
_LETTERS = 1.08
"""Letters of ours in one of the program's own, which widths are counted in."""
_DISAGREES = PatternFill("solid", bgColor="F0E442")
FIRST_ROW = 5
"""Row of the first line: above it title, hospital and year, a hint, and the header."""


def fill(sheet: Worksheet, form: Form, reporting_year: int, known: Sequence[Figure], earlier: Sequence[int]) -> None:
    """Write header and lines of ``form``; ``known`` are figures of earlier years, ``earlier`` the years to show."""
    places = _Places(form, reporting_year, earlier)
    styles.header(sheet, FIRST_ROW - 1, places.titles)
    figures = {(figure.line_code, figure.year): figure.value for figure in known}
    typed: dict[str, list[str]] = defaultdict(list)
    for line in form.lines.values():
        row = places.rows[line.line_code]
        _name(sheet, row, line, form, places)
        _earlier(sheet, row, line, figures, earlier, places)
        if line.carries_value:
            typed[checks.rule_of(line, form)].append(_this_year(sheet, row, line, form, figures, places))
            _relations(sheet, line, places)
        _border(sheet, row, len(places.titles))
        if places.note:
            styles.at(sheet, row, places.note).protection = styles.UNLOCKED
    for rule, cells in typed.items():
        checks.add(sheet, rule, cells)
    styles.widths(sheet, places.widths)
    sheet.freeze_panes = f"{get_column_letter(places.year)}{FIRST_ROW}"
    sheet.print_area = f"A1:{get_column_letter(len(places.titles))}{max(places.rows.values())}"
    styles.protect(sheet)
    styles.printed(sheet)


class _Places:
    """Which column holds what (1-based; 0 = none), and the row of each line."""

    def __init__(self, form: Form, reporting_year: int, earlier: Sequence[int]) -> None:
        headers = form.headers(reporting_year)
        # Codes that are numbers stand before the label, as the return prints them; others have a column.
        has_codes = bool(headers.get("line_code")) and not all(code[0].isdigit() for code in form.lines)
        columns = [("line_code", title_of(headers["line_code"]), 13.0)] if has_codes else []
        columns.append(("label", title_of(headers["label"]), _LABEL_WIDTH))
        if headers.get("unit"):
            columns.append(("unit", title_of(headers["unit"]), 12.0))
        columns.append(("year", year_title(reporting_year), 18.0))
        columns += [(f"year{year}", earlier_title(year), 16.0) for year in earlier]
        if headers.get("note"):
            columns.append(("note", title_of(headers["note"]), 28.0))
        self._at = {name: number for number, (name, _, _) in enumerate(columns, 1)}
        self.titles = [title for _, title, _ in columns]
        self.widths = [width for _, _, width in columns]
        self.code, self.label, self.unit = self._at.get("line_code", 0), self._at["label"], self._at.get("unit", 0)
        self.year, self.note = self._at["year"], self._at.get("note", 0)
        self.reporting_year = reporting_year
        self.rows = {code: FIRST_ROW + number for number, code in enumerate(form.lines)}

    def earlier(self, year: int) -> int:
        """Column of an earlier year."""
        return self._at[f"year{year}"]

    def cell(self, line_code: str, year_offset: int) -> str:
        """Address of a line's figure, this year's or an earlier one's."""
        column = self.year if year_offset == 0 else self.earlier(self.reporting_year + year_offset)
        return f"{get_column_letter(column)}{self.rows[line_code]}"


def _name(sheet: Worksheet, row: int, line: Line, form: Form, places: _Places) -> None:
    label = line.label_zh if places.code else f"{line.line_code}.{line.label_zh}"
    named = styles.at(sheet, row, places.label)
    styles.put(named, label)
    indent = depth(line, form)
    named.alignment = Alignment(horizontal="left", indent=indent, vertical="center", wrap_text=True)
    # Not every program makes room for a text that is wrapped.
    wide = math.ceil(columns_wide(label) / (_LABEL_WIDTH * _LETTERS - 2 * indent))
    sheet.row_dimensions[row].height = wide * _LINE_HEIGHT if wide > 1 else None
    named.font = styles.BOLD if line.is_indicator else styles.PLAIN
    for column, text in ((places.code, line.line_code), (places.unit, line.unit)):
        if column:
            cell = styles.at(sheet, row, column)
            styles.put(cell, text)
            cell.font, cell.number_format, cell.alignment = styles.PLAIN, "@", styles.WRAPPED


def _earlier(
    sheet: Worksheet,
    row: int,
    line: Line,
    figures: dict[tuple[str | None, int], Decimal | str],
    earlier: Sequence[int],
    places: _Places,
) -> None:
    for year in earlier:
        cell = styles.at(sheet, row, places.earlier(year))
        styles.put(cell, figures.get((line.line_code, year)))
        cell.font, cell.fill = styles.GREY, styles.EARLIER_FILL
        cell.number_format = _FORMATS.get(line.value_type, "General")
        cell.alignment = Alignment(horizontal="right", vertical="center")


def _this_year(
    sheet: Worksheet,
    row: int,
    line: Line,
    form: Form,
    figures: dict[tuple[str | None, int], Decimal | str],
    places: _Places,
) -> str:
    """Formula or empty cell of the reporting year; returns its address."""
    cell = styles.at(sheet, row, places.year)
    cell.font = styles.PLAIN
    cell.alignment = Alignment(horizontal="right", vertical="center")
    formula = parse_formula(line.formula) if line.formula else None
    # A growth counts from last year's figure; where nobody knows that one, the growth is typed.
    if formula and all(
        not term.year_offset
        or isinstance(figures.get((term.line_code, places.reporting_year + term.year_offset)), Decimal)
        for term in formula.terms
    ):
        optional = {code for code, other in form.lines.items() if other.requirement != "required"}
        # In no format of its own: an empty result in any other, LibreOffice writes into xls as 0.
        cell.value = excel_formula(formula, places.cell, optional)
        cell.fill = styles.COMPUTED_FILL
    else:
        cell.number_format = _FORMATS.get(line.value_type, "General")
        cell.protection = styles.UNLOCKED
    return str(cell.coordinate)


def _relations(sheet: Worksheet, line: Line, places: _Places) -> None:
    """Mark a figure while it contradicts another line: not the same where it must be, or above its whole."""
    own = places.cell(line.line_code, 0)
    for other_code, sign in [*((code, "<>") for code in line.same_as), *((code, ">") for code in line.at_most)]:
        other = places.cell(other_code, 0)
        rule = FormulaRule([f"AND(ISNUMBER({own}),ISNUMBER({other}),{own}{sign}{other})"], fill=_DISAGREES)
        sheet.conditional_formatting.add(own, rule)


def _border(sheet: Worksheet, row: int, columns: int) -> None:
    for column in range(1, columns + 1):
        styles.at(sheet, row, column).border = styles.THIN


def depth(line: Line, form: Form) -> int:
    """How deep a line stands below its indicator: by the parts of its code, fill-in codes below the line before."""
    if line.line_code[0].isdigit():
        return line.line_code.count(".")
    above = [code for code in form.lines if code[0].isdigit() and form.lines[code].ordinal < line.ordinal]
    shortest = min(len(code) for code in form.lines if not code[0].isdigit())
    return (above[-1].count(".") if above else 0) + 1 + (len(line.line_code) - shortest) // 2
