"""What the titles of a header say of the columns below it: names, figures of a year, of a department, of a measure.

Tables that stand side by side under one header are told apart by their titles alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ingestion.forms.entry_workbook import is_earlier_title
from ingestion.forms.header_units import is_unit, without_unit
from ingestion.forms.hospital_words import is_total, is_whole
from ingestion.forms.normalise import name_key
from ingestion.forms.patterns import Headers
from ingestion.forms.periods import is_restated, part_of_year, without_years, year_of_header, years_in
from ingestion.forms.tables.header import LEAST_DEPARTMENTS, NAMES_OF_WHOM, Titles, path_of
from ingestion.forms.tables.year_columns import Measure

_OF_THE_YEAR_BEFORE = 3
LABEL, VALUE, PRIOR = "label", "value", "prior_value"
MEASURES = "numerator", "denominator"
FIGURES = VALUE, *MEASURES
"""Fields of column_map.csv: the names of lines, and what stands beside them."""


class TitledColumns(NamedTuple):
    """What the titles of one table say, wherever they stand; ``years`` is empty where no column names a year.
    ``names`` are the titles of the columns of names, compared, by column; ``unread`` are (column, titles) of what the
    form does not know, of targets of a year, and of a year that goes without saying where others are said; ``units``
    are those that titles carry, by column; ``departments`` and ``measures`` have (column, year) pairs of their own, the
    year 0 where no title names it; ``beside`` are all its columns."""

    labels: tuple[int, ...]
    names: dict[int, frozenset[str]]
    years: tuple[tuple[int, int], ...]
    columns: dict[str, int]
    unread: tuple[tuple[int, str], ...]
    units: dict[int, str]
    departments: dict[str | None, tuple[tuple[int, int], ...]]
    measures: dict[Measure, tuple[tuple[int, int], ...]]
    headers: Headers
    beside: range


class _Column(NamedTuple):
    """A column by its titles from top to bottom, with the field of the form and the year that they name."""

    at: int
    path: list[str]
    field: str | None
    year: int | None


@lru_cache(maxsize=512)
def side_by_side(titles: Titles, headers: Headers) -> tuple[TitledColumns, ...]:
    """The tables that stand side by side under one header. The sheets of a workbook, and the files of a batch, mostly
    have the same titles: they are taken apart once."""
    columns = [_column(at, path_of(titles, at), headers) for at in range(len(titles[0]))]
    return tuple(one for of_one in _apart(columns) if (one := _titled(of_one, headers)))


def _column(at: int, path: list[str], headers: Headers) -> _Column:
    field = _field_of(path, headers)
    if field == PRIOR and not years_in(path[-1]):  # 上年数 below 2024年
        year = _year_of(path[:-1], headers)
        return _Column(at, path, field, year and year - 1)
    return _Column(at, path, field, _year_of(path, headers) if field in (None, *FIGURES) else None)


def _field_of(path: list[str], headers: Headers) -> str | None:
    """The field that the lowest title of a column names, in the order of column_map.csv; a column serves one."""
    for text in reversed(path):
        if year_of_header(text):
            return None
        if field_named := headers.field_of(text) or headers.field_of(without_unit(text)[0]):
            return None if field_named in NAMES_OF_WHOM else field_named
    return None


def _year_of(path: list[str], headers: Headers) -> int | None:
    """The year of a column of figures; None where a title says that they are wanted, not counted, or of a part
    of it."""
    if any(headers.of("target").fits(text) or part_of_year(text) is not None for text in path):
        return None
    named = {year for text in path if (year := year_of_header(text)) is not None}
    # A title that the form has for its figures may name the year in words that only this form knows: 2021年决算口径.
    for text in path:
        if any(headers.of(name).fits(without_unit(text)[0]) for name in FIGURES):
            named.update(years_in(text))
    return named.pop() if len(named) == 1 else None


def _apart(columns: Sequence[_Column]) -> Iterator[Sequence[_Column]]:
    """The columns of each table: names that come again right of a year begin another one."""
    first, has_label, has_year = 0, False, False
    for at, column in enumerate(columns):
        if column.field == LABEL and has_label and has_year:
            start = at
            while start > first and columns[start - 1].field not in (None, LABEL, VALUE, "unit", "note"):
                start -= 1  # its code or number stands before the name
            yield columns[first:start]
            first, has_year = start, False
        has_label = has_label or column.field == LABEL
        has_year = has_year or column.year is not None or column.field == VALUE
    yield columns[first:]


def _titled(columns: Sequence[_Column], headers: Headers) -> TitledColumns | None:
    """What the columns of one table are; None where none of them holds names."""
    labels = tuple(column.at for column in columns if column.field == LABEL)
    if not labels:
        return None
    of_fields = {
        name: next((column.at for column in columns if column.field == name), -1) for name in headers if name != LABEL
    }
    for whose in ("department", "campus"):
        if _is_of_another(columns, of_fields.get(whose, -1), labels[0]):
            of_fields[whose] = -1
    departments = _departments_of(columns, headers)
    years, several = _one_column_a_year(columns, headers, departments)
    measures = {} if departments else _measures_of(columns, several)
    used = {c for pairs in departments.values() for c, _ in pairs}
    used |= {c for pairs in measures.values() for c, year in pairs if year}
    used |= {c for c, _ in years} or {of_fields.get(VALUE, -1)}
    return TitledColumns(
        labels=labels,
        names={column.at: frozenset(map(name_key, column.path)) for column in columns if column.field == LABEL},
        years=years,
        columns=of_fields,
        unread=tuple(
            (column.at, " / ".join(column.path))
            for column in columns
            if column.at not in used and _is_missed(column, has_years=bool(years))
        ),
        units={column.at: unit for column in columns if (unit := _unit_of(column.path))},
        departments=departments,
        measures=measures,
        headers=headers,
        beside=range(columns[0].at, columns[-1].at + 1),
    )


def _is_of_another(columns: Sequence[_Column], whose: int, names: int) -> bool:
    """Whether a column of departments, the first of those left of the names, is that of another table: with columns of
    its own, and an empty one behind them."""
    between = [column for column in columns if whose <= column.at < names] if whose >= 0 else []
    empty = max((column.at for column in between if not column.path), default=-1)
    return any(column.field is None and column.path for column in between if column.at < empty)


def _departments_of(columns: Sequence[_Column], headers: Headers) -> dict[str | None, tuple[tuple[int, int], ...]]:
    """The columns of each department that titles name, one a year, and those of the whole hospital beside them; none
    where not two departments are named. A total beside the hospital by its name is of something else."""
    found: dict[str | None, dict[int, int]] = {}
    has_whole = any(is_whole(text) for column in columns for text in column.path)
    for at, path, field, year in columns:
        if field not in (None, VALUE) or (has_whole and any(map(is_total, path))):
            continue
        for text in reversed(path):
            is_department = headers.of("department_name").fits(text)
            if is_department or headers.of("hospital_name").fits(text):
                found.setdefault(text if is_department else None, {}).setdefault(year or 0, at)
                break
    if len(found.keys() - {None}) < LEAST_DEPARTMENTS:
        return {}
    return {name: tuple(sorted((at, year) for year, at in pairs.items())) for name, pairs in found.items()}


def _one_column_a_year(
    columns: Sequence[_Column], headers: Headers, departments: dict[str | None, tuple[tuple[int, int], ...]]
) -> tuple[tuple[tuple[int, int], ...], set[int]]:
    """One column for each year: the one that restates it, else the one whose lowest title says that it holds the
    figure, else the first whose title is the year itself, else the only one, else what the year after it says of it
    (上年数). Of several below a year (例数, 占比) none is the figure: these are told, too. Beside columns of
    ``departments`` any other may be a department's.
    """
    best: dict[int, tuple[int, list[int]]] = {}
    of_departments = {at for pairs in departments.values() for at, _ in pairs}
    for at, path, field, year in columns:
        if year is None or at in of_departments:
            continue
        if field == PRIOR:
            best.setdefault(year, (_OF_THE_YEAR_BEFORE, [at]))
            continue
        if field not in (None, VALUE):
            continue
        if departments and not all(year_of_header(text) or headers.of(VALUE).fits(text) for text in path):
            continue
        lowest = without_unit(path[-1])[0]
        rank = 0 if headers.of(VALUE).fits(lowest) else 1 if year_of_header(lowest) else 2
        rank = -1 if rank < 2 and any(map(is_restated, path)) else rank
        if year not in best or rank < best[year][0]:
            best[year] = (rank, [at])
        elif rank == best[year][0]:
            best[year][1].append(at)
    several = {at for rank, found in best.values() if rank == 2 and len(found) > 1 for at in found}
    return tuple(sorted((found[0], year) for year, (_, found) in best.items() if found[0] not in several)), several


def _measures_of(columns: Sequence[_Column], several: set[int]) -> dict[Measure, tuple[tuple[int, int], ...]]:
    """The columns of numerators and denominators, and of what else is counted (``several`` below a year), by their
    lowest title."""
    found: dict[Measure, dict[int, int]] = {}
    for at, path, field, year in columns:
        if at in several or field in MEASURES:
            title = without_years(without_unit(path[-1])[0]) or path[-1]
            found.setdefault(Measure(title, field), {}).setdefault(year or 0, at)
    return {measure: tuple(sorted((at, year) for year, at in pairs.items())) for measure, pairs in found.items()}


def _is_missed(column: _Column, *, has_years: bool) -> bool:
    """Whether a column that serves nothing is worth telling of: not where its title says nothing of figures, or what
    was reported before."""
    path, field = column.path, column.field
    if any(map(is_earlier_title, path)):
        return False
    if field == "target":
        return any(map(years_in, path))
    if field in (VALUE, PRIOR):
        return has_years
    return (field is None and bool(path)) or field == "derived" or field in MEASURES


def _unit_of(path: list[str]) -> str | None:
    """The unit that the titles of a column carry, the lowest first, or that stands alone below them."""
    carried = next((unit for text in reversed(path) if (unit := without_unit(text)[1])), None)
    return carried or (path[-1] if len(path) > 1 and is_unit(path[-1]) else None)
