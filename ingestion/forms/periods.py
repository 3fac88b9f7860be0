"""Periods as headers write them: 2020年, Y2020, 2020年度, 2020, “十四五”规划目标, 2025年目标."""

from __future__ import annotations

import datetime
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingestion.forms.header_units import without_unit
from ingestion.narrative.wordlists import alternatives, load
from ingestion.years import FIRST_YEAR, LAST_YEAR


def _any_of(*lists: str) -> str:
    words = load("period_words", Path(__file__).parent)
    return alternatives(word for name in lists for word in words[name])


_CHINESE_DIGITS = str.maketrans("〇○Ｏ零一二三四五六七八九", "000" + "0123456789")
_FOOTNOTES = re.compile("[①-⑳]")
"""Marks that would be digits once they are compared."""
_CHINESE_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年|$)")
_IGNORED = re.compile(r"[\s“”\"'‘’()\[\]【】（）<>《》:：,，、;；*▲_]+")
_YEAR = re.compile(r"(?<!\d)(?:Y|FY|CY|Year)?((?:19|20)\d{2})(?:Y|\.0)?(?!\d)", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"([0-3]\d)年度?")
_RESTATED = re.compile(_any_of("restated"))
_BESIDE = re.compile(
    rf"{_any_of('beside_years', 'restated')}"
    r"|1月?[-—–~～至到]12月份?|12月31日|12月[末底]|[-/.]12[-/.]31|注\d{0,2}",
    re.IGNORECASE,
)
"""What may stand beside the year of a column of figures."""
_ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年?")
_NAMED_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)\s*年|(?<![\d.])((?:19|20)\d{2})(?![\d.])")
_A_YEAR = r"(?:19|20)\d{2}(?:\s*[-—–~～至到]\s*(?:19|20)\d{2})?(?!\d)\s*(?:年度?)?"
_YEARS = re.compile(rf"[\s_—–-]*(?:[(（]{_A_YEAR}[)）]|(?<!\d){_A_YEAR})[\s_—–-]*")
_SPAN = re.compile(r"((?:19|20)\d{2})年?[-—–~～至到]((?:19|20)\d{2})年?")
_PLAN = re.compile(r"十([一二三四五六七八九])五")
_FIRST_PLAN = 2006  # 十一五 ran 2006-2010; each plan lasts five years
_OF_PAPER = re.compile(rf"(?:{_any_of('of_papers')})(?:{_any_of('dates')})")
"""What stands before the day on which a paper was written."""
_YEAR_OF_DATE = r"(?<!\d)((?:19|20)\d{2})"
_DAY = rf"{_YEAR_OF_DATE}[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})(?!\d)日?"
_TO = r"[-—–~～至到]+"
_DAYS = re.compile(rf"{_DAY}{_TO}{_DAY}")
_ONE_DAY = re.compile(_DAY)
_MAYBE_YEAR = rf"(?:{_YEAR_OF_DATE}[-/.年]?)?"
_MONTHS = re.compile(rf"{_MAYBE_YEAR}(?<!\d)(\d{{1,2}})月?份?{_TO}{_MAYBE_YEAR}(\d{{1,2}})月")
_YEAR_AND_MONTH = re.compile(r"((?:19|20)\d{2})[-/.]?(?:0[1-9]|1[0-2])")
_PART = re.compile(
    rf"(?:{_YEAR_OF_DATE}年?度?)?(?:第?[一二三四1-4]季度?|前[一二三123]季度|Q[1-4](?!\d)|[上下]半年"
    r"|(?<!\d)(?:1[0-2]|0?[1-9])月份?(?!底|末|\d)|(?:十[一二]?|[一二三四五六七八九])月份?)",
    re.IGNORECASE,
)


def year_of_header(cell: Any) -> int | None:
    """The year that a column header names and nothing else but its unit, or None."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, (int, float)):
        return int(cell) if float(cell).is_integer() and FIRST_YEAR <= cell <= LAST_YEAR else None
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
    return int(found[0]) if FIRST_YEAR <= int(found[0]) <= LAST_YEAR else None


def is_restated(text: str) -> bool:
    """Whether the title of a year says that its figures stand for those that were sent before: 2022年（修订后）."""
    return bool(_RESTATED.search(text))


def _plain(text: str) -> str:
    plain = _IGNORED.sub("", unicodedata.normalize("NFKC", _FOOTNOTES.sub("", text)))
    return _CHINESE_YEAR.sub(lambda found: found[0].translate(_CHINESE_DIGITS), plain)


@lru_cache(maxsize=8192)
def years_in(text: str) -> tuple[int, ...]:
    """Every year that ``text`` names, in order: (2020,) for 2020年度填报表; no figure of four digits in a number."""
    return tuple(int(a or b) for a, b in _NAMED_YEAR.findall(_plain(text)))


def part_of_year(text: str) -> int | None:
    """The year of which ``text`` names a part: 2020 for 2020年6月运行情况 and 2020年上半年, 0 for 6月 or 一季度
    alone; None where it names none, a whole year (2020年1-12月), or the day of something."""
    if found := _YEAR_AND_MONTH.fullmatch(text.strip()):
        return int(found[1])
    return _part_of_year(text) if any(sign in text for sign in "月季半Qq至-—~～") else None


@lru_cache(maxsize=8192)
def _part_of_year(text: str) -> int | None:
    plain = _plain(text)
    if len(set(years_in(text))) > 1 or is_date_of_paper(text):
        return None
    if days := _DAYS.search(plain):
        return None if (*map(int, days.group(2, 3)), *map(int, days.group(5, 6))) == (1, 1, 12, 31) else int(days[1])
    if months := _MONTHS.search(plain):
        is_whole = (int(months[2]), int(months[4])) == (1, 12)
        return None if is_whole else int(months[1] or 0)
    if _ONE_DAY.search(plain):
        return None
    found = _PART.search(plain)
    return int(found[1] or 0) if found and (found[1] or found[0] == plain) else None


def years_besides_days(text: str) -> tuple[int, ...]:
    """The same without the years of single days: (2020,) for 2020年度指标（2021年1月15日）."""
    plain = _plain(text)
    return years_in(text if _DAYS.search(plain) else _ONE_DAY.sub(" ", plain))


def is_date_of_paper(text: str) -> bool:
    """Whether ``text`` says when a paper was written, not what its figures are of: 填报日期：2021年1月15日."""
    plain = _plain(text)
    return bool(_OF_PAPER.search(plain) or (not _DAYS.search(plain) and _ONE_DAY.fullmatch(plain)))


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
