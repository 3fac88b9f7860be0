"""What the titles of a header say, column by column, over one row or several.

Merged cells need no knowledge of merging: their other cells are empty, and a title holds for the empty cells right of
it as long as something stands below those.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any, NamedTuple

from ingestion.forms.periods import year_of_header
from ingestion.forms.values import looks_like_figure
from ingestion.readers import Table, shown

_MOST_ROWS = 4
_MOST_ROWS_ABOVE = 2

NAMES_OF_WHOM = "hospital_name", "department_name"
"""Fields of titles that name whose figures stand below them, not what these are."""
LEAST_DEPARTMENTS = 2
"""One name that looks like a department's may be a line's."""
Titles = tuple[tuple[str, ...], ...]
"""Texts of a header, row by row, every row as wide as the widest."""


class Header(NamedTuple):
    """Rows ``top`` to ``bottom`` (included) of a table, and their texts."""

    top: int
    bottom: int
    titles: Titles


def header_around(table: Table, row: int, at: Collection[int]) -> Header:
    """The header that holds ``row``, whose cells in the columns ``at`` are the titles of what names a line."""
    rows = table.rows
    bottom = row
    # Below a title that spans rows the cells of the names are empty, and what stands beside is no figure.
    while (
        bottom + 1 < len(rows)
        and bottom + 1 - row < _MOST_ROWS
        and not any(text_of(rows[bottom + 1], c) for c in at)
        and _is_titles(rows[bottom + 1])
        and not _is_banner(rows[bottom + 1], min(at))
    ):
        bottom += 1
    top = row
    if not any(year_of_header(cell) for r in range(row, bottom + 1) for cell in rows[r]):
        # The years may stand above their subtitles, where the title of the names does not reach up.
        while top > 0 and row - top < _MOST_ROWS_ABOVE and any(year_of_header(c) is not None for c in rows[top - 1]):
            if any(text_of(rows[top - 1], c) for c in at):
                break
            top -= 1
    width = max(len(rows[r]) for r in range(top, bottom + 1))
    titles = tuple(tuple(text_of(rows[r], c) for c in range(width)) for r in range(top, bottom + 1))
    return Header(top, bottom, titles)


def path_of(titles: Titles, column: int) -> list[str]:
    """Titles of a column from top to bottom."""
    path: list[str] = []
    for r, row in enumerate(titles):
        text = row[column]
        # The title left of an empty cell spans it where something of its own stands below.
        if not text and any(below[column] for below in titles[r + 1 :]):
            text = next((left for left in reversed(row[:column]) if left), "")
        if text and (not path or path[-1] != text):
            path.append(text)
    return path


def text_of(cells: list[Any], column: int) -> str:
    """Text of a cell of a header; a year that the spreadsheet keeps as a date is read as the year that it shows."""
    if not 0 <= column < len(cells):
        return ""
    cell = cells[column]
    year = year_of_header(cell) if isinstance(cell, datetime.date) else None
    return str(year) if year else (shown(cell) or "").strip()


def _is_banner(row: list[Any], first: int) -> bool:
    """Whether a row says one thing alone, left of column ``first`` of the names: what the rows below are of."""
    said = {text: c for c in range(len(row) - 1, -1, -1) if (text := text_of(row, c))}
    return len(said) == 1 and next(iter(said.values())) < first


def _is_titles(row: list[Any]) -> bool:
    """Whether a row can belong to a header: it says something, and nothing in it is a figure but a year."""
    filled = [cell for cell in row if shown(cell)]
    return bool(filled) and all(year_of_header(cell) or not looks_like_figure(cell) for cell in filled)
