"""What stands above a table: the rows between its header and the figures of the table before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingestion.forms.normalise import name_key
from ingestion.forms.periods import year_of_header
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.readers import HEAD_ROWS, Table

_MOST_TITLES = 3
"""Texts in a row that may still be a title: more are a header or a line."""


def header_row(table: Table, part: YearColumns) -> int:
    """The row with the title of the names, as sent."""
    names = part.labels[0]
    if part.table is not table:  # turned upright: the names of its lines stand in one row
        return names
    return part.title_row


def rows_above(table: Table, header: int) -> Iterator[tuple[list[Any], dict[int, str]]]:
    """Each row above row ``header``, the nearest first, with its texts by column; those without any, and what is a
    header's, are left out."""
    for row in reversed(table.rows[max(header - HEAD_ROWS, 0) : header]):
        texts = {c: text for c, cell in enumerate(row) if type(cell) is str and (text := cell.strip())}
        if texts and not any(map(year_of_header, row)):
            yield row, texts


def is_title(row: list[Any], texts: dict[int, str]) -> bool:
    """Whether a row can be a title: it says little, and holds no figure."""
    return len({*texts.values()}) <= _MOST_TITLES and not any(type(cell) is float for cell in row)


def title_rows(table: Table, end: int) -> Iterator[tuple[int, int, str]]:
    """(row, column, text) of what stands above a table's header, top down."""
    for r in range(min(end, HEAD_ROWS)):
        for c, cell in enumerate(table.rows[r]):
            if isinstance(cell, str) and name_key(cell):
                yield r, c, cell
