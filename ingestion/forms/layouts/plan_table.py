"""The annex table of a five-year plan: indicator, unit, baseline, target, responsible department, in sections."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ingestion.entries import Entry
from ingestion.forms.entry_workbook import NOTES_SHEET, is_earlier_title
from ingestion.forms.form import Form
from ingestion.forms.normalise import mend
from ingestion.forms.patterns import Headers
from ingestion.forms.periods import period_of_header, plan_period, year_of_header
from ingestion.forms.title import texts_above
from ingestion.forms.values import decimals
from ingestion.narrative.quantities import Quantity, parse_number, tidy
from ingestion.narrative.targets import Target, parse_target
from ingestion.narrative.units import base_surface, is_known, read_unit
from ingestion.readers import Document, Table, shown

_HEADER_ROWS = 30
_NEEDED = ("label", "target")
_NUMERAL = "[一二三四五六七八九十]+"
_SECTION = re.compile(rf"^(?:[（(]?{_NUMERAL}[）)、.．]|第{_NUMERAL}[章节部分]+)\s*(?P<title>.+)$")


@dataclass(frozen=True)
class PlanTable:
    """One annex table: its columns by field (-1 = absent), (column, horizon) pairs of its targets, the period of its
    baseline. ``unread`` names the columns that serve nothing."""

    table: Table
    first_row: int
    columns: dict[str, int]
    targets: tuple[tuple[int, str | None], ...]
    baseline_period: str | None
    unread: tuple[str, ...]

    @property
    def score(self) -> int:
        """How many of the annex's columns were found."""
        return sum(column >= 0 for name, column in self.columns.items() if name != "note")


@dataclass(frozen=True)
class PlanMatch:
    """The annex tables of a document; ``score`` is that of the fullest, and a title that names the form weighs as much
    as all the columns that are asked for."""

    tables: tuple[PlanTable, ...]
    score: int
    unread: tuple[str, ...] = ()


def find(document: Document, form: Form, reporting_year: int) -> PlanMatch | None:
    """The tables of ``document`` with enough of the annex's columns, or None where indicator or target is missing."""
    plan = plan_period(document.text or "")
    is_titled = form.is_titled(texts_above(document))
    years_ahead = 1 if is_titled else form.recognise["min_years_ahead"]
    needed = form.recognise["min_columns"]
    found = [
        best
        for table in document.tables
        if (best := _fullest(table, form, is_titled, reporting_year, years_ahead, plan)) and best.score >= needed
    ]
    if not found:
        return None
    taken = [part.table for part in found]
    others = (t.name for t in document.tables if not any(t is other for other in taken))
    unread = (
        *(f"{name}: no table of the form" for name in others if name != NOTES_SHEET),
        *(column for part in found for column in part.unread),
    )
    return PlanMatch(tuple(found), max(part.score for part in found) + (needed if is_titled else 0), unread)


def _fullest(
    table: Table, form: Form, is_titled: bool, reporting_year: int, years_ahead: int, plan: str | None
) -> PlanTable | None:
    """The table with the header row that names most columns; a header may go on in the row below it."""
    headers = form.headers(reporting_year)
    best: PlanTable | None = None
    for r in headers["label"].rows_in(table, end=_HEADER_ROWS):
        for rows in (1, 2):
            titles = _titles(table.rows[r : r + rows])
            columns, targets = _said(titles, headers, reporting_year, years_ahead)
            label = columns["label"]
            if label < 0 or not targets or (not is_titled and _is_report(titles, targets, form, reporting_year)):
                continue
            if rows == 2 and (r + 1 >= len(table.rows) or _filled(table.rows[r + 1], label)):
                continue
            title_plan = next((p for above in table.rows[:r] for c in above if c and (p := plan_period(str(c)))), None)
            baseline = columns["baseline"]
            found = PlanTable(
                table,
                r + rows,
                columns | {"target": targets[0]},
                tuple((c, period_of_header(titles[c]) or title_plan or plan) for c in targets),
                period_of_header(titles[baseline]) if baseline >= 0 else None,
                _unread(table, r + rows - 1, titles, {*columns.values(), *targets}),
            )
            best = found if best is None or found.score >= best.score + (rows == 1) else best
    return best


@lru_cache(maxsize=512)
def _said(
    titles: tuple[str, ...], headers: Headers, reporting_year: int, years_ahead: int
) -> tuple[dict[str, int], list[int]]:
    """Columns of the fields and of the targets; the tables of a batch mostly have the same titles."""
    columns = _columns(titles, headers)
    return columns, _targets(titles, headers, columns, reporting_year, years_ahead)


