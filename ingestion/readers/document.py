"""The small model that every reader fills: a document is text and tables; a cell knows where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Span = tuple[int, int]

MOST_CELLS = 5_000_000
"""Cells that all tables of one file may span, empty ones included; a year's return has some thousand."""


class UncalculatedFormula(str):
    """A formula whose result the program did not save: the cell says how to reckon, not what came out."""

    __slots__ = ()


class CellError(str):
    """An error value that a spreadsheet shows in place of a figure, such as ``#DIV/0!``."""

    __slots__ = ()


class Percent(float):
    """A figure that its program shows as a percentage: 0.3247 stored, 32.47% on the screen."""

    __slots__ = ()


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
    """What a file says. ``text`` is the running text (None for a workbook), ``tables`` in reading order.

    ``notes`` names what the file carries and we do not use: macros, links to other workbooks.
    """

    tables: list[Table]
    text: str | None = None
    notes: tuple[str, ...] = ()


def a1(row: int, column: int) -> str:
    """Address of a cell as spreadsheets print it; both numbers 0-based."""
    if column < 26:
        return f"{chr(65 + column)}{row + 1}"
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def column_number(letters: str) -> int:
    """Number of a column (0-based): 0 for ``A``, 27 for ``AB``."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


# Locators are objects, not closures: a document read in a process of its own travels back to ours.


@dataclass(frozen=True, slots=True)
class SheetLocator:
    """Locators of a sheet or numbered table: ``name!A1``."""

    name: str

    def __call__(self, row: int, column: int) -> str:
        return f"{self.name}!{a1(row, column)}"


@dataclass(frozen=True, slots=True)
class SpanLocator:
    """Locators of a table in running text, by the characters of each cell: ``chars 10-14``."""

    spans: list[list[Span]]

    def __call__(self, row: int, column: int) -> str:
        start, end = self.spans[row][min(column, len(self.spans[row]) - 1)]
        return f"chars {start}-{end}"


@dataclass(frozen=True, slots=True)
class BoxLocator:
    """Locators of a table on a page, by the box of each cell in points from the top left."""

    page: int
    number: int
    boxes: list[list[tuple[float, float, float, float] | None]]

    def __call__(self, row: int, column: int) -> str:
        box = self.boxes[row][column] if column < len(self.boxes[row]) else None
        area = ",".join(f"{edge:.0f}" for edge in box) if box else "merged"
        return f"page {self.page} table {self.number} box {area} row {row + 1} column {column + 1}"


def sheet_locator(name: str) -> SheetLocator:
    """Locators of a sheet or numbered table: ``name!A1``."""
    return SheetLocator(name)
