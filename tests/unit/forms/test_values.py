"""Figures in cells: exact, with every normalisation named, and nothing forced into a number."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.forms.form import get_form
from ingestion.forms.values import read_cell
from ingestion.readers import shown


@pytest.mark.parametrize(
    ("cell", "value", "decimals", "note"),
    [
        (12158.0, "12158", 0, None),
        (7, "7", 0, None),
        (0.1 + 0.2, "0.3", 1, None),
        (-3.0, "-3", 0, None),
        ("32.50", "32.50", 2, "number_stored_as_text"),
        ("13.64%%", "13.64", 2, "doubled_percent"),
        ("１２，３４５．６", "12345.6", 1, "full_width"),
        ("12,158", "12158", 0, "thousands_separator"),
        ("-3", "-3", 0, "number_stored_as_text"),
        ("4.4920亿元", "449200000", -4, "scale_word"),
        ("10462.2392万", "104622392", 0, "scale_word"),
        ("9.6万", "96000", -3, "scale_word"),
        ("３万", "30000", -4, "scale_word"),
        ("0万", "0", 0, "scale_word"),
        ("1:1.55", "1.55", 2, "ratio"),
        ("98.5*", "98.5", 1, "footnote_mark"),
        ("1,776①", "1776", 0, "footnote_mark"),
        ("85.6%（注1）", "85.6", 1, "footnote_mark"),
        ("2271 [1]", "2271", 0, "footnote_mark"),
        ("0.5注", "0.5", 1, "footnote_mark"),
    ],
)
def test_figures(cell: object, value: str, decimals: int, note: str | None) -> None:
    reading = read_cell(cell, None)
    assert (reading.value, reading.decimals) == (Decimal(value), decimals)
    assert note in reading.notes if note else reading.notes == ()


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        (float("nan"), "not_finite"),
        (float("inf"), "not_finite"),
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        (1e300, "out_of_range"),
        ("1e400", "out_of_range"),
        ("9" * 5000, "not_a_number"),
        ("=cmd|' /C calc'!A0", "not_a_number"),
        ("12,34", "not_a_number"),
        ("98.5²", "not_a_number"),
        ("3.2△", "not_a_number"),
        ("待定*", "not_a_number"),
        (datetime.date(2020, 1, 1), "date"),
        (True, "bool"),
    ],
)
def test_what_is_no_figure_stays_text(cell: object, note: str) -> None:
    reading = read_cell(cell, None)
    assert reading.value is None
    assert note in reading.notes
    assert shown(cell)


def test_a_marker_for_none_clears() -> None:
    assert read_cell("--", None, missing=True).notes == ("cleared",)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False))
def test_a_number_stored_as_text_is_the_same_number(value: Decimal) -> None:
    wide = str(value).translate({ord(a): ord(b) for a, b in zip("0123456789.", "０１２３４５６７８９．", strict=True)})
    for text in (str(value), f"{value:,}", wide, f" {value} "):
        assert read_cell(text, None).value == value


@given(st.floats(min_value=-1e12, max_value=1e12).filter(lambda number: not number or abs(number) > 1e-15))
def test_a_float_is_what_the_sheet_shows(number: float) -> None:
    value = read_cell(number, None).value
    text = shown(number)
    assert value is not None
    assert text is not None
    assert Decimal(text) == value


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    reading = read_cell(text, None)
    assert reading.value is None or reading.value.is_finite()


def test_the_lines_own_unit_behind_its_figure_is_no_part_of_it() -> None:
    line = get_form("secondary_national_return").lines["17"]
    reading = read_cell(f"0.01{line.unit}", line)
    assert (reading.value, reading.decimals) == (Decimal("0.01"), 2)
    assert reading.notes == ("number_stored_as_text", "unit_in_cell")
    assert read_cell(f"约定{line.unit}", line).value is None
    assert read_cell(line.unit, line).value is None


def test_a_sum_may_stand_behind_its_sign() -> None:
    for written in ("￥2,345.50", "¥ 2345.50", "２３４５．５０"):
        assert read_cell(written, None).value == Decimal("2345.50"), written


def test_a_unit_that_converts_is_converted_and_says_so() -> None:
    lines = get_form("secondary_national_return").lines
    share, amount = lines["1"], lines["7.1"]
    assert read_cell("3.5‰", share)[:4] == (
        Decimal("0.35"),
        2,
        None,
        ("number_stored_as_text", "unit_in_cell", "unit_converted"),
    )
    assert read_cell("3.5‰", amount).notes[-1] == "unit_differs"
    assert read_cell("100万元", amount).value == 1_000_000


@pytest.mark.parametrize("cell", ["90～95", "六级至七级", "2~3"])
def test_a_range_is_no_figure_also_where_a_grade_belongs(cell: str) -> None:
    lines = get_form("secondary_national_return").lines.values()
    graded = next(line for line in lines if line.value_type == "grade")
    assert read_cell(cell, graded).value is None


@pytest.mark.parametrize(
    ("cell", "value", "unit"),
    [("7.9天", "7.9", "天"), ("85.6%", "85.6", "%"), ("1.25亿元", "125000000", "元"), ("12,345 人次", "12345", "人次")],
)
def test_a_cell_states_its_unit_where_nothing_else_does(cell: str, value: str, unit: str) -> None:
    assert read_cell(cell, None)[::4] == (Decimal(value), unit)
    assert read_cell(cell, None, unit=unit).unit is None


SECONDARY = get_form("secondary_national_return").lines
SHARE, COUNT, SUM = SECONDARY["1"], SECONDARY["1.1"], SECONDARY["7.1"]


@pytest.mark.parametrize(
    ("cell", "value", "note"),
    [
        ("(1,234.50)", "-1234.50", "bracketed_negative"),
        ("（1,234.50）", "-1234.50", "bracketed_negative"),
        ("(5)", "-5", "bracketed_negative"),
        ("(￥5)", "-5", "bracketed_negative"),
        ("0.5（含院外）", "0.5", "remark_in_cell"),
        ("1,200 (估)", "1200", "remark_in_cell"),
        ("1.2E+04", "12000", "scientific"),
        ("1\u2009234", "1234", "space_inside"),
        ("1\u202f234.5", "1234.5", "space_inside"),
        ("12\u00a0158", "12158", "space_inside"),
        ("12\u3000158", "12158", "space_inside"),
        ("１２ ３４５ ６７８", "12345678", "space_inside"),
        ("'120", "120", "number_stored_as_text"),
        ("1,234元", "1234", "unit_in_cell"),
        ("1,234（元）", "1234", "unit_in_cell"),
        ("3.2万元", "32000", "scale_word"),
        ("3.2（万元）", "32000", "scale_word"),
    ],
)
def test_a_figure_in_other_writing_is_read_and_says_how(cell: str, value: str, note: str) -> None:
    reading = read_cell(cell, SUM)
    assert (reading.value, reading.comparator) == (Decimal(value), "=")
    assert note in reading.notes
    assert "unit_differs" not in reading.notes


@pytest.mark.parametrize("cell", ["95.3％", "９５．３％", "95.3 %", "95.3(%)", "95.3%（全年）"])
def test_a_percent_sign_of_any_width_is_that_of_the_line(cell: str) -> None:
    reading = read_cell(cell, SHARE)
    assert reading.value == Decimal("95.3")
    assert "unit_differs" not in reading.notes


@pytest.mark.parametrize(
    ("cell", "value", "comparator"),
    [("约120", 120, "~"), ("≥95%", 95, ">="), ("95%以上", 95, ">="), ("不足10", 10, "<"), ("10余", 10, ">")],
)
def test_how_a_figure_is_compared_stays_with_it(cell: str, value: int, comparator: str) -> None:
    reading = read_cell(cell, SHARE)
    assert (reading.value, reading.comparator) == (value, comparator)
    assert f"comparator {comparator}" in reading.notes


def test_a_unit_of_another_kind_is_told() -> None:
    for cell, line in (("120人", SUM), ("120天", COUNT), ("3.2万元", COUNT), ("120（天）", COUNT)):
        assert "unit_differs" in read_cell(cell, line).notes, cell
    assert "unit_differs" not in read_cell("120人", COUNT).notes


@pytest.mark.parametrize(
    "cell",
    [
        "12 34", "1 2158", "120\n130", "1234 (2023: 1200)", "50%(10/20)", "0.5（含2家院外）", "10/20", "1/2", "1:2",
        "100+20", "5-", "1、234", "7天5小时", "O.5", "l20", "90-95", "(约5)", "((5))", "()", "(元)",
        "1234.5元/人",
    ],
)  # fmt: skip
def test_what_leaves_open_which_figure_is_meant_is_none(cell: str) -> None:
    for line in (SHARE, COUNT, SUM):
        assert read_cell(cell, line).notes == ("not_a_number",)


def test_a_ratio_is_a_figure_where_ratios_are_counted() -> None:
    ratio = next(line for line in SECONDARY.values() if line.value_type == "ratio")
    assert read_cell("1:1.55", ratio).value == read_cell("1/1.55", ratio).value == Decimal("1.55")
    assert read_cell("1:1.55", None, unit="1:X").value == Decimal("1.55")
    assert read_cell("1:1.55", None, unit="人").value is None
    assert read_cell("1/1.55", None, unit="1:X").value == Decimal("1.55")


@pytest.mark.parametrize("cell", ["1/2", "１／２", "1 / 2"])
def test_a_fraction_is_no_figure_where_nothing_says_that_ratios_are_counted(cell: str) -> None:
    assert read_cell(cell, None).notes == ("not_a_number",)
