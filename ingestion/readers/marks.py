"""What is told of the cells of a workbook beside what calamine reads in them."""

from __future__ import annotations

Marks = dict[tuple[int, int], str]
"""Cells of a sheet (row, column; 0-based) with a formula without result or an error, within the measured extent; and
``IS_PERCENT`` for a number that is shown as a percentage."""
IS_PERCENT = "%"
