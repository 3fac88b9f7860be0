"""The rows of a table that have a name, each as the line of the form that it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import zip_longest
from operator import itemgetter
from typing import Any, NamedTuple

from ingestion.forms.form import Form
from ingestion.forms.normalise import split_code
from ingestion.forms.patterns import Headers
from ingestion.forms.tables.figures import LineRow
from ingestion.forms.tables.groups import in_groups, measured, needs_groups
from ingestion.forms.tables.lines import identify
from ingestion.forms.tables.numbered import without_numbers
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.readers import shown

_LONGEST_KEPT = 2000
"""Rows of a table whose lines are remembered; a return has some hundred."""


class Lines(NamedTuple):
    """The rows of a table that have a name, and the codes of the lines that the form knows by it; ``of`` takes the
    cells of these rows out of a column; ``is_open`` tells that some names say too little without their groups."""

    rows: list[LineRow]
    known: frozenset[str]
    of: Callable[[Sequence[Any]], Sequence[Any]]
    is_open: bool


def lines_of(form: Form, part: YearColumns, reporting_year: int) -> Lines:
    """Every row with a name that is no remark."""
    headers = form.headers(reporting_year)
    names, befores = part.names
    names = without_numbers(headers, part, names)
    read = _read_lines if len(names) <= _LONGEST_KEPT else _read_lines.__wrapped__
    lines = read(form, headers, part.first_row, names, befores, *(part.codes if form.lines else ((), ())))
    if not (lines.is_open or part.measure):
        return lines
    found = in_groups(form, headers, part, lines.rows) if lines.is_open else lines.rows
    found = measured(form, part.measure, found) if part.measure else found
    return lines._replace(rows=found, known=_known(found))


@lru_cache(maxsize=16)
def _read_lines(
    form: Form, headers: Headers, first_row: int, names: tuple[str, ...], befores: tuple[str, ...],
    codes: tuple[Any, ...], numbers: tuple[Any, ...],
) -> Lines:  # fmt: skip
    """The lines that the columns of a table say. The files of a batch mostly say the same: they are read once."""
    found: list[LineRow] = []
    coded = set[int]()
    after, is_remark = 0, form.is_remark
    for row, (written, before, code, number) in enumerate(zip_longest(names, befores, codes, numbers), first_row):
        if not written or is_remark(written) or (before and is_remark(before)):
            continue
        line, notes = identify(form, written, code, number, after) if form.lines else (None, ())
        if line:
            after = line.ordinal
        if line and (shown(code) or split_code(written)[0]):
            coded.add(row)
        found.append((row, written, line, notes))
    return Lines(found, _known(found), _taking([row for row, *_ in found]), needs_groups(form, headers, found, coded))


def _known(rows: list[LineRow]) -> frozenset[str]:
    return frozenset(line.line_code for _, _, line, notes in rows if line and "label_differs" not in notes)


def _taking(rows: list[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Takes the cells of some rows, in their order, out of a column; mostly they stand one below the other."""
    first, end = (rows[0], rows[-1] + 1) if rows else (0, 0)
    return itemgetter(slice(first, end)) if end - first == len(rows) else itemgetter(*rows)
