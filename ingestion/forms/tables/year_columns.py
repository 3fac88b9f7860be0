"""A table of figures as it was found: which columns hold the names of its lines, and which their figures of a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from ingestion.readers import Table


class Measure(NamedTuple):
    """What columns hold of each line where it is not its figure: their ``title``, and its ``field`` where that is one
    of the form's (numerator, denominator)."""

    title: str
    field: str | None


@dataclass(frozen=True)
class YearColumns:
    """One table of figures: rows ``first_row`` to ``end_row`` (not included), columns by what they hold (-1 = absent).

    ``labels`` are the columns of the line's name, from the widest group to the line itself; ``years`` are
    (column, year) pairs, ``units`` the units that their titles carry, by column. ``notes`` tell where the year was
    taken from if no column names it, ``department`` whose figures they are where the rows of a turned table say it,
    ``measure`` what they are where they are not those of the lines themselves. ``beside`` are all columns of the table,
    as sent.
    """

    table: Table
    first_row: int
    end_row: int
    labels: tuple[int, ...]
    years: tuple[tuple[int, int], ...]
    columns: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    department: str | None = None
    units: dict[int, str] = field(default_factory=dict)
    measure: Measure | None = None
    beside: range = range(0)

    def column(self, name: str) -> int:
        """Column of a field of column_map.csv, -1 where the table has none."""
        return self.columns.get(name, -1)

    @cached_property
    def title_row(self) -> int:
        """The row above the figures that says something in the column of the names: their title."""
        texts = self.table.texts(self.labels[0])
        return next((row for row in range(self.first_row - 1, -1, -1) if texts[row]), 0)

    @cached_property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the rows, and the texts that begin them where something stands left of the names."""
        rows = slice(self.first_row, self.end_row)
        before = first_texts(self.table, range(self.labels[-1]))[rows]
        return tuple(first_texts(self.table, self.labels[::-1])[rows]), tuple(before)

    @cached_property
    def codes(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The cells of the rows' codes and of their numbers; none where there is no such column."""
        columns, rows = map(self.column, ("line_code", "line_no")), slice(self.first_row, self.end_row)
        codes, numbers = (tuple(_without_bools(self.table.column(c)[rows])) if c >= 0 else () for c in columns)
        return codes, numbers


def first_texts(table: Table, columns: Sequence[int]) -> list[str]:
    """Of each row of a table the text that stands first in ``columns``, in that order; "" where there is none."""
    texts = [table.texts(column) for column in columns]
    if len(texts) == 1:
        return texts[0]
    return [next(filter(None, row), "") for row in zip(*texts, strict=True)] if texts else [""] * len(table.rows)


def _without_bools(cells: Sequence[Any]) -> Sequence[Any]:
    """Cells without those that are true or false: True is 1 for whoever looks it up."""
    return [None if type(cell) is bool else cell for cell in cells] if bool in set(map(type, cells)) else cells
