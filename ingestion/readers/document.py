"""The small model that every reader fills: a document is text and tables; a cell knows where it stands."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from typing import Any

Span = tuple[int, int]

MOST_CELLS = 5_000_000
"""Cells that all tables of one file may span, empty ones included; a year's return has some thousand."""
MOST_TABLES = 10_000
"""Tables of one page or document; a workbook saved as a page has one a sheet."""
MOST_COLUMNS = 16_384
"""Columns of the widest sheet that a spreadsheet program holds."""
NO_CHARACTER = "\ufffd"
"""What a NUL in a text is read as: no database keeps one, and as a figure it is seen to be none."""
_MOST_WORDS = 1000
"""Texts of a sheet's head that are worth a comparison with the last ones."""
HEAD_ROWS = 60
"""A header further down than this is no header: cover sheets and notes are shorter."""


class UncalculatedFormula(str):
    """A formula whose result the program did not save: the cell says how to reckon, not what came out."""

    __slots__ = ()


class CellError(str):
    """An error value that a spreadsheet shows in place of a figure, such as ``#DIV/0!``."""

    __slots__ = ()


class Percent(float):
    """A figure that its program shows as a percentage: 0.3247 stored, 32.47% on the screen."""

    __slots__ = ()


def a1(row: int, column: int) -> str:
    """Address of a cell as spreadsheets print it; both numbers 0-based."""
    return f"{letters(column)}{row + 1}"


