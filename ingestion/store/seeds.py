"""The seeds of the dbt project as the steps read them: lists people keep of hospitals, dates, names, corrections."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from ingestion.errors import Problem
from ingestion.settings import settings

_SPAN = ("valid_from", "valid_to")
_COLUMNS = {
    "hospital": ("hospital_code", "hospital_name_zh", "level_code", *_SPAN),
    "hospital_alias": ("hospital_code", "alias_zh", *_SPAN),
    "indicator_alias": ("catalogue", "line_code", "alias_zh", *_SPAN),
    "department_alias": ("hospital_code", "alias_zh", "department_name_zh", *_SPAN),
    "correction": (
        "correction_id", "hospital_code", "form", "reporting_year", "line_code", "label_zh", "period", "department_zh",
        "expect", "corrected_value", "reason", "reporter", "status",
    ),
}  # fmt: skip
"""The columns that the steps read of each seed."""


def seed_path(name: str) -> Path:
    """The file of a seed."""
    return settings().dbt_project_dir / "seeds" / f"{name}.csv"


def read_seed(name: str) -> list[dict[str, str]]:
    """Rows of a seed, each a column -> text; a seed that is not there has none. The first is line 2 of the file.

    Raises Problem with the line for a file that is not UTF-8, lacks a column or a cell, or names a day that is none.
    """
    columns, rows = _read(name) if seed_path(name).exists() else (_COLUMNS[name], [])
    if missing := [column for column in _COLUMNS[name] if column not in columns]:
        raise wrong_row(name, 1, f"no column {', '.join(missing)}", f"the columns {', '.join(_COLUMNS[name])}")
    for line, row in enumerate(rows, 2):
        _check_span(name, line, row)
    return rows


def refuse_unreadable() -> None:
    """Raise Problem for the first seed that is not UTF-8 or has a row of more or fewer cells than columns: dbt would
    not say which it is, or take the row as it comes."""
    for path in sorted(seed_path("*").parent.glob("*.csv")):
        _read(path.stem)


def _read(name: str) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    try:
        text = seed_path(name).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        expected = "UTF-8; Excel writes it as 'CSV UTF-8 (comma delimited)'"
        raise wrong_row(name, None, "text that is not UTF-8", expected) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = tuple(reader.fieldnames or ())
    try:
        rows = list(reader)
    except csv.Error as error:
        raise wrong_row(name, reader.line_num, str(error), "a quotation mark closed where its cell ends") from None
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise wrong_row(name, line, "more or fewer cells than columns", f"{len(columns)} cells")
    return columns, rows


def _check_span(name: str, line: int, row: dict[str, str]) -> None:
    days = {column: row[column] for column in _SPAN if row.get(column)}
    for column, day in days.items():
        try:
            date.fromisoformat(day)
        except ValueError:
            raise wrong_row(name, line, f"{column} {day!r}", "a date as 2025-03-01, or nothing") from None
    if len(days) == len(_SPAN) and days["valid_from"] > days["valid_to"]:
        raise wrong_row(
            name, line, f"valid_from {days['valid_from']} after valid_to {days['valid_to']}", "them in order"
        )


def wrong_row(name: str, line: int | None, read: str, expected: str) -> Problem:
    """What is wrong with a line of a seed, or with the whole of it."""
    return Problem(
        code="seed-data",
        where=f"{name}.csv" + (f" line {line}" if line else ""),
        read=read,
        expected=expected,
        remedy=f"Mend {seed_path(name)}.",
    )


def seed_bytes(names: Iterable[str]) -> bytes:
    """Content of several seeds, to tell whether any has changed."""
    return b"\0".join(seed_path(name).read_bytes() if seed_path(name).exists() else b"" for name in names)
