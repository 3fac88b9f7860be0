"""The figures of a table, kept as cells until entries are asked for: mostly once, as text for COPY."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from ingestion.entries import MARK, CopyText, Entry, copy_pattern
from ingestion.forms.form import Form, Line
from ingestion.forms.header_units import factor_to
from ingestion.forms.values import Reading, plain_number, read_cell
from ingestion.readers import shown

LineRow = tuple[int, str, Line | None, tuple[str, ...]]
"""A row with a name: its number, its name as written, the line of the form that it is, and what is doubtful."""
Locate = Callable[[int], str]
"""Locators of a column's cells, by row."""
_BRACKETED = re.compile(r"\s*[(（]\s*(?P<unit>[^()（）]*?)\s*[)）]\s*")
_PLAIN = Reading(None)
"""How a plain number is read, but for the number."""
_Shared = tuple[str | None, str, str | None, str | None, str | None, str | None, tuple[str, ...]]
"""row_raw, label_raw, unit_raw, department_raw, line_code, unit and notes of entries."""


class Figures(NamedTuple):
    """The cells of one table: for every year those of the rows of ``lines``.

    ``units``, ``codes`` and ``departments`` are of all rows of the table, ``years`` the locators of each year's column
    and the year; ``notes`` hold for all. A cell is an entry unless ``form`` takes it for missing; with ``keep_markers``
    a marker such as ``--`` is one all the same (a patch that clears a figure).
    """

    form: Form
    lines: Sequence[LineRow]
    units: Sequence[str]
    codes: Sequence[str]
    departments: Sequence[str | None]
    years: Sequence[tuple[Locate, str]]
    cells: Sequence[Sequence[Any]]
    notes: tuple[str, ...]
    keep_markers: bool

    @property
    def total(self) -> int:
        """How many entries there are."""
        mixed = (column for column in self.cells if set(map(type, column)) != {float})
        others = [cell for column in mixed for cell in column if type(cell) is not float]
        return sum(map(len, self.cells)) - len(others) + sum(map(self._is_entry, others))

    def entries(self, after: int) -> Iterator[Entry]:
        """The entries, numbered from the one that follows ``after``."""
        for ordinal, place in enumerate(self._places(), after + 1):
            yield self._entry(ordinal, *place)

    def copy_lines(self, after: int, copy: CopyText) -> Iterator[str]:
        """The same as lines of COPY. A plain number, as most are, goes straight into the line that its row has."""
        of_row: LineRow | None = None
        is_converted = False
        pattern, key, submission_id = "", copy.key_of("value"), copy.submission_id
        for ordinal, (row, locate, year, cell) in enumerate(self._places(), after + 1):
            if row is not of_row:
                of_row, pattern, is_converted = row, "", self._factor(row) is not None
            if type(cell) is float and not is_converted and (plain := plain_number(cell)):
                pattern = pattern or _pattern(*self._shared(row, _PLAIN))
                text, decimals = plain
                locator = locate(row[0])
                yield pattern % (submission_id, key(locator), ordinal, locator, year, text, year, text, decimals)
            else:
                yield copy.line(self._entry(ordinal, row, locate, year, cell))

    def _places(self) -> Iterator[tuple[LineRow, Locate, str, Any]]:
        """Row, year and cell of every entry, in reading order."""
        is_entry = self._is_entry
        for row, cells in zip(self.lines, zip(*self.cells, strict=True), strict=True):
            for (locate, year), cell in zip(self.years, cells, strict=True):
                if type(cell) is float or is_entry(cell):
                    yield row, locate, year, cell

    def _is_entry(self, cell: Any) -> bool:
        return not self.form.is_missing(cell) or (self.keep_markers and bool(shown(cell)))

    def _entry(self, ordinal: int, row: LineRow, locate: Locate, year: str, cell: Any) -> Entry:
        unit, missing = self.units[row[0]] or None, self.form.is_missing(cell)
        if row[2] and unit and (factor := self._factor(row)):
            reading = _converted(read_cell(cell, _in_unit(row[2], unit), missing=missing), factor)
        else:
            reading = read_cell(cell, row[2], unit=unit, missing=missing)
        return _figure(ordinal, locate(row[0]), year, shown(cell), reading, *self._shared(row, reading))

    def _factor(self, row: LineRow) -> Decimal | None:
        """What makes a figure in the unit that a row states one in that of its line, where these differ (万元, 元)."""
        line, stated = row[2], self.units[row[0]]
        return factor_to(line.unit, stated) if line and stated and stated != line.unit else None

    def _shared(self, row: LineRow, reading: Reading) -> _Shared:
        """What the figures of a row have in common, given how a cell was read."""
        number, label, line, doubts = row
        unit_raw = self.units[number] or None
        # A line that the form does not know is in the unit that its row states, or else in the one that the cell shows.
        bracketed = _BRACKETED.fullmatch(unit_raw or "")
        stated = (bracketed["unit"] if bracketed else unit_raw) or reading.unit
        line_code, unit = (line.line_code, line.unit) if line else (None, stated)
        notes = (*reading.notes, *doubts, *self.notes)
        return self.codes[number] or None, label, unit_raw, self.departments[number], line_code, unit, notes


def _figure(
    ordinal: int, locator: str, year: str, raw: str | None, reading: Reading,
    row_raw: str | None, label: str, unit_raw: str | None, department: str | None, line_code: str | None,
    unit: str | None, notes: tuple[str, ...],
) -> Entry:  # fmt: skip
    value, decimals, grade, _, _, comparator = reading
    # The fields in their order: by name, a return of 600 figures would cost twice as much.
    return tuple.__new__(Entry, (
        "value", ordinal, locator, None, row_raw, label, unit_raw, department, year, raw, None, line_code, year, value,
        None, decimals, grade, None if value is None else comparator, unit,
        None, None, None, None, None, None, None, None, notes, None, None,
    ))  # fmt: skip


@lru_cache(maxsize=1024)
def _in_unit(line: Line, unit: str) -> Line:
    return replace(line, unit=unit)


def _converted(reading: Reading, factor: Decimal) -> Reading:
    """A reading in the unit of its line; 3.5 in 万元 is known to the nearest thousand."""
    value, places = reading.value, reading.decimals
    if value is None:
        return reading
    return reading._replace(
        value=value * factor,
        decimals=None if places is None else places - factor.adjusted(),
        notes=(*reading.notes, "unit_converted"),
    )


@lru_cache(maxsize=8192)
def _pattern(*shared: Any) -> str:
    """The lines of the plain numbers of a row; the files of a batch mostly have the same rows."""
    return copy_pattern(_figure(MARK, MARK, MARK, MARK, Reading(MARK, MARK), *shared))
