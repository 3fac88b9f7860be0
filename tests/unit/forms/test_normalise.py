"""Names brought to one spelling, codes split from labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.forms.normalise import header_pattern, mend, name_key, split_code


@pytest.mark.parametrize(
    "spelling",
    ["出院患者手术占比▲", "出院患者 手术占比", "＂出院患者手术占比＂", "<b>出院患者手术占比</b>", "出院患者\n手术占比"],
)
def test_one_name_in_many_spellings(spelling: str) -> None:
    assert name_key(spelling) == "出院患者手术占比"


def test_width_and_case() -> None:
    assert name_key("ＤＤＤｓ（个）") == name_key("ddds(个)")


@pytest.mark.parametrize(
    ("text", "code", "label"),
    [
        ("12.1.1.参加项目数▲", "12.1.1", "参加项目数▲"),
        ("1.出院人数", "1", "出院人数"),
        ("１．１ 手术人数", "1.1", "手术人数"),
        ("EJ001 手术占比", "EJ001", "手术占比"),
        ("▲1 手术占比", "1", "手术占比"),
        ("★ 12.1、参加率", "12.1", "参加率"),
        ("（1.1）手术人数", "1.1", "手术人数"),
        ("[JX00101] 门诊人次", "JX00101", "门诊人次"),
        ("（1）手术人数", None, "(1)手术人数"),
        ("（2.5万元）", None, "(2.5万元)"),
        ("(1.1", None, "(1.1"),
        ("ICU-01-2 收治人数", "ICU-01-2", "收治人数"),
        ("HPV-16阳性率", None, "HPV-16阳性率"),
        ("17种抗癌药品", None, "17种抗癌药品"),
        ("2020", None, "2020"),
        ("手术占比", None, "手术占比"),
    ],
)
def test_codes(text: str, code: str | None, label: str) -> None:
    assert split_code(text) == (code, label)


def test_breaks_inside_words_are_mended_and_spaces_beside_figures_kept() -> None:
    assert mend("科研\n管理科") == "科研管理科"
    assert mend("新增 1") == "新增 1"


@given(st.text(max_size=40))
def test_a_key_is_its_own_key(text: str) -> None:
    assert name_key(name_key(text)) == name_key(name_key(name_key(text)))
    split_code(text)


def test_a_pattern_keeps_its_wild_cards_and_classes() -> None:
    assert header_pattern("注[0-9]*") == "注[0-9]*"
    assert header_pattern("*［甲］ 20??年") == "*(甲)20??年"
