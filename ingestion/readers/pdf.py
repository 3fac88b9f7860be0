"""PDF with a text layer: page text and ruled tables, cells located by page and box (points from the top left)."""

from __future__ import annotations

from pathlib import Path

import pdfplumber

from ingestion.errors import Problem
from ingestion.readers.document import Document, Table


def read(path: Path, name: str) -> Document:
    """Text of all pages and every ruled table.

    Raises Problem where no page has a text layer (a scan): reading pictures is not our business.
    """
    pages: list[str] = []
    tables: list[Table] = []
    with pdfplumber.open(path) as pdf:
        for number, page in enumerate(pdf.pages, 1):
            pages.append(page.extract_text() or "")
            tables += [_table(found, number, len(tables) + 1) for found in page.find_tables()]
            page.close()  # keeps memory flat over many pages
    if not any(text.strip() for text in pages):
        raise Problem(
            code="scanned-pdf",
            where=name,
            read="pages without text, as a scanner makes them",
            expected="a PDF with a text layer",
            remedy="Send the workbook or document that the PDF was made from.",
        )
    return Document(tables, "\n".join(pages))


def _table(found: object, page: int, number: int) -> Table:
    rows = found.extract()  # type: ignore[attr-defined]
    boxes = [list(row.cells) for row in found.rows]  # type: ignore[attr-defined]

    def locate(row: int, column: int) -> str:
        box = boxes[row][column] if column < len(boxes[row]) else None
        area = ",".join(f"{edge:.0f}" for edge in box) if box else "merged"
        return f"page {page} table {number} box {area} row {row + 1} column {column + 1}"

    return Table(f"table {number}", rows, locate)
