"""HTML: visible text and tables, spans resolved; nothing is fetched and no entity is expanded from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import html

from ingestion.readers import problems
from ingestion.readers.document import MOST_TABLES, Document, Table, caption_of, sheet_locator
from ingestion.readers.encoding import decode
from ingestion.readers.problems import problem

_MAX_SPAN = 500  # a hostile colspan="99999999" must not cost memory
_LARGEST_MB = 16
"""A tree in memory takes up to fifty times its file."""
_MOST_CELLS = 500_000
"""Places that cells and their spans may take: spans are cheap to write and dear to hold."""
_MOST_LINES = 20
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "title", "caption"}


def read(path: Path, name: str) -> Document:
    """Running text and every table, outer before inner, cells located as ``table N!A1``.

    The text of a table inside a cell belongs to the inner table alone, so that a page laid out by tables keeps its
    figures apart. Raises Problem for a page too large to lay out.
    """
    size = path.stat().st_size
    if size > _LARGEST_MB << 20:
        raise problem(
            "document-too-large",
            name,
            f"{size / (1 << 20):.0f} MB of markup",
            f"at most {_LARGEST_MB} MB",
            "Open it in the spreadsheet program and save it as .xlsx.",
        )
    # lxml refuses text that declares an encoding, and by now it is decoded.
    text = _DECLARATION.sub("", decode(path.read_bytes(), name, declared=True))
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    root = html.document_fromstring(text, parser=parser)
    # LibreOffice writes the notes of cells as <comment>, which no browser shows.
    for hidden in root.xpath("//script | //style | //template | //comment"):
        hidden.drop_tree()
    text = "".join(_visible(root)).strip()
    reader = _Tables(name, _named_places(root))
    for element in root.iter("table"):
        if len(reader.tables) == MOST_TABLES:
            raise problems.too_many_tables(name, MOST_TABLES)
        reader.add(element)
    return Document(reader.tables, text)


def _named_places(root: Any) -> dict[str, str]:
    """What links within the page call the places that they lead to; a workbook saved as a page begins with links to its
    sheets. They are taken away: what stands above a table is no list of the others."""
    found: dict[str, str] = {}
    for link in root.xpath("//a[starts-with(@href, '#') and not(ancestor::table)]"):
        found.setdefault(link.get("href")[1:], "".join(_visible(link)).strip())
        link.drop_tree()
    return found


class _Tables:
    """Tables of one page, under one limit of cells."""

    def __init__(self, name: str, places: dict[str, str]) -> None:
        self.name = name
        self.places = places
        self.tables: list[Table] = []
        self.cells = 0
        self.caption: tuple[str, ...] = ()

    def add(self, element: Any) -> None:
        given = self._given_name(element)
        name = given or f"table {len(self.tables) + 1}"
        rows: list[list[Any]] = []
        taken: set[tuple[int, int]] = set()
        merged: list[tuple[int, int, int, int]] = []
        for r, row in enumerate(element.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")):
            cells: list[Any] = []
            for cell in row.xpath("./td | ./th"):
                while (r, len(cells)) in taken:
                    cells.append(None)
                column, wide, high = len(cells), _span(cell, "colspan"), _span(cell, "rowspan")
                self.cells += wide * high
                if self.cells > _MOST_CELLS:
                    raise problems.too_many_cells(f"{self.name}: {name}", self.cells, _MOST_CELLS)
                cells.append("".join(_visible(cell, inner=False)).strip() or None)
                cells += [None] * (wide - 1)
                if wide > 1 or high > 1:
                    merged.append((r, column, r + high - 1, column + wide - 1))
                    taken.update((r + down, column + right) for down in range(1, high) for right in range(wide))
            rows.append(cells)
        self.caption = caption_of(_lines_above(element), self.caption)
        self.tables.append(Table(name, rows, sheet_locator(name), merged, self.caption, is_sheet=bool(given)))

    def _given_name(self, table: Any) -> str | None:
        """What a link calls the place above a table, with no other table between; no name is given twice."""
        above = table.getprevious() if self.places else None
        while above is not None and not _has_table(above):
            for element in above.iter():
                name = self.places.get(element.get("name") or element.get("id") or "")
                if name and all(name != other.name for other in self.tables):
                    return name
            above = above.getprevious()
        return None


def _lines_above(table: Any) -> list[str]:
    """Its own caption, and lines between the table before it, or whatever holds it, and this one."""
    found = ["".join(_visible(caption)) for caption in table.xpath("./caption")]
    element = table
    while not found and element is not None and element.tag not in ("body", "td", "th"):
        before = element.getprevious()
        while before is not None and not _has_table(before) and len(found) < _MOST_LINES:
            found[:0] = "".join(_visible(before, inner=False)).splitlines()
            before = before.getprevious()
        if before is not None:
            break
        element = element.getparent()
    return found


def _has_table(element: Any) -> bool:
    return element.tag == "table" or element.find(".//table") is not None


def _visible(element: Any, *, inner: bool = True) -> Iterator[str]:
    """Text below an element, blocks on lines of their own; without ``inner``, not that of tables inside it."""
    if element.text:
        yield element.text
    for child in element:
        if isinstance(child.tag, str) and (inner or child.tag != "table"):
            if child.tag in _BLOCKS:
                yield "\n"
            elif child.tag in ("td", "th") and child.getprevious() is not None:
                yield "\t"
            yield from _visible(child, inner=inner)
        if child.tail:
            yield child.tail


def _span(cell: Any, attribute: str) -> int:
    text = (cell.get(attribute) or "1").strip()
    return min(max(int(text[:6]), 1), _MAX_SPAN) if text.isdecimal() else 1
