"""Workbooks (xlsx, xls, ods) through calamine: values as stored; of their format only that a figure is a percentage."""

from __future__ import annotations

import posixpath
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from ingestion.readers import problems
from ingestion.readers.container import Container
from ingestion.readers.document import MOST_CELLS, NO_CHARACTER, Document, Percent, Table, sheet_locator
from ingestion.readers.marks import IS_PERCENT, Marks
from ingestion.readers.odd_numbers import odd_number
from ingestion.readers.problems import overgrown
from ingestion.readers.sheet_scan import scan

_MOST_SHEETS = 1000
"""A sheet a department: the largest hospitals have some two hundred."""
_KIND_OF_ODS = ("mimetype", "META-INF/manifest.xml")
"""What calamine knows an ods workbook by."""
_NOTES = (("vbaProject.bin", "macros"), ("xl/externalLinks/externalLink", "links to other workbooks"))


def read(path: Path, name: str, archive: Container | None = None) -> Document:
    """Every sheet as a table, hidden ones last, so that what a person sees goes before what is told twice; chart sheets
    and trailing empty cells are not kept. ``archive`` is the container of an xlsx or ods workbook, opened; an xls
    workbook has none.

    Macros are never run and links to other workbooks never followed: a cell is what the file itself stores.
    Raises Problem for a workbook behind a password or too large to lay out.
    """
    try:
        return _read(path, name, archive)
    except CalamineError:
        if archive and (found := odd_number(archive, name)):
            raise found from None
        raise


def _read(path: Path, name: str, archive: Container | None) -> Document:
    marks, notes = _inspect(archive, name) if archive else ({}, ())
    try:
        # calamine copies what it gets from memory, several times: a larger workbook it reads from the disk.
        source = BytesIO(archive.as_read()) if archive and archive.is_small else path
        workbook = CalamineWorkbook.from_object(source)
    except PasswordError:
        raise problems.encrypted(name) from None
    if len(workbook.sheet_names) > _MOST_SHEETS:
        raise overgrown(name, f"{len(workbook.sheet_names):,} sheets", f"at most {_MOST_SHEETS:,}")
    if archive is None:
        from ingestion.readers.xls_scan import scan as scan_xls

        marks, notes = scan_xls(path)
    tables: list[Table] = []
    cells = 0
    hidden = {sheet.name for sheet in workbook.sheets_metadata if sheet.visible != SheetVisibleEnum.Visible}
    for sheet_name in sorted(workbook.sheet_names, key=hidden.__contains__):
        sheet = workbook.get_sheet_by_name(sheet_name)
        cells += (sheet.total_height + 1) * (sheet.total_width + 1)
        if cells > MOST_CELLS:
            raise problems.too_many_cells(f"{name}: {sheet_name}", cells, MOST_CELLS)
        # skip_empty_area=False keeps row 1 as row 1, so that A1 addresses are those of the sender's screen.
        rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        if archive is None:  # xls alone tells whole numbers from others: by how they are stored, not by what they are
            rows = [[float(cell) if type(cell) is int else cell for cell in row] for row in rows]
        if sheet_name in marks:
            _put(rows, marks[sheet_name])
        merged = [(*start, *end) for start, end in sheet.merged_cell_ranges or []]
        if rows:
            locate = sheet_locator(sheet_name)
            table = Table(sheet_name, rows, locate, merged, is_sheet=True, is_hidden=sheet_name in hidden)
            tables.append(_without_nul(table))
    return Document(tables, notes=notes)


def _without_nul(table: Table) -> Table:
    if "\0" not in "".join(table.words):
        return table
    rows = [[cell.replace("\0", NO_CHARACTER) if type(cell) is str else cell for cell in row] for row in table.rows]
    return Table(table.name, rows, table.locate, table.merged, is_sheet=True, is_hidden=table.is_hidden)


def _inspect(archive: Container, name: str) -> tuple[dict[str, Marks], tuple[str, ...]]:
    """Marks by sheet name, and notes of what the container carries besides."""
    if "xl/workbook.xml" not in archive:
        from ingestion.readers.ods_scan import scan as scan_ods

        for kind in filter(archive.__contains__, _KIND_OF_ODS):
            archive.open_part(kind).close()
        return scan_ods(archive, name), ()
    by_part = scan(archive, name)
    notes = tuple(note for sign, note in _NOTES if any(sign in member for member in archive.namelist()))
    return (_by_sheet_name(archive, by_part) if by_part else {}), notes


def _by_sheet_name(archive: Container, by_part: dict[str, Marks]) -> dict[str, Marks]:
    """The same marks under the names of the sheets, as workbook.xml and its relations pair them."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    relations = etree.fromstring(archive.content_of("xl/_rels/workbook.xml.rels"), parser)
    parts = {
        relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/").lower()
        for relation in relations.iter("{*}Relationship")
    }
    book = etree.fromstring(archive.content_of("xl/workbook.xml"), parser)
    named: dict[str, Marks] = {}
    for sheet in book.iter("{*}sheet"):
        target = next((value for key, value in sheet.attrib.items() if str(key).endswith("}id")), None)
        if parts.get(target) in by_part:
            named[sheet.get("name", "")] = by_part[parts[target]]
    return named


def _put(rows: list[list[Any]], marks: Marks) -> None:
    """Write marks over the empty cells that calamine gives for them; the rectangle grows where it must."""
    written = {at: mark for at, mark in marks.items() if mark != IS_PERCENT}
    if written:
        width = max(len(rows[0]) if rows else 0, 1 + max(column for _, column in written))
        rows += [[] for _ in range(len(rows), 1 + max(row for row, _ in written))]
        for row in rows:
            row += [""] * (width - len(row))
        for (at, column), mark in written.items():
            rows[at][column] = mark
    for (at, column), mark in marks.items():
        if mark == IS_PERCENT and at < len(rows) and column < len(rows[at]) and type(rows[at][column]) is float:
            rows[at][column] = Percent(rows[at][column])
