"""What the XML of a workbook may hold: no document type, and no more of anything than fits in memory."""

from __future__ import annotations

import re
from typing import NoReturn

from ingestion.readers import problems
from ingestion.readers.document import MOST_CELLS, a1
from ingestion.readers.problems import overgrown, problem

ROOT = re.compile(rb"<[A-Za-z_]")
"""What the first element begins with, and each one in it."""
_OPENING = 4096
"""Bytes within which the first element of a part stands."""
_TAGS_OF_A_CELL = 8
"""Tags of a cell with a formula and a result, its share of its row's among them."""


def check_prolog(chunk: bytes, where: str) -> None:
    """A document type can stand before the first element only; a prolog of megabytes is no office program's either."""
    root = ROOT.search(chunk)
    if b"<!DOCTYPE" in chunk[: root.start() if root else None] or not (root or len(chunk) < _OPENING):
        raise problems.document_type(where)


class Junk:
    """Counts the tags, comments and instructions that are of no cell, by the words that cells and rows are known by.

    Whatever stands between cells, or within one, is held in memory until the next one is read.
    """

    def __init__(self, where: str, *of_cells: bytes) -> None:
        self.where, self.of_cells, self.count = where, of_cells, 0

    def add(self, chunk: bytes) -> None:
        """Count those of a part of the XML; raises Problem where they become too many."""
        self.count += max(0, chunk.count(b"<") - _TAGS_OF_A_CELL * sum(map(chunk.count, self.of_cells)))
        if self.count > MOST_CELLS:
            raise overgrown(
                self.where, f"{self.count:,} tags and comments that are no cells", f"at most {MOST_CELLS:,} of them"
            )


class Extent:
    """The rectangle that filled cells span; refuses one that would not fit in memory, naming the cell."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.top = self.left = 1 << 30
        self.bottom = self.right = -1

    def add(self, row: int, column: int) -> None:
        self.top, self.bottom = min(self.top, row), max(self.bottom, row)
        self.left, self.right = min(self.left, column), max(self.right, column)
        # Rows and columns before the first filled cell are laid out too: addresses stay those of the screen.
        if (self.bottom + 1) * (self.right + 1) > MOST_CELLS:
            self.refuse(row, column)

    def refuse(self, row: int, column: int) -> NoReturn:
        """Raise the Problem of a cell that lies too far away."""
        raise problem(
            "far-cell",
            f"{self.where}!{a1(row, column)}",
            "a filled cell far from the others",
            f"a sheet of at most {MOST_CELLS:,} cells",
            "Delete the cells below and right of the form (select to the end, Delete) and save again.",
        )
