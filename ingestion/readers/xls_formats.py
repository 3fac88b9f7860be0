"""Which cells of an xls workbook are shown as percentages: calamine gives their values, and nothing of their format."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import xlrd

from ingestion.readers.sheet_scan import IS_PERCENT, Marks

_LARGEST_MB = 8
"""Reading the formats takes some ten times the memory of the file, and several times as long as reading its values."""
_QUOTED = re.compile(r'"[^"]*"|\\.')
"""What a format writes as it stands: a % in it is no percentage."""
UNTOLD = "percentages among its figures could not be told apart from plain numbers; as xlsx they are"


def percent_cells(path: Path) -> tuple[dict[str, Marks], tuple[str, ...]]:
    """Marks by sheet name, and a note where the formats cannot be read: the values are what calamine has read."""
    if path.stat().st_size > _LARGEST_MB << 20:
        return {}, (UNTOLD,)
    try:
        return _percent_cells(path), ()
    except Exception:  # of a file that calamine has read: xlrd raises whatever comes
        return {}, (UNTOLD,)


def _percent_cells(path: Path) -> dict[str, Marks]:
    with path.open("rb") as file:
        content = file.read()
    workbook = xlrd.open_workbook(
        file_contents=content, formatting_info=True, on_demand=True, ragged_rows=True, logfile=StringIO()
    )
    # Every program knows a named style for percentages; those of cells alone count.
    of_cells = (style for style in workbook.xf_list if not style.is_style)
    percent = {style.xf_index for style in of_cells if _is_percent(workbook, style.format_key)}
    found: dict[str, Marks] = {}
    for name in workbook.sheet_names() if percent else ():
        sheet = workbook.sheet_by_name(name)
        found[name] = {
            (row, column): IS_PERCENT
            for row in range(sheet.nrows)
            for column, cell in enumerate(sheet.row(row))
            if cell.ctype == xlrd.XL_CELL_NUMBER and cell.xf_index in percent
        }
        workbook.unload_sheet(name)
    return found


def _is_percent(workbook: xlrd.Book, format_key: int) -> bool:
    known = workbook.format_map.get(format_key)
    return known is not None and "%" in _QUOTED.sub("", known.format_str)
