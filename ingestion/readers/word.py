"""Word documents (docx): paragraphs as text, tables with merged cells resolved to their first cell.

Text is taken as a reader sees it with all changes accepted: insertions, content controls and links count, deleted
text does not. A table inside a cell is a table of its own, located by the cell that holds it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import docx

from ingestion.readers import problems
from ingestion.readers.container import Container
from ingestion.readers.document import MOST_CELLS, MOST_TABLES, Document, Table, a1, caption_of, sheet_locator
from ingestion.readers.problems import problem

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_P, _TBL, _TR, _TC, _BOX = (f"{_W}{tag}" for tag in ("p", "tbl", "tr", "tc", "txbxContent"))
_GONE = {f"{_W}del", f"{_W}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_CHARACTERS = {f"{_W}tab": "\t", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "\t"}
_LARGEST_PART_MB = 32
"""XML of one part; a tree in memory takes some ten times its file. The body of a thousand pages has some 10 MB."""
_WIDEST_SPAN = 500


def read(path: Path, name: str, archive: Container) -> Document:
    """Running text (one line a paragraph, table cells separated by tabs) and the tables in reading order."""
    _check_parts(archive, name)
    reader = _Reader(name)
    reader.blocks(docx.Document(BytesIO(archive.content)).element.body)
    return Document(reader.tables, "\n".join(reader.lines))


def _check_parts(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a part that would fill the memory, and one that declares entities."""
    for member in archive.infolist():
        if not member.filename.endswith((".xml", ".rels")):
            continue
        if member.file_size > _LARGEST_PART_MB << 20:
            raise problem(
                "document-too-large",
                f"{name}: {member.filename}",
                f"{member.file_size / (1 << 20):.0f} MB of text and tables",
                f"at most {_LARGEST_PART_MB} MB",
                "Send the form without the chapters around it.",
            )
        content = archive.read(member).replace(b"\0", b"")  # as UTF-16 it has one beside every letter
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise problems.document_type(f"{name}: {member.filename}")


class _Reader:
    """Collects lines and tables in reading order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        self.tables: list[Table] = []
        self.outer = 0
        self.told = 0
        self.caption: tuple[str, ...] = ()
        self.cells = 0

    def blocks(self, parent: Any) -> None:
        for block in _within(parent, (_P, _TBL)):
            if block.tag == _TBL:
                self.outer += 1
                self.caption = caption_of(self.lines[self.told :], self.caption)
                table = self._table(block, f"table {self.outer}")
                table.caption = self.caption
                self.lines += ["\t".join(str(cell or "") for cell in row) for row in table.rows]
                self.told = len(self.lines)
            else:
                self.lines.append(_text(block))
                for box in block.iter(_BOX):
                    if not any(above.tag in _GONE for above in box.iterancestors()):
                        self.blocks(box)

    def _table(self, source: Any, name: str) -> Table:
        rows: list[list[Any]] = []
        table = Table(name, rows, sheet_locator(name))
        self.tables.append(table)
        if len(self.tables) > MOST_TABLES:
            raise problems.too_many_tables(self.name, MOST_TABLES)
        extent: dict[tuple[int, int], tuple[int, int]] = {}
        above: dict[int, tuple[int, int]] = {}  # column -> first cell of the merge that reaches down to here
        for row in _within(source, (_TR,)):
            if row.find(f"{_W}trPr/{_W}del") is not None:
                continue
            r = len(rows)
            cells: list[Any] = [None] * _number(row, f"{_W}trPr/{_W}gridBefore", 0)
            for cell in _within(row, (_TC,)):
                column, wide = len(cells), _number(cell, f"{_W}tcPr/{_W}gridSpan", 1)
                self._count(wide, name, r, column)
                merge = cell.find(f"{_W}tcPr/{_W}vMerge")
                goes_on = merge is not None and merge.get(f"{_W}val", "continue") == "continue" and column in above
                first = above[column] if goes_on else (r, column)
                if merge is None:
                    above.pop(column, None)
                else:
                    above[column] = first
                extent[first] = (r, max(column + wide - 1, extent.get(first, first)[1]))
                cells.append(None if goes_on else self._cell(cell, name, r, column))
                cells += [None] * (wide - 1)
            rows.append(cells)
        table.merged += [(*first, *last) for first, last in extent.items() if first != last]
        return table

    def _cell(self, cell: Any, name: str, row: int, column: int) -> str:
        texts, inner = [], 0
        for block in _within(cell, (_P, _TBL)):
            if block.tag == _TBL:
                inner += 1
                self._table(block, f"{name}!{a1(row, column)} table {inner}")
            else:
                texts.append(_text(block))
        return "\n".join(texts)

    def _count(self, wide: int, name: str, row: int, column: int) -> None:
        self.cells += wide
        if self.cells > MOST_CELLS:
            raise problems.too_many_cells(f"{self.name}: {name}!{a1(row, column)}", self.cells, MOST_CELLS)


def _within(parent: Any, tags: tuple[str, ...]) -> Iterator[Any]:
    """Elements of ``tags`` below ``parent``, through content controls and insertions, not through each other."""
    for child in parent:
        if child.tag in tags:
            yield child
        elif child.tag not in _GONE and isinstance(child.tag, str) and len(child):
            yield from _within(child, tags)


def _text(paragraph: Any) -> str:
    return "".join(_characters(paragraph))


def _characters(parent: Any) -> Iterator[str]:
    for child in parent:
        tag = child.tag
        if tag == f"{_W}t":
            yield child.text or ""
        elif tag in _CHARACTERS:
            yield _CHARACTERS[tag]
        elif tag == f"{_W}br":
            yield "\n" if child.get(f"{_W}type", "textWrapping") == "textWrapping" else ""
        elif tag not in _GONE and tag not in (_BOX, f"{_W}pPr", f"{_W}rPr") and len(child):
            yield from _characters(child)


def _number(element: Any, path: str, default: int) -> int:
    found = element.find(path)
    text = found.get(f"{_W}val", "") if found is not None else ""
    return min(max(int(text[:6]), default), _WIDEST_SPAN) if text.isdecimal() else default
