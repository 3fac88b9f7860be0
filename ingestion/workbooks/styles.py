"""How our workbooks look, and the only way that text gets into them: escaped, and never as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.errors import Problem
from ingestion.safe_text import escape_cell, writable

_LONGEST_TEXT = 32_767
"""Characters that a cell of an xlsx workbook may hold."""
_LONGEST_TITLE = 31
_BY_NUMBER = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\", "_") | dict.fromkeys("\t\r\n", " "))
_SYMBOLS = re.compile(r"[-－—–/%％‰]{1,4}")
"""Units and marks for "none": they run nothing, and must read the same when the workbook comes back."""
_FONT = "Microsoft YaHei"

_SIDE = Side("thin", color="BFBFBF")
THIN = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
UNLOCKED = Protection(locked=False)
TITLE = Font(name=_FONT, size=14, bold=True)
BOLD = Font(name=_FONT, size=10, bold=True)
PLAIN = Font(name=_FONT, size=10)
GREY = Font(name=_FONT, size=10, color="767676")
LINK = Font(name=_FONT, size=10, color="0563C1", underline="single")
HEADER_FILL = PatternFill("solid", fgColor="D9E2EF")
COMPUTED_FILL = PatternFill("solid", fgColor="EAF1F8")
EARLIER_FILL = PatternFill("solid", fgColor="F2F2F2")
WRAPPED = Alignment(vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center")
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)


def at(sheet: Worksheet, row: int, column: int) -> Cell:
    """The cell of a row and column, both from 1. We merge nothing, so that every cell can be written."""
    return cast(Cell, sheet.cell(row, column))


def plain(text: str) -> str:
    """``text`` as a workbook can hold it: what it has no room for is left out, and what looks like a character that a
    workbook writes by its number (``_x003D_``) stays what it looks like."""
    return _BY_NUMBER.sub("_x005F_", writable(text))


def put(cell: Cell, value: Any) -> None:
    """Write ``value`` into ``cell``: numbers and dates as they are, anything else as text that no program runs."""
    if value is None or value == "":
        return
    if isinstance(value, Decimal):
        value = float(value) if value.is_finite() else str(value)
    if isinstance(value, float) and not abs(value) < float("inf"):
        value = str(value)
    if isinstance(value, str):
        text = plain(value)
        cell.value = (text if _SYMBOLS.fullmatch(text) else escape_cell(text) or "")[:_LONGEST_TEXT]
        # openpyxl takes text that begins with = for a formula, and #N/A for an error: here it is neither.
        cell.data_type = "s"
        return
    cell.value = value


def put_row(sheet: Worksheet, row: int, values: Iterable[Any], font: Font = PLAIN) -> None:
    """Write ``values`` into the cells of ``row`` from column A on."""
    for column, value in enumerate(values, 1):
        cell = at(sheet, row, column)
        put(cell, value)
        cell.font = font


def header(sheet: Worksheet, row: int, titles: Iterable[str]) -> None:
    """A header row; what stands below it scrolls, and it is printed on every page."""
    for column, title in enumerate(titles, 1):
        cell = at(sheet, row, column)
        put(cell, title)
        cell.font, cell.fill, cell.border, cell.alignment = BOLD, HEADER_FILL, THIN, MIDDLE
    sheet.print_title_rows = f"{row}:{row}"


def widths(sheet: Worksheet, wide: Iterable[float]) -> None:
    """Width of each column from A on, in characters."""
    for column, width in enumerate(wide, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def protect(sheet: Worksheet, *, rows_may_change: bool = False) -> None:
    """Lock every cell that is not marked unlocked. Without a password: it guards against slips, not against people."""
    guard = sheet.protection
    guard.sheet = True
    # In the file format, False means "not forbidden".
    guard.formatColumns = guard.formatRows = guard.formatCells = False
    guard.insertRows = guard.deleteRows = not rows_may_change


def printed(sheet: Worksheet, *, landscape: bool = False) -> None:
    """A4, as wide as one page, with name and page number below."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer: Any = sheet.oddFooter
    footer.left.text, footer.right.text = "&A", "&P / &N"


def sheet_title(workbook: Workbook, wanted: str) -> str:
    """``wanted`` as a sheet may be called: allowed characters, at most 31 of them, not yet taken."""
    allowed = _cut(writable(wanted).translate(_NOT_IN_TITLE).strip("' "), _LONGEST_TITLE) or "Sheet"
    taken = {title.casefold() for title in workbook.sheetnames}
    title, number = allowed, 2
    while title.casefold() in taken:
        suffix = f" ({number})"
        title, number = _cut(allowed, _LONGEST_TITLE - len(suffix)) + suffix, number + 1
    return title


def _cut(title: str, units: int) -> str:
    """The first ``units`` of a title as spreadsheets count, where 𠮷 is two, without an apostrophe at the end."""
    return title.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").rstrip("' ")


def save(workbook: Workbook, path: Path) -> Path:
    """Write the workbook to ``path``, which ends in .xlsx; its folder is made where it is missing."""
    if path.suffix.lower() != ".xlsx":
        raise Problem(
            code="not-an-xlsx-name",
            where=str(path),
            read=f"the ending {path.suffix or '(none)'}",
            expected="a file name that ends in .xlsx",
            remedy="Name the file .xlsx.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)
    return path
