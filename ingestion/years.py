"""Which years a return can be of."""

from __future__ import annotations

FIRST_YEAR, LAST_YEAR = 1990, 2099
"""The first and the last; a number outside of them is no year of a column, a folder or a command."""
