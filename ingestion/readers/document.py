"""The small model that every reader fills: a document is text and tables; a cell knows where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Span = tuple[int, int]


@dataclass(slots=True)
class Table:
    """A rectangle of cells as the source has them: text, numbers, dates, or None for an empty cell.

    ``locate(row, column)`` gives the locator of a cell (0-based): ``sheet!B3``, ``table 2!B3``, ``chars 10-14``.
    Computed on demand, because most cells are never cited. ``merged`` lists merged ranges as
    (first row, first column, last row, last column), 0-based and inclusive.
    """

    name: str
    rows: list[list[Any]]
    locate: Callable[[int, int], str]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """What a file says. ``text`` is the running text (None for a workbook), ``tables`` in reading order."""

    tables: list[Table]
    text: str | None = None


def a1(row: int, column: int) -> str:
    """Address of a cell as spreadsheets print it; both numbers 0-based."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def sheet_locator(name: str) -> Callable[[int, int], str]:
    """Locators of a sheet or numbered table: ``name!A1``."""
    return lambda row, column: f"{name}!{a1(row, column)}"
