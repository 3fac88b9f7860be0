"""Numerals, shares, ranges and units, after the kinds of cases that other projects' suites hold (cn2an, Duckling,
Recognizers-Text): the cases are ours."""

import pytest

from ingestion.narrative.claims import extract_claims
from ingestion.narrative.numerals import read_number
from ingestion.narrative.quantities import parse_number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("〇", 0),
        ("零", 0),
        ("两", 2),
        ("十", 10),
        ("十七", 17),
        ("一十七", 17),
        ("四十", 40),
        ("二百零六", 206),
        ("两百", 200),
        ("三百五", 350),
        ("五千零八", 5008),
        ("六千零三十二", 6032),
        ("七千四百零一", 7401),
        ("两千六百三", 2630),
        ("一万零五", 10005),
        ("一万四", 14000),
        ("二万零三十", 20030),
        ("八万零六百", 80600),
        ("十五万零二", 150002),
        ("三十六万七", 367000),
        ("四百零二万六千", 4026000),
        ("一千零七十万", 10700000),
        ("九千万零三", 90000003),
        ("两亿零九", 200000009),
        ("三亿六千四百二十万零一十八", 364200018),
        ("十二亿零五万零三", 1200050003),
        ("零点零三", 0.03),
        ("三点一四", 3.14),
        ("二十五点六", 25.6),
        ("一三五零", 1350),
    ],
)
def test_chinese_numerals(written, value):
    assert float(read_number(written)) == value
    assert parse_number(written).value == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("壹佰贰拾", 120),
        ("叁拾陆", 36),
        ("柒仟捌佰零玖", 7809),
        ("拾贰万零肆拾", 120040),
        ("伍亿陆仟万", 560000000),
    ],
)
def test_numerals_of_cheques_in_cells(written, value):
    read = parse_number(written)
    assert (read.value, "cheque_numeral" in read.notes) == (value, True)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("8", 8),
        ("1.20", 1.2),
        (".45", 0.45),
        ("-.5", -0.5),
        ("-320", -320),
        ("负320", -320),
        ("负四十一", -41),
        ("23,480", 23480),
        ("1,060,000,000", 1060000000),
        ("５，６７８", 5678),
        ("3.6万亿", 3600000000000),
        ("7千", 7000),
        ("4亿2千万", 420000000),
        ("2亿5000万", 250000000),
        ("6万3千5百", 63500),
        ("9亿2万1千", 900021000),
        ("1万2000", 12000),
        ("三千八百万", 38000000),
    ],
)
def test_figures_with_signs_separators_and_scale_words(written, value):
    assert parse_number(written).value == value


@pytest.mark.parametrize(
    "written", ["10万万", "万", "亿", "零点", "二三十", "百分之二三十", "15成", "3/4", "十美元", "五百分之3"]
)
def test_what_is_no_single_figure_is_not_read(written):
    assert parse_number(written) is None


@pytest.mark.parametrize(
    ("written", "value", "high", "unit", "comparator"),
    [
        ("38%", 38, None, "%", "="),
        ("３８％", 38, None, "%", "="),
        ("-6.4%", -6.4, None, "%", "="),
        ("－6.4％", -6.4, None, "%", "="),
        ("负6%", -6, None, "%", "="),
        ("百分之四十七", 47, None, "%", "="),
        ("百分之３．８", 3.8, None, "%", "="),
        ("百分之一点二", 1.2, None, "%", "="),
        ("百分之百", 100, None, "%", "="),
        ("百分之一百一十点五", 110.5, None, "%", "="),
        ("百分之1,250", 1250, None, "%", "="),
        ("千分之二点五", 2.5, None, "permille", "="),
        ("万分之三", 0.03, None, "%", "="),
        ("负百分之八", -8, None, "%", "="),
        ("九成", 90, None, "%", "="),
        ("８成", 80, None, "%", "="),
        ("六点五成", 65, None, "%", "="),
        ("七成三", 73, None, "%", "="),
        ("四成半", 45, None, "%", "="),
        ("十成", 100, None, "%", "="),
        ("近九成", 90, None, "%", "~"),
        ("8个百分点", 8, None, "percentage_point", "="),
        ("二十个百分点", 20, None, "percentage_point", "="),
        ("三点五个百分点", 3.5, None, "percentage_point", "="),
        ("1,020个百分点", 1020, None, "percentage_point", "="),
        ("百分之三十到百分之四十", 30, 40, "%", "range"),
        ("百分之三十至四十", 30, 40, "%", "range"),
        ("30%至40%", 30, 40, "%", "range"),
        ("30～40％", 30, 40, "%", "range"),
        ("30%—40%之间", 30, 40, "%", "range"),
        ("不低于百分之九十", 90, None, "%", ">="),
        ("百分之九十以上", 90, None, "%", ">="),
        ("＜0.5%", 0.5, None, "%", "<"),
    ],
)
def test_shares(written, value, high, unit, comparator):
    read = parse_number(written)
    assert (read.value, read.value_high, read.unit, read.comparator) == (value, high, unit, comparator)


