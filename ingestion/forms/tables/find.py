"""Finds every table of figures on a sheet by its header, whatever rows and columns surround it.

A header may come again further down, with figures of other years or departments below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import compress, count
from typing import Any, NamedTuple

from ingestion.forms.form import Form
from ingestion.forms.normalise import name_key
from ingestion.forms.patterns import Headers, Sieve
from ingestion.forms.tables.banners import between_banners
from ingestion.forms.tables.columns import LABEL, VALUE, side_by_side
from ingestion.forms.tables.header import header_around
from ingestion.forms.tables.turned import TurnedTable, turned
from ingestion.forms.tables.upright import below_header
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.forms.tables.year_said import Outside, year_said
from ingestion.readers import Document, Table


class _Block(NamedTuple):
    """A header (rows ``top`` to ``bottom``, included) and the tables side by side below it; ``names`` are the titles of
    their columns of names, compared, by column."""

    top: int
    bottom: int
    parts: list[YearColumns]
    names: dict[int, frozenset[str]]


def find_tables(document: Document, form: Form, reporting_year: int) -> list[list[YearColumns]]:
    """Every table of figures on each sheet, in reading order; the same for forms with the same titles."""
    headers = form.headers(reporting_year)
    asked = headers, bool(form.lines), reporting_year
    outside = Outside(reporting_year, document.name)
    if asked not in document.memo:
        document.memo[asked] = [
            _on_sheet(table, headers, form, outside)
            or (_on_sheet(table, headers.by_code, form, outside) if form.lines else [])
            for table in document.tables
        ]
    found: list[list[YearColumns]] = document.memo[asked]
    return found


def _on_sheet(table: Table, headers: Headers, form: Form, outside: Outside) -> list[YearColumns]:
    """The tables below the headers of a sheet, each down to the next header, then those that lie on their side."""
    blocks = list(_blocks(table, headers, form, outside))
    lying, told = turned(table, form, outside.reporting_year, [(block.top, block.bottom) for block in blocks])
    tops = [*(block.top for block in blocks), *(one.names for one in lying)]
    found: list[YearColumns] = []
    for block in blocks:
        end = min((top for top in tops if top > block.bottom), default=len(table.rows))
        for part in block.parts:
            found += between_banners(part if part.end_row == end else replace(part, end_row=end), headers)
    for one in lying:
        found += _of_turned(one, outside, table)
    return [replace(found[0], unread=(*found[0].unread, *told)), *found[1:]] if told and found else found


def _blocks(table: Table, headers: Headers, form: Form, outside: Outside) -> Iterator[_Block]:
    """Headers with tables below them, top down."""
    row = 0
    names: dict[int, frozenset[str]] = {}
    while True:
        row = _title_again(table, row, names) if names else _title(table, row, headers)
        if row < 0:
            return
        block = _block_at(table, row, headers, form, outside)
        row += 1
        if block.parts:
            yield block
            row = block.bottom + 1
            for column, titles in block.names.items():
                names[column] = names.get(column, titles) | titles
        elif not form.lines and _is_tidy(table.rows[block.top], headers):
            return


def _block_at(table: Table, row: int, headers: Headers, form: Form, outside: Outside) -> _Block:
    """The header around the row that holds the title of the names, and the tables below it."""
    at = [c for c, cell in enumerate(table.rows[row]) if type(cell) is str and headers[LABEL].fits(cell)]
    header = header_around(table, row, at)
    all_titled = side_by_side(header.titles, headers)
    found = [part for titled in all_titled for part in below_header(table, header, titled, form, outside)]
    titles = {column: names for titled in all_titled for column, names in titled.names.items()}
    names = {column: titles[column] for part in found for column in part.labels if column in titles}
    return _Block(header.top, header.bottom, found, names)


def _title(table: Table, first: int, headers: Headers) -> int:
    """The first row from ``first`` on that holds the title of the names, -1 where none is near enough to the top."""
    return next(headers[LABEL].rows_in(table, first), -1)


def _title_again(table: Table, first: int, names: dict[int, frozenset[str]]) -> int:
    """The first row from ``first`` on that holds the very title of the names seen above, in its column; -1 for none.

    Further down only that is a header: a line may well be called 新项目 and stand at 2010.
    """
    found = []
    for column, known in names.items():
        titles, cells = _same(known).fitting(table.words), table.column(column)[first:]
        if not titles.isdisjoint(cells):
            found.append(next(compress(count(first), map(titles.__contains__, cells))))
    return min(found, default=-1)


@lru_cache(maxsize=64)
def _same(titles: frozenset[str]) -> Sieve:
    """Spellings of these titles."""
    return Sieve(lambda text: name_key(text) in titles)


def _is_tidy(row: list[Any], headers: Headers) -> bool:
    """Whether a header is that of one figure a row: what stands below it are rows, and no header is among them."""
    return headers.of("period").first_in(row) >= 0 and headers.of(VALUE).first_in(row) >= 0


def _of_turned(found: TurnedTable, outside: Outside, sent: Table) -> Iterator[YearColumns]:
    """The tables that one on its side is once it was turned: of one year or one department each."""
    said, notes = year_said(sent, found.names, outside, found.beside)
    for number, part in enumerate(found.parts):
        yield YearColumns(
            table=found.table,
            first_row=part.first_row,
            end_row=part.end_row,
            labels=(found.names,),
            years=tuple((column, year if year > 0 else said + year) for column, year in part.years),
            columns={"unit": found.units},
            notes=() if all(year > 0 for _, year in part.years) else notes,
            unread=() if number else found.unread,
            department=part.department,
            beside=found.beside,
        )
