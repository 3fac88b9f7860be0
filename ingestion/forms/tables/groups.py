"""Names that say what they are of only together with their group: 分子 below an indicator, 死亡率 of 手术患者 and of
住院患者.

A group is what a merged cell left of the names says, or a row above without figures. The rows of one indicator, its
result, numerator and denominator, are the lines that the form's formula for it names; where the form does not know it,
they are lines of their own (死亡率·分子). A name that stands for several rows takes as much of its group as tells them
apart; one that the form knows by several lines is the line of its group.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from ingestion.forms.form import Form, Line
from ingestion.forms.normalise import joined, name_key, split_code, without_serial
from ingestion.forms.patterns import Headers
from ingestion.forms.tables.departments import departments_of_rows
from ingestion.forms.tables.figures import LineRow
from ingestion.forms.tables.lines import PART_NAMED, codes_of, identify
from ingestion.forms.tables.told_apart import told_apart
from ingestion.forms.tables.year_columns import Measure, YearColumns
from ingestion.readers import shown

_PART_OF = "其中"
_MEASURES = "numerator", "denominator", "value"


class _Named(NamedTuple):
    """A row with its names, from the widest group to its own, and with the part of a figure that its own name is."""

    row: LineRow
    path: tuple[str, ...]
    measure: str | None
    department: str | None
    has_code: bool


def needs_groups(form: Form, headers: Headers, rows: Sequence[LineRow], coded: Set[int]) -> bool:
    """Whether a name among the rows of a table says too little alone; rows of ``coded`` have codes to say the rest."""
    known = [line.line_code if line else name_key(label) for _, label, line, _ in rows]
    times = Counter(known)
    return any(
        times[said] > 1
        or (line is None and _measure_of(label, headers) is not None)
        or len(form.lines_by_label.get(name_key(label), ())) > 1
        for said, (row, label, line, _) in zip(known, rows, strict=True)
        if row not in coded
    )


def in_groups(form: Form, headers: Headers, part: YearColumns, rows: Sequence[LineRow]) -> list[LineRow]:
    """The same rows by names that say what they are of, each with the line that it is by that."""
    named = list(_named(form, headers, part, rows))
    found = {one.row[0]: _of_its_group(form, one) for one in named}
    repeated = Counter(map(_known, named, found.values()))
    open_rows: dict[object, list[_Named]] = defaultdict(list)
    for one in named:
        known = _known(one, found[one.row[0]])
        if repeated[known] > 1 and not one.has_code and not one.measure:
            open_rows[known].append(one)
    for several in open_rows.values():
        names = told_apart([one.path for one in several])
        if len({*map(name_key, names)}) < 2:
            continue  # the same in the same group: a row that was sent twice
        for one, name in zip(several, names, strict=True):
            found[one.row[0]] = _by_name(form, one.row, name)
    return [found.get(row[0], row) for row in rows]


def measured(form: Form, measure: Measure, rows: Sequence[LineRow]) -> list[LineRow]:
    """Rows whose figures are not those of their lines, but a part of them or something else counted beside them."""
    return [_part_of(form, row, row[1], row[2], *measure) for row in rows]


def _known(one: _Named, row: LineRow) -> tuple[str | None, str, bool]:
    _, label, line, _ = row
    return one.department, line.line_code if line else name_key(label), line is None


def _named(form: Form, headers: Headers, part: YearColumns, rows: Sequence[LineRow]) -> Iterator[_Named]:
    """The rows that have figures, with their names."""
    table = part.table
    besides = {c for name, c in part.columns.items() if name != "note"} | {c for c, _ in part.years}
    columns = [c for c in range(part.labels[-1] + 1) if c in part.labels or c not in besides]
    cells = [table.texts(c) for c in columns]
    codes = table.texts(part.column("line_code"))
    departments = departments_of_rows(form, part, None)
    figures = [table.column(c) for c, _ in part.years]
    by_number = {row[0]: row for row in rows}
    merged, heading, above = [""] * len(columns), "", ""
    for number in range(part.first_row, part.end_row):
        texts = [column[number] for column in cells]
        own = max((at for at, text in enumerate(texts) if text and columns[at] in part.labels), default=-1)
        for at, text in enumerate(texts):
            if text:  # a cell that is merged over rows ends where one left of it does
                merged[at:] = [text, *[""] * (len(merged) - at - 1)]
        if not any(shown(column[number]) for column in figures):
            row_says = (text for c in (*part.labels, *range(part.labels[-1])) if (text := table.texts(c)[number]))
            above = heading = next(filter(None, map(without_serial, row_says)), heading)
        elif row := by_number.get(number):
            label = row[1]
            groups = tuple(
                group
                for text in merged[:own]
                if (group := without_serial(text)) and form.coded.keys().isdisjoint(codes_of(text))
            )
            measure = _measure_of(label, headers)
            is_part = measure is not None or label.startswith(_PART_OF)
            if is_part and not groups:
                groups = (above,) if above else ()
            elif heading:
                groups = (heading, *groups)
            if not is_part:
                above = label
            has_code = bool(codes[number] or split_code(label)[0]) and row[2] is not None
            yield _Named(row, (*groups, label), measure if groups else None, departments[number], has_code)


def _measure_of(label: str, headers: Headers) -> str | None:
    """The part of a figure that a name is: result (``value``), numerator or denominator, with its own name or not."""
    named = PART_NAMED.fullmatch(label)
    return next((name for name in _MEASURES if headers.of(name).fits(named["part"] if named else label)), None)


def _of_its_group(form: Form, one: _Named) -> LineRow:
    """A row as the part of the indicator that its group names, or as the one of several lines that is of its group."""
    number, label, line, notes = one.row
    group = one.path[-2] if len(one.path) > 1 else ""
    of_group = identify(form, group, None, None, 0)[0] if group and form.lines else None
    if one.measure == "value" and line is None:
        return _by_name(form, one.row, group)
    if one.measure and line is None:
        return _part_of(form, one.row, group, of_group, label, one.measure)
    several = form.lines_by_label.get(name_key(label), ()) if of_group and not one.has_code else ()
    own = [line for line in several if of_group and line.indicator_code == of_group.indicator_code]
    return (number, label, own[0], notes) if len(several) > 1 and len(own) == 1 else one.row


def _by_name(form: Form, row: LineRow, name: str) -> LineRow:
    line, notes = identify(form, name, None, None, 0) if form.lines else (None, ())
    return row[0], name, line, notes


def _part_of(form: Form, row: LineRow, name: str, line: Line | None, title: str, field: str | None) -> LineRow:
    """A row as what ``title`` says of the line ``name``: the line of the form that its formula names, else its own."""
    operand = form.operand(line, field) if line and field else None
    is_renamed = operand is not None and PART_NAMED.fullmatch(title)
    notes = () if not form.lines else ("label_differs",) if is_renamed else () if operand else ("unknown_line",)
    return row[0], joined((name, title)), operand, notes
