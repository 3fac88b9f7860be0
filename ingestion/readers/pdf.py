"""PDF with a text layer: page text and ruled tables, cells located by page and box (points from the top left).

A PDF can pack a great deal into few bytes, and its libraries are written for trust: it is read in a process of its
own, under limits of time and memory (see apart.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pdfplumber

from ingestion.readers.document import BoxLocator, Document, Table
from ingestion.readers.problems import encrypted, problem

_MOST_PAGES = 500


def read(path: Path, name: str) -> Document:
    """Text of all pages and every ruled table.

    Raises Problem where no page has a text layer (a scan): reading pictures is not our business.
    """
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    pages: list[str] = []
    tables: list[Table] = []
    try:
        pdf = pdfplumber.open(path)
    except Exception as error:
        if any(isinstance(e, PDFPasswordIncorrect) for e in (error, error.__context__, *error.args)):
            raise encrypted(name) from None
        raise
    with pdf:
        if len(pdf.pages) > _MOST_PAGES:
            raise problem(
                "too-many-pages",
                name,
                f"{len(pdf.pages)} pages",
                f"at most {_MOST_PAGES}",
                "Send the pages of the form alone.",
            )
        for number, page in enumerate(pdf.pages, 1):
            pages.append(page.extract_text() or "")
            tables += [_table(found, number, len(tables) + at) for at, found in enumerate(page.find_tables(), 1)]
            page.close()  # keeps memory flat over many pages
    if not any(text.strip() for text in pages):
        raise problem(
            "scanned-pdf",
            name,
            "pages without text, as a scanner makes them",
            "a PDF with a text layer",
            "Send the workbook or document that the PDF was made from.",
        )
    return Document(tables, "\n".join(pages))


def _table(found: Any, page: int, number: int) -> Table:
    boxes = [list(row.cells) for row in found.rows]
    return Table(f"table {number}", found.extract(), BoxLocator(page, number, boxes))
