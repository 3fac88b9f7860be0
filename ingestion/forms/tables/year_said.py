"""The year of figures whose columns name none: what stands around their table says it."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

from ingestion.forms.periods import is_date_of_paper, part_of_year, year_of_header, years_besides_days
from ingestion.readers import Table

FROM_SUBMISSION = ("year_from_submission",)
"""Note of figures of whose year nothing speaks but that of the submission."""


class Outside(NamedTuple):
    """What is known of a table by what it is in: the reporting year of its submission, and the name of its file."""

    reporting_year: int
    file_name: str


def year_said(table: Table, top: int, outside: Outside, beside: range) -> tuple[int, tuple[str, ...]]:
    """The year of a table without columns of years, and the note that says whence: as its title above row ``top`` has
    it, else the text above it, else its sheet, else its file, else its submission. Of the titles of tables side by side
    it is the one above its own columns (``beside``)."""
    for row in range(top - 1, -1, -1):
        cells = table.rows[row]
        for among in (cells, cells[beside.start : beside.stop]):
            said = {year for cell in among if cell is not None for year in _years_above(cell, outside.reporting_year)}
            if len(said) == 1:
                return said.pop(), ("year_from_title",)
            if not said:
                break
    for text in reversed(table.caption):
        if len(said := {*_years_above(text, outside.reporting_year)}) == 1:
            return said.pop(), ("year_from_title",)
    for name, note in ((table.name, "year_from_sheet"), (outside.file_name, "year_from_file")):
        named = set(_years_above(name, outside.reporting_year))
        if len(named) == 1:
            return named.pop(), (note,)
    return outside.reporting_year, FROM_SUBMISSION


def _years_above(cell: Any, reporting_year: int) -> tuple[int, ...]:
    """The years that a cell above a table names for it; the day or the month when its paper was written is none."""
    if isinstance(cell, datetime.date):
        year = year_of_header(cell)
        return (year,) if year else ()
    years = years_besides_days(text := str(cell))
    return () if years and (is_date_of_paper(text) or (part_of_year(text) or 0) > reporting_year) else years
