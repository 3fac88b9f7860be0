"""Word documents (docx): paragraphs as text, tables with merged cells resolved to their first cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
from docx.table import Table as WordTable

from ingestion.readers.document import Document, Table, sheet_locator


def read(path: Path, name: str) -> Document:
    """Running text (one line a paragraph, table cells separated by tabs) and the tables in reading order."""
    document = docx.Document(str(path))
    lines: list[str] = []
    tables: list[Table] = []
    for block in document.iter_inner_content():
        if isinstance(block, WordTable):
            tables.append(_table(block, f"table {len(tables) + 1}"))
            lines += ["\t".join(str(cell or "") for cell in row) for row in tables[-1].rows]
        else:
            lines.append(block.text)
    return Document(tables, "\n".join(lines))


def _table(source: WordTable, name: str) -> Table:
    rows: list[list[Any]] = []
    seen: dict[Any, tuple[int, int]] = {}
    extent: dict[tuple[int, int], tuple[int, int]] = {}
    for r, row in enumerate(source.rows):
        cells: list[Any] = [None] * row.grid_cols_before
        for cell in row.cells:
            # A merged cell comes up once for each grid place that it covers: only the first carries text.
            first = seen.setdefault(cell._tc, (r, len(cells)))
            extent[first] = (r, len(cells))
            cells.append(cell.text if first == (r, len(cells)) else None)
        rows.append(cells)
    merged = [(*first, *last) for first, last in extent.items() if first != last]
    return Table(name, rows, sheet_locator(name), merged)
