"""The tables below one header: that of the years, one for each measure of the lines, one for each department."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingestion.forms.form import Form
from ingestion.forms.header_units import is_unit
from ingestion.forms.tables.banners import banner_years
from ingestion.forms.tables.columns import FIGURES, PRIOR, VALUE, TitledColumns
from ingestion.forms.tables.header import Header
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.forms.tables.year_said import FROM_SUBMISSION, Outside, year_said
from ingestion.forms.values import looks_like_figure
from ingestion.readers import Table

_Years = tuple[tuple[int, int], ...]
"""(column, year) pairs."""


def below_header(
    table: Table, header: Header, titled: TitledColumns, form: Form, outside: Outside
) -> Iterator[YearColumns]:
    """The tables that ``titled`` columns of a header are, each down to the last row of the sheet."""
    of_years = _by_year(table, header, titled, form, outside)
    if of_years:
        yield of_years
    yield from _by_measure(table, header, titled, of_years)
    yield from _by_department(table, header, titled, outside)


def _by_year(table: Table, header: Header, titled: TitledColumns, form: Form, outside: Outside) -> YearColumns | None:
    """The table whose columns are years, or this year and the one before; None where nothing tells a year."""
    unsaid, notes = _years_unsaid(table, header, titled, form, outside)
    named = {year for _, year in titled.years}
    added = tuple(pair for pair in unsaid if pair[1] not in named)
    years = tuple(sorted((*titled.years, *added)))
    if not years:
        return None
    read = {c for c, _ in years}
    if _only_year(years):
        read |= {c for columns in titled.measures.values() for c, _ in columns}
    unread = _unread(table, header, titled, read)
    units = {c: titled.units[c] for c, _ in years if c in titled.units}
    return _table(table, header, titled, years, notes if added else (), unread, units=units)


def _years_unsaid(
    table: Table, header: Header, titled: TitledColumns, form: Form, outside: Outside
) -> tuple[_Years, tuple[str, ...]]:
    """The column of figures that names no year, and that of the year before where no other one names its own, by the
    year that is said around the table; and the note that says where."""
    column = titled.columns.get(VALUE, -1)
    if column < 0 or column in dict(titled.years) or titled.columns.get("period", -1) >= 0:
        return (), ()
    year, notes = year_said(table, header.top, outside, titled.beside)
    # Beside columns that name their years (2022年, 全年合计) the other's is told by the title alone; and a form
    # that takes every line by its name is not found by a mere column of values: it needs to name its year.
    is_said = (
        notes != FROM_SUBMISSION
        or (bool(form.lines) and not titled.years)
        or bool(banner_years(table, header.bottom + 1, len(table.rows)))
    )
    if not is_said:
        return (), ()
    before = -1 if titled.years else titled.columns.get(PRIOR, -1)
    return ((column, year), *([(before, year - 1)] if before >= 0 else ())), notes


def _by_measure(
    table: Table, header: Header, titled: TitledColumns, figures: YearColumns | None
) -> Iterator[YearColumns]:
    """One table for the numerators, one for the denominators, and one for whatever else stands below a year beside
    others. Where no title says the year, it is the one year of the figures; where these are of several, it is open."""
    only = _only_year(figures.years if figures else ())
    for measure, columns in titled.measures.items():
        dated = tuple((c, year or only) for c, year in columns)
        if all(year for _, year in dated):
            notes = figures.notes if figures and not all(year for _, year in columns) else ()
            own = titled._replace(columns=titled.columns | {"unit": -1})  # that of the figures, not of their parts
            yield replace(_table(table, header, own, dated, notes, (), units=titled.units), measure=measure)


def _by_department(table: Table, header: Header, titled: TitledColumns, outside: Outside) -> Iterator[YearColumns]:
    """One table for each department that has columns of its own, and for the whole hospital beside them."""
    if not titled.departments:
        return
    year, notes = year_said(table, header.top, outside, titled.beside)
    unread = () if titled.years else _unread(table, header, titled, set())
    for department, columns in titled.departments.items():
        years = tuple((c, stated or year) for c, stated in columns)
        own_notes = () if all(stated for _, stated in columns) else notes
        own = _table(table, header, titled, years, own_notes, unread, units=titled.units)
        yield replace(own, department=department)
        unread = ()


def _only_year(years: _Years) -> int:
    """The year of all columns, 0 where they are of several."""
    found = {year for _, year in years}
    return found.pop() if len(found) == 1 else 0


def _unread(table: Table, header: Header, titled: TitledColumns, read: set[int]) -> tuple[str, ...]:
    return tuple(f"{table.locate(header.bottom, c)}: column {title!r}" for c, title in titled.unread if c not in read)


def _table(
    table: Table, header: Header, titled: TitledColumns, years: _Years, notes: tuple[str, ...],
    unread: tuple[str, ...], *, units: dict[int, str],
) -> YearColumns:  # fmt: skip
    """The columns with the figures of some years, down to the last row; a name stands left of its figures where one
    does."""
    labels = tuple([c for c in titled.labels if c < years[0][0]]) or titled.labels[:1]
    while labels[-1] + 1 < years[0][0] and _goes_on(table, header, labels[-1] + 1, titled):
        labels = (*labels, labels[-1] + 1)
    return YearColumns(
        table=table,
        first_row=header.bottom + 1,
        end_row=len(table.rows),
        labels=labels,
        years=years,
        columns=titled.columns,
        notes=notes,
        unread=unread,
        units=units,
        beside=titled.beside,
    )


def _goes_on(table: Table, header: Header, column: int, titled: TitledColumns) -> bool:
    """Whether a column left of the figures holds names as well: one without a title, for those of groups are merged
    over it where they have no lines of their own; and one that tells of each row whether it is wanted or reached."""
    if column in titled.columns.values():
        return False
    texts = {text for text in table.texts(column)[header.bottom + 1 :] if text}
    if any(row[column] for row in header.titles):
        kinds = [titled.headers.of(name) for name in ("target", *FIGURES)]
        return len(texts) > 1 and all(any(kind.fits(text) for kind in kinds) for text in texts)
    return bool(texts) and not any(is_unit(text) or looks_like_figure(text) for text in texts)
