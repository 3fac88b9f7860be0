"""Tables that stand in columns by blanks alone, as programs print them and as a page is copied."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ingestion.readers.document import Span

_CELL = re.compile(r"[^\s\t](?:[^\S\n\t\u3000]?[^\s\t])*")
"""Words with at most one blank between them; two blanks, or one of full width, end a cell."""
_FIGURE = re.compile(r"(?!(?:19|20)\d\d$)[-+]?\d[\d,.:]*[%％]?")
_CODE = re.compile(r"(?:[A-Z]{1,4}-?)?\d{1,8}(?:\.\d{1,3})*")
_SHORT = 30
"""Characters of a line that may be a title inside a table."""
_LEAST_COLUMNS = 3
_LEAST_ROWS = 3


def aligned_tables(text: str, lines: list[Span]) -> Iterator[list[list[Span]]]:
    """Rows of cells (as spans) of each run of lines that have columns.

    The first line with most cells gives the columns. A shorter row is laid under them by its place, a Chinese character
    being two wide; a cell that is absent is an empty span. A short line between rows, right above figures, is a row of
    one cell: the title of a section in the same columns.
    """
    run: list[list[Span]] = []
    for number, (start, end) in enumerate([*lines, (0, 0)]):
        cells = _cells(text, start, end)
        if run and len(cells) == 1 and _is_title_inside(text, lines, number):
            run.append([(start, end), *cells])
            continue
        if len(cells) >= _LEAST_COLUMNS or (run and len(cells) == _LEAST_COLUMNS - 1):
            run.append([(start, end), *cells])
            continue
        if len(run) >= _LEAST_ROWS:
            yield _laid_out(text, run)
        run = []


def _cells(text: str, start: int, end: int) -> list[Span]:
    return [found.span() for found in _CELL.finditer(text, start, end)] if "\t" not in text[start:end] else []


def _is_title_inside(text: str, lines: list[Span], number: int) -> bool:
    """Whether a line of one cell has a row with a code or with figures right below it; below another table's title is
    its header."""
    (start, end), below = lines[number], lines[number + 1 : number + 2]
    if end - start > _SHORT or not below or text.count("\n", end, below[0][0]) > 1:
        return False
    cells = _cells(text, *below[0])
    if len(cells) > 1 and _CODE.fullmatch(text, *cells[0]):
        return True
    return len(cells) >= _LEAST_COLUMNS and any(_FIGURE.fullmatch(text, *cell) for cell in cells[1:])


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
