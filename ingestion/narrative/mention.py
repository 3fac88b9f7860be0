"""The record of one figure found in prose."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.narrative.numerals import Number


@dataclass(frozen=True)
class Mention:
    """A quantity in the clean text: its span there, its reading, and the rule that read it."""

    start: int
    end: int
    value: Number | None
    value_high: Number | None = None
    grade: str | None = None
    unit: str | None = None
    unit_raw: str | None = None
    comparator: str = "="
    rule: str = ""
