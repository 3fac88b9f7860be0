"""What our own entry workbooks carry beside what is filled in: nothing of it is missed when they come back."""

from __future__ import annotations

NOTES_SHEET = "填表说明 Notes"
"""Title of the sheet that says how to fill in."""
LAST_PLAN = "上期计划（参考）"
"""Header of the targets of the plan before."""
_REPORTED = "（已报）"


def earlier_title(year: int) -> str:
    """Header of a year that was submitted before: no reader takes it for a year column, so it is not sent again."""
    return f"{year}年{_REPORTED}"


def is_earlier_title(title: str) -> bool:
    """Whether a header is that of a year submitted before, or of the plan before."""
    return title.endswith(_REPORTED) or title == LAST_PLAN
