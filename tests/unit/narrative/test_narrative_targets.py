import pytest
from hypothesis import given
from hypothesis import strategies as st
from narrative_documents import gold, needs_shared
from spelled_numbers import full_width, in_chinese

from ingestion.narrative.targets import parse_target

LEVELS = [
    ("2~3", "个", "range", "range", 2, 3),
    ("3～5万人次", None, "range", "range", 30000, 50000),
    ("600 人以上", "人", ">=", "level", 600, None),
    ("不低于85%", "%", ">=", "level", 85, None),
    ("≤5%", "%", "<=", "level", 5, None),
    ("控制在8天以内", "天", "<=", "level", 8, None),
    ("力争达到９０％", None, "=", "level", 90, None),
    ("到2025年末达到90%", None, "=", "level", 90, None),
    ("提升至85%", "%", "=", "level", 85, None),
    ("13.64%%", "%", "=", "level", 13.64, None),
    ("20 万", "m <sup>2</sup>", "=", "level", 200000, None),
    ("500", "万元", "=", "level", 5000000, None),
    ("1/1.55", None, "=", "ratio", 1.55, None),
    ("1:1.55", None, "=", "ratio", 1.55, None),
    ("新增 1", "个", "increment", "increment", 1, None),
    ("全区前三", None, "<=", "level", 3, None),
    ("50%左右", None, "~", "level", 50, None),
]


@pytest.mark.parametrize(("raw", "unit", "comparator", "kind", "value", "high"), LEVELS)
def test_levels_ranges_and_increments(raw, unit, comparator, kind, value, high):
    target = parse_target(raw, unit=unit)
    assert (target.comparator, target.kind) == (comparator, kind)
    assert (target.value, target.value_high) == (value, high)
    assert target.raw == raw


@pytest.mark.parametrize(
    ("raw", "value", "high", "direction", "basis"),
    [
        ("提升3-5个百分点", 3, 5, "increase", "points"),
        ("下降1.5个百分点", 1.5, None, "decrease", "points"),
        ("减少20%", 20, None, "decrease", "percent"),
        ("年均增长10%以上", 10, None, "increase", "percent"),
        ("缩短2天", 2, None, "decrease", None),
    ],
)
def test_changes_know_their_direction_and_basis(raw, value, high, direction, basis):
    target = parse_target(raw)
    assert target.kind == "change"
    assert (target.value, target.value_high) == (value, high)
    assert (target.direction, target.change_basis) == (direction, basis)


@pytest.mark.parametrize(
    ("raw", "unit", "grade", "level"),
    [
        ("七级", "级", "七级", 7),
        ("七", "级", "七级", 7),
        ("B++", None, "B++", None),
        ("Ｂ＋＋", None, "B++", None),
        ("达到五级", None, "五级", 5),
        ("四级甲等", None, "四级甲等", 4),
    ],
)
def test_grades(raw, unit, grade, level):
    target = parse_target(raw, unit=unit)
    assert (target.kind, target.grade, target.value, target.unit) == ("grade", grade, level, "grade")


def test_a_grade_can_be_a_floor():
    assert parse_target("B++及以上").comparator == ">="


@pytest.mark.parametrize(
    ("raw", "direction", "benchmark"),
    [
        ("高于国家平均水平", "above", "国家平均水平"),
        ("低于全区均值", "below", "全区均值"),
        ("高于国家\n平均水平", "above", "国家平均水平"),
    ],
)
def test_a_benchmark_is_not_a_number(raw, direction, benchmark):
    target = parse_target(raw, unit="%")
    assert (target.kind, target.comparator, target.value) == ("relative", "qualitative", None)
    assert (target.direction, target.benchmark) == (direction, benchmark)


def test_per_year_from_the_phrase_or_the_label():
    assert parse_target("每年6人以上").is_per_year
    assert parse_target("6 人以上", unit="人", label="博士每年引进").is_per_year
    assert parse_target("10万人次/年").is_per_year
    assert not parse_target("6人以上", label="博士").is_per_year


