"""Years in headers, in the spellings people use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.forms.periods import (
    is_date_of_paper,
    part_of_year,
    period_of_cell,
    period_of_header,
    plan_period,
    year_of_header,
)

_SPELLINGS = ("{}", "{}年", "{}年度", "Y{}", "y{}", "FY{}", " {} 年 ", "{}年末", "（{}年）", "{}年数据", "{}年度实际值",
    "{}年(万元)", "{}年（人次）", "Y{}(%)", "{}年 %", "{}年实际（单位：元/人次）",
    "{}年/床日", "{}年金额(千元)", "{}年（注1）", "{}年①", "{}年[万元]", "{}（吨标煤/万元）",
    "{}年度（修订后）", "{}年（重述）", "{}年更正数",
)  # fmt: skip


@given(st.integers(1990, 2099), st.sampled_from(_SPELLINGS))
def test_every_spelling_of_a_year(year: int, spelling: str) -> None:
    text = spelling.format(year)
    assert year_of_header(text) == year
    assert year_of_header(text.translate({48 + n: 0xFF10 + n for n in range(10)})) == year


@given(st.integers(1990, 2099))
def test_years_as_numbers(year: int) -> None:
    assert year_of_header(year) == year_of_header(float(year)) == year
    assert year_of_header(year + 0.5) is None


def test_years_in_chinese_digits() -> None:
    assert year_of_header("二〇二〇年") == 2020
    assert year_of_header("二零一九年度") == 2019


@pytest.mark.parametrize(
    "cell",
    [
        None,
        True,
        "",
        "指标",
        "20200",
        "12020",
        "2020-2025",
        "3020年",
        37445.0,
        "2020年目标值与2025年",
        "2020年(目标)",
        "2020年(得分)",
        "2020年(1-6)",
        "2020年/2019年",
    ],
)
def test_what_is_no_year(cell: object) -> None:
    assert year_of_header(cell) is None


@given(st.text(max_size=20))
def test_a_year_is_never_outside_its_century(text: str) -> None:
    year = year_of_header(text)
    assert year is None or 1900 <= year <= 2099


def test_plans() -> None:
    assert plan_period("“十四五”规划目标") == "2021-2025"
    assert plan_period("十 五五") == "2026-2030"
    assert period_of_header("2025年目标") == "2025"
    assert period_of_header("目标") is None


@pytest.mark.parametrize(
    ("cell", "period"),
    [
        ("2020年", "2020"), ("FY2021", "2021"), ("2021-2025", "2021-2025"), ("2021年～2025", "2021-2025"),
        (2020, "2020"), ("2021至2025年", "2021-2025"), ("十四五", "2021-2025"), ("“十三五”期间", "2016-2020"),
        ("Q1 2021", None), ("2021年上半年", None), ("2021-03", None), ("2025-2021", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_period_of_a_cell_is_a_year_or_a_span_and_nothing_less(cell: object, period: str | None) -> None:
    assert period_of_cell(cell) == period


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("骨科2020年6月运行情况", 2020), ("2020年上半年", 2020), ("2020年度第一季度报表", 2020), ("2020年1-6月", 2020),
        ("2020年1月至2020年9月", 2020), ("2020Q3", 2020), ("二〇二〇年三月", 2020),
        ("2020年1月1日至2020年6月30日", 2020),
        ("2020.01", 2020), ("202006", 2020), ("2020-12", 2020),
        ("6月", 0), ("1月份", 0), ("十二月", 0), ("一季度", 0), ("上半年", 0), ("1-3月", 0),
    ],
)  # fmt: skip
def test_what_is_of_a_part_of_a_year(text: str, year: int) -> None:
    assert part_of_year(text) == year


@pytest.mark.parametrize(
    "text",
    [
        "2020年", "2020年度指标", "2020年1-12月", "2020年1月—12月", "2020年1月1日至2020年12月31日",
        "2018年1月-2020年12月",
        "截至2020年12月31日", "截至2020年12月底", "填报日期：2021年1月15日", "填报时间：2021年1月", "2021.1.15",
        "2018-2020年指标（2021年1月）", "每月例会", "月均出院人数", "4个季度", "季度分析", "2020年分月统计",
        "骨科", "202013", "",
    ],
)  # fmt: skip
def test_what_is_not_of_a_part_of_a_year(text: str) -> None:
    assert part_of_year(text) is None


def test_the_day_of_a_paper_is_no_period() -> None:
    of_paper = "填报日期：2021年1月15日", "制表时间 2021-01-15", "2021/1/5", "（2021年1月5日）"
    of_figures = "2020年", "统计时间：2020-01-01至2020-12-31", "截至2020年12月31日", "2020年6月"
    assert all(map(is_date_of_paper, of_paper))
    assert not any(map(is_date_of_paper, of_figures))
