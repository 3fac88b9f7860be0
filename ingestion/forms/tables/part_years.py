"""Tables of a part of a year: a monthly report, a half-year's review. Their figures are none of the year's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ingestion.forms.periods import is_date_of_paper, part_of_year, years_in
from ingestion.forms.tables.above import header_row, is_title, rows_above
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.readers import Table


def of_whole_years(
    table: Table, parts: Sequence[YearColumns], reporting_year: int, file_name: str
) -> tuple[list[YearColumns], list[str]]:
    """Those of the tables on a sheet that are not said to be of a part of one of their years, and what is said of the
    others: by the title nearest above them, or by the name of the sheet, or of the file where their year is from it."""
    kept: list[YearColumns] = []
    told: dict[str, None] = {}
    for part in parts:
        said = _part_said(table, header_row(table, part), reporting_year)
        if not said and "year_from_file" in part.notes and (year := part_of_year(file_name)) is not None:
            said = file_name, year
        if said and (not said[1] or said[1] in {year for _, year in part.years}):
            told[f"{table.name}: {said[0]!r} is of a part of a year"] = None
        else:
            kept.append(part)
    return kept, [*told]


def _part_said(table: Table, header: int, reporting_year: int) -> tuple[str, int] | None:
    """What says that figures are of a part of a year, and of which (0 where it names none)."""
    if (year := part_of_year(table.name)) is not None:
        return table.name, year
    captions: list[tuple[list[Any], dict[int, str]]] = [([], {0: text}) for text in reversed(table.caption)]
    for row, texts in (*rows_above(table, header), *captions):
        if not is_title(row, texts):
            continue
        for text in texts.values():
            year = part_of_year(text)
            # The month after the year is that of the paper.
            if year is not None and year <= reporting_year:
                return text, year
        if any(years_in(text) and not is_date_of_paper(text) for text in texts.values()):
            return None
    return None
