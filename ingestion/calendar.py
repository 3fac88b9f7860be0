"""The calendar of submissions: when which form of which year opens, is due and closes. Its dates are dates in China.

The file is dbt's seed submission_calendar.csv, so that the star and the schedule never differ. A day begins at midnight
in China whatever the clock of the machine says; a file that comes in on the due day is on time.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ingestion.errors import Problem
from ingestion.settings import settings

CHINA = ZoneInfo("Asia/Shanghai")
_COLUMNS = ("reporting_year", "form", "owed_by_level", "opens_on", "due_on", "closes_on")


@dataclass(frozen=True)
class Window:
    """One form of one reporting year, owed by the hospitals of one level (``*``: of all); ``line`` in the file."""

    reporting_year: int
    form: str
    owed_by_level: str
    opens_on: date
    due_on: date
    closes_on: date
    line: int

    @property
    def closes_at(self) -> datetime:
        """The end of the closing day in China."""
        return end_of_day(self.closes_on)


def china_today(now: datetime | None = None) -> date:
    """Today in China; ``now`` must name its zone."""
    return (now or datetime.now(UTC)).astimezone(CHINA).date()


def start_of_day(day: date) -> datetime:
    """Midnight in China at which ``day`` begins."""
    return datetime.combine(day, time(), CHINA)


def end_of_day(day: date) -> datetime:
    """Midnight in China at which ``day`` ends."""
    return start_of_day(day + timedelta(days=1))


def calendar_file() -> Path:
    """Where the calendar stands."""
    return settings().dbt_project_dir / "seeds" / "submission_calendar.csv"


def read_calendar(path: Path | None = None) -> list[Window]:
    """Every window, in the order of the file. Raises Problem with file and line for the first that cannot be."""
    path = path or calendar_file()
    windows: list[Window] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _bad(path, 1, "no such file", ", ".join(_COLUMNS)) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        expected = "UTF-8; Excel writes it as 'CSV UTF-8 (comma delimited)'"
        raise _bad(path, line, "text that is not UTF-8", expected) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise _bad(path, 1, f"columns {', '.join(reader.fieldnames or ()) or 'none'}", ", ".join(_COLUMNS))
    try:
        for row in reader:
            window = _window(path, reader.line_num, row)
            _refuse_overlap(path, window, windows)
            windows.append(window)
    except csv.Error as error:
        raise _bad(path, reader.line_num, str(error), "a quotation mark closed where its cell ends") from None
    return windows


def refuse_unknown_forms(windows: Iterable[Window], forms: Collection[str]) -> None:
    """Raise Problem for the first window of a form that there is not: nobody could ever send it."""
    for window in windows:
        if window.form not in forms:
            raise _bad(calendar_file(), window.line, f"form {window.form!r}", "one of " + ", ".join(forms))


def due_days(windows: Iterable[Window]) -> list[date]:
    """Every day on which something is due, in order."""
    return sorted({window.due_on for window in windows})


def _window(path: Path, line: int, row: dict[str, str]) -> Window:
    if None in row.values() or None in row:
        raise _bad(path, line, "a line with more or fewer cells than columns", f"{len(_COLUMNS)} cells")
    days = {}
    for column in _COLUMNS[3:]:
        try:
            days[column] = date.fromisoformat(row[column].strip())
        except ValueError:
            raise _bad(path, line, f"{column} {row[column]!r}", "a date as 2025-03-01") from None
    year = row["reporting_year"].strip()
    if not (year.isascii() and year.isdecimal() and len(year) == 4):
        raise _bad(path, line, f"reporting_year {year!r}", "a year of four digits")
    if not row["form"].strip():
        raise _bad(path, line, "no form", "the name of a form")
    if not row["owed_by_level"].strip():
        raise _bad(path, line, "no owed_by_level", "the first character of a level code, or *")
    if not days["opens_on"] <= days["due_on"] <= days["closes_on"]:
        read = ", ".join(f"{column} {day}" for column, day in days.items())
        raise _bad(path, line, read, "opens_on, due_on and closes_on in this order")
    return Window(int(year), row["form"].strip(), row["owed_by_level"].strip(), line=line, **days)


def _refuse_overlap(path: Path, window: Window, earlier: list[Window]) -> None:
    """Two windows of a form that one hospital meets may not be open on the same day: which year is a file for?"""
    for other in earlier:
        is_met_by_both = window.owed_by_level == other.owed_by_level or "*" in (
            window.owed_by_level, other.owed_by_level,
        )  # fmt: skip
        is_apart = window.closes_on < other.opens_on or other.closes_on < window.opens_on
        if window.form == other.form and is_met_by_both and not is_apart:
            raise _bad(
                path,
                window.line,
                f"{window.form} {window.reporting_year} open {window.opens_on} to {window.closes_on}, while"
                f" {other.reporting_year} of line {other.line} is open {other.opens_on} to {other.closes_on}",
                "windows of one form that do not overlap",
            )


def _bad(path: Path, line: int, read: str, expected: str) -> Problem:
    return Problem(
        code="bad-calendar",
        where=f"{path.name}, line {line}",
        read=read,
        expected=expected,
        remedy=f"Mend the line of {path}.",
    )
