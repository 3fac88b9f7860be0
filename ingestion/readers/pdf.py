"""PDF with a text layer: page text and ruled tables, cells located by page and box (points from the top left).

A table that goes on at the top of the next page is one table. What stands in columns by blanks alone is left as text:
where one column ends and the next begins could only be guessed, and a figure be cut in two.

A PDF can pack a great deal into few bytes, and its libraries are written for trust: it is read in a process of its
own, under limits of time and memory (see apart.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pdfplumber

from ingestion.readers.document import NO_CHARACTER, BoxLocator, Document, Table
from ingestion.readers.problems import encrypted, problem

_MOST_PAGES = 500
_HEADER_ROWS = 5
"""A table whose first row is one of these of the table before begins anew with its header."""
_ALIKE = 2.0
"""Points by which the edges of one column may differ from page to page."""


def read(path: Path, name: str) -> Document:
    """Text of all pages and every ruled table.

    Raises Problem where no page has a text layer (a scan): reading pictures is not our business.
    """
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    pages: list[str] = []
    tables = _Tables()
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
            pages.append((page.extract_text() or "").replace("\0", NO_CHARACTER))
            tables.read(page, number)
            page.close()  # keeps memory flat over many pages
    if not any(text.strip() for text in pages):
        raise problem(
            "scanned-pdf",
            name,
            "pages without text, as a scanner makes them",
            "a PDF with a text layer",
            "Send the workbook or document that the PDF was made from.",
        )
    return Document(tables.tables, "\n".join(pages))


class _Tables:
    """Collects the tables of one page after the other."""

    def __init__(self) -> None:
        self.tables: list[Table] = []
        self._edges: list[float] = []
        """Left edges of the columns of the last table on the page before."""

    def read(self, page: Any, number: int) -> None:
        found = page.find_tables()
        for at, one in enumerate(found):
            lines = [(list(row.cells), texts) for row, texts in zip(one.rows, one.extract(), strict=True)]
            edges = [column.bbox[0] for column in one.columns]
            goes_on = at == 0 and _alike(edges, self._edges)
            if not goes_on or lines[0][1] in self.tables[-1].rows[:_HEADER_ROWS]:
                count = len(self.tables) + 1
                self.tables.append(Table(f"table {count}", [], BoxLocator(count, [], [])))
            table = self.tables[-1]
            assert isinstance(table.locate, BoxLocator)
            for boxes, texts in lines:
                table.rows.append([text and text.replace("\0", NO_CHARACTER) for text in texts])
                table.locate.pages.append(number)
                table.locate.boxes.append(boxes)
            self._edges = edges
        if not found:
            self._edges = []


def _alike(edges: list[float], others: list[float]) -> bool:
    return len(edges) == len(others) and all(abs(a - b) <= _ALIKE for a, b in zip(edges, others, strict=True))
