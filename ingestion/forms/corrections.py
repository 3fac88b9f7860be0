"""Corrections as people declare them, in the seed ``correction``: what a source states wrongly, and what is right.

A row names the figure (hospital, form, reporting year, line code or name, period, department), what the source states
(``expect``), what is right (``corrected_value``, empty for "no figure"), why, who says so, and how far it has come:
proposed, approved or retired. Only approved ones take effect, and only while the source still states what they expect.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ingestion.errors import Problem
from ingestion.forms.form import all_forms
from ingestion.forms.names import label_key
from ingestion.forms.normalise import name_key
from ingestion.forms.values import read_cell
from ingestion.store.seeds import read_seed, wrong_row

STATUSES = ("proposed", "approved", "retired")
_NEEDED = (
    "correction_id", "hospital_code", "form", "reporting_year", "period", "expect", "reason", "reporter", "status",
)  # fmt: skip


def declared() -> Iterator[tuple[Any, ...]]:
    """Rows of reference.correction. Raises Problem with the line of the file for a row that does not say enough, or
    that corrects a figure which another approved row corrects too."""
    figures: dict[tuple[str, ...], str] = {}
    known: set[str] = set()
    for number, row in enumerate(read_seed("correction"), 2):
        missing = [name for name in _NEEDED if not (row[name] or "").strip()]
        if not (row["line_code"] or row["label_zh"]):
            missing.append("line_code or label_zh")
        if missing:
            raise wrong_row(
                "correction", number, f"no {', '.join(missing)}", "which figure, what it states, why, and who says so"
            )
        if row["status"] not in STATUSES:
            raise _wrong(number, f"status {row['status']!r}", "one of " + ", ".join(STATUSES))
        if not (row["reporting_year"].isascii() and row["reporting_year"].isdecimal()):
            raise _wrong(number, f"reporting_year {row['reporting_year']!r}", "a year of four digits")
        form = all_forms().get(row["form"])
        if form is None or (row["line_code"] and row["line_code"] not in form.lines):
            read = f"line {row['line_code'] or row['label_zh']} of form {row['form']}"
            raise _wrong(number, read, "a form that there is, and a line of its lines.csv")
        if row["correction_id"] in known:
            raise _wrong(number, f"{row['correction_id']} a second time", "each id once")
        known.add(row["correction_id"])
        line_key = row["line_code"] or f"label:{label_key(row['label_zh'])}"
        figure = (
            row["hospital_code"], row["form"], row["reporting_year"], line_key, row["period"],
            name_key(row["department_zh"]),
        )  # fmt: skip
        if row["status"] == "approved" and figures.setdefault(figure, row["correction_id"]) != row["correction_id"]:
            raise wrong_row(
                "correction", number, f"the figure that {figures[figure]} corrects", "one approved correction a figure"
            )
        value = _number(row["corrected_value"])
        if row["corrected_value"] and value is None:
            raise wrong_row(
                "correction", number, f"corrected_value {row['corrected_value']!r}", "a figure, or empty for none"
            )
        yield (
            row["correction_id"], row["hospital_code"], row["form"], int(row["reporting_year"]),
            row["line_code"] or None, row["label_zh"] or None, line_key, row["period"], row["department_zh"] or None,
            name_key(row["department_zh"]), row["expect"].strip(), _number(row["expect"]), value, row["reason"],
            row["reporter"], row["status"],
        )  # fmt: skip


def _number(text: str) -> Decimal | None:
    return read_cell(text, None).value if text else None


def _wrong(line: int, read: str, expected: str) -> Problem:
    return wrong_row("correction", line, read, expected)