def _titles(rows: list[list[Any]]) -> tuple[str, ...]:
    """Title of each column; one that goes on in a second row has both parts, the upper one holding for empty cells
    right of it."""
    upper = tuple(shown(cell) or "" for cell in rows[0])
    if len(rows) < 2:
        return upper
    lower = [shown(cell) or "" for cell in rows[1]]
    titles, above = [], ""
    for c in range(max(len(upper), len(lower))):
        own, below = (upper[c] if c < len(upper) else ""), (lower[c] if c < len(lower) else "")
        above = own or (above if below else "")
        titles.append(above + below)
    return tuple(titles)


def _filled(row: list[Any], column: int) -> bool:
    return bool(shown(row[column]) if column < len(row) else None)


def _targets(
    titles: tuple[str, ...], headers: Headers, columns: dict[str, int], reporting_year: int, years_ahead: int
) -> list[int]:
    """Columns of targets: those titled so; without one, the years after the reporting year, if one lies so far ahead
    as ``years_ahead`` says."""
    taken = {c for name, c in columns.items() if name != "target"}
    named = [c for c, title in enumerate(titles) if c not in taken and headers["target"].fits(title)]
    if named:
        return named
    years = {c: year_of_header(title) or 0 for c, title in enumerate(titles) if c not in taken}
    if max(years.values(), default=0) < reporting_year + years_ahead:
        return []
    return sorted((c for c, year in years.items() if year > reporting_year), key=years.__getitem__)


def _is_report(titles: tuple[str, ...], targets: list[int], form: Form, reporting_year: int) -> bool:
    """Whether a table says what came of its targets, 2023年目标 and 2023年完成: its figures are the year's results; or
    what a year brought beside what is wanted of it or of the next: 2022年, 2023年 and 2024年目标."""
    wanted = {period_of_header(titles[c]) for c in targets}
    others = [title for c, title in enumerate(titles) if c not in targets]
    if not wanted.isdisjoint(period_of_header(title) for title in others if form.is_result(title)):
        return True
    counted = {year for title in others if (year := year_of_header(title)) and year <= reporting_year}
    end = reporting_year + form.recognise["min_years_ahead"]
    is_soon = all(period is None or (period.isdecimal() and int(period) < end) for period in wanted)
    return is_soon and reporting_year in counted and (None not in wanted or len(counted) > 1)


def _unread(table: Table, row: int, titles: tuple[str, ...], used: set[int]) -> tuple[str, ...]:
    return tuple(
        f"{table.locate(row, c)}: column {title!r}"
        for c, title in enumerate(titles)
        if title.strip() and c not in used and not is_earlier_title(title)
    )


def read(form: Form, match: PlanMatch, reporting_year: int, keep_markers: bool) -> Iterator[Entry]:
    """One entry an indicator row and target column. Section rows name the section of what follows; a merged department
    cell holds for all its rows, and within a section an empty one repeats the one above."""
    ordinal = 0
    for part in match.tables:
        section = department = None
        merged = _merged_rows(part.table)
        for r in range(part.first_row, len(part.table.rows)):
            row = part.table.rows[r]
            cells = {name: _cell(part.table, merged, r, column) for name, column in part.columns.items()}
            filled = [shown(cell) for cell in row if shown(cell)]
            title = _section_title(filled, cells)
            if title:
                section, department = title, None
                continue
            label = mend(cells["label"] or "")
            if not label or form.is_remark(label) or _is_header_again(row, form, reporting_year):
                continue
            if cells["section"] and mend(cells["section"]) != section:
                section, department = mend(cells["section"]), None
            stated_department = mend(cells["department"]) if cells["department"] else None
            department = stated_department or department
            notes = () if stated_department or not department else ("department_from_row_above",)
            for number, (column, horizon) in enumerate(part.targets):
                target = cells | {"target": _cell(part.table, merged, r, column)}
                if number and not _stated(form, target["target"]):
                    continue  # a year without a step of its own
                ordinal += 1
                yield _entry(form, part, r, column, horizon, ordinal, target, label, section, department, notes)


