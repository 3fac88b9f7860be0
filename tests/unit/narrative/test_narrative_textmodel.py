import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.narrative.textmodel import is_chinese, read


def paragraphs(text: str) -> list[str]:
    return read(text).clean.split("\n")


def test_lines_broken_in_print_become_one_paragraph():
    whole = (
        "医院坚持公益性办院方向，全年服务门急诊患者稳步增长，住院服务能力持续提升，区域影响力不断扩大，"
        "学科建设取得新的进展，人才队伍结构进一步得到优化，信息化建设水平迈上新的台阶。"
    ) * 4
    lines = [whole[at : at + 24] for at in range(0, len(whole), 24)]
    assert paragraphs("\n\n".join(lines)) == [whole]


def test_page_numbers_and_running_headers_are_left_out():
    page = "第{}段文字说明医院在这一年里完成的各项工作，包括医疗教学科研管理等方面的进展与不足。"
    text = "\n".join(f"某市医院年度工作报告\n{page.format(n)}\n— {n} —" for n in range(7, 11))
    clean = read(text).clean
    assert "某市医院年度工作报告" not in clean
    assert "—" not in clean
    assert clean.count("段文字说明") == 4


def test_a_heading_stays_a_paragraph_of_its_own():
    text = "一、总体要求\n\n全院职工要认真学习。\n\n（二）主要任务\n\n完成各项指标。"
    assert paragraphs(text) == ["一、总体要求", "全院职工要认真学习。", "(二)主要任务", "完成各项指标。"]


def test_widths_blanks_and_markup_are_normalised():
    assert read("投入２.３ 万 元，占９０％").clean == "投入2.3万元，占90%"
    assert read("面积**2000** m<sup>2</sup>").clean == "面积2000m2"
    assert read("增长 $1 5. 6 \\%$").clean == "增长15.6%"
    assert read("3 6 0 人").clean == "360人"
    assert read("使用 GE CT 设备").clean == "使用GE CT设备"


def test_every_clean_character_leads_back_to_the_original():
    text = "共１２ 个\n\n病区，“其中” 3 个。"
    source = read(text)
    at = source.clean.index("3个")
    start, end = source.span(at, at + 2)
    assert text[start:end] == "3 个"


@given(st.text(alphabet="医院增长至120５％ \n\t，。（）“”<b>一、— 万元", max_size=120))
def test_places_rise_and_stay_within_the_text(text):
    source = read(text)
    assert len(source.places) == len(source.clean)
    assert all(0 <= place < max(1, len(text)) for place in source.places)
    marks = [p for p, c in zip(source.places, source.clean, strict=True) if c != "\n"]
    assert marks == sorted(set(marks))


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("全年门诊12万人次，CMI值1.05，SCI论文20篇，PET-CT一台。", True),
        ("Outpatients rose by 15% to 120,000; beds: 800.", False),
        ("Outpatients 门诊 rose by 15% to 120,000 in the year under review.", False),
        ("12,500 / 8,300", False),
    ],
)
def test_only_chinese_texts_are_read(text, is_read):
    assert is_chinese(text) is is_read


def test_a_line_break_inside_a_figure_in_groups():
    text = "2025年预计完成门急诊41.8万人次、住院分娩13 86\n\n0例。"
    clean = read(text)
    assert clean.clean.endswith("住院分娩13860例。")
    assert clean.written(clean.clean.index("13860"), clean.clean.index("例")) == "13 86\n\n0"
