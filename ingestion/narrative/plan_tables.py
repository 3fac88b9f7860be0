"""Targets of a plan's annex table as they stand in a text, to be compared with the prose around them.

The entries of an annex are read by ``forms/layouts/plan_table.py``; here every row keeps its place in the text. The
header decides which column is which, by the words in ``data/plan_tables.yml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ingestion.narrative import wordlists
from ingestion.narrative.quantities import is_empty, tidy
from ingestion.narrative.targets import Target, parse_target
from ingestion.readers.text import table_spans

_SECTION = re.compile(r"(?:<[^>]*>)*\s*[一二三四五六七八九十]{1,3}、[^<\t]+?\s*(?:</[^>]*>)*")


@dataclass(frozen=True)
class PlanRow:
    """One row of a plan table; `start` and `end` are its span in the text, the rest as printed and as read."""

    indicator: str
    unit: str | None
    target_raw: str | None
    target: Target
    start: int
    end: int


@dataclass
class TableLine:
    """A row of a printed table: its cells, and its span in the text."""

    cells: list[str]
    start: int
    end: int


@cache
def _columns() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(wordlists.alternatives(words)) for name, words in wordlists.load("plan_tables").items()}


def extract_plan_rows(text: str) -> list[PlanRow]:
    """Return the rows of the plan tables in `text`; empty where it has none."""
    rows: list[PlanRow] = []
    places: dict[str, int] = {}
    for line in table_lines(text):
        if places and is_section(line.cells):
            continue
        header = _header(line.cells)
        if header:
            places = header
        elif places and (row := _row(line, places)):
            rows.append(row)
    return rows


def table_lines(text: str) -> list[TableLine]:
    """Return the rows of all tables in `text`, in order."""
    return [
        TableLine([re.sub(r"\s*\n\s*", "", text[start:end].strip()) for start, end in row], row[0][0], row[-1][1])
        for rows in table_spans(text)
        for row in rows
    ]


def is_section(cells: list[str]) -> bool:
    """Tell whether a row holds nothing but the title of a section (一、学科建设)."""
    return len([cell for cell in cells if cell]) == 1 and bool(_SECTION.fullmatch(cells[0]))


def _header(cells: list[str]) -> dict[str, int] | None:
    """Return which column holds what, where a line is a table's header."""
    found: dict[str, int] = {}
    for i, cell in enumerate(cells):
        words = tidy(cell)[0]
        for name, pattern in _columns().items():
            if name not in found and pattern.search(words):
                found[name] = i
                break
    return found if {"indicator", "target"} <= found.keys() else None


def _row(line: TableLine, places: dict[str, int]) -> PlanRow | None:
    cell = {name: line.cells[i] if i < len(line.cells) else "" for name, i in places.items()}
    if not cell["indicator"] or ("number" in cell and not cell["number"].isdigit()):
        return None
    unit = tidy(cell.get("unit", ""))[0] or None
    indicator = _printed(cell["indicator"]) or ""
    target_raw = _printed(cell["target"])
    return PlanRow(
        indicator=indicator,
        unit=unit,
        target_raw=target_raw,
        target=parse_target(target_raw, unit=unit, label=indicator),
        start=line.start,
        end=line.end,
    )


def _printed(cell: str) -> str | None:
    """Return a cell as printed, blanks between Chinese letters aside, or None where it says nothing."""
    return None if is_empty(cell) else re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", cell.strip())
