"""Titles of columns, such that the form's column_map.csv recognises those to be read, and only those."""

from __future__ import annotations

from collections.abc import Sequence

_FIRST_PLAN, _PLAN_YEARS = 2006, 5  # 十一五 ran 2006-2010
_NUMERALS = "一二三四五六七八九"


def title_of(patterns: Sequence[str], period: str = "") -> str:
    """The title that a form's header patterns ask for: the first without a wildcard, or ``period`` and the first."""
    plain = next((pattern for pattern in patterns if "*" not in pattern and "?" not in pattern), None)
    if patterns[0].startswith("*") or plain is None:
        return period + patterns[0].strip("*")
    return plain.upper() if plain == "id" else plain


def year_title(year: int) -> str:
    """Header of the column to fill in."""
    return f"{year}年"


def plan_name(year: int) -> str:
    """Name of the five-year plan that runs in ``year``: 2021 is in 十四五."""
    number = (year - _FIRST_PLAN) // _PLAN_YEARS
    return f"十{_NUMERALS[min(max(number, 0), len(_NUMERALS) - 1)]}五"
