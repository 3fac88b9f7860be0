"""Periods as headers write them: 2020年, Y2020, 2020年度, 2020, “十四五”规划目标, 2025年目标."""

from __future__ import annotations

import datetime
import re
import unicodedata
from functools import lru_cache
from typing import Any

from ingestion.forms.header_units import without_unit

_CHINESE_DIGITS = str.maketrans("〇○Ｏ零一二三四五六七八九", "000" + "0123456789")
_CHINESE_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年|$)")
_IGNORED = re.compile(r"[\s“”\"'‘’()\[\]【】（）<>《》:：,，、;；*▲_]+")
_YEAR = re.compile(r"(?<!\d)(?:Y|FY|CY|Year)?((?:19|20)\d{2})(?:Y|\.0)?(?!\d)", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"([0-3]\d)年度?")
# Words that may stand beside the year of a column of figures. Any other word (目标, 同比, 上半年) makes it a column of
# something else.
_BESIDE = re.compile(
    r"年度|年末|年底|全年|年|本|当|上|累计|合计|总计|截至|截止|至|期末|1月?[-—–~～至到]12月份?|12月31日|12月[末底]|"
    r"[-/.]12[-/.]31|数据|数值|数量|金额|数|指标值|值|实际|实绩|决算|发生|完成|填报|上报|申报|报送|报|统计|结果|情况|审核后|审定|"
    r"终审|医院|全院|度|"
    r"data|value|actual",
    re.IGNORECASE,
)
_ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年?")
_NAMED_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)\s*年|(?<![\d.])((?:19|20)\d{2})(?![\d.])")
_A_YEAR = r"(?:19|20)\d{2}(?:\s*[-—–~～至到]\s*(?:19|20)\d{2})?(?!\d)\s*(?:年度?)?"
_YEARS = re.compile(rf"[\s_—–-]*(?:[(（]{_A_YEAR}[)）]|(?<!\d){_A_YEAR})[\s_—–-]*")
_SPAN = re.compile(r"((?:19|20)\d{2})年?[-—–~～至到]((?:19|20)\d{2})年?")
_PLAN = re.compile(r"十([一二三四五六七八九])五")
_FIRST_PLAN = 2006  # 十一五 ran 2006-2010; each plan lasts five years
_FIRST_YEAR, _LAST_YEAR = 1990, 2099


def year_of_header(cell: Any) -> int | None:
    """The year that a column header names and nothing else but its unit, or None."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, (int, float)):
        return int(cell) if float(cell).is_integer() and _FIRST_YEAR <= cell <= _LAST_YEAR else None
    if isinstance(cell, datetime.date):
        # A year that a spreadsheet keeps as a date: its first or its last day.
        return cell.year if (cell.month, cell.day) in {(1, 1), (12, 31)} else None
    return _year_of_text(str(cell))


@lru_cache(maxsize=8192)
def _year_of_text(text: str) -> int | None:
    plain = _plain(without_unit(text)[0])
    if len(plain) > 24:
        return None
    short = _SHORT_YEAR.fullmatch(plain)
    if short:
        return 2000 + int(short[1])
    found = _YEAR.findall(plain)
    if len(found) != 1 or _BESIDE.sub("", _YEAR.sub("", plain)):
        return None
    return int(found[0]) if _FIRST_YEAR <= int(found[0]) <= _LAST_YEAR else None


def _plain(text: str) -> str:
    plain = _IGNORED.sub("", unicodedata.normalize("NFKC", text))
    return _CHINESE_YEAR.sub(lambda found: found[0].translate(_CHINESE_DIGITS), plain)


@lru_cache(maxsize=8192)
def years_in(text: str) -> tuple[int, ...]:
    """Every year that ``text`` names, in order: (2020,) for 2020年度填报表; no figure of four digits in a number."""
    return tuple(int(a or b) for a, b in _NAMED_YEAR.findall(_plain(text)))


def without_years(text: str) -> str:
    """``text`` without the years that it names: 骨科 for 2020年度骨科 and for 骨科(2020), nothing for 2020年."""
    return _YEARS.sub("", text).strip()


def plan_period(text: str) -> str | None:
    """The span of the five-year plan that ``text`` names first: 十四五 is ``2021-2025``; None where it names none."""
    found = _PLAN.search(re.sub(r"\s", "", text))
    if not found:
        return None
    first = _FIRST_PLAN + 5 * ("一二三四五六七八九".index(found[1]))
    return f"{first}-{first + 4}"


def period_of_cell(cell: Any) -> str | None:
    """The period that a cell names: a year, or a span as written or as a five-year plan; None for any other, such as a
    quarter, for its figure is not the year's."""
    if year := year_of_header(cell):
        return str(year)
    text = str(cell or "")
    span = _SPAN.fullmatch(_plain(text))
    if span and span[1] < span[2]:
        return f"{span[1]}-{span[2]}"
    return plan_period(text)


def period_of_header(text: str) -> str | None:
    """Plan span or single year that the header of a target or baseline column speaks of."""
    plan = plan_period(text)
    if plan:
        return plan
    found = _ANY_YEAR.search(unicodedata.normalize("NFKC", text))
    return found[1] if found else None