def _entry(
    form: Form,
    match: PlanTable,
    row: int,
    column: int,
    horizon: str | None,
    ordinal: int,
    cells: dict[str, str | None],
    label: str,
    section: str | None,
    department: str | None,
    notes: tuple[str, ...],
) -> Entry:
    unit_raw = mend(cells["unit"] or "") or _unit_in(label)
    target_raw = _stated(form, cells["target"])
    baseline_raw = _stated(form, cells["baseline"])
    target = parse_target(target_raw, unit=unit_raw, label=label)
    baseline = parse_number(baseline_raw, unit_raw) if baseline_raw else None
    if baseline_raw and baseline is None:
        graded = parse_target(baseline_raw, unit=unit_raw, label=label)
        notes = notes if graded.grade else (*notes, "baseline_not_a_number")
        baseline_value = _decimal(graded.value)
    else:
        baseline_value = _base(baseline)
    value = _decimal(target.value)
    return Entry(
        entry_kind="target",
        ordinal=ordinal,
        locator=match.table.locate(row, column),
        section_raw=section,
        row_raw=mend(cells["row_no"] or "") or None,
        label_raw=label,
        unit_raw=unit_raw,
        department_raw=department,
        period_raw=horizon,
        value_raw=target_raw,
        baseline_raw=baseline_raw,
        period=horizon,
        value=value,
        value_high=_decimal(target.value_high),
        stated_decimals=decimals(value) if value is not None else None,
        grade=target.grade,
        comparator=target.comparator,
        unit=_unit(unit_raw) or target.unit,
        baseline_value=baseline_value,
        baseline_high=_decimal(baseline.base_value_high) if baseline else None,
        target_kind=target.kind,
        is_per_year=target.is_per_year,
        direction=target.direction,
        benchmark=target.benchmark,
        notes=(*notes, *target.notes),
        detail=_detail(match, target, cells["nature"]),
        quote="\t".join(shown(cell) or "" for cell in match.table.rows[row]),
    )


def _unit(unit_raw: str | None) -> str | None:
    """The unit the figures are in: the stated one; 元 where a column is in 万元, as its figures are multiplied out."""
    if not unit_raw:
        return None
    stated = tidy(unit_raw)[0]
    unit = read_unit(stated)
    return base_surface(unit.name) if unit and unit.factor != 1 else stated


def _detail(match: PlanTable, target: Target, nature: str | None) -> dict[str, Any] | None:
    known = {
        "baseline_period": match.baseline_period,
        "change_basis": target.change_basis,
        "canonical_unit": target.unit,
        "nature": nature,
    }
    stated = {name: value for name, value in known.items() if value}
    return stated or None


def _stated(form: Form, text: str | None) -> str | None:
    return None if text is None or form.is_missing(text) else mend(text)


def _columns(row: tuple[str, ...], headers: Headers) -> dict[str, int]:
    """Column of each field; a column serves one field, the first in the order of the form that names it."""
    columns: dict[str, int] = {}
    for name, patterns in headers.items():
        taken = set(columns.values())
        columns[name] = next((c for c, cell in enumerate(row) if c not in taken and patterns.fits(cell)), -1)
    return columns


def _unit_in(label: str) -> str | None:
    """The unit that an indicator's name carries in brackets: 住院满意度（分）."""
    found = re.search(r"[（(]([^（）()]{1,6})[）)]$", label)
    unit = read_unit(found[1]) if found else None
    return found[1] if found and unit and is_known(unit) else None


def _merged_rows(table: Table) -> dict[int, list[tuple[int, int]]]:
    """First and last rows of the ranges that are merged within a column, by column, top down; one that is merged across
    columns is a section row, not a value of each column."""
    merged: dict[int, list[tuple[int, int]]] = {}
    for top, left, bottom, right in sorted(set(table.merged)):
        if left == right:
            merged.setdefault(left, []).append((top, bottom))
    return merged


def _cell(table: Table, merged: dict[int, list[tuple[int, int]]], row: int, column: int) -> str | None:
    """Text of a cell; one inside a merged range has the text of the range's first cell."""
    if column < 0:
        return None
    ranges = merged.get(column, [])
    at = bisect(ranges, row, key=lambda rows: rows[0]) - 1
    if at >= 0 and row <= ranges[at][1]:
        row = ranges[at][0]
    cells = table.rows[row]
    return shown(cells[column]) if column < len(cells) else None


def _section_title(filled: list[str | None], cells: dict[str, str | None]) -> str | None:
    """Title of a section row: the only filled cell, or one numbered 一、 in a row without target."""
    if not filled or cells["target"] or cells["baseline"]:
        return None
    text = mend(filled[0] or "")
    numbered = _SECTION.match(text)
    if numbered:
        return numbered["title"].strip()
    return text if len(set(filled)) == 1 and not text.isdigit() else None


def _is_header_again(row: list[Any], form: Form, reporting_year: int) -> bool:
    """Whether the row is the header repeated on a new page."""
    headers = form.headers(reporting_year)
    return all(headers[name].first_in(row) >= 0 for name in _NEEDED)


def _base(quantity: Quantity | None) -> Decimal | None:
    return _decimal(quantity.base_value) if quantity else None


def _decimal(number: Any) -> Decimal | None:
    return None if number is None else Decimal(str(number))
