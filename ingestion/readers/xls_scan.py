"""What calamine does not say of an xls workbook: cells that hold an error, and figures shown as percentages."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import xlrd
from xlrd.sheet import Cell

from ingestion.readers.document import CellError
from ingestion.readers.marks import IS_PERCENT, Marks
from ingestion.readers.percent_styles import shows_percent

_LARGEST_MB = 8
"""Reading the cells with their formats takes some ten times the memory of the file, and several times as long as
their values alone."""
UNTOLD = "percentages could not be told apart from plain numbers, nor errors from empty cells; as xlsx they are"


def scan(path: Path) -> tuple[dict[str, Marks], tuple[str, ...]]:
    """Marks by sheet name, and a note where they cannot be read: the values are what calamine has read."""
    if path.stat().st_size > _LARGEST_MB << 20:
        return {}, (UNTOLD,)
    try:
        return _marks(path), ()
    except Exception:  # of a file that calamine has read: xlrd raises whatever comes
        return {}, (UNTOLD,)


def _marks(path: Path) -> dict[str, Marks]:
    with path.open("rb") as file:
        content = file.read()
    workbook = xlrd.open_workbook(
        file_contents=content, formatting_info=True, on_demand=True, ragged_rows=True, logfile=StringIO()
    )
    # Every program knows a named style for percentages; those of cells alone count.
    of_cells = (style for style in workbook.xf_list if not style.is_style)
    percent = {style.xf_index for style in of_cells if _is_percent(workbook, style.format_key)}
    found: dict[str, Marks] = {}
    for name in workbook.sheet_names():
        sheet = workbook.sheet_by_name(name)
        found[name] = {
            (row, column): mark
            for row in range(sheet.nrows)
            for column, cell in enumerate(sheet.row(row))
            if (mark := _mark(cell, percent))
        }
        workbook.unload_sheet(name)
    return found


def _mark(cell: Cell, percent: set[int]) -> str | None:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return CellError(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    return IS_PERCENT if cell.ctype == xlrd.XL_CELL_NUMBER and cell.xf_index in percent else None


def _is_percent(workbook: xlrd.Book, format_key: int) -> bool:
    known = workbook.format_map.get(format_key)
    return known is not None and shows_percent(known.format_str)
