"""Tables that are stacked under one header: parted by rows that say nothing but whose the rows below are, or of which
year."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from ingestion.forms.normalise import without_serial
from ingestion.forms.patterns import Headers
from ingestion.forms.periods import year_of_header
from ingestion.forms.tables.header import LEAST_DEPARTMENTS
from ingestion.forms.tables.year_columns import YearColumns, first_texts
from ingestion.readers import Table, shown


def between_banners(part: YearColumns, headers: Headers) -> Iterator[YearColumns]:
    """The pieces of a table between rows that say nothing but whose the rows below are, or of which year; a year only
    where no title says one."""
    departments, told = ({}, ()) if part.department else _banner_departments(part, headers)
    part = replace(part, unread=(*part.unread, *told)) if told else part
    years = banner_years(part.table, part.first_row, part.end_row) if part.notes else {}
    if not (departments or years):
        yield part
        return
    of_hospital, piece = headers.of("hospital_name").fits, part
    newest = max((year for _, year in part.years))
    for row in sorted({*departments, *years}):
        if piece.first_row < row:
            yield replace(piece, end_row=row)
        if row in departments:
            piece = replace(piece, department=None if of_hospital(departments[row]) else departments[row])
        if row in years:
            of_year = tuple((column, year - newest + years[row]) for column, year in part.years)
            piece = replace(piece, years=of_year, notes=("year_from_title",))
        piece = replace(piece, first_row=row + 1, unread=part.unread if piece is part else ())
    if piece.first_row < piece.end_row:
        yield piece


def _banner_departments(part: YearColumns, headers: Headers) -> tuple[dict[int, str], tuple[str, ...]]:
    """Department by row, of the rows that say nothing but one: of a single one above all rows, or of several that have
    figures of the same names. Those that share none have each its part of the hospital's figures to answer for: that
    they are taken so is told."""
    table, end = part.table, part.end_row
    found = dict(_banners(table, part.first_row, end, headers.of("department_name").fitting(table.words)))
    if len({*found.values()}) < LEAST_DEPARTMENTS:
        return (found if [*found] == [part.first_row] else {}), ()
    found |= dict(_banners(table, part.first_row, end, headers.of("hospital_name").fitting(table.words)))
    names = first_texts(table, part.labels[::-1])
    whose: dict[str, str] = {}
    for row, following in zip(sorted(found), [*sorted(found)[1:], end], strict=True):
        for name in filter(None, names[row + 1 : following]):
            if whose.setdefault(name, found[row]) != found[row]:
                return found, ()
    first, more = next(iter(found)), f" and {len(found) - 1} more rows"
    return {}, (f"{table.locate(first, 0)}: row {found[first]!r}{more}, taken for headings of the hospital's figures",)


def banner_years(table: Table, first: int, end: int) -> dict[int, int]:
    """Year by row, of the rows that say nothing but a year."""
    said = {text for text in table.words if year_of_header(text)}
    return {row: year for row, text in _banners(table, first, end, said) if (year := year_of_header(text))}


def _banners(table: Table, first: int, end: int, texts: Set[str]) -> Iterator[tuple[int, str]]:
    """(row, text) of the rows from ``first`` to ``end`` (not included) that say nothing but one of some texts, whatever
    number stands before it."""
    for row in range(first, end if texts else first):
        before, *others = [text for cell in table.rows[row] if (text := shown(cell))] or [""]
        said = {*others} if others and not without_serial(before) else {before, *others}
        if len(said) == 1 and not texts.isdisjoint(said):
            yield row, without_serial(said.pop()).strip()
