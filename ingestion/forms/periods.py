"""Periods as headers write them: 2020年, Y2020, 2020年度, 2020, “十四五”规划目标, 2025年目标."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_YEAR = re.compile(
    r"(?:Y|FY|CY)?\s*((?:19|20)\d{2})\s*(?:年度|年末|年底|年)?\s*(?:数据|数值|数|值|实际值?|完成值)?", re.IGNORECASE
)
_ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年?")
_PLAN = re.compile(r"十([一二三四五六七八九])五")
_FIRST_PLAN = 2006  # 十一五 ran 2006-2010; each plan lasts five years


def year_of_header(cell: Any) -> int | None:
    """The year that a column header names and nothing else, or None."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, (int, float)):
        return int(cell) if float(cell).is_integer() and 1990 <= cell <= 2099 else None
    text = unicodedata.normalize("NFKC", str(cell)).strip().strip("“”\"'()[]【】")
    if re.fullmatch(r"[〇零一二三四五六七八九]{4}\s*年?度?", text):
        text = text.translate(_CHINESE_DIGITS)
    found = _YEAR.fullmatch(text)
    return int(found[1]) if found else None


def plan_period(text: str) -> str | None:
    """The span of the five-year plan that ``text`` names first: 十四五 is ``2021-2025``; None where it names none."""
    found = _PLAN.search(re.sub(r"\s", "", text))
    if not found:
        return None
    first = _FIRST_PLAN + 5 * ("一二三四五六七八九".index(found[1]))
    return f"{first}-{first + 4}"


def period_of_header(text: str) -> str | None:
    """Plan span or single year that the header of a target or baseline column speaks of."""
    plan = plan_period(text)
    if plan:
        return plan
    found = _ANY_YEAR.search(unicodedata.normalize("NFKC", text))
    return found[1] if found else None
