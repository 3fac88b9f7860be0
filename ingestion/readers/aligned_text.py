"""Tables that stand in columns by blanks alone, as programs print them and as a page is copied."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ingestion.readers.document import Span

_CELL = re.compile(r"[^\s\t](?:[^\S\n\t\u3000]?[^\s\t])*")
"""Words with at most one blank between them; two blanks, or one of full width, end a cell."""
_LEAST_COLUMNS = 3
_LEAST_ROWS = 3


def aligned_tables(text: str, lines: list[Span]) -> Iterator[list[list[Span]]]:
    """Rows of cells (as spans) of each run of lines that have columns.

    The first line with most cells gives the columns. A shorter row is laid under them by its place, a Chinese character
    being two wide; a cell that is absent is an empty span.
    """
    run: list[list[Span]] = []
    for start, end in [*lines, (0, 0)]:
        cells = [found.span() for found in _CELL.finditer(text, start, end)] if "\t" not in text[start:end] else []
        if len(cells) >= _LEAST_COLUMNS or (run and len(cells) == _LEAST_COLUMNS - 1):
            run.append([(start, end), *cells])
            continue
        if len(run) >= _LEAST_ROWS:
            yield _laid_out(text, run)
        run = []


def _laid_out(text: str, run: list[list[Span]]) -> list[list[Span]]:
    width = max(len(cells) for _, *cells in run)
    line, *heads = next(cells for cells in run if len(cells) == width + 1)
    columns = [_extent(text, line, head) for head in heads]
    rows = []
    for line, *cells in run:
        if len(cells) == width:
            rows.append(cells)
            continue
        row = [(line[1], line[1])] * width
        for cell in cells:
            row[_nearest(columns, _extent(text, line, cell))] = cell
        rows.append(row)
    return rows


def _nearest(columns: list[Span], extent: Span) -> int:
    """The column that a cell overlaps most, else the nearest."""
    return max(
        range(len(columns)),
        key=lambda c: min(columns[c][1], extent[1]) - max(columns[c][0], extent[0]),
    )


def _extent(text: str, line: Span, cell: Span) -> Span:
    start = columns_wide(text[line[0] : cell[0]])
    return start, start + columns_wide(text[slice(*cell)])


def columns_wide(text: str) -> int:
    """Columns that a text takes in a fixed-width script: two for each Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