@pytest.mark.parametrize("raw", [None, "", " ", "/", "--", "／"])
def test_an_empty_cell_states_nothing(raw):
    target = parse_target(raw)
    assert (target.kind, target.comparator) == ("none", None)


@pytest.mark.parametrize("raw", ["进一步完善", "2023年80%，2025年90%", "较上年明显改善", "按上级要求执行"])
def test_what_cannot_be_parsed_stays_text(raw):
    target = parse_target(raw)
    assert target.kind == target.comparator == "qualitative"
    assert (target.value, target.raw) == (None, raw)


def test_a_wish_has_a_direction():
    assert parse_target("逐步提高").direction == "increase"
    assert parse_target("持续降低").direction == "decrease"


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from(["~", "～", "-", "—", "至"]))
def test_ranges_keep_both_bounds(low, high, joint):
    target = parse_target(f"{low}{joint}{high}", unit="人")
    assert (target.kind, target.value, target.value_high) == ("range", low, high)


# How a target is put, and what that makes of its figure: comparator, kind, direction.
PUT = {
    "{}": ("=", "level", None), "达到{}": ("=", "level", None), "力争达到{}": ("=", "level", None),
    "到2025年末达到{}": ("=", "level", None), "约{}": ("~", "level", None), "{}左右": ("~", "level", None),
    "{}以上": (">=", "level", None), "{}及以上": (">=", "level", None), "不低于{}": (">=", "level", None),
    "不少于{}": (">=", "level", None), "≥{}": (">=", "level", None), "每年{}以上": (">=", "level", None),
    "超过{}": (">", "level", None), ">{}": (">", "level", None), "不超过{}": ("<=", "level", None),
    "{}以内": ("<=", "level", None), "控制在{}以内": ("<=", "level", None), "≤{}": ("<=", "level", None),
    "低于{}": ("<", "level", None), "提升至{}": ("=", "level", "increase"), "降至{}": ("=", "level", "decrease"),
    "增加到{}以上": (">=", "level", "increase"), "新增{}": ("increment", "increment", "increase"),
    "减少{}": ("=", "change", "decrease"),
}  # fmt: skip
SPELLINGS = [str, "{:,}".format, lambda figure: full_width(str(figure)), in_chinese]
UNITS = {"人": 1, "项": 1, "人次": 1, "张": 1, "天": 1, "万元": 10**4, "万人次": 10**4}


@given(
    st.sampled_from(list(PUT)),
    st.integers(1, 9999) | st.integers(1, 10**7),
    st.sampled_from(SPELLINGS),
    st.sampled_from(list(UNITS)),
    st.sampled_from(["{}{}", "{} {}", "{}"]),
)
def test_a_figure_is_the_same_in_every_spelling_and_a_target_is_what_its_words_make_of_it(
    put, figure, spelling, unit, beside
):
    # Nobody writes a numeral with 万 in it before 万元.
    spelled = str(figure) if spelling is in_chinese and figure > 9999 and UNITS[unit] > 1 else spelling(figure)
    target = parse_target(put.format(beside.format(spelled, unit)), unit=None if beside.count("{}") == 2 else unit)
    assert (target.comparator, target.kind, target.direction) == PUT[put]
    assert target.value == figure * UNITS[unit]
    assert target.is_per_year == ("每年" in put)


@given(st.text(max_size=40))
def test_the_raw_text_is_always_kept(text):
    target = parse_target(text)
    assert target.raw == text
    assert target.value is None or target.kind not in ("qualitative", "relative", "none")


@needs_shared
def test_every_row_of_the_annotated_plan_table():
    for row in gold("baotou-first-affiliated-plan-2021.targets"):
        target = parse_target(row["target_raw"], unit=row["unit"], label=row["indicator"])
        read = (target.value, target.value_high, target.comparator, target.is_per_year)
        fields = ("target_value", "target_value_high", "target_comparator", "per_year")
        assert read == tuple(row[field] for field in fields), row
