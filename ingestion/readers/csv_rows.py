"""Text that is one table, a row a line: cells parted by commas or whatever else most lines share."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from statistics import median

from ingestion.errors import Problem
from ingestion.readers import problems
from ingestion.readers.document import MOST_CELLS
from ingestion.readers.problems import problem

_LONGEST_CELL = 1 << 20
_MARKS, _RARE_MARKS = ",;\t", "|，"
"""What parts the cells of a line; the rare ones only where lines have none of the others, for names hold them too."""
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
"""How programs tell Excel that a cell is text: ="0012" is shown as 0012."""
_LINES_LOOKED_AT = 60
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
"""A line with its end, whichever it is; the last may have none."""


def rows_of(text: str, name: str, delimiter: str | None) -> list[list[str | None]]:
    """The rows of a table; what parts its cells is found out where no ``delimiter`` is known.

    Raises Problem for more cells than can be laid out, a quotation mark that is not closed and a cell without end.
    """
    # Counted before they are laid out: separators and ends of lines bound the cells.
    ends = max(text.count("\n"), text.count("\r"))
    _check_cells(ends, name)
    lines = _first_lines(text)
    delimiter = delimiter or _delimiter(text, lines)
    _check_cells(ends + text.count(delimiter), name)
    usual = _shared(lines, delimiter)
    with _long_cells():
        return _rows(text, name, delimiter, usual)


def _check_cells(cells: int, name: str) -> None:
    if cells > MOST_CELLS:
        raise problems.too_many_cells(name, cells, MOST_CELLS)


def _rows(text: str, name: str, delimiter: str, usual: float) -> list[list[str | None]]:
    """The rows; ``usual`` is how many separators a line has."""
    rows: list[list[str | None]] = []
    # One line after the other: a copy of the text, as StringIO keeps it, takes four times as much as the file.
    reader = csv.reader((found[0] for found in _LINE.finditer(text)), delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            if reader.line_num > line and _has_swallowed(row, delimiter, usual):
                raise _open_quote(name, line, reader.line_num)
            line = reader.line_num + 1
            rows.append([_KEPT_AS_TEXT.sub(r"\1", cell) if cell[:2] == '="' else cell or None for cell in row])
    except csv.Error:  # a cell of a megabyte
        if '"' in next(islice(_LINE.finditer(text), line - 1, None))[0]:
            raise _open_quote(name, line, reader.line_num) from None
        raise problem(
            "long-cell",
            f"{name}: line {line}",
            f"a cell of more than {_LONGEST_CELL >> 20} MB",
            "cells as a spreadsheet program holds them",
            "Check that it is the right file, or send the workbook that it was saved from.",
        ) from None
    return rows


@contextmanager
def _long_cells() -> Iterator[None]:
    """The limit of csv is that of the process: data files of ours are read with the usual one."""
    usual = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(usual)


def is_table(text: str) -> bool:
    """Whether most lines of a text share a separator."""
    return _share_a_mark(_first_lines(text))


def _delimiter(text: str, lines: list[str]) -> str:
    """The separator that most lines share: a title above the table has none of it, or a comma of its own."""
    marks = _MARKS if _share_a_mark(lines) else _RARE_MARKS + _MARKS
    return max(marks, key=lambda mark: (_shared(lines, mark), text.count(mark)))


def _share_a_mark(lines: list[str]) -> bool:
    return any(_shared(lines, mark) for mark in _MARKS)


def _shared(lines: list[str], mark: str) -> float:
    """How often a line has a separator, by the median."""
    return median([line.count(mark) for line in lines] or [0])


def _first_lines(text: str) -> list[str]:
    """The first lines that say something."""
    return list(islice((found[0] for found in _LINE.finditer(text) if not found[0].isspace()), _LINES_LOOKED_AT))


def _has_swallowed(row: list[str], delimiter: str, usual: float) -> bool:
    """Whether a cell has taken in whole lines: one of its lines has as many separators as lines usually have."""
    return usual > 0 and any(line.count(delimiter) >= usual for cell in row for line in cell.splitlines()[1:])


def _open_quote(name: str, first: int, last: int) -> Problem:
    return problem(
        "open-quote",
        f"{name}: line {first}",
        f"a quotation mark that is not closed before line {last}",
        "a cell that ends where its line does",
        "Remove the mark or write it twice, or send the workbook that the file was saved from.",
    )
