"""Workbooks (xlsx, xls, ods) through calamine: values as stored, never as formatted."""

from __future__ import annotations

from pathlib import Path

from python_calamine import CalamineWorkbook, PasswordError

from ingestion.errors import Problem
from ingestion.readers.document import Document, Table, sheet_locator


def read(path: Path, name: str) -> Document:
    """Every visible and hidden sheet as a table; trailing empty rows and columns are not kept.

    Raises Problem for a workbook behind a password.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except PasswordError:
        raise Problem(
            code="encrypted-file",
            where=name,
            read="protected by a password",
            expected="a file that opens without one",
            remedy="Remove the password (File, Info, Protect) and send it again.",
        ) from None
    tables = []
    for sheet_name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(sheet_name)
        # skip_empty_area=False keeps row 1 as row 1, so that A1 addresses are those of the sender's screen.
        rows = sheet.to_python(skip_empty_area=False)
        merged = [(*start, *end) for start, end in sheet.merged_cell_ranges or []]
        tables.append(Table(sheet_name, rows, sheet_locator(sheet_name), merged))
    return Document(tables)