@pytest.mark.parametrize(
    ("written", "value", "high", "comparator"),
    [
        ("40~60", 40, 60, "range"),
        ("40至60之间", 40, 60, "range"),
        ("三百到五百", 300, 500, "range"),
        ("700以上", 700, None, ">="),
        ("700及以上", 700, None, ">="),
        ("不小于18", 18, None, ">="),
        ("至少18", 18, None, ">="),
        ("大于18", 18, None, ">"),
        ("超过2,500", 2500, None, ">"),
        ("大于或等于4，320", 4320, None, ">="),
        ("小于或等于60", 60, None, "<="),
        ("<=60", 60, None, "<="),
        ("≤60", 60, None, "<="),
        ("60以下", 60, None, "<="),
        ("不足60", 60, None, "<"),
        ("十多万", 100000, None, ">"),
        ("三百余", 300, None, ">"),
        ("二十几万", 200000, None, "~"),
        ("约80", 80, None, "~"),
        ("80左右", 80, None, "~"),
    ],
)
def test_ranges_and_bounds(written, value, high, comparator):
    read = parse_number(written)
    assert (read.value, read.value_high, read.comparator) == (value, high, comparator)


@pytest.mark.parametrize(
    ("written", "base", "unit"),
    [
        ("26万亩", 260000, "mu"),
        ("4.5公顷", 45000, "m2"),
        ("3平方公里", 3000000, "m2"),
        ("12.6万㎡", 126000, "m2"),
        ("90平米", 90, "m2"),
        ("75m2", 75, "m2"),
        ("36.5亿元", 3650000000, "CNY"),
        ("800万元", 8000000, "CNY"),
        ("1:0.8", 0.8, "ratio"),
        ("1比0.8", 0.8, "ratio"),
        ("2.5倍", 2.5, "ratio"),
        ("两倍", 2, "ratio"),
        ("3个小时", 3, "hour"),
        ("1.5小时", 1.5, "hour"),
        ("8个工作日", 8, "day"),
        ("45分钟", 45, "minute"),
        ("12万人次", 120000, "person_time"),
        ("近二百名", 200, "person"),
        ("60张床位", 60, "bed"),
        ("18台次", 18, "case"),
    ],
)
def test_units(written, base, unit):
    read = parse_number(written)
    assert (read.base_value, read.unit) == (base, unit)


@pytest.mark.parametrize(
    ("sentence", "mention", "value", "unit"),
    [
        ("总投资4亿2千万元。", "4亿2千万元", 420000000, "CNY"),
        ("服务3万6千人次。", "3万6千人次", 36000, "person_time"),
        ("体检1万2000人。", "1万2000人", 12000, "person"),
        ("完成两万三千例手术。", "两万三千例手术", 23000, "case"),
        ("满意率达百分之百。", "百分之百", 100, "%"),
        ("并发症发生率为万分之三。", "万分之三", 0.03, "%"),
        ("药占比在百分之二十至百分之二十五。", "百分之二十至百分之二十五", 20, "%"),
        ("签约率达七成三。", "七成三", 73, "%"),
        ("为改造投入近千万元。", "近千万元", 10000000, "CNY"),
    ],
)
def test_the_same_in_prose(sentence, mention, value, unit):
    (claim,) = extract_claims("某医院2023年工作总结\n" + sentence)
    assert (claim.mention, claim.value, claim.unit) == (mention, value, unit)


@pytest.mark.parametrize(
    "sentence",
    [
        "建设医疗队伍一支。",
        "接受10万美元捐赠。",
        "三成员单位共建。",
        "距市区二十公里。",
        "5公里以外设点。",
    ],
)
def test_what_is_none_in_prose(sentence):
    assert extract_claims("某医院2023年工作总结\n" + sentence) == []


@pytest.mark.parametrize("run", ["9" * 31, "9" * 5000, "1." + "3" * 5000, "9" * 2_000_000])
def test_a_run_of_digits_beyond_any_figure_is_none(run: str) -> None:
    text = f"全院门诊{run}万人次，出院2000人次。"
    assert [claim.mention for claim in extract_claims(text)] == ["2000人次"]
