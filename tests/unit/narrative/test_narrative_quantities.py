from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spelled_numbers import full_width, in_chinese

from ingestion.narrative.numerals import half_width, read_chinese, read_number
from ingestion.narrative.quantities import is_empty, parse_number
from ingestion.narrative.units import convert, read_unit, written_units


@given(st.integers(min_value=0, max_value=99_999_999))
def test_chinese_numerals_read_back(number):
    assert read_chinese(in_chinese(number)) == number


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=99))
def test_full_width_figures_read_like_half_width(whole, hundredths):
    text = f"{whole}.{hundredths:02d}%"
    assert half_width(full_width(text)) == text
    assert parse_number(full_width(text)).value == parse_number(text).value == float(text[:-1])
    assert parse_number(full_width(text)).notes[0] == "full_width"


@given(st.integers(min_value=1000, max_value=10**12), st.sampled_from([",", "，"]))
def test_thousands_separators_change_nothing_but_the_notes(number, separator):
    read = parse_number(f"{number:,}".replace(",", separator))
    assert read.value == number
    assert "thousands_separator" in read.notes


@given(st.decimals(min_value="0.01", max_value=9999, places=2), st.sampled_from(["万", "亿", "千万", "百万"]))
def test_scale_words_multiply(figure, word):
    scale = {"万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}[word]
    assert read_number(f"{figure}{word}") == figure * scale


@pytest.mark.parametrize(
    ("raw", "unit", "value", "canonical", "comparator", "note"),
    [
        ("13.64%%", "%", 13.64, "%", "=", "doubled_percent"),
        ("1/1.55", "比值（1:X）", 1.55, "ratio", "=", "ratio"),
        ("1:1.55", None, 1.55, "ratio", "=", "ratio"),
        ("2.5∶1", None, 2.5, "ratio", "=", "ratio"),
        ("15 万", "m <sup>2</sup>", 150000, "m2", "=", "scale_word"),
        ("2100余人次", None, 2100, "person_time", ">", "comparison_word"),
        ("近5万余人次", None, 50000, "person_time", "~", "comparison_word"),
        ("2 万余人次", None, 20000, "person_time", ">", "scale_word"),
        ("约３００名", "人", 300, "person", "~", "full_width"),
        ("百余", "人", 100, "person", ">", "chinese_numeral"),
        ("不低于９５％", "%", 95, "%", ">=", "full_width"),
        ("≤8天", "天", 8, "day", "<=", "comparison_word"),
        ("1.2E+05", "人次", 120000, "person_time", "=", "scientific"),
        ("10公顷", None, 100000, "m2", "=", "unit_in_cell"),
        ("30人", "个", 30, "count", "=", "unit_differs"),
        ("3.5‰", "%", 0.35, "%", "=", "unit_converted"),
        ("千分之三", "%", 0.3, "%", "=", "unit_converted"),
        ("0.35%", "‰", 3.5, "permille", "=", "unit_converted"),
        ("2小时", "分钟", 120, "minute", "=", "unit_converted"),
        ("36小时", "天", 1.5, "day", "=", "unit_converted"),
        ("1小时", "天", 1, "day", "=", "unit_differs"),  # a 24th has no last digit
        ("3个工作日", "小时", 3, "hour", "=", "unit_differs"),
        ("3%", "元", 3, "CNY", "=", "unit_differs"),
    ],
)
def test_one_figure_in_a_cell(raw, unit, value, canonical, comparator, note):
    read = parse_number(raw, unit)
    assert (read.value, read.unit, read.comparator, read.raw) == (value, canonical, comparator, raw)
    assert note in read.notes


def test_a_column_in_ten_thousand_yuan_keeps_its_unit_and_offers_base_units():
    bare, scaled, written = (parse_number(raw, "万元") for raw in ("253.4", "300万", "300万元"))
    assert (bare.value, bare.base_value, bare.unit) == (253.4, 2534000, "CNY")
    assert (scaled.value, scaled.base_value) == (written.value, written.base_value) == (300, 3000000)


@pytest.mark.parametrize("raw", ["/", "--", "", "  ", "－", "／", None, "无", "……", float("nan")])
def test_marks_that_say_nothing(raw):
    assert is_empty(raw)
    assert parse_number(raw) is None


@pytest.mark.parametrize("raw", ["2020/3/1", "3/4", "1,23", "较高", "12人16项", "1/0/2", True, "第七", "～"])
def test_what_is_not_one_figure_is_not_forced(raw):
    assert parse_number(raw) is None


def test_numbers_that_are_numbers_already():
    assert parse_number(12).value == 12
    assert parse_number(0.0, "%").value == 0
    assert parse_number(32.47, "%").value == 32.47


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_without_an_error(text):
    read = parse_number(text)
    assert read is None or read.raw == text


def test_units_are_compared_without_a_rounding():
    """Half an hour is not a little more than thirty minutes."""
    unit = {written: (root, factor) for written, root, factor in written_units(["片/支/粒"])}
    same = [
        ("0.5", "小时", "30", "分钟"), ("1.5", "天", "36", "小时"), ("2", "周", "14", "天"), ("1", "公顷", "15", "亩"),
        ("15", "亩", "10000", "平方米"), ("1.2", "公里", "1200", "米"), ("3", "吨标煤", "3000", "公斤"),
        ("5", "‰", "0.5", "%"), ("26.1", "万元", "261000", "CNY"), ("2", "万人次", "20000", "人"),
        ("1", "百分点", "1", "%"),
    ]  # fmt: skip
    for one, written, other, other_written in same:
        assert unit[written][0] == unit[other_written][0]
        assert Decimal(one) * unit[written][1] == Decimal(other) * unit[other_written][1], (written, other_written)
    assert unit["片/支/粒"] == ("片/支/粒", 1)


def test_units_convert_only_among_their_kind():
    assert convert(15, "mu", "m2") == pytest.approx(10000)
    assert convert(90, "minute", "hour") == pytest.approx(1.5)
    assert convert(1, "mu", "hour") is None
    assert convert(1, "count", "person") is None


@pytest.mark.parametrize(
    ("written", "name", "factor"),
    [
        ("万人次", "person_time", 10000),
        ("亿元", "CNY", 10**8),
        ("（张）", "count", 1),
        ("㎡", "m2", 1),
        ("吨标煤/万元", "吨标煤/万元", 1),
        ("个百分点", "percentage_point", 1),
    ],
)
def test_units_as_forms_write_them(written, name, factor):
    unit = read_unit(written)
    assert (unit.name, unit.factor) == (name, factor)
