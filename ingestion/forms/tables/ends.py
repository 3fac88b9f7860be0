"""Where a table ends though no header of its own kind follows: at the header of a table of another kind below it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ingestion.forms.form import Form
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.forms.values import looks_like_figure
from ingestion.readers import shown

_COUNTED = re.compile(r"[\d一二三四五六七八九十级等]")
"""What stands in a figure or a grade (三级, 甲等), and hardly in the title of a column."""


def before_others(form: Form, part: YearColumns) -> YearColumns:
    """The table down to where, below an empty row, words stand in all its columns of figures: these are the titles of
    something else (姓名, 职称), told as unread. The same table where no such row is."""
    columns = [part.table.column(column) for column, _ in part.years]
    if str not in set(map(type, columns[0][part.first_row : part.end_row])):
        return part
    for row in range(part.first_row + 1, part.end_row):
        if type(columns[0][row]) is not str or not all(_is_title(form, column[row]) for column in columns):
            continue
        above = row - 1
        while above > part.first_row and _filled(part, above) == 1:  # its title
            above -= 1
        if above > part.first_row and not _filled(part, above):
            told = f"{part.table.locate(row, part.years[0][0])}: another table, from {columns[0][row].strip()!r} on"
            return replace(part, end_row=row, unread=(*part.unread, told))
    return part


def _filled(part: YearColumns, row: int) -> int:
    return sum(bool(shown(cell)) for cell in part.table.rows[row])


def _is_title(form: Form, cell: Any) -> bool:
    return (
        isinstance(cell, str)
        and not form.is_missing(cell)
        and not looks_like_figure(cell)
        and not _COUNTED.search(cell)
    )
