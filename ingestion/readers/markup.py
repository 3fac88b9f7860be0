"""HTML: visible text and tables, spans resolved; nothing is fetched and no entity is expanded from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import html

from ingestion.readers.document import Document, Table, sheet_locator
from ingestion.readers.text import decode

_MAX_SPAN = 500  # a hostile colspan="99999999" must not cost memory


def read(path: Path, name: str) -> Document:
    """Running text and the outermost tables, cells located as ``table N!A1``."""
    parser = html.HTMLParser(no_network=True, remove_comments=True, huge_tree=False)
    root = html.document_fromstring(decode(path.read_bytes(), name), parser=parser)
    for hidden in root.xpath("//script | //style | //template"):
        hidden.drop_tree()
    tables = [
        _table(element, f"table {number}")
        for number, element in enumerate(root.xpath("//table[not(ancestor::table)]"), 1)
    ]
    return Document(tables, root.text_content())


def _table(element: Any, name: str) -> Table:
    rows: list[list[Any]] = []
    taken: dict[tuple[int, int], None] = {}
    merged: list[tuple[int, int, int, int]] = []
    for r, row in enumerate(element.xpath(".//tr")):
        cells: list[Any] = []
        for cell in row.xpath("./td | ./th"):
            while (r, len(cells)) in taken:
                cells.append(None)
            column, wide, high = len(cells), _span(cell, "colspan"), _span(cell, "rowspan")
            cells.append(cell.text_content().strip() or None)
            cells += [None] * (wide - 1)
            if wide > 1 or high > 1:
                merged.append((r, column, r + high - 1, column + wide - 1))
                taken |= {(r + down, column + right): None for down in range(1, high) for right in range(wide)}
        rows.append(cells)
    return Table(name, rows, sheet_locator(name), merged)


def _span(cell: Any, attribute: str) -> int:
    text = (cell.get(attribute) or "1").strip()
    return min(max(int(text), 1), _MAX_SPAN) if text.isdigit() else 1
