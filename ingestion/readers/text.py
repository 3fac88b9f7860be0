"""Text files: csv and tsv as one table, prose with the tab-separated tables inside it, cells located by characters."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from charset_normalizer import from_bytes

from ingestion.errors import Problem
from ingestion.readers.document import Document, Span, Table, sheet_locator

_CANDIDATES = ("utf_8", "gb18030", "utf_16", "big5")
_LEAST_TABS = 2
_SHORT = 30
"""Characters of a line that may stand alone inside a table."""
_MOST_BREAKS = 6
"""Lines over which one row may be broken."""


def read(path: Path, name: str) -> Document:
    """A .csv or .tsv file is one table; any other text is prose, with the tables found in it.

    Raises Problem where the encoding cannot be told.
    """
    text = decode(path.read_bytes(), name)
    suffix = Path(name).suffix.lower()
    if suffix in {".csv", ".tsv"}:
        delimiter = "\t" if suffix == ".tsv" else _delimiter(text)
        rows = [[cell or None for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
        return Document([Table(Path(name).stem, rows, sheet_locator(Path(name).stem))], text)
    return Document(find_tables(text), text)


def decode(content: bytes, name: str) -> str:
    """Text of ``content``: a byte-order mark decides, then strict UTF-8, then what the characters look like."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding: str | None = "utf_16"
    elif _is_utf8(content):
        encoding = "utf_8_sig"
    else:
        best = from_bytes(content, cp_isolation=list(_CANDIDATES)).best()
        encoding = best.encoding if best else None
    try:
        if encoding:
            return content.decode(encoding)
    except UnicodeDecodeError:
        pass
    raise Problem(
        code="unknown-encoding",
        where=name,
        read="bytes that are no text in UTF-8, GB18030 or UTF-16",
        expected="a text file",
        remedy="Save it as UTF-8 and send it again.",
    )


def find_tables(text: str) -> list[Table]:
    """Tables in running text: neighbouring lines with tabs.

    A row whose cell is broken over lines has too few tabs: it takes in the lines that follow where that makes it
    whole. A short line without tabs between two rows is a row of one cell (a section title, or the rest of a cell).
    """
    lines = [(start, end) for start, end in _lines(text) if text[start:end].strip()]
    tabs = [text.count("\t", start, end) for start, end in lines]
    tables: list[Table] = []
    at = 0
    while at < len(lines):
        if tabs[at] < _LEAST_TABS:
            at += 1
            continue
        rows: list[list[Span]] = []
        width = tabs[at]
        while at < len(lines):
            if tabs[at] > 0:
                last = _last_line_of_row(tabs, at, width)
                width = max(width, tabs[at])
            elif lines[at][1] - lines[at][0] <= _SHORT and at + 1 < len(lines) and tabs[at + 1] >= _LEAST_TABS:
                last = at
            else:
                break
            rows.append(_cells(text, lines[at][0], lines[last][1]))
            at = last + 1
        tables.append(_text_table(text, rows, len(tables) + 1))
    return tables


def _last_line_of_row(tabs: list[int], first: int, width: int) -> int:
    """Index of the line where the row that begins at ``first`` is whole; ``first`` itself where none makes it so."""
    total = tabs[first]
    for at in range(first + 1, min(first + 1 + _MOST_BREAKS, len(tabs))):
        if total >= width:
            break
        total += tabs[at]
        if total == width:
            return at
    return first


def _text_table(text: str, spans: list[list[Span]], number: int) -> Table:
    rows = [[text[start:end].strip() or None for start, end in row] for row in spans]

    def locate(row: int, column: int) -> str:
        start, end = spans[row][min(column, len(spans[row]) - 1)]
        return f"chars {start}-{end}"

    return Table(f"table {number}", rows, locate)


def _cells(text: str, start: int, end: int) -> list[Span]:
    spans, at = [], start
    while (tab := text.find("\t", at, end)) >= 0:
        spans.append((at, tab))
        at = tab + 1
    return [*spans, (at, end)]


def _lines(text: str) -> list[Span]:
    spans, at = [], 0
    for line in text.splitlines(keepends=True):
        spans.append((at, at + len(line.rstrip("\r\n"))))
        at += len(line)
    return spans


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf_8")
    except UnicodeDecodeError:
        return False
    return True