@lru_cache(maxsize=1024)
def letters(column: int) -> str:
    """Letters of a column (0-based): ``A`` for 0, ``AB`` for 27."""
    if column < 26:
        return chr(65 + column)
    return letters(column // 26 - 1) + chr(65 + column % 26)


# Locators are objects, not closures: a document read in a process of its own travels back to ours.


class Locator:
    """Locators of a table's cells, by row and column (0-based)."""

    __slots__ = ()

    def __call__(self, row: int, column: int) -> str:
        """Where a cell stands."""
        raise NotImplementedError

    def of_column(self, column: int) -> Callable[[int], str]:
        """The same for the rows of one column."""
        return lambda row: self(row, column)


@dataclass(frozen=True, slots=True)
class SheetLocator(Locator):
    """Locators of a sheet or numbered table: ``name!A1``."""

    name: str

    def __call__(self, row: int, column: int) -> str:
        return f"{self.name}!{letters(column)}{row + 1}"

    def of_column(self, column: int) -> Callable[[int], str]:
        column_of_sheet = f"{self.name}!{letters(column)}"
        return lambda row: f"{column_of_sheet}{row + 1}"


@dataclass(frozen=True, slots=True)
class SpanLocator(Locator):
    """Locators of a table in running text, by the characters of each cell: ``chars 10-14``."""

    spans: list[list[Span]]

    def __call__(self, row: int, column: int) -> str:
        start, end = self.spans[row][min(column, len(self.spans[row]) - 1)]
        return f"chars {start}-{end}"


@dataclass(frozen=True, slots=True)
class BoxLocator(Locator):
    """Locators of a table on pages, by the page of each row and the box of each cell in points from the top left."""

    number: int
    pages: list[int]
    boxes: list[list[tuple[float, float, float, float] | None]]

    def __call__(self, row: int, column: int) -> str:
        box = self.boxes[row][column] if column < len(self.boxes[row]) else None
        place = area(box) if box else "merged"
        return f"page {self.pages[row]} table {self.number} box {place} row {row + 1} column {column + 1}"


def area(box: tuple[float, float, float, float]) -> str:
    """A box on a page as locators have it: left, top, right, bottom."""
    return ",".join(f"{edge:.0f}" for edge in box)


_LONGEST_CAPTION, _MOST_CAPTIONS = 60, 3
_EXACT = 1e15
"""Whole numbers below this are exact as a spreadsheet stores them."""


def shown(cell: Any) -> str | None:
    """A cell as text, as its program shows it: 12158 for 12158.0, at most 15 significant digits; None when empty."""
    if type(cell) is str:
        return cell or None
    if cell is None or cell == "":
        return None
    if type(cell) is Percent and math.isfinite(cell):
        return format(cell * 100, ".15g") + "%"
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < _EXACT:
            return str(int(cell))
        return format(cell, ".15g") if math.isfinite(cell) else str(cell)
    return str(cell)


@dataclass(slots=True)
class Table:
    """A rectangle of cells as the source has them: text, numbers, dates, or None for an empty cell.

    ``locate(row, column)`` gives the locator of a cell (0-based): ``sheet!B3``, ``table 2!B3``, ``chars 10-14``.
    Computed on demand, because most cells are never cited. ``merged`` lists merged ranges as
    (first row, first column, last row, last column), 0-based and inclusive. ``caption`` are the short lines of running
    text above it, top down; those above the table before it where it has none of its own. ``is_sheet`` tells that its
    name was given to it, as to a sheet of a workbook; else it is that of its file, or a number. ``is_hidden`` tells
    that whoever opens the workbook does not see it.
    """

    name: str
    rows: list[list[Any]]
    locate: Locator
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    caption: tuple[str, ...] = ()
    is_sheet: bool = False
    is_hidden: bool = False
    _columns: list[tuple[Any, ...]] | None = field(default=None, init=False, repr=False, compare=False)
    _texts: dict[int, list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _words: frozenset[str] | None = field(default=None, init=False, repr=False, compare=False)
    _head: frozenset[str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def words(self) -> frozenset[str]:
        """The texts of all cells; collected once."""
        if self._words is None:
            self._words = self.head | _words_of(self.rows[HEAD_ROWS:]) if len(self.rows) > HEAD_ROWS else self.head
        return self._words

    @property
    def head(self) -> frozenset[str]:
        """The texts in the first ``HEAD_ROWS`` rows, where a header is looked for; collected once."""
        if self._head is None:
            words = _words_of(self.rows[:HEAD_ROWS])
            self._head = _one_of(words) if len(words) <= _MOST_WORDS else words
        return self._head

    @property
    def width(self) -> int:
        """Cells of its widest row."""
        return max(map(len, self.rows), default=0) if self._columns is None else len(self._columns)

    def column(self, column: int) -> Sequence[Any]:
        """The cells of a column, one for every row; None where the row ends before it, and empty text throughout where
        there is no such column."""
        if self._columns is None:
            self._columns = list(zip_longest(*self.rows))
        return self._columns[column] if 0 <= column < len(self._columns) else ("",) * len(self.rows)

    def texts(self, column: int) -> list[str]:
        """Text of every cell of a column, as shown and without blanks around it; made once, for whoever asks."""
        if column < 0:
            return [""] * len(self.rows)
        if column not in self._texts:
            cells = self.column(column)
            try:
                self._texts[column] = list(map(str.strip, cells))  # a column of names is text throughout
            except TypeError:
                self._texts[column] = [(shown(cell) or "").strip() for cell in cells]
        return self._texts[column]


@dataclass(slots=True)
class Document:
    """What a file says. ``text`` is the running text (None for a workbook), ``tables`` in reading order, ``name`` what
    the file is called, without its ending.

    ``notes`` names what the file carries and we do not use: macros, links to other workbooks. ``memo`` is for whoever
    finds out about the tables what others will ask for again: kept here, because a table that knew of what refers to it
    would wait, with all its cells, for the garbage collector.
    """

    tables: list[Table]
    text: str | None = None
    notes: tuple[str, ...] = ()
    name: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


def _words_of(rows: list[list[Any]]) -> frozenset[str]:
    return frozenset([cell for row in rows for cell in row if type(cell) is str])


def caption_of(lines: Iterable[str], before: tuple[str, ...]) -> tuple[str, ...]:
    """What stands above a table, of the ``lines`` since the table before it; that one's caption where it goes on."""
    short = tuple(line.strip() for line in lines if 0 < len(line.strip()) <= _LONGEST_CAPTION)[-_MOST_CAPTIONS:]
    return (*before, *short)[-_MOST_CAPTIONS:] if all("续" in line for line in short) else short


@lru_cache(maxsize=8)
def _one_of(words: frozenset[str]) -> frozenset[str]:
    """The same object for the same words: the sheets of a workbook often have the very names, and what was found out
    about them is known at once."""
    return words


def column_number(name: str) -> int:
    """Number of a column (0-based): 0 for ``A``, 27 for ``AB``."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def sheet_locator(name: str) -> SheetLocator:
    """Locators of a sheet or numbered table: ``name!A1``."""
    return SheetLocator(name)
