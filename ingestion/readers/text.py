"""Text files: csv and tsv as one table, prose with the tables inside it, cells located by characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from ingestion.errors import Problem
from ingestion.readers.aligned_text import aligned_tables
from ingestion.readers.csv_rows import rows_of
from ingestion.readers.document import Document, Span, SpanLocator, Table, caption_of, sheet_locator
from ingestion.readers.encoding import decode
from ingestion.readers.problems import problem

SPREADSHEET_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".ods", ".et"}
_LEAST_TABS = 2
_SHORT = 30
"""Characters of a line that may stand alone inside a table."""
_MOST_BREAKS = 6
"""Lines over which one row may be broken."""
_LARGEST_PROSE_MB = 8
"""A book has one or two; the marks of every line are held in memory."""
_MOST_LINES = 250_000
"""A thousand pages have some 50,000; each is looked at for columns several times."""
_ENDS_OF_LINES = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_NUMBERED = re.compile(r"\s*[（(]?[一二三四五六七八九十]{1,3}[）)、.．]")
_OPEN_END = re.compile(r"[、，,/（(和及与]\s*$")
_REST = re.compile(r"\s*(?:科?室|部门?|办公室|中心|委员会|[科处院组站]|个?百分点|以[上下内]).?\s*")
"""What is no title by itself."""
_CODE = r"[^\S\t]*[▲★※]?(?:[A-Z]{1,4}-?)?\d{1,8}(?:\.\d{1,3})*"
_CODED = re.compile(rf"{_CODE}\t")
_BEGINS_ROW = re.compile(rf"{_CODE}\t\s*[▲★※]?[^\W\d_a-zA-Z]")
"""A code and a name: no rest of a cell."""
_PIPE = re.compile(r"(?<!\\)[|｜]")
_RULE = re.compile(r"[\s|｜:+\-—–=]+")


def read(path: Path, name: str) -> Document:
    """A .csv or .tsv file is one table, and so is text under the name of a workbook; any other text is prose, with the
    tables found in it.

    Raises Problem where the encoding cannot be told, or the text is too long to lay out.
    """
    suffix, size = Path(name).suffix.lower(), path.stat().st_size
    if suffix in {".csv", ".tsv", *SPREADSHEET_SUFFIXES}:
        text = decode(path.read_bytes(), name)
        stem = Path(name).stem
        rows = rows_of(text, name, "\t" if suffix == ".tsv" else None)
        return Document([Table(stem, rows, sheet_locator(stem))], text)
    if size > _LARGEST_PROSE_MB << 20:
        raise _too_long(name, f"{size / (1 << 20):.0f} MB of text", f"at most {_LARGEST_PROSE_MB} MB")
    text = decode(path.read_bytes(), name)
    if (count := sum(map(text.count, _ENDS_OF_LINES))) > _MOST_LINES:
        raise _too_long(name, f"{count:,} lines of text", f"at most {_MOST_LINES:,}")
    return Document(find_tables(text), text)


def _too_long(name: str, read: str, expected: str) -> Problem:
    return problem(
        "document-too-large", name, read, expected, "Send the form without what surrounds it; name a table .csv."
    )


def find_tables(text: str) -> list[Table]:
    """Tables in running text, in reading order: neighbouring lines with tabs, with pipes, or with columns of blanks."""
    tables: list[Table] = []
    below = 0
    for number, spans in enumerate(table_spans(text), 1):
        table = _text_table(text, spans, number)
        table.caption = caption_of(text[below : spans[0][0][0]].splitlines(), tables[-1].caption if tables else ())
        below = spans[-1][-1][1]
        tables.append(table)
    return tables


def table_spans(text: str) -> list[list[list[Span]]]:
    """The cells of each such table, row by row, as spans of ``text``."""
    lines = [(start, end) for start, end in _lines(text) if text[start:end].strip()]
    return sorted(
        [*_tab_tables(text, lines), *_pipe_tables(text, lines), *aligned_tables(text, lines)],
        key=lambda rows: rows[0][0],
    )


def _pipe_tables(text: str, lines: list[Span]) -> Iterator[list[list[Span]]]:
    """Tables drawn with pipes (``| a | b |``), outer pipes or not; the ruled line under a header is not a row."""
    rows: list[list[Span]] = []
    for start, end in [*lines, (0, 0)]:
        if _RULE.fullmatch(text, start, end):
            continue
        cells = _piped_cells(text, start, end)
        if len(cells) > 1 and "\t" not in text[start:end]:
            rows.append(cells)
            continue
        if len(rows) > 1:
            yield rows
        rows = []


def _piped_cells(text: str, start: int, end: int) -> list[Span]:
    cuts = [found.start() for found in _PIPE.finditer(text, start, end)]
    if not cuts:
        return []
    edges = [start - 1, *cuts, end]
    spans = [(left + 1, right) for left, right in pairwise(edges)]
    if not text[slice(*spans[0])].strip():
        # Framed on the left, so the last pipe of the line is the right frame, not the start of a cell.
        spans = spans[1:] if text[slice(*spans[-1])].strip() else spans[1:-1]
    return spans


def _tab_tables(text: str, lines: list[Span]) -> Iterator[list[list[Span]]]:
    """Neighbouring lines with tabs.

    A row whose cell is broken over lines has too few tabs: it takes in the lines that follow where that makes it
    whole. A short line without tabs between two rows is a row of one cell (a section title, or the rest of a cell).
    """
    tabs = [text.count("\t", start, end) for start, end in lines]
    at = 0
    while at < len(lines):
        if tabs[at] < _LEAST_TABS:
            at += 1
            continue
        rows: list[list[Span]] = []
        width = _width_below(text, lines, tabs, at)
        is_broken = False
        while at < len(lines):
            if tabs[at] == 0 and rows and _goes_on(text, rows[-1][-1], lines[at], is_broken):
                rows[-1][-1] = (rows[-1][-1][0], lines[at][1])
                at += 1
                continue
            if tabs[at] > 0:
                last = _last_line_of_row(text, lines, tabs, at, width)
                width = max(width, tabs[at])
                is_broken = last > at
            elif (
                lines[at][1] - lines[at][0] <= _SHORT
                and at + 1 < len(lines)
                and (tabs[at + 1] >= _LEAST_TABS or _BEGINS_ROW.match(text, *lines[at + 1]))
            ):
                last = at
            else:
                break
            rows.append(_cells(text, lines[at][0], lines[last][1]))
            at = last + 1
        yield rows


def _width_below(text: str, lines: list[Span], tabs: list[int], first: int) -> int:
    """Tabs of a whole row: those of the first line, or those of the widest row below where the lines of a header that
    is broken inside its cells add up to them."""
    widest = max(tabs[first : first + _MOST_BREAKS + 2])
    total = tabs[first]
    for at in range(first + 1, min(first + _MOST_BREAKS, len(tabs))):
        if total >= widest or text[lines[at][0]].isdigit():
            break
        total += tabs[at]
        if total == widest:
            return widest
    return tabs[first]


def _goes_on(text: str, cell: Span, line: Span, is_broken: bool) -> bool:
    """Whether a short line without tabs is the rest of the cell above it and not the title of a section; a row that
    was broken before goes on in the very next line."""
    if line[1] - line[0] > _SHORT or _NUMBERED.match(text, *line):
        return False
    is_next = text.count("\n", cell[1], line[0]) == 1
    return (is_broken and is_next) or bool(_OPEN_END.search(text, *cell) or _REST.fullmatch(text, *line))


def _last_line_of_row(text: str, lines: list[Span], tabs: list[int], first: int, width: int) -> int:
    """Index of the line where the row that begins at ``first`` is whole; ``first`` itself where none makes it so, and
    where it ends before a row or a title that is numbered like it: its last cells are empty."""
    total = tabs[first]
    is_coded = bool(_CODED.match(text, *lines[first]))
    for at in range(first + 1, min(first + 1 + _MOST_BREAKS, len(tabs))):
        begins = _BEGINS_ROW if tabs[at] else _NUMBERED
        if total >= width or (is_coded and begins.match(text, *lines[at])):
            break
        total += tabs[at]
        if total == width:
            return at
    return first


def _text_table(text: str, spans: list[list[Span]], number: int) -> Table:
    rows = [[text[start:end].strip() or None for start, end in row] for row in spans]
    return Table(f"table {number}", rows, SpanLocator(spans))


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
